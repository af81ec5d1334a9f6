package cose_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
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
