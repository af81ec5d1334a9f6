package cose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	fx "github.com/fxamacker/cbor/v2"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/cose"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

type m = map[any]any

func encode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := cbor.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sign1(t testing.TB, protected, loose m, payload any, sig []byte) []byte {
	return encode(t, fx.Tag{Number: 18, Content: []any{encode(t, protected), loose, payload, sig}})
}

func TestVerifyTakesOnlyTheSignedBytes(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	protected := m{1: -7}
	tbs := encode(t, []any{"Signature1", encode(t, protected), []byte{}, []byte("claim")})
	sum := sha256.Sum256(tbs)
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	parsed, err := cose.Parse(sign1(t, protected, m{}, nil, sig))
	if err != nil {
		t.Fatal(err)
	}
	k := &pki.Key{Public: &key.PublicKey}
	if err := parsed.Verify([]byte("claim"), k); err != nil {
		t.Error(err)
	}
	if err := parsed.Verify([]byte("other"), k); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("other claim: %v", err)
	}
	der, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	parsed.Signature = der
	if err := parsed.Verify([]byte("claim"), k); !errors.Is(err, pki.ErrSignature) {
		t.Errorf("a signature in DER: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing":                nil,
		"an array without a tag": encode(t, []any{[]byte{}, m{}, nil, []byte{}}),
		"another tag":            encode(t, fx.Tag{Number: 17, Content: []any{[]byte{}, m{}, nil, []byte{}}}),
		"three elements":         encode(t, fx.Tag{Number: 18, Content: []any{[]byte{}, m{}, nil}}),
		"headers that are none":  encode(t, fx.Tag{Number: 18, Content: []any{[]byte{1}, m{}, nil, []byte{}}}),
		"a payload of text":      encode(t, fx.Tag{Number: 18, Content: []any{[]byte{}, m{}, "x", []byte{}}}),
		"critical headers":       sign1(t, m{1: -7, 2: []any{99}}, m{}, nil, nil),
		"bytes after the end":    append(sign1(t, m{1: -7}, m{}, nil, []byte{1}), 0),
	} {
		if _, err := cose.Parse(data); !errors.Is(err, cose.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestChainIsInOnePlaceOnly(t *testing.T) {
	chain := []any{[]byte{1}}
	for name, c := range map[string]struct {
		protected, loose m
		want             error
	}{
		"in the protected header":     {m{1: -7, 33: chain}, m{}, nil},
		"in the unprotected header":   {m{1: -7}, m{"x5chain": chain}, nil},
		"as one certificate":          {m{1: -7, 33: []byte{1}}, m{}, nil},
		"in both":                     {m{1: -7, 33: chain}, m{"x5chain": chain}, cose.ErrTwoChains},
		"under two names":             {m{1: -7, 33: chain, "x5chain": chain}, m{}, cose.ErrTwoChains},
		"nowhere":                     {m{1: -7}, m{}, cose.ErrNoChain},
		"of no certificates":          {m{1: -7, 33: []any{}}, m{}, cose.ErrNoChain},
		"of something else than that": {m{1: -7, 33: "x"}, m{}, cose.ErrNoChain},
	} {
		s, err := cose.Parse(sign1(t, c.protected, c.loose, nil, []byte{1}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Chain(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sign1(f, m{1: -7, 33: []any{[]byte{1}}}, m{"sigTst2": m{"tstTokens": []any{m{"val": []byte{1}}}}, "rVals": m{"ocspVals": []any{[]byte{1}}}}, nil, []byte{1}))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := cose.Parse(data)
		if err != nil {
			return
		}
		s.Chain()
		s.Stamped([]byte("claim"))
		s.Revocation()
		s.PaddingClean()
	})
}

// signer makes signatures of one algorithm.
type signer struct {
	alg  int
	key  any
	sign func(tbs []byte) ([]byte, error)
}

func signers(t *testing.T) map[string]signer {
	t.Helper()
	out := map[string]signer{}
	for name, c := range map[string]struct {
		alg   int
		curve elliptic.Curve
		hash  crypto.Hash
	}{"ES256": {-7, elliptic.P256(), crypto.SHA256}, "ES384": {-35, elliptic.P384(), crypto.SHA384}, "ES512": {-36, elliptic.P521(), crypto.SHA512}, "ES256 with P-521": {-7, elliptic.P521(), crypto.SHA256}} {
		key, err := ecdsa.GenerateKey(c.curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = signer{c.alg, &key.PublicKey, func(tbs []byte) ([]byte, error) { return raw(key, c.hash, tbs) }}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		alg  int
		hash crypto.Hash
	}{"PS256": {-37, crypto.SHA256}, "PS384": {-38, crypto.SHA384}, "PS512": {-39, crypto.SHA512}} {
		out[name] = signer{c.alg, &key.PublicKey, func(tbs []byte) ([]byte, error) {
			return rsa.SignPSS(rand.Reader, key, c.hash, digest(c.hash, tbs), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		}}
	}
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	out["EdDSA"] = signer{-8, pub, func(tbs []byte) ([]byte, error) { return ed25519.Sign(priv, tbs), nil }}
	return out
}

func digest(h crypto.Hash, b []byte) []byte {
	w := h.New()
	w.Write(b)
	return w.Sum(nil)
}

func raw(key *ecdsa.PrivateKey, h crypto.Hash, tbs []byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, key, digest(h, tbs))
	if err != nil {
		return nil, err
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	sig := make([]byte, 2*size)
	r.FillBytes(sig[:size])
	s.FillBytes(sig[size:])
	return sig, nil
}

func TestEveryAllowedAlgorithmVerifies(t *testing.T) {
	all := signers(t)
	for name, s := range all {
		protected := m{1: s.alg}
		sig, err := s.sign(encode(t, []any{"Signature1", encode(t, protected), []byte{}, []byte("claim")}))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := cose.Parse(sign1(t, protected, m{}, nil, sig))
		if err != nil {
			t.Fatal(err)
		}
		for other, o := range all {
			err := parsed.Verify([]byte("claim"), &pki.Key{Public: o.key})
			if good := name == other || strings.HasPrefix(name, "PS") && strings.HasPrefix(other, "PS"); good != (err == nil) {
				t.Errorf("%s with the key of %s: %v", name, other, err)
			}
		}
	}
}
