package c2pa_test

import (
	"bytes"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// FuzzValidate feeds whole files to the engine: it must not panic, must always say something, and must print it.
func FuzzValidate(f *testing.F) {
	a := c2patest.NewAuthority()
	for _, carry := range c2patest.Carriers {
		f.Add(a.Embed(carry, c2patest.Manifest{}))
	}
	policy := trusting(f, a)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := c2pa.Validate(c2pa.Input{Asset: bytes.NewReader(data), Size: int64(len(data))}, policy, c2patest.Now)
		if err != nil {
			t.Fatal(err)
		}
		if r.State == "" {
			t.Error("no answer")
		}
		if _, err := r.CrJSON(); err != nil {
			t.Error(err)
		}
		if _, err := r.JSON(); err != nil {
			t.Error(err)
		}
	})
}

// FuzzStore feeds manifest stores without a file around them.
func FuzzStore(f *testing.F) {
	a := c2patest.NewAuthority()
	f.Add(c2patest.Store(a.Sign(c2patest.Manifest{})))
	f.Add(c2patest.Store(parent(a, nil), a.Sign(opened(parent(a, nil), nil))))
	asset := []byte("an asset of no known kind")
	f.Fuzz(func(t *testing.T, store []byte) {
		r, err := c2pa.Validate(c2pa.Input{Asset: bytes.NewReader(asset), Size: int64(len(asset)), Store: store}, nil, c2patest.Now)
		if err != nil {
			t.Fatal(err)
		}
		if r.State == c2pa.StateTrusted {
			t.Error("trusted by nobody")
		}
	})
}

// FuzzParseTrust feeds files of trust in all their forms.
func FuzzParseTrust(f *testing.F) {
	f.Add([]byte(`{"trust":{"trust_anchors":"","trust_config":"1.3.6.1.5.5.7.3.4","anchors":[{"trust_kind":"tsa"}]}}`))
	f.Add([]byte(`{"LoTE":{"ListAndSchemeInformation":{"SchemeName":[{"value":"TSA"}]},"TrustedEntitiesList":[{}]}}`))
	f.Add(c2patest.NewAuthority().PEM())
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := c2pa.ParseSettings(data); err == nil && p == nil {
			t.Error("no policy and no error")
		}
		if l, err := c2pa.ParseTrustList(data); err == nil && l == nil {
			t.Error("no list and no error")
		}
		if p, err := c2pa.ParseTrust("fuzz", data); err == nil && p == nil {
			t.Error("no policy and no error")
		}
	})
}
