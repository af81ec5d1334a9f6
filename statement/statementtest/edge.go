package statementtest

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"fmt"
	"math/big"

	"github.com/mr-tron/base58"
	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"

	"github.com/wherefrom-network/wherefrom/statement"
)

// EdgeCase is an Ed25519 key and signature at the border of what verifiers agree on, after "Taming the many EdDSAs"
// (Chalkias, Garillot, Nikolaenko 2020) and ZIP 215. They are the cases in which a check of one signature and a check
// of a batch differ if one of them leaves out the cofactor.
type EdgeCase struct {
	Name   string
	Issuer statement.Issuer
	Sign   func(msg []byte) []byte
	Good   bool
	// BadKey is set if it is the key that is refused.
	BadKey bool
}

// EdgeCases returns the cases.
func EdgeCases() []EdgeCase {
	a, r := scalarOf("edge key"), scalarOf("edge nonce")
	torsion := curve.EIGHT_TORSION[1] // of order 8
	A, R := multiple(a), multiple(r)
	zero := scalar.New()
	cases := []EdgeCase{
		edgeCase("an ordinary signature", encode(A), encode(R), a, r, true),
		edgeCase("a key with a part of small order", encode(sum(A, torsion)), encode(R), a, r, true),
		edgeCase("a nonce point with a part of small order", encode(A), encode(sum(R, torsion)), a, r, true),
		edgeCase("a key and a nonce point with parts of small order", encode(sum(A, torsion)), encode(sum(R, torsion)), a, r, true),
		edgeCase("a nonce point of small order", encode(A), encode(torsion), a, zero, true),
		edgeCase("a nonce point that is the identity", encode(A), encode(curve.EIGHT_TORSION[0]), a, zero, true),
		edgeCase("a nonce point in an encoding that is not canonical", encode(A), nonCanonicalIdentity(), a, zero, false),
	}
	for i, p := range curve.EIGHT_TORSION {
		c := edgeCase(fmt.Sprintf("a key of small order, number %d", i+1), encode(p), encode(R), zero, r, false)
		c.BadKey = true
		cases = append(cases, c)
	}
	nonCanonical := edgeCase("a key in an encoding that is not canonical", nonCanonicalIdentity(), encode(R), zero, r, false)
	nonCanonical.BadKey = true
	tooLarge := edgeCase("an S that is not reduced", encode(A), encode(R), a, r, false)
	reduced := tooLarge.Sign
	tooLarge.Sign = func(msg []byte) []byte { return addGroupOrder(reduced(msg)) }
	return append(cases, nonCanonical, tooLarge)
}

// edgeCase signs with S = r + H(R, A, msg)·a for whatever encodings of A and R it is given.
func edgeCase(name string, A, R []byte, a, r *scalar.Scalar, good bool) EdgeCase {
	return EdgeCase{Name: name, Issuer: didKey("\xed\x01", A), Good: good, Sign: func(msg []byte) []byte {
		h := sha512.New()
		h.Write(R)
		h.Write(A)
		h.Write(msg)
		k, err := scalar.NewFromBytesModOrderWide(h.Sum(nil))
		if err != nil {
			panic(err)
		}
		S := make([]byte, scalar.ScalarSize)
		k.Mul(k, a)
		if err := k.Add(k, r).ToBytes(S); err != nil {
			panic(err)
		}
		return append(append([]byte{}, R...), S...)
	}}
}

func didKey(codec string, point []byte) statement.Issuer {
	return statement.Issuer("did:key:z" + base58.Encode(append([]byte(codec), point...)))
}

func scalarOf(name string) *scalar.Scalar {
	wide := sha512.Sum512(seed(name))
	s, err := scalar.NewFromBytesModOrderWide(wide[:])
	if err != nil {
		panic(err)
	}
	return s
}

func multiple(s *scalar.Scalar) *curve.EdwardsPoint {
	return new(curve.EdwardsPoint).MulBasepoint(curve.ED25519_BASEPOINT_TABLE, s)
}

func sum(a, b *curve.EdwardsPoint) *curve.EdwardsPoint { return new(curve.EdwardsPoint).Add(a, b) }

func encode(p *curve.EdwardsPoint) []byte {
	var text curve.CompressedEdwardsY
	return text.SetEdwardsPoint(p)[:]
}

// nonCanonicalIdentity returns the identity with y = p + 1 instead of y = 1.
func nonCanonicalIdentity() []byte {
	y := make([]byte, 32)
	for i := range y {
		y[i] = 0xff
	}
	y[0], y[31] = 0xee, 0x7f
	return y
}

// addGroupOrder returns the signature with L added to S.
func addGroupOrder(sig []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	S := littleEndian(sig[32:])
	out := append([]byte{}, sig...)
	copy(out[32:], reverse(order.Add(order, S).FillBytes(make([]byte, 32))))
	return out
}

func littleEndian(b []byte) *big.Int { return new(big.Int).SetBytes(reverse(b)) }

func reverse(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		out[len(b)-1-i] = c
	}
	return out
}

// otherS returns the second signature that fits wherever an ECDSA signature does: (r, n-s).
func otherS(sig []byte) []byte {
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(sig, &rs); err != nil {
		panic(err)
	}
	n, _ := new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)
	rs.S.Sub(n, rs.S)
	out, err := asn1.Marshal(rs)
	if err != nil {
		panic(err)
	}
	return out
}

// plainRS returns an ECDSA signature as r and s side by side, the form of JWS.
func plainRS(sig []byte) []byte {
	var rs struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(sig, &rs); err != nil {
		panic(err)
	}
	return append(rs.R.FillBytes(make([]byte, 32)), rs.S.FillBytes(make([]byte, 32))...)
}

// Digest of nothing in particular, for members that need one.
var someDigest = statement.Digest(sha256.Sum256([]byte("something")))
