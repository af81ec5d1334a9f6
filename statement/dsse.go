package statement

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
)

// PayloadType is the DSSE payload type of an in-toto statement.
const PayloadType = "application/vnd.in-toto+json"

// pae appends to dst the bytes that a DSSE signature covers (DSSE v1, "PAE"):
// "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload.
func pae(dst []byte, payloadType string, payload []byte) []byte {
	dst = append(dst, "DSSEv1 "...)
	dst = strconv.AppendInt(dst, int64(len(payloadType)), 10)
	dst = append(dst, ' ')
	dst = append(dst, payloadType...)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(len(payload)), 10)
	dst = append(dst, ' ')
	return append(dst, payload...)
}

// The decoders refuse stray bits, so that the same bytes have one base64 text in each alphabet.
var (
	base64Std = base64.StdEncoding.Strict()
	base64URL = base64.URLEncoding.Strict()
)

// decodeBase64 reads padded base64 in the standard or the URL-safe alphabet, as DSSE asks of readers.
func decodeBase64(text []byte) ([]byte, error) {
	if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
		return nil, fmt.Errorf("%w: line break at character %d", ErrBase64, i)
	}
	enc := base64Std
	if bytes.ContainsAny(text, "-_") {
		enc = base64URL
	}
	out := make([]byte, enc.DecodedLen(len(text)))
	n, err := enc.Decode(out, text)
	if at, ok := err.(base64.CorruptInputError); ok {
		return nil, fmt.Errorf("%w: wrong at character %d", ErrBase64, int64(at))
	}
	return out[:n:n], nil
}
