package witness

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Init makes a new witness in a directory, with a new key, and returns the key that its readers
// need. The name is the key name of its cosignatures, such as "witness.example.org/w1". It
// refuses with [ErrExists] if any part of a witness is there already.
func Init(dir, name string) (tlog.Key, error) {
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return tlog.Key{}, err
	}
	return InitWithKey(dir, name, priv)
}

// InitWithKey is [Init] for a key that exists. The key must never have cosigned under another name
// or in another directory.
func InitWithKey(dir, name string, priv ed25519.PrivateKey) (tlog.Key, error) {
	key, err := initDir(dir, name, priv)
	if err != nil {
		return tlog.Key{}, fmt.Errorf("make a witness in %s: %w", dir, err)
	}
	return key, nil
}

func initDir(dir, name string, priv ed25519.PrivateKey) (tlog.Key, error) {
	cosigner, err := tlog.NewCosigner(name, priv, time.Now)
	if err != nil {
		return tlog.Key{}, err
	}
	for _, part := range []string{witnessFile, keyFile, stateDir} {
		if _, err := os.Lstat(filepath.Join(dir, part)); !errors.Is(err, fs.ErrNotExist) {
			return tlog.Key{}, fmt.Errorf("%s: %w", part, ErrExists)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, stateDir), 0o755); err != nil {
		return tlog.Key{}, err
	}
	if err := writeKey(filepath.Join(dir, keyFile), priv); err != nil {
		return tlog.Key{}, err
	}
	s := &store{dir: dir} // DIR/witness comes last: without it there is no witness here
	return cosigner.Key(), s.replace(witnessFile, witnessText(cosigner.Key(), nil))
}

// writeKey writes a private key that only its owner may read (PKCS 8 in PEM).
func writeKey(path string, priv ed25519.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err == nil {
		err = fsync(f)
	}
	return errors.Join(err, f.Close())
}

// readKey reads the private key of the witness in a directory.
func readKey(dir string) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(filepath.Join(dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: it is missing: %w", keyFile, ErrKey)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s: not PEM: %w", keyFile, ErrKey)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	priv, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s: not an Ed25519 key in PKCS 8: %w", keyFile, ErrKey)
	}
	return priv, nil
}
