package tsp_test

import (
	"errors"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/tsp"
)

func TestVerifyTellsTheTimeAndWhoSaysSo(t *testing.T) {
	clock := c2patest.NewAuthority(c2patest.ForTimeStamps)
	token := clock.Stamp(c2patest.Now, []byte("data"))
	got, err := tsp.Verify(token, []byte("data"))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Time.Equal(c2patest.Now) || got.Signer().Subject.CommonName != "Test Clock" {
		t.Errorf("%v by %v", got.Time, got.Signer().Subject)
	}
	if _, err := tsp.Verify(token, []byte("other")); !errors.Is(err, tsp.ErrMismatch) {
		t.Errorf("other data: %v", err)
	}
	inner, err := tsp.FromResponse(c2patest.StampResponse(token))
	if err != nil || string(inner) != string(token) {
		t.Errorf("response: %v", err)
	}
	if _, err := tsp.FromResponse([]byte{0x30, 5, 0x30, 3, 2, 1, 2}); !errors.Is(err, tsp.ErrMalformed) {
		t.Errorf("a refusal: %v", err)
	}
}

// TestNoEditOfATokenIsTaken changes each byte of a token; none may then be good for another time.
func TestNoEditOfATokenIsTaken(t *testing.T) {
	token := c2patest.NewAuthority(c2patest.ForTimeStamps).Stamp(c2patest.Now, []byte("data"))
	for i := range token {
		changed := append([]byte{}, token...)
		changed[i] ^= 1
		if got, err := tsp.Verify(changed, []byte("data")); err == nil && !got.Time.Equal(c2patest.Now) {
			t.Errorf("byte %d: time %v", i, got.Time)
		}
	}
}

func FuzzVerify(f *testing.F) {
	token := c2patest.NewAuthority(c2patest.ForTimeStamps).Stamp(c2patest.Now, []byte("data"))
	f.Add(token)
	f.Add(c2patest.StampResponse(token))
	f.Fuzz(func(t *testing.T, data []byte) {
		if inner, err := tsp.FromResponse(data); err == nil {
			tsp.Verify(inner, []byte("data"))
		}
		if got, err := tsp.Verify(data, []byte("data")); err == nil && (got.Signer() == nil || got.Time.IsZero()) {
			t.Error("good, but says nothing")
		}
	})
}
