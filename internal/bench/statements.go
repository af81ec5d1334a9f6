package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// issuers is how many people sign in turn: enough that nobody's quota is the limit.
const issuers = 64

// makers sign statements, the same ones for the same seed.
type makers struct{ signers []statement.Signer }

func newMakers() (*makers, error) {
	m := &makers{}
	for i := range issuers {
		s, err := statement.NewSigner(testKey(fmt.Sprintf("issuer %d", i)))
		if err != nil {
			return nil, err
		}
		m.signers = append(m.signers, s)
	}
	return m, nil
}

// testKey makes a key that everybody can make: it protects nothing.
func testKey(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("bench " + name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// about says what a picture that nobody took is, in an envelope of about 1 KB.
func (m *makers) about(i int) ([]byte, error) {
	signer := m.signers[i%len(m.signers)]
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(i))
	name := fmt.Sprintf("photo-%08d.jpg", i)
	st, err := statement.New(&statement.Content{
		Issuer: signer.Issuer(), IssuedAt: time.Date(2026, 11, 22, 12, 0, i%60, 0, time.UTC),
		MediaType: "image/jpeg", Size: 4_000_000 + int64(i), Title: name,
		Made:              "Taken by hand with a camera; colours and crop changed afterwards.",
		DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
	}, statement.NewSubject(statement.Sum(number[:]), name))
	if err != nil {
		return nil, err
	}
	return statement.Sign(st, signer)
}

// many makes the statements from first to first+n-1.
func (m *makers) many(first, n int) ([][]byte, error) {
	all := make([][]byte, n)
	for i := range all {
		raw, err := m.about(first + i)
		if err != nil {
			return nil, err
		}
		all[i] = raw
	}
	return all, nil
}
