package c2pa

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/cose"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/tsp"
)

// Status codes of CAWG identity claims aggregation (ICA): a verifiable credential in which a service vouches for what it checked about
// a person. Its failures make the manifest invalid, as in the reference.
const (
	codeICAValid      = "cawg.ica.credential_valid"
	codeICACOSE       = "cawg.ica.invalid_cose_sign1"
	codeICAAlgorithm  = "cawg.ica.invalid_alg"
	codeICAType       = "cawg.ica.invalid_content_type"
	codeICACredential = "cawg.ica.invalid_verifiable_credential"
	codeICAIssuer     = "cawg.ica.invalid_issuer"
	codeICADIDAbsent  = "cawg.ica.did_unavailable"
	codeICADID        = "cawg.ica.invalid_did_document"
	codeICAMismatch   = "cawg.ica.signature_mismatch"
	codeICAUntrusted  = "cawg.ica.untrusted_issuer"
	codeICAStampValid = "cawg.ica.time_stamp.validated"
	codeICAStamp      = "cawg.ica.time_stamp.invalid"
	codeICANoFrom     = "cawg.ica.valid_from.missing"
	codeICAFrom       = "cawg.ica.valid_from.invalid"
	codeICAUntil      = "cawg.ica.valid_until.invalid"
	codeICAPayload    = "cawg.ica.signer_payload.mismatch"
)

var icaSentences = map[string]string{
	codeICAValid:      "the credential about the person named is valid and its issuer is accepted here",
	codeICACOSE:       "the credential about the person named is not a signature",
	codeICAAlgorithm:  "the credential about the person named is not signed with Ed25519",
	codeICAType:       "the credential about the person named does not say that it is one",
	codeICACredential: "the credential about the person named cannot be read",
	codeICAIssuer:     "the issuer of the credential is named in a way that is not known here",
	codeICADIDAbsent:  "the issuer's key would have to be fetched over the network, which is not done",
	codeICADID:        "the issuer's key cannot be read",
	codeICAMismatch:   "the issuer's signature does not fit the credential",
	codeICAUntrusted:  "the issuer of the credential is not on a list of this reader",
	codeICAStampValid: "the time stamp of the credential fits",
	codeICAStamp:      "the time stamp of the credential does not fit",
	codeICANoFrom:     "the credential does not say from when it is valid",
	codeICAFrom:       "the credential was not valid yet",
	codeICAUntil:      "the credential had expired",
	codeICAPayload:    "the credential is about something else than this manifest",
}

// icaCredential is what is read of the verifiable credential.
type icaCredential struct {
	Context    []string        `json:"@context"`
	Type       []string        `json:"type"`
	Issuer     string          `json:"issuer"`
	ValidFrom  *time.Time      `json:"validFrom"`
	ValidUntil *time.Time      `json:"validUntil"`
	Subject    json.RawMessage `json:"credentialSubject"`
	asset      icaAsset
}

type icaSubject struct {
	Identities []json.RawMessage `json:"verifiedIdentities"`
	Asset      icaAsset          `json:"c2paAsset"`
}

type icaAsset struct {
	Refs []struct {
		URL  string     `json:"url"`
		Alg  string     `json:"alg"`
		Hash base64Text `json:"hash"`
	} `json:"referenced_assertions"`
	Kind  string   `json:"sig_type"`
	Roles []string `json:"role"`
}

// base64Text is base64 in JSON text, or, as some signers write it, in a list of its character codes.
type base64Text []byte

// UnmarshalJSON implements [json.Unmarshaler].
func (b *base64Text) UnmarshalJSON(data []byte) error {
	var s string
	if len(data) > 0 && data[0] == '[' {
		var codes []uint8
		var list []int
		if err := json.Unmarshal(data, &list); err != nil {
			return err
		}
		for _, n := range list {
			if n < 0 || n > 127 {
				return errors.New("no base64")
			}
			codes = append(codes, uint8(n))
		}
		s = string(codes)
	} else if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	raw, err := base64.StdEncoding.DecodeString(s)
	*b = raw
	return err
}

// checkICA judges an identity claims aggregation, CAWG 8.1.
func (v *validator) checkICA(p identityPayload, signature []byte, uri string) {
	s, err := cose.Parse(signature)
	switch {
	case err != nil:
		v.fail(codeICACOSE, uri, err.Error())
		return
	case s.Alg != "EdDSA":
		v.fail(codeICAAlgorithm, uri, "")
		return
	}
	before := len(v.items)
	if cty, _ := cbor.Text(s.Headers, uint64(3)); cty != "application/vc" {
		v.fail(codeICAType, uri, "")
	}
	cred, err := parseICA(s.Payload)
	if err != nil {
		v.fail(codeICACredential, uri, err.Error())
		return
	}
	trusted := v.icaSignature(s, cred, uri)
	v.icaTimes(s, cred, uri)
	if !cred.asset.matches(p) {
		v.fail(codeICAPayload, uri, "")
	}
	failed := slices.ContainsFunc(v.items[before:], func(s Status) bool { return s.Kind == Failure })
	if trusted && !failed {
		v.pass(codeICAValid, uri)
	}
}

func parseICA(payload []byte) (*icaCredential, error) {
	c := &icaCredential{}
	if err := json.Unmarshal(payload, c); err != nil {
		return nil, err
	}
	var subject icaSubject
	subjects := []json.RawMessage{c.Subject}
	if bytes.HasPrefix(bytes.TrimSpace(c.Subject), []byte("[")) {
		if err := json.Unmarshal(c.Subject, &subjects); err != nil {
			return nil, err
		}
	}
	if len(subjects) != 1 {
		return nil, errors.New("it is about several subjects")
	}
	if err := json.Unmarshal(subjects[0], &subject); err != nil {
		return nil, err
	}
	if len(subject.Identities) == 0 || len(c.Type) == 0 || len(c.Context) == 0 {
		return nil, errors.New("it names no identity")
	}
	c.asset = subject.Asset
	return c, nil
}

// icaSignature checks the issuer's signature and reports whether this reader accepts the issuer.
func (v *validator) icaSignature(s *cose.Sign1, cred *icaCredential, uri string) bool {
	key, code := issuerKey(cred.Issuer)
	if code != "" {
		v.fail(code, uri, cred.Issuer)
		return false
	}
	if err := s.Verify(s.Payload, &pki.Key{Public: key}); err != nil {
		v.fail(codeICAMismatch, uri, "")
		return false
	}
	did, _, _ := strings.Cut(cred.Issuer, "#")
	if slices.Contains(v.policy.IdentityIssuers, did) {
		return true
	}
	v.note(codeICAUntrusted, uri, did)
	return false
}

// issuerKey returns the key that a did:jwk carries in itself. A did:web would have to be fetched.
func issuerKey(issuer string) (key ed25519.PublicKey, code string) {
	did, _, _ := strings.Cut(issuer, "#")
	if strings.HasPrefix(did, "did:web:") {
		return nil, codeICADIDAbsent
	}
	encoded, ok := strings.CutPrefix(did, "did:jwk:")
	if !ok {
		return nil, codeICAIssuer
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
	var jwk struct{ Kty, Crv, X string }
	if err != nil || json.Unmarshal(raw, &jwk) != nil || jwk.Kty != "OKP" || jwk.Crv != "Ed25519" {
		return nil, codeICADID
	}
	x, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(jwk.X, "="))
	if err != nil || len(x) != ed25519.PublicKeySize {
		return nil, codeICADID
	}
	return ed25519.PublicKey(x), ""
}

// icaTimes checks the credential's validity now and when it was stamped, CAWG 8.1.1.4. Who stamped it is not judged.
func (v *validator) icaTimes(s *cose.Sign1, cred *icaCredential, uri string) {
	times := []time.Time{v.at}
	tokens, covered, form, err := s.Stamped(s.Payload)
	if err == nil && len(tokens) == 1 {
		token := tokens[0]
		if form == cose.StampV1 {
			token, err = tsp.FromResponse(token)
		}
		if err == nil {
			var t *tsp.Token
			if t, err = tsp.Verify(token, covered); err == nil {
				times = append(times, t.Time)
				v.pass(codeICAStampValid, uri)
			}
		}
	}
	if err != nil || len(tokens) > 1 {
		v.fail(codeICAStamp, uri, "")
	}
	v.icaValidity(cred, times, uri)
}

func (v *validator) icaValidity(cred *icaCredential, times []time.Time, uri string) {
	if cred.ValidFrom == nil {
		v.fail(codeICANoFrom, uri, "")
	} else if slices.ContainsFunc(times, cred.ValidFrom.After) {
		v.fail(codeICAFrom, uri, "")
	}
	if cred.ValidUntil != nil && slices.ContainsFunc(times, cred.ValidUntil.Before) {
		v.fail(codeICAUntil, uri, "")
	}
}

// matches reports whether the credential speaks of what the identity assertion lists.
func (a *icaAsset) matches(p identityPayload) bool {
	if a.Kind != p.kind || !slices.Equal(a.Roles, p.roles) || len(a.Refs) != len(p.refs) {
		return false
	}
	for i, r := range a.Refs {
		q := p.refs[i]
		if r.URL != q.url || !bytes.Equal(r.Hash, q.hash) || q.alg != "" && q.alg != r.Alg {
			return false
		}
	}
	return true
}
