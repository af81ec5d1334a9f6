package statement

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// PayloadType is the DSSE payload type of an in-toto statement.
const PayloadType = "application/vnd.in-toto+json"

// dsse is a DSSE envelope's JSON before anything in it is believed. Its slices are parts of the document. Members
// that DSSE does not define are ignored, as DSSE asks: they are not signed, so nothing may depend on them.
type dsse struct {
	payload, payloadType, signatures bool // whether the member was there
	payloadText, typeText            []byte
	list                             []dsseSignature
}

// dsseSignature is one element of signatures, and where in the document its keyid is or could be written.
type dsseSignature struct {
	keyID, sig []byte
	keyText    jsontext.Value // the keyid as it stands in the document, nil if there is none
	keyEnd     int            // where keyText ends
	body       int            // just after the opening brace
}

func (e *dsse) read(w *walker) error {
	return w.object(func(name []byte) error { return e.member(w, name) })
}

func (e *dsse) member(w *walker, name []byte) (err error) {
	switch string(name) {
	case "payload":
		e.payload = true
		e.payloadText, err = w.bytes()
	case "payloadType":
		e.payloadType = true
		e.typeText, err = w.bytes()
	case "signatures":
		e.signatures = true
		err = w.array(func(i int) error { return e.signature(w, i) })
	default:
		err = w.skip()
	}
	return err
}

func (e *dsse) signature(w *walker, i int) error {
	if i == MaxSignatures {
		return fmt.Errorf("%w: more than %d signatures", ErrTooMany, MaxSignatures)
	}
	var s dsseSignature
	hasSig := false
	err := w.object(func(name []byte) (err error) {
		if s.body == 0 {
			s.body = w.body
		}
		switch string(name) {
		case "keyid":
			err = s.readKeyID(w)
		case "sig":
			hasSig = true
			s.sig, err = w.bytes()
		default:
			err = w.skip()
		}
		return err
	})
	if err == nil && !hasSig {
		err = fmt.Errorf("%w: sig of signature %d", ErrMissing, i+1)
	}
	e.list = append(e.list, s)
	return err
}

// readKeyID reads a keyid. A null is the same as none: the model signing tools wrote it so for a while.
func (s *dsseSignature) readKeyID(w *walker) (err error) {
	kind := jsontext.Kind('"')
	if w.dec.PeekKind() == 'n' {
		kind = 'n'
	}
	if s.keyText, err = w.value(kind); err == nil && kind == '"' {
		s.keyID = unquote(s.keyText)
	}
	s.keyEnd = int(w.dec.InputOffset())
	return err
}

// check reports a member that is missing, and a payload that is not a statement.
func (e *dsse) check() error {
	switch {
	case !e.payload:
		return fmt.Errorf("%w: payload", ErrMissing)
	case !e.payloadType:
		return fmt.Errorf("%w: payloadType", ErrMissing)
	case !e.signatures:
		return fmt.Errorf("%w: signatures", ErrMissing)
	case string(e.typeText) != PayloadType:
		return fmt.Errorf("%w: its payload type is %.80q, not %q", ErrPayloadType, e.typeText, PayloadType)
	case len(e.list) == 0:
		return ErrNoSignature
	}
	return nil
}

// pae returns the bytes that a DSSE signature covers, the "pre-authentication encoding" of DSSE v1:
// "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload.
func pae(payloadType string, payload []byte) []byte {
	return append(paeHead(payloadType, len(payload)), payload...)
}

// paeHead returns what precedes a payload of n bytes, with room for the payload.
func paeHead(payloadType string, n int) []byte {
	head := make([]byte, 0, n+len(payloadType)+24)
	head = append(head, "DSSEv1 "...)
	head = strconv.AppendInt(head, int64(len(payloadType)), 10)
	head = append(head, ' ')
	head = append(head, payloadType...)
	head = append(head, ' ')
	head = strconv.AppendInt(head, int64(n), 10)
	return append(head, ' ')
}

// decodePayload decodes the payload into its place in the bytes that the signatures cover, and returns both.
func (e *dsse) decodePayload() (signed, payload []byte, err error) {
	n := len(e.payloadText)/4*3 - len(e.payloadText) + len(bytes.TrimRight(e.payloadText, "="))
	signed = paeHead(PayloadType, max(n, 0))
	head := len(signed)
	signed, err = appendBase64(signed, e.payloadText)
	if err != nil {
		return nil, nil, fmt.Errorf("payload: %w", err)
	}
	return signed, signed[head:], nil
}

// Both alphabets of RFC 4648. Strict refuses stray bits after the last byte, so that the same bytes have one text in
// each alphabet.
var (
	base64Std = base64.StdEncoding.Strict()
	base64URL = base64.URLEncoding.Strict()
)

// decodeBase64 reads padded base64 in the standard or the URL-safe alphabet, as DSSE asks of readers.
func decodeBase64(text []byte) ([]byte, error) {
	return appendBase64(make([]byte, 0, base64Std.DecodedLen(len(text))), text)
}

func appendBase64(dst, text []byte) ([]byte, error) {
	enc := base64Std
	if bytes.IndexByte(text, '-') >= 0 || bytes.IndexByte(text, '_') >= 0 {
		enc = base64URL
	}
	for _, lineBreak := range []byte("\r\n") { // the Go library would skip it
		if at := bytes.IndexByte(text, lineBreak); at >= 0 {
			return nil, fmt.Errorf("%w: line break at character %d", ErrBase64, at)
		}
	}
	out, err := enc.AppendDecode(dst, text)
	if at, ok := errors.AsType[base64.CorruptInputError](err); ok {
		return nil, fmt.Errorf("%w: wrong at character %d", ErrBase64, int64(at))
	}
	return out, nil
}
