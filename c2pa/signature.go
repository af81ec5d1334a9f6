package c2pa

import (
	"crypto"
	"errors"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cose"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/tsp"
	"github.com/wherefrom-network/wherefrom/c2pa/jumbf"
)

// Signer is what a manifest's signature says about who made it and when, and who vouches for that.
type Signer struct {
	Algorithm    string    // ES256 and so on
	Name         string    // common name in the certificate
	Organization string    // organization in the certificate
	Serial       string    // serial number in decimal
	List         string    // name of the trust list that vouches for the signer, empty if none does
	Stamped      time.Time // time of a trusted time stamp, zero if there is none
	StampList    string    // name of the trust list that vouches for the time stamp
	StampedBy    string    // common name of the time stamp's authority
	cert         *pki.Certificate
	stampCert    *pki.Certificate
}

// signed is a signature while it is examined.
type signed struct {
	*cose.Sign1
	m     *manifest
	uri   string
	chain []*pki.Certificate
}

// verifySignature applies C2PA 15.7 to 15.9 to a manifest and records what was found about its signer.
func (v *validator) verifySignature(m *manifest) {
	uri := m.signatureURI()
	addr, ok := parseAddress(m.claim.signature)
	if !ok || addr.in(m.label).manifest != m.label || len(addr.path) != 1 || addr.path[0] != labelSignature {
		v.fail(codeSignatureMissing, uri, "")
	}
	content := m.signature.Content(jumbf.TypeCBOR)
	if content == nil || len(m.signature.Children) != 1 {
		v.fail(codeSignatureMissing, uri, "the signature is not one CBOR box")
		return
	}
	sign1, err := cose.Parse(content.Data)
	if err != nil {
		v.fail(codeSignatureMismatch, uri, err.Error())
		return
	}
	s := &signed{Sign1: sign1, m: m, uri: uri}
	if s.chain, err = parseChain(sign1); err != nil {
		v.fail(codeCredentialInvalid, uri, err.Error())
		v.fail(codeCredentialUntrusted, uri, "")
		v.fail(codeSignatureMismatch, uri, "")
		return
	}
	v.judgeSignature(s)
}

func parseChain(s *cose.Sign1) ([]*pki.Certificate, error) {
	ders, err := s.Chain()
	if err != nil {
		return nil, err
	}
	return pki.ParseChain(ders)
}

func (v *validator) judgeSignature(s *signed) {
	signer := &Signer{Algorithm: s.Alg, cert: s.chain[0]}
	signer.describe()
	v.signers[s.m.label] = signer
	if s.Alg == "" {
		v.fail(codeAlgUnsupported, s.uri, "")
		v.fail(codeSignatureMismatch, s.uri, "")
		return
	}
	if !s.PaddingClean() {
		v.fail(codeDataMismatch, s.uri, "the unsigned padding of the signature holds data")
	}
	v.timeStamp(s, signer)
	v.credential(s, signer)
	if s.chain[0].KeyErr != nil {
		v.fail(codeSignatureMismatch, s.uri, "")
		return
	}
	switch err := s.Verify(s.m.claim.raw, s.chain[0].Key); {
	case err == nil:
		v.pass(codeSignatureValid, s.uri)
	case errors.Is(err, pki.ErrUnsupported):
		v.fail(codeAlgUnsupported, s.uri, err.Error())
		v.fail(codeSignatureMismatch, s.uri, "")
	default:
		v.fail(codeSignatureMismatch, s.uri, "")
	}
}

func (s *Signer) describe() {
	s.Name = s.cert.Subject.CommonName
	if o := s.cert.Subject.Organization; len(o) > 0 {
		s.Organization = o[len(o)-1]
	}
	s.Serial = s.cert.SerialNumber.String()
}

// credential judges the signer's certificate: its profile (C2PA 14.5.1), who vouches for it (14.4), whether it was
// valid at the time that counts (15.8.2) and whether it was withdrawn (15.9).
func (v *validator) credential(s *signed, signer *Signer) {
	leaf, at := s.chain[0], v.at
	if !signer.Stamped.IsZero() {
		at = signer.Stamped
	}
	allowed := v.policy.ekus()
	list, path := v.policy.vouch(ClaimSigning, s.chain, allowed)
	inBook := v.policy.known(leaf)
	if list != nil && len(list.EKUs) > 0 {
		allowed = list.EKUs
	}
	if err := leaf.CheckLeaf(signingOnly(ClaimSigning, allowed)); err != nil {
		v.fail(codeCredentialInvalid, s.uri, err.Error())
	}
	inside := leaf.ValidAt(at)
	if !inside {
		v.fail(codeCredentialExpired, s.uri, "")
	} else if path != nil && !inBook {
		inside = path.At(at) == nil
	}
	revoked := v.revocation(s, path, signer.Stamped)
	switch {
	case !inside:
		v.fail(codeSignatureOutside, s.uri, "")
		v.fail(codeCredentialUntrusted, s.uri, "")
		return
	case revoked:
		v.fail(codeCredentialUntrusted, s.uri, "")
	case list != nil:
		signer.List = list.Name
		v.add(Success, codeCredentialTrusted, s.uri, "it is on "+list.Name)
	case inBook:
		signer.List = "address book"
		v.add(Success, codeCredentialTrusted, s.uri, "it is in the address book")
	default:
		v.fail(codeCredentialUntrusted, s.uri, "")
	}
	v.pass(codeSignatureInside, s.uri)
}

// timeStamp returns the signature's time stamp if it is good and trusted, C2PA 15.8. Anything else is noted and ignored.
func (v *validator) timeStamp(s *signed, signer *Signer) *tsp.Token {
	tokens, covered, form, err := s.Stamped(s.m.claim.raw)
	if err != nil || len(tokens) > 1 {
		v.note(codeStampMalformed, s.uri, "")
	} else if len(tokens) == 1 {
		token := tokens[0]
		if form == cose.StampV1 {
			if token, err = tsp.FromResponse(token); err != nil {
				v.note(codeStampMalformed, s.uri, err.Error())
				return v.laterStamp(s, signer)
			}
		}
		if t := v.stamp(token, covered, s.uri, signer); t != nil {
			return t
		}
	}
	return v.laterStamp(s, signer)
}

// laterStamp tries the time stamps that later manifests added for this one, C2PA 15.8.1.2.
func (v *validator) laterStamp(s *signed, signer *Signer) *tsp.Token {
	for _, token := range v.stamps[s.m.label] {
		quiet := &validator{policy: v.policy, at: v.at}
		if t := quiet.stamp(token, s.Signature, s.uri, signer); t != nil {
			for _, s := range quiet.items {
				v.again(s)
			}
			return t
		}
	}
	return nil
}

// stamp checks one token over covered and who vouches for it.
func (v *validator) stamp(token, covered []byte, uri string, signer *Signer) *tsp.Token {
	t, err := tsp.Verify(token, covered)
	switch {
	case errors.Is(err, tsp.ErrMismatch):
		v.note(codeStampMismatch, uri, "")
	case errors.Is(err, tsp.ErrUnsupported), errors.Is(err, tsp.ErrNoSigner):
		v.note(codeStampUntrusted, uri, err.Error())
	case err != nil:
		v.note(codeStampMalformed, uri, err.Error())
	}
	if err != nil {
		return nil
	}
	name := t.Signer().Subject.CommonName
	if !t.Signer().ValidAt(t.Time) {
		v.note(codeStampOutside, uri, name)
		return nil
	}
	list, path := v.policy.vouch(TimeStamping, t.Chain, nil)
	if list == nil || t.Signer().CheckLeaf([]string{pki.EKUTimeStamping}) != nil {
		v.note(codeStampUntrusted, uri, name)
		return nil
	}
	if path.At(t.Time) != nil {
		v.note(codeStampOutside, uri, name)
		return nil
	}
	v.add(Success, codeStampValid, uri, name)
	v.add(Success, codeStampTrusted, uri, list.Name)
	signer.Stamped, signer.StampList, signer.StampedBy, signer.stampCert = t.Time, list.Name, name, t.Signer()
	return t
}

const sha256Alg = crypto.SHA256

// digestOf names a run of bytes of the store and a hash over it.
type digestOf struct {
	first *byte
	size  int
	alg   crypto.Hash
}

// verifyHash reports whether data, a part of the store, has the hash that a reference names. However many references lead
// to the same part, it is hashed once.
func (v *validator) verifyHash(h hashedURI, data []byte, algs ...string) (bool, error) {
	alg, err := hashAlg(append([]string{h.alg}, algs...)...)
	if err != nil {
		return false, err
	}
	key := digestOf{size: len(data), alg: alg}
	if len(data) > 0 {
		key.first = &data[0]
	}
	if v.digests[key] == nil {
		v.digests[key] = sum(alg, data)
	}
	return string(v.digests[key]) == string(h.hash), nil
}
