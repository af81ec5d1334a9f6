package tlog

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

// smallOrder are encodings of points of small order, canonical and not, as keys and as the first half of a signature.
var smallOrder = []string{
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
}

// TestVerifyAgreesWithTheStandardLibrary tries the signatures on which implementations differ: points of small order
// and encodings that are not canonical in either place, and s at and above the order of the group.
func TestVerifyAgreesWithTheStandardLibrary(t *testing.T) {
	const order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
	good := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	keys, halves := [][]byte{good.Public().(ed25519.PublicKey)}, [][]byte{make([]byte, 32), unhex(t, order)}
	for _, s := range smallOrder {
		keys, halves = append(keys, unhex(t, s)), append(halves, unhex(t, s))
	}
	accepted := 0
	for i := range byte(3) {
		msg := []byte{i}
		halves := append(halves, ed25519.Sign(good, msg)[:32], ed25519.Sign(good, msg)[32:])
		for _, key := range keys {
			for _, r := range halves {
				for _, s := range halves {
					sig := append(bytes.Clone(r), s...)
					want := ed25519.Verify(key, msg, sig)
					if want {
						accepted++
					}
					if got := verifyEd25519(key, msg, sig); got != want {
						t.Fatalf("key %x, message %x, signature %x: %v, and the standard library says %v", key, msg, sig, got, want)
					}
				}
			}
		}
	}
	if accepted == 0 {
		t.Error("the standard library accepted nothing")
	}
}

// TestVerifyAgreesOnAlteredSignatures flips bits of honest signatures.
func TestVerifyAgreesOnAlteredSignatures(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(rnd.Uint32())}, ed25519.SeedSize))
		pub := bytes.Clone(key.Public().(ed25519.PublicKey))
		msg := []byte("example.org/log\n1\n")
		sig := ed25519.Sign(key, msg)
		switch rnd.IntN(4) {
		case 0:
			sig[rnd.IntN(64)] ^= 1 << rnd.IntN(8)
		case 1:
			pub[rnd.IntN(32)] ^= 1 << rnd.IntN(8)
		case 2:
			sig = sig[:rnd.IntN(64)]
		}
		if got, want := verifyEd25519(pub, msg, sig), ed25519.Verify(pub, msg, sig); got != want {
			t.Fatalf("key %x, signature %x: %v, and the standard library says %v", pub, sig, got, want)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
