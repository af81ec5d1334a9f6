package server

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wherefrom-network/wherefrom/logserver"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// The lines of a batch's answer are written by hand: there are ten thousand a second of them, most of each is
// base64, and nothing in them needs escaping but the words of an error.

// appendEntry writes the line of a statement that is in the log.
func appendEntry(b []byte, number int, e *logserver.Entry) []byte {
	b = append(b, `{"line":`...)
	b = strconv.AppendInt(b, int64(number), 10)
	if e.Known {
		b = append(b, `,"status":"known","id":"sha256:`...)
	} else {
		b = append(b, `,"status":"recorded","id":"sha256:`...)
	}
	b = hex.AppendEncode(b, e.ID[:])
	b = append(b, `","index":`...)
	b = strconv.AppendUint(b, e.Index, 10)
	b = append(b, `,"proof":[`...)
	for i := range e.Proof {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, e.Proof[i][:])
		b = append(b, '"')
	}
	return append(b, "]}\n"...)
}

// appendRefused writes the line of a statement that is not.
func appendRefused(b []byte, number int, p *problem) []byte {
	b = append(b, `{"line":`...)
	b = strconv.AppendInt(b, int64(number), 10)
	b = append(b, `,"status":"refused","error":{"code":`...)
	b = appendText(b, p.code)
	b = append(b, `,"detail":`...)
	b = appendText(b, p.detail)
	b = append(b, `,"hint":`...)
	b = appendText(b, p.hint)
	return append(b, "}}\n"...)
}

// appendEnd writes the last line, without which an answer was cut off.
func appendEnd(b []byte, key tlog.Key, checkpoint []byte) []byte {
	b = append(b, `{"log":`...)
	b = appendText(b, key.String())
	b = append(b, `,"checkpoint":`...)
	b = appendText(b, string(checkpoint))
	return append(b, "}\n"...)
}

// appendText writes a JSON string. Of bytes that are not UTF-8 it keeps what can be kept.
func appendText(b []byte, s string) []byte {
	b, _ = jsontext.AppendQuote(b, s) // the error is about invalid UTF-8, which is replaced
	return b
}
