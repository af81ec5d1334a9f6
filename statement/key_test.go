package statement_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/mr-tron/base58"
	"pgregory.net/rapid"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

// The keys that the did:key specification of the W3C Credentials Community Group gives as examples.
func TestPublishedDIDKeysAreRead(t *testing.T) {
	for _, tt := range []struct {
		did       string
		algorithm statement.Algorithm
	}{
		{"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", statement.Ed25519},
		{"did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", statement.Ed25519},
		{"did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", statement.ECDSAP256},
		{"did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv", statement.ECDSAP256},
	} {
		issuer, err := statement.ParseIssuer(tt.did)
		if err != nil || string(issuer) != tt.did {
			t.Errorf("%s: %v", tt.did, err)
			continue
		}
		key, err := issuer.PublicKey()
		if err != nil || key.Algorithm() != tt.algorithm || key.Issuer() != issuer {
			t.Errorf("%s: %s, %s, %v", tt.did, key.Algorithm(), key.Issuer(), err)
		}
	}
	// The second is the key whose seed is 32 zero bytes.
	signer, err := statement.NewSigner(ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil || signer.Issuer() != "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp" {
		t.Errorf("the zero seed's key is %v, %v", signer, err)
	}
}

func TestOtherTextsAreNoIssuers(t *testing.T) {
	did := string(alice.Issuer())
	for _, tt := range []struct {
		text string
		want error
	}{
		{"", statement.ErrKey},
		{"did:key:", statement.ErrKey},
		{"did:key:z", statement.ErrKey},
		{"did:key:z1", statement.ErrKey},
		{"DID:KEY:" + did[8:], statement.ErrKey},
		{did[8:], statement.ErrKey},
		{did + " ", statement.ErrKey},
		{"did:key:z1" + did[9:], statement.ErrAlgorithm}, // a zero byte before the rest is another number
		{did + strings.Repeat("z", 100), statement.ErrKey},
		{"did:key:z" + strings.Repeat("é", 20), statement.ErrKey},
		{"did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", statement.ErrAlgorithm}, // secp256k1
	} {
		if issuer, err := statement.ParseIssuer(tt.text); issuer != "" || !errors.Is(err, tt.want) {
			t.Errorf("%q: %v", tt.text, err)
		}
	}
}

func TestThereIsOneTextForEachKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "did:key:z" + rapid.StringMatching(`(6Mk|Dna)[1-9A-HJ-NP-Za-km-z]{40,50}`).Draw(t, "text")
		issuer, err := statement.ParseIssuer(text)
		if err != nil {
			return
		}
		raw, err := base58.Decode(text[len("did:key:z"):])
		if err != nil || "did:key:z"+base58.Encode(raw) != string(issuer) {
			t.Fatalf("%s was accepted, but is not what its bytes %x encode to: %v", text, raw, err)
		}
		key, err := issuer.PublicKey()
		if err != nil || key.Issuer() != issuer {
			t.Fatalf("%s: %v, %v", text, key.Issuer(), err)
		}
	})
}

func TestKeysOfOtherKindsAreRefused(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		key  crypto.PublicKey
		want error
	}{
		"P-384":                   {&p384.PublicKey, statement.ErrAlgorithm},
		"RSA":                     {&rsa.PublicKey{N: big.NewInt(15), E: 3}, statement.ErrAlgorithm},
		"no key":                  {nil, statement.ErrAlgorithm},
		"a text":                  {"key", statement.ErrAlgorithm},
		"a short Ed25519 key":     {ed25519.PublicKey(make([]byte, 31)), statement.ErrKey},
		"an Ed25519 key at zero":  {ed25519.PublicKey(make([]byte, 32)), statement.ErrKey},
		"a P-256 key off the way": {&ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)}, statement.ErrKey}, //nolint:staticcheck // only so can a bad key be made
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := statement.NewPublicKey(tt.key); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := statement.NewSigner(p384); !errors.Is(err, statement.ErrAlgorithm) {
		t.Errorf("signer: %v", err)
	}
	var zero statement.PublicKey
	if zero.Verify(nil, nil) == nil || zero.Issuer() != "" || zero.Algorithm() != "" {
		t.Error("the zero key is good for something")
	}
}

func TestP256PointsHaveTheirSign(t *testing.T) {
	seen := map[byte]bool{}
	for i := 0; len(seen) < 2; i++ {
		signer := statementtest.P256Signer(strings.Repeat("x", i))
		raw, err := base58.Decode(string(signer.Issuer())[len("did:key:z"):])
		if err != nil {
			t.Fatal(err)
		}
		seen[raw[2]] = true
		mustOpen(t, statementtest.Content(signer, "hello"))
	}
	if !seen[2] || !seen[3] {
		t.Errorf("the points begin with %v", seen)
	}
}

// RFC 8032, section 7.1: TEST 1 to 3, TEST 1024 left out for its length, and TEST SHA(abc).
func TestEd25519VectorsOfRFC8032(t *testing.T) {
	for _, tt := range []struct{ key, msg, sig string }{
		{
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
		},
		{
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		},
		{
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		},
		{
			"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
			"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
			"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
		},
	} {
		key, err := statement.NewPublicKey(ed25519.PublicKey(fromHex(t, tt.key)))
		if err != nil {
			t.Fatal(err)
		}
		msg, sig := fromHex(t, tt.msg), fromHex(t, tt.sig)
		if err := key.Verify(msg, sig); err != nil {
			t.Errorf("%s: %v", tt.key, err)
		}
		if err := key.Verify(append(msg, 0), sig); !errors.Is(err, statement.ErrSignature) {
			t.Errorf("%s: another message: %v", tt.key, err)
		}
	}
}

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEdgeCasesOfEd25519(t *testing.T) {
	msg := []byte("hello")
	for _, c := range statementtest.EdgeCases() {
		t.Run(c.Name, func(t *testing.T) {
			key, err := c.Issuer.PublicKey()
			if c.BadKey {
				if !errors.Is(err, statement.ErrKey) {
					t.Errorf("the key: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := key.Verify(msg, c.Sign(msg)); (err == nil) != c.Good {
				t.Errorf("the signature: %v", err)
			}
			if err := key.Verify(msg, c.Sign([]byte("bye"))); !errors.Is(err, statement.ErrSignature) {
				t.Errorf("a signature of something else: %v", err)
			}
		})
	}
}

func TestManyKeysAreNotKeptForEver(t *testing.T) {
	for i := range 3 * statement.MaxKeys {
		point := make([]byte, 32)
		point[0], point[1] = byte(i), byte(i>>8)
		_, _ = statement.NewPublicKey(ed25519.PublicKey(point)) // about half of them are points
	}
	if n := statement.KeysKept(); n > statement.MaxKeys {
		t.Errorf("%d keys are kept", n)
	}
	mustOpen(t, statementtest.Content(alice, "hello"))
}
