package statement_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// Somebody says what a file is; somebody else checks it, and finds out when it was changed.
func Example() {
	key := ed25519.NewKeyFromSeed([]byte("for this example, not for you..."))
	signer, err := statement.NewSigner(key)
	if err != nil {
		panic(err)
	}
	file := []byte("hello")
	st, err := statement.New(&statement.Content{
		Issuer:    signer.Issuer(),
		IssuedAt:  time.Date(2026, time.January, 31, 12, 0, 0, 0, time.UTC),
		MediaType: "text/plain",
		Size:      int64(len(file)),
	}, statement.NewSubject(statement.Sum(file), "hello.txt"))
	if err != nil {
		panic(err)
	}
	raw, err := statement.Sign(st, signer)
	if err != nil {
		panic(err)
	}

	e, err := statement.Open(raw)
	if err != nil {
		panic(err)
	}
	digest, _ := e.Statement().Subjects[0].SHA256()
	fmt.Println(e.Issuers()[0], "says something about", digest)
	fmt.Println("it is about this file:", digest == statement.Sum(file))

	raw[bytes.Index(raw, []byte(`","payloadType"`))-5] ^= 1 // somebody changes a bit of the size
	_, err = statement.Open(raw)
	fmt.Println("changed afterwards:", errors.Is(err, statement.ErrSignature))
	// Output:
	// did:key:z6Mkh1ihdZcoJ45Cbd951qZf7fGCK1oBoy2cdYdyJ1suEnsR says something about sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
	// it is about this file: true
	// changed afterwards: true
}
