package c2pa

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/cose"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// Status codes of the CAWG identity assertion, version 1.3. They are about a named person beside the signer: those that
// begin with cawg.identity or cawg.x509 keep a manifest from being trusted and leave it valid.
const (
	codeIdentityWellFormed = "cawg.identity.well-formed"
	codeIdentityPad        = "cawg.identity.pad.invalid"
	codeIdentityMismatch   = "cawg.identity.assertion.mismatch"
	codeIdentityDuplicate  = "cawg.identity.assertion.duplicate"
	codeIdentityUnbound    = "cawg.identity.hard_binding_missing"
	codeIdentityType       = "cawg.identity.sig_type.unknown"
	codeIdentityCBOR       = "cawg.identity.cbor.invalid"
	codeX509Trusted        = "cawg.x509.credential.trusted"
	codeX509Untrusted      = "cawg.x509.credential.untrusted"
	codeX509Invalid        = "cawg.x509.credential.invalid"
	codeX509Valid          = "cawg.x509.signature.validated"
	codeX509Mismatch       = "cawg.x509.signature.mismatch"
	codeX509Algorithm      = "cawg.x509.algorithm.unsupported"
	codeX509Outside        = "cawg.x509.signature.outside_validity"
)

var identitySentences = map[string]string{
	codeIdentityWellFormed: "the identity assertion is in order",
	codeIdentityPad:        "the padding of the identity assertion holds data",
	codeIdentityMismatch:   "the identity assertion speaks of an assertion that the claim does not have so",
	codeIdentityDuplicate:  "the identity assertion names an assertion twice",
	codeIdentityUnbound:    "the identity assertion is not bound to the content",
	codeIdentityType:       "the identity assertion is signed in a way that is not known here",
	codeIdentityCBOR:       "the identity assertion cannot be read",
	codeX509Trusted:        "a trust list vouches for the person named",
	codeX509Untrusted:      "no trust list installed here vouches for the person named",
	codeX509Invalid:        "the named person's certificate may not be used to sign content",
	codeX509Valid:          "the named person's signature fits",
	codeX509Mismatch:       "the named person's signature does not fit",
	codeX509Algorithm:      "the named person's signature uses an algorithm that is not allowed",
	codeX509Outside:        "the named person's certificate was not valid at the time that counts",
}

// identityPayload is the signer_payload of an identity assertion: what the named person signed.
type identityPayload struct {
	refs  []hashedURI
	kind  string
	roles []string
}

// checkIdentity judges a CAWG identity assertion.
func (v *validator) checkIdentity(m *manifest, a *assertion, uri string) {
	f := a.fields()
	signature, ok1 := cbor.Bytes(f, "signature")
	pad1, ok2 := cbor.Bytes(f, "pad1")
	pad2, ok3 := cbor.Bytes(f, "pad2")
	raw, ok4 := cbor.Get[cbor.Map](f, "signer_payload")
	payload, ok5 := readIdentityPayload(raw)
	if !ok1 || !ok2 || !ok3 && cbor.Has(f, "pad2") || !ok4 || !ok5 {
		v.fail(codeAssertionRequired, uri, "")
		return
	}
	if len(bytes.Trim(pad1, "\x00"))+len(bytes.Trim(pad2, "\x00")) > 0 {
		v.fail(codeIdentityPad, uri, "")
	}
	if !v.checkReferenced(m, payload, uri) {
		return
	}
	switch payload.kind {
	case "cawg.x509.cose":
		v.checkX509(payload, signature, uri)
	case "cawg.identity_claims_aggregation":
		v.checkICA(payload, signature, uri)
	default:
		v.fail(codeIdentityType, uri, payload.kind)
	}
}

func readIdentityPayload(m cbor.Map) (p identityPayload, ok bool) {
	list, ok1 := cbor.List(m, "referenced_assertions")
	refs, ok2 := readHashedURIs(list)
	kind, ok3 := cbor.Text(m, "sig_type")
	p = identityPayload{refs: refs, kind: kind}
	roles, ok4 := cbor.List(m, "role")
	if cbor.Has(m, "role") && !ok4 {
		return p, false
	}
	for _, r := range roles {
		role, ok := r.(string)
		if !ok {
			return p, false
		}
		p.roles = append(p.roles, role)
	}
	return p, ok1 && ok2 && ok3
}

// checkReferenced checks that what the person signed is what the claim has, each once, with a binding to the content among it.
func (v *validator) checkReferenced(m *manifest, p identityPayload, uri string) bool {
	listed := map[string][]byte{}
	for _, r := range m.claim.refs {
		if url, ok := m.absolute(r.url); ok {
			listed[url] = r.hash
		}
	}
	bound, seen := false, map[string]bool{}
	for _, ref := range p.refs {
		url, _ := m.absolute(ref.url)
		hash, found := listed[url]
		if !found || !bytes.Equal(hash, ref.hash) {
			v.fail(codeIdentityMismatch, uri, ref.url)
		}
		if found && !bytes.Equal(hash, ref.hash) {
			return false
		}
		if seen[ref.url] {
			v.fail(codeIdentityDuplicate, uri, ref.url)
		}
		seen[ref.url] = true
		bound = bound || strings.HasPrefix(ref.url[strings.LastIndexByte(ref.url, '/')+1:], "c2pa.hash.")
	}
	if !bound {
		v.fail(codeIdentityUnbound, uri, "")
	}
	return true
}

// absolute writes an address out in full.
func (m *manifest) absolute(uri string) (string, bool) {
	a, ok := parseAddress(uri)
	if !ok {
		return "", false
	}
	return strings.Join(append([]string{manifestURI(a.in(m.label).manifest)}, a.path...), "/"), true
}

// signedBytes writes the payload in the field order of the CAWG schema, which is what a signature has to cover. A payload
// that was signed in another order does not verify, here as in the reference.
func (p identityPayload) signedBytes() []byte {
	var b bytes.Buffer
	fields := 2
	if len(p.roles) > 0 {
		fields++
	}
	head(&b, 5, fields)
	text(&b, "referenced_assertions")
	head(&b, 4, len(p.refs))
	for _, r := range p.refs {
		n := 2
		if r.alg != "" {
			n++
		}
		head(&b, 5, n)
		text(&b, "url", r.url)
		if r.alg != "" {
			text(&b, "alg", r.alg)
		}
		text(&b, "hash")
		head(&b, 2, len(r.hash))
		b.Write(r.hash)
	}
	text(&b, "sig_type", p.kind)
	if len(p.roles) > 0 {
		text(&b, "role")
		head(&b, 4, len(p.roles))
		text(&b, p.roles...)
	}
	return b.Bytes()
}

// head writes a CBOR item's head in its shortest form.
func head(b *bytes.Buffer, major byte, n int) {
	switch {
	case n < 24:
		b.WriteByte(major<<5 | byte(n))
	case n < 1<<8:
		b.Write([]byte{major<<5 | 24, byte(n)})
	case n < 1<<16:
		b.Write([]byte{major<<5 | 25, byte(n >> 8), byte(n)})
	default:
		b.Write([]byte{major<<5 | 26, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	}
}

func text(b *bytes.Buffer, values ...string) {
	for _, s := range values {
		head(b, 3, len(s))
		b.WriteString(s)
	}
}

// identityEKUs are the usages a named person's certificate may have where no list says otherwise.
var identityEKUs = []string{pki.EKUEmailProtection, pki.EKUDocumentSigning}

// checkX509 judges a named person's X.509 signature, CAWG 8.2.2.
func (v *validator) checkX509(p identityPayload, signature []byte, uri string) {
	s, err := cose.Parse(signature)
	if err != nil {
		v.fail(codeX509Mismatch, uri, err.Error())
		return
	}
	chain, err := parseChain(s)
	if err != nil {
		v.fail(codeX509Invalid, uri, err.Error())
		v.fail(codeX509Untrusted, uri, "")
		v.fail(codeX509Mismatch, uri, "")
		return
	}
	if s.Alg == "" {
		v.fail(codeX509Algorithm, uri, "")
		v.fail(codeX509Mismatch, uri, "")
		return
	}
	v.identityCredential(chain, uri)
	if chain[0].KeyErr != nil {
		v.fail(codeX509Mismatch, uri, "")
		return
	}
	switch err := s.Verify(p.signedBytes(), chain[0].Key); {
	case err == nil:
		v.pass(codeX509Valid, uri)
		v.pass(codeIdentityWellFormed, uri)
	case errors.Is(err, pki.ErrUnsupported):
		v.fail(codeX509Algorithm, uri, "")
		v.fail(codeX509Mismatch, uri, "")
	default:
		v.fail(codeX509Mismatch, uri, "")
	}
}

// identityCredential judges the person's certificate at the time of validation; time stamps are not considered.
func (v *validator) identityCredential(chain []*pki.Certificate, uri string) {
	allowed := identityEKUs
	for _, l := range v.policy.lists(Identity) {
		allowed = append(slices.Clone(allowed), l.EKUs...)
	}
	if err := chain[0].CheckLeaf(signingOnly(Identity, allowed)); err != nil {
		v.fail(codeX509Invalid, uri, err.Error())
	}
	list, path := v.policy.vouch(Identity, chain, allowed)
	switch {
	case !chain[0].ValidAt(v.at):
		v.fail(codeX509Outside, uri, "")
		v.fail(codeX509Untrusted, uri, "")
	case list == nil || path.At(v.at) != nil:
		v.fail(codeX509Untrusted, uri, "")
	default:
		v.add(Success, codeX509Trusted, uri, list.Name)
	}
}
