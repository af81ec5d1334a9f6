package statement

import (
	"fmt"
)

// wire is an envelope's JSON before anything in it is believed. Its slices are parts of the document.
type wire struct {
	payload     []byte
	signatures  []wireSignature
	certificate *Certificate // of a Sigstore bundle
	hint        string       // of a Sigstore bundle with a bare public key
}

type wireSignature struct{ keyID, sig []byte }

// readWire reads a DSSE envelope or a Sigstore bundle that holds one.
func readWire(raw []byte) (*wire, error) {
	var e dsseMembers
	var b bundleMembers
	err := walk(raw, func(w *walker) error {
		return w.object(func(name []byte) error {
			switch string(name) {
			case "mediaType":
				return b.readMediaType(w)
			case "verificationMaterial":
				return b.readMaterial(w)
			case "dsseEnvelope":
				b.hasEnvelope = true
				return b.envelope.read(w)
			case "messageSignature":
				b.hasMessage = true
				return w.skip()
			default:
				return e.member(w, name)
			}
		})
	})
	switch {
	case err != nil:
		return nil, err
	case b.mediaType != "":
		return b.wire()
	default:
		return e.wire()
	}
}

// dsseMembers are the members of a DSSE envelope. Others are ignored, as DSSE asks: they are not signed, so
// nothing may depend on them.
type dsseMembers struct {
	payload, payloadType               []byte
	hasPayload, hasType, hasSignatures bool
	signatures                         []wireSignature
}

func (e *dsseMembers) read(w *walker) error {
	return w.object(func(name []byte) error { return e.member(w, name) })
}

func (e *dsseMembers) member(w *walker, name []byte) (err error) {
	switch string(name) {
	case "payload":
		e.hasPayload = true
		e.payload, err = w.bytes()
	case "payloadType":
		e.hasType = true
		e.payloadType, err = w.bytes()
	case "signatures":
		e.hasSignatures = true
		err = w.array(func(int) error { return e.signature(w) })
	default:
		err = w.skip()
	}
	return err
}

func (e *dsseMembers) signature(w *walker) error {
	var s wireSignature
	has := false
	err := w.object(func(name []byte) (err error) {
		switch string(name) {
		case "keyid":
			s.keyID, err = w.bytes()
		case "sig":
			has = true
			s.sig, err = w.bytes()
		default:
			err = w.skip()
		}
		return err
	})
	if err == nil && !has {
		err = fmt.Errorf("%w: sig of signature %d", ErrMissing, len(e.signatures)+1)
	}
	e.signatures = append(e.signatures, s)
	return err
}

func (e *dsseMembers) wire() (*wire, error) {
	switch {
	case !e.hasPayload:
		return nil, fmt.Errorf("%w: payload", ErrMissing)
	case !e.hasType:
		return nil, fmt.Errorf("%w: payloadType", ErrMissing)
	case !e.hasSignatures:
		return nil, fmt.Errorf("%w: signatures", ErrMissing)
	case string(e.payloadType) != PayloadType:
		return nil, fmt.Errorf("%w: its payload type is %.80q, not %q", ErrPayloadType, e.payloadType, PayloadType)
	}
	return &wire{payload: e.payload, signatures: e.signatures}, nil
}

// signature finds out which key is said to have made a signature.
func (w *wire) signature(ws wireSignature) (Signature, error) {
	var s Signature
	var err error
	switch {
	case w.certificate != nil:
		s.Certificate = w.certificate
		s.Issuer = w.certificate.key
	case len(ws.keyID) >= 8 && string(ws.keyID[:8]) == "did:key:":
		s.Issuer, err = checkIssuerText(string(ws.keyID))
	case len(w.hint) >= 8 && w.hint[:8] == "did:key:":
		s.Issuer, err = checkIssuerText(w.hint)
	default:
		err = fmt.Errorf("%w: its keyid is %.80q, not a did:key; if you know the key, add it with AddKeyID", ErrUnknownKey, ws.keyID)
	}
	if err != nil {
		return s, err
	}
	if s.Bytes, err = decodeBase64(ws.sig); err != nil {
		return s, fmt.Errorf("sig: %w", err)
	}
	return s, nil
}

func checkIssuerText(text string) (Issuer, error) {
	if k := keys.get(Issuer(text)); k != nil {
		return k.issuer, nil
	}
	_, _, err := decodeDIDKey(text)
	return Issuer(text), err
}
