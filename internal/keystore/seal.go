package keystore

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/wherefrom-network/wherefrom/statement"
)

const pemType = "PRIVATE KEY"

// generate makes a key and returns it as PKCS #8 in PEM, together with its signer.
func generate(t Type) ([]byte, statement.Signer, error) {
	var private crypto.Signer
	var err error
	switch t {
	case Ed25519, "":
		_, private, err = ed25519.GenerateKey(rand.Reader)
	case P256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return nil, nil, fmt.Errorf("%q: %w", t, ErrType)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("generate a key: %w", err)
	}
	signer, err := statement.NewSigner(private)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the new key: %w", err)
	}
	defer clear(der)
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), signer, nil
}

// parsePrivate reads what generate wrote.
func parsePrivate(t Type, text []byte) (statement.Signer, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != pemType || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("the private part is not one PEM block %q: %w", pemType, ErrDamaged)
	}
	defer clear(block.Bytes)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		// The reason is left out: a parser's message may quote what it read.
		return nil, fmt.Errorf("the private part is not PKCS #8: %w", ErrDamaged)
	}
	switch private := parsed.(type) {
	case ed25519.PrivateKey:
		if t == Ed25519 {
			return statement.NewSigner(private)
		}
	case *ecdsa.PrivateKey:
		if t == P256 {
			return statement.NewSigner(private)
		}
	}
	return nil, fmt.Errorf("the private part is not of type %s: %w", t, ErrDamaged)
}

// protect encrypts private with the passphrase that ask gives, or returns it as it is if ask is nil.
func protect(private []byte, ask Ask) ([]byte, error) {
	if ask == nil {
		return bytes.Clone(private), nil
	}
	passphrase, err := ask()
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	if len(passphrase) == 0 {
		return nil, ErrEmpty
	}
	recipient, err := age.NewScryptRecipient(string(passphrase))
	if err != nil {
		return nil, err
	}
	if WorkFactor > 0 {
		recipient.SetWorkFactor(WorkFactor)
	}
	var out bytes.Buffer
	armored := armor.NewWriter(&out)
	w, err := age.Encrypt(armored, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(private); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Close(), armored.Close()); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// unprotect undoes protect.
func unprotect(key Key, body []byte, ask Ask) ([]byte, error) {
	if !key.Protected {
		return bytes.Clone(body), nil
	}
	passphrase, err := ask()
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	if len(passphrase) == 0 {
		return nil, ErrEmpty
	}
	identity, err := age.NewScryptIdentity(string(passphrase))
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(body)), identity)
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("the encrypted part cannot be read (%w): %w", err, ErrDamaged)
	}
	private, err := io.ReadAll(io.LimitReader(r, maxFile))
	if err != nil {
		return nil, fmt.Errorf("the encrypted part was changed (%w): %w", err, ErrDamaged)
	}
	return private, nil
}
