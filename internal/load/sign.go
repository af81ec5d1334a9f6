package load

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// Sign makes n statements of about 1 KB, signed in turn by the given number of issuers. All are different, and the
// same for the same seed.
func Sign(seed, n, issuers int) ([][]byte, error) {
	signers := make([]statement.Signer, issuers)
	for i := range signers {
		key := sha256.Sum256(fmt.Appendf(nil, "load issuer %d", i))
		s, err := statement.NewSigner(ed25519.NewKeyFromSeed(key[:]))
		if err != nil {
			return nil, err
		}
		signers[i] = s
	}
	raws := make([][]byte, n)
	var errs [64]error
	var running sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(errs))
	for w := range workers {
		running.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				raws[i], errs[w] = about(seed, i, signers[i%issuers])
			}
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return raws, nil
}

// about says something of a picture that nobody took.
func about(seed, i int, s statement.Signer) ([]byte, error) {
	var file [16]byte
	binary.BigEndian.PutUint64(file[:], uint64(seed))
	binary.BigEndian.PutUint64(file[8:], uint64(i))
	st, err := statement.New(&statement.Content{
		Issuer: s.Issuer(), IssuedAt: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
		MediaType: "image/jpeg", Size: 4_000_000 + int64(i), Title: fmt.Sprintf("photo-%08d.jpg", i),
		Made:              "Taken by hand with a camera; colours and crop were changed afterwards.",
		DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
	}, statement.NewSubject(statement.Sum(file[:]), ""))
	if err != nil {
		return nil, err
	}
	return statement.Sign(st, s)
}
