// Package ocsp reads revocation answers (RFC 6960) that were kept with a signature, and checks who gave them.
package ocsp

import (
	"bytes"
	"crypto"
	_ "crypto/sha1" // certificate identifiers are usually made with SHA-1; nothing is secured by it
	"encoding/asn1"
	"errors"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// ErrUnusable says that an answer cannot be used: malformed, not successful, or not by somebody who may give it.
var ErrUnusable = errors.New("revocation answer cannot be used")

const (
	maxResponse = 1 << 20
	maxAnswers  = 100
)

// Status is what an answer says of one certificate.
type Status int

// Certificate statuses of RFC 6960, 2.2.
const (
	Good Status = iota
	Revoked
	Unknown
)

// Answer is what a response says about one certificate.
type Answer struct {
	Status     Status
	ThisUpdate time.Time
	NextUpdate time.Time // the end of the interval: nextUpdate, or a day after the response was made
	RevokedAt  time.Time
	Removed    bool // revoked with the reason removeFromCRL, which means good again
}

// Response is a parsed response whose signature is not checked yet.
type Response struct {
	answers []single
	signed  []byte
	alg     cryptobyte.String
	sig     []byte
	certs   []*pki.Certificate
}

type single struct {
	hash                      crypto.Hash
	nameHash, keyHash, serial []byte
	answer                    Answer
}

var oidBasic = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}

// Parse reads a response.
func Parse(der []byte) (*Response, error) {
	if len(der) > maxResponse {
		return nil, ErrUnusable
	}
	in := cryptobyte.String(der)
	var body, bytesField, basic, raw cryptobyte.String
	var status int
	var oid asn1.ObjectIdentifier
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Enum(&status) || status != 0 ||
		!body.ReadASN1(&bytesField, explicit(0)) || !bytesField.ReadASN1(&bytesField, cbasn1.SEQUENCE) ||
		!bytesField.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidBasic) || !bytesField.ReadASN1(&raw, cbasn1.OCTET_STRING) ||
		!raw.ReadASN1(&basic, cbasn1.SEQUENCE) {
		return nil, ErrUnusable
	}
	r := &Response{}
	var tbs cryptobyte.String
	var sig asn1.BitString
	if !basic.ReadASN1Element(&tbs, cbasn1.SEQUENCE) || !basic.ReadASN1(&r.alg, cbasn1.SEQUENCE) || !basic.ReadASN1BitString(&sig) {
		return nil, ErrUnusable
	}
	r.signed, r.sig = tbs, sig.RightAlign()
	if err := r.readCerts(basic); err != nil {
		return nil, err
	}
	return r, r.readData(tbs)
}

func explicit(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

func (r *Response) readCerts(in cryptobyte.String) error {
	var list cryptobyte.String
	var given bool
	if !in.ReadOptionalASN1(&list, &given, explicit(0)) {
		return ErrUnusable
	}
	if !given {
		return nil
	}
	if !list.ReadASN1(&list, cbasn1.SEQUENCE) {
		return ErrUnusable
	}
	for !list.Empty() {
		var der cryptobyte.String
		if !list.ReadASN1Element(&der, cbasn1.SEQUENCE) || len(r.certs) >= 16 {
			return ErrUnusable
		}
		c, err := pki.ParseCertificate(der)
		if err != nil {
			return ErrUnusable
		}
		r.certs = append(r.certs, c)
	}
	return nil
}

func (r *Response) readData(tbs cryptobyte.String) error {
	var data, answers cryptobyte.String
	var produced time.Time
	var id cryptobyte.String
	var t cbasn1.Tag
	if !tbs.ReadASN1(&data, cbasn1.SEQUENCE) || !data.SkipOptionalASN1(explicit(0)) || !data.ReadAnyASN1(&id, &t) ||
		!data.ReadASN1GeneralizedTime(&produced) || !data.ReadASN1(&answers, cbasn1.SEQUENCE) {
		return ErrUnusable
	}
	for !answers.Empty() {
		var one cryptobyte.String
		if !answers.ReadASN1(&one, cbasn1.SEQUENCE) || len(r.answers) >= maxAnswers {
			return ErrUnusable
		}
		s, ok := readSingle(one, produced)
		if !ok {
			return ErrUnusable
		}
		r.answers = append(r.answers, s)
	}
	return nil
}

var oidSHA1 = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}

func readSingle(in cryptobyte.String, produced time.Time) (s single, ok bool) {
	var id, alg, name, key, serial cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !in.ReadASN1(&id, cbasn1.SEQUENCE) || !id.ReadASN1(&alg, cbasn1.SEQUENCE) || !alg.ReadASN1ObjectIdentifier(&oid) ||
		!id.ReadASN1(&name, cbasn1.OCTET_STRING) || !id.ReadASN1(&key, cbasn1.OCTET_STRING) || !id.ReadASN1(&serial, cbasn1.INTEGER) {
		return s, false
	}
	s.nameHash, s.keyHash, s.serial = name, key, serial
	if s.hash, ok = pki.HashByOID(oid); !ok && oid.Equal(oidSHA1) {
		s.hash = crypto.SHA1
	}
	if !readStatus(&in, &s.answer) || !in.ReadASN1GeneralizedTime(&s.answer.ThisUpdate) {
		return s, false
	}
	var next cryptobyte.String
	var given bool
	if !in.ReadOptionalASN1(&next, &given, explicit(0)) {
		return s, false
	}
	s.answer.NextUpdate = produced.Add(24 * time.Hour)
	return s, !given || next.ReadASN1GeneralizedTime(&s.answer.NextUpdate)
}

// removeFromCRL is the reason for revocation that takes a revocation back, RFC 5280, 5.3.1.
const removeFromCRL = 8

func readStatus(in *cryptobyte.String, a *Answer) bool {
	var body cryptobyte.String
	var t cbasn1.Tag
	if !in.ReadAnyASN1(&body, &t) {
		return false
	}
	switch t {
	case cbasn1.Tag(0).ContextSpecific():
		a.Status = Good
	case explicit(1):
		a.Status = Revoked
		if !body.ReadASN1GeneralizedTime(&a.RevokedAt) {
			return false
		}
		var reason cryptobyte.String
		var given bool
		var code int
		if !body.ReadOptionalASN1(&reason, &given, explicit(0)) || given && !reason.ReadASN1Enum(&code) {
			return false
		}
		a.Removed = code == removeFromCRL
	case cbasn1.Tag(2).ContextSpecific():
		a.Status = Unknown
	default:
		return false
	}
	return true
}

// For returns the answers about cert, which issuer issued.
func (r *Response) For(cert, issuer *pki.Certificate) []Answer {
	var out []Answer
	for _, s := range r.answers {
		if s.hash != 0 && bytes.Equal(s.serial, serialBytes(cert)) && bytes.Equal(s.nameHash, hash(s.hash, issuer.RawSubject)) &&
			bytes.Equal(s.keyHash, hash(s.hash, keyBits(issuer))) {
			out = append(out, s.answer)
		}
	}
	return out
}

func hash(h crypto.Hash, b []byte) []byte {
	w := h.New()
	w.Write(b)
	return w.Sum(nil)
}

// keyBits returns the content of the subject's public key, without its algorithm.
func keyBits(c *pki.Certificate) []byte {
	in := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var bits asn1.BitString
	if !in.ReadASN1(&in, cbasn1.SEQUENCE) || !in.SkipASN1(cbasn1.SEQUENCE) || !in.ReadASN1BitString(&bits) {
		return nil
	}
	return bits.RightAlign()
}

func serialBytes(c *pki.Certificate) []byte {
	b := c.SerialNumber.Bytes()
	if len(b) == 0 || b[0]&0x80 != 0 {
		return append([]byte{0}, b...)
	}
	return b
}

// CheckSigner reports whether the response was signed by somebody who may answer for issuer's certificates at a time: the
// issuer itself, or one whom it certified for that and nothing else (RFC 6960, 4.2.2.2).
func (r *Response) CheckSigner(issuer *pki.Certificate, at time.Time) error {
	alg, err := pki.ParseSigAlg(r.alg)
	if err != nil {
		return ErrUnusable
	}
	if issuer.KeyErr == nil && issuer.Key.Verify(alg, r.signed, r.sig) == nil {
		return nil
	}
	for _, c := range r.certs {
		if c.KeyErr != nil || c.Key.Verify(alg, r.signed, r.sig) != nil {
			continue
		}
		if c.SignedBy(issuer) == nil && c.ValidAt(at) && c.CheckLeaf([]string{pki.EKUOCSPSigning}) == nil {
			return nil
		}
	}
	return ErrUnusable
}
