// Package tsp reads and checks RFC 3161 time stamps: the CMS signature, its signed attributes and what was stamped.
// Whether the authority is trusted is left to the caller, who gets its certificates.
package tsp

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// Errors of a time stamp, each of which C2PA 15.8 gives a status of its own.
var (
	ErrMalformed   = errors.New("malformed time stamp")
	ErrMismatch    = errors.New("time stamp is for other data, or its signature does not match")
	ErrUnsupported = errors.New("time stamp uses an algorithm that is not allowed")
	ErrNoSigner    = errors.New("time stamp does not carry its authority's certificate")
)

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
)

const (
	maxToken   = 1 << 20
	maxSigners = 8
	maxCerts   = 16
)

// Token is a time stamp whose signature was checked.
type Token struct {
	Time  time.Time          // genTime
	Chain []*pki.Certificate // the authority first, then its issuers as far as the token carries them
}

// Signer returns the authority's certificate.
func (t *Token) Signer() *pki.Certificate { return t.Chain[0] }

// FromResponse takes the token out of a TimeStampResp (the sigTst form) whose status is granted.
func FromResponse(resp []byte) ([]byte, error) {
	in := cryptobyte.String(resp)
	var body, status cryptobyte.String
	var code int
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.ReadASN1(&status, cbasn1.SEQUENCE) || !status.ReadASN1Integer(&code) {
		return nil, fmt.Errorf("%w: response", ErrMalformed)
	}
	if code != 0 && code != 1 {
		return nil, fmt.Errorf("%w: authority answered with status %d", ErrMalformed, code)
	}
	var token cryptobyte.String
	if !body.ReadASN1Element(&token, cbasn1.SEQUENCE) || !body.Empty() {
		return nil, fmt.Errorf("%w: response without token", ErrMalformed)
	}
	return token, nil
}

// Verify checks token over data.
func Verify(token, data []byte) (*Token, error) {
	sd, err := parseSignedData(token)
	if err != nil {
		return nil, err
	}
	info, err := parseTSTInfo(sd.content)
	if err != nil {
		return nil, err
	}
	signer, err := sd.verifySigner()
	if err != nil {
		return nil, err
	}
	h := info.hash.New()
	h.Write(data)
	if !bytes.Equal(h.Sum(nil), info.imprint) {
		return nil, fmt.Errorf("%w: imprint", ErrMismatch)
	}
	return &Token{Time: info.time, Chain: order(signer, sd.certs)}, nil
}

type signedData struct {
	content []byte
	certs   []*pki.Certificate
	signers []signerInfo
}

type signerInfo struct {
	issuer  []byte // RawIssuer and serial, or
	serial  []byte
	keyID   []byte // the subject key identifier
	digest  crypto.Hash
	attrs   []byte // content of the signed attributes
	sigAlg  cryptobyte.String
	sig     []byte
	missing error // an algorithm that is not allowed
}

func parseSignedData(token []byte) (*signedData, error) {
	bad := func(what string) (*signedData, error) { return nil, fmt.Errorf("%w: %s", ErrMalformed, what) }
	if len(token) > maxToken {
		return bad("too long")
	}
	in := cryptobyte.String(token)
	var outer, sd, encap, set cryptobyte.String
	var oid asn1.ObjectIdentifier
	var version int
	if !in.ReadASN1(&outer, cbasn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidSignedData) ||
		!outer.ReadASN1(&sd, explicit(0)) || !sd.ReadASN1(&sd, cbasn1.SEQUENCE) || !sd.ReadASN1Integer(&version) ||
		!sd.SkipASN1(cbasn1.SET) || !sd.ReadASN1(&encap, cbasn1.SEQUENCE) {
		return bad("no signed data")
	}
	var content cryptobyte.String
	if !encap.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidTSTInfo) || !encap.ReadASN1(&encap, explicit(0)) ||
		!encap.ReadASN1(&content, cbasn1.OCTET_STRING) {
		return bad("content is no time stamp")
	}
	out := &signedData{content: content}
	var hasCerts bool
	var certs cryptobyte.String
	if !sd.ReadOptionalASN1(&certs, &hasCerts, explicit(0)) {
		return bad("certificates")
	}
	if err := out.readCerts(certs); err != nil {
		return nil, err
	}
	if !sd.SkipOptionalASN1(explicit(1)) || !sd.ReadASN1(&set, cbasn1.SET) {
		return bad("signers")
	}
	return out, out.readSigners(set)
}

func (sd *signedData) readCerts(in cryptobyte.String) error {
	for !in.Empty() {
		var el cryptobyte.String
		var t cbasn1.Tag
		if !in.ReadAnyASN1Element(&el, &t) || len(sd.certs) >= maxCerts {
			return fmt.Errorf("%w: certificates", ErrMalformed)
		}
		c, err := pki.ParseCertificate(el)
		if err != nil {
			return fmt.Errorf("%w: %v", ErrNoSigner, err)
		}
		sd.certs = append(sd.certs, c)
	}
	return nil
}

func (sd *signedData) readSigners(in cryptobyte.String) error {
	for !in.Empty() {
		var el cryptobyte.String
		if !in.ReadASN1(&el, cbasn1.SEQUENCE) || len(sd.signers) >= maxSigners {
			return fmt.Errorf("%w: signers", ErrMalformed)
		}
		s, ok := parseSigner(el)
		if !ok {
			return fmt.Errorf("%w: signer", ErrMalformed)
		}
		sd.signers = append(sd.signers, s)
	}
	if len(sd.signers) == 0 {
		return fmt.Errorf("%w: nobody signed it", ErrMalformed)
	}
	return nil
}

func parseSigner(in cryptobyte.String) (s signerInfo, ok bool) {
	var version int
	var id, digestAlg, serial, sig cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !in.ReadASN1Integer(&version) {
		return s, false
	}
	if in.PeekASN1Tag(cbasn1.SEQUENCE) {
		var issuer cryptobyte.String
		if !in.ReadASN1(&id, cbasn1.SEQUENCE) || !id.ReadASN1Element(&issuer, cbasn1.SEQUENCE) || !id.ReadASN1(&serial, cbasn1.INTEGER) {
			return s, false
		}
		s.issuer, s.serial = issuer, serial
	} else {
		if !in.ReadASN1(&id, cbasn1.Tag(0).ContextSpecific()) {
			return s, false
		}
		s.keyID = id
	}
	if !in.ReadASN1(&digestAlg, cbasn1.SEQUENCE) || !digestAlg.ReadASN1ObjectIdentifier(&oid) {
		return s, false
	}
	if s.digest, ok = pki.HashByOID(oid); !ok {
		s.missing = fmt.Errorf("%w: digest %v", ErrUnsupported, oid)
	}
	var attrs cryptobyte.String
	var hasAttrs bool
	if !in.ReadOptionalASN1(&attrs, &hasAttrs, explicit(0)) || !in.ReadASN1(&s.sigAlg, cbasn1.SEQUENCE) || !in.ReadASN1(&sig, cbasn1.OCTET_STRING) {
		return s, false
	}
	if hasAttrs {
		s.attrs = attrs
	}
	s.sig = sig
	return s, true
}

func explicit(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

// verifySigner returns the certificate of the first signer whose signature is good.
func (sd *signedData) verifySigner() (*pki.Certificate, error) {
	err := ErrNoSigner
	for _, s := range sd.signers {
		cert := s.find(sd.certs)
		if cert == nil {
			continue
		}
		if err = s.verify(cert, sd.content); err == nil {
			return cert, nil
		}
	}
	return nil, err
}

func (s *signerInfo) find(certs []*pki.Certificate) *pki.Certificate {
	for _, c := range certs {
		if s.keyID != nil {
			if bytes.Equal(s.keyID, c.SubjectKeyId) {
				return c
			}
			continue
		}
		if bytes.Equal(s.issuer, c.RawIssuer) && bytes.Equal(s.serial, serialBytes(c)) {
			return c
		}
	}
	return nil
}

// serialBytes returns the content of the serial number as DER writes it.
func serialBytes(c *pki.Certificate) []byte {
	b := c.SerialNumber.Bytes()
	if len(b) == 0 || b[0]&0x80 != 0 {
		return append([]byte{0}, b...)
	}
	return b
}

// verify checks one signer's signature. RFC 3161 makes the signed attributes mandatory.
func (s *signerInfo) verify(cert *pki.Certificate, content []byte) error {
	if s.missing != nil {
		return s.missing
	}
	if s.attrs == nil {
		return fmt.Errorf("%w: no signed attributes", ErrMalformed)
	}
	if err := s.checkAttributes(content); err != nil {
		return err
	}
	alg, err := s.algorithm()
	if err != nil {
		return fmt.Errorf("%w: %v", ErrUnsupported, err)
	}
	if cert.KeyErr != nil {
		return fmt.Errorf("%w: %v", ErrUnsupported, cert.KeyErr)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(s.attrs) })
	if err := cert.Key.Verify(alg, b.BytesOrPanic(), s.sig); err != nil {
		return fmt.Errorf("%w: %v", ErrMismatch, err)
	}
	return nil
}

var oidRSAEncryption = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}

// algorithm resolves the signature algorithm; CMS also lets it be plain rsaEncryption with the signer's digest.
func (s *signerInfo) algorithm() (pki.SigAlg, error) {
	in := s.sigAlg
	var oid asn1.ObjectIdentifier
	if in.ReadASN1ObjectIdentifier(&oid) && oid.Equal(oidRSAEncryption) {
		return pki.SigAlg{Scheme: pki.PKCS1v15, Hash: s.digest}, nil
	}
	return pki.ParseSigAlg(s.sigAlg)
}

// checkAttributes wants exactly one content type and one message digest, both true (RFC 5652, section 11).
func (s *signerInfo) checkAttributes(content []byte) error {
	h := s.digest.New()
	h.Write(content)
	sum := h.Sum(nil)
	var digests, types int
	in := cryptobyte.String(s.attrs)
	for !in.Empty() {
		var attr, values, v cryptobyte.String
		var oid, ct asn1.ObjectIdentifier
		if !in.ReadASN1(&attr, cbasn1.SEQUENCE) || !attr.ReadASN1ObjectIdentifier(&oid) || !attr.ReadASN1(&values, cbasn1.SET) {
			return fmt.Errorf("%w: signed attributes", ErrMalformed)
		}
		switch {
		case oid.Equal(oidMessageDigest):
			digests++
			if !values.ReadASN1(&v, cbasn1.OCTET_STRING) || !values.Empty() {
				return fmt.Errorf("%w: message digest", ErrMalformed)
			}
			if !bytes.Equal(v, sum) {
				return fmt.Errorf("%w: message digest", ErrMismatch)
			}
		case oid.Equal(oidContentType):
			types++
			if !values.ReadASN1ObjectIdentifier(&ct) || !values.Empty() || !ct.Equal(oidTSTInfo) {
				return fmt.Errorf("%w: content type", ErrMalformed)
			}
		}
	}
	if digests != 1 || types != 1 {
		return fmt.Errorf("%w: signed attributes", ErrMalformed)
	}
	return nil
}

type tstInfo struct {
	hash    crypto.Hash
	imprint []byte
	time    time.Time
}

func parseTSTInfo(der []byte) (*tstInfo, error) {
	bad := fmt.Errorf("%w: content", ErrMalformed)
	in := cryptobyte.String(der)
	var body, imprint, alg, sum cryptobyte.String
	var version int
	var policy, oid asn1.ObjectIdentifier
	if !in.ReadASN1(&body, cbasn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(&version) || !body.ReadASN1ObjectIdentifier(&policy) ||
		!body.ReadASN1(&imprint, cbasn1.SEQUENCE) || !imprint.ReadASN1(&alg, cbasn1.SEQUENCE) || !alg.ReadASN1ObjectIdentifier(&oid) ||
		!imprint.ReadASN1(&sum, cbasn1.OCTET_STRING) || !body.SkipASN1(cbasn1.INTEGER) {
		return nil, bad
	}
	var when cryptobyte.String
	if !body.ReadASN1(&when, cbasn1.GeneralizedTime) {
		return nil, bad
	}
	t, err := time.Parse("20060102150405Z", string(when))
	if err != nil {
		if t, err = time.Parse("20060102150405.999999999Z", string(when)); err != nil {
			return nil, bad
		}
	}
	hash, ok := pki.HashByOID(oid)
	if !ok {
		return nil, fmt.Errorf("%w: imprint hash %v", ErrUnsupported, oid)
	}
	return &tstInfo{hash: hash, imprint: sum, time: t}, nil
}

// order puts the signer first and then each issuer that the token carries.
func order(signer *pki.Certificate, certs []*pki.Certificate) []*pki.Certificate {
	chain := []*pki.Certificate{signer}
	for last := signer; !last.SelfIssued() && len(chain) <= len(certs); {
		next := last
		for _, c := range certs {
			if c != last && last.SignedBy(c) == nil {
				next = c
				break
			}
		}
		if next == last {
			break
		}
		chain = append(chain, next)
		last = next
	}
	return chain
}
