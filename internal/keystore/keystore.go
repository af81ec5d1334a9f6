// Package keystore keeps the keys a person signs with: one text file a key, its private half
// encrypted with a passphrase, readable by nobody but its owner.
//
//	wherefrom.network/key/v1
//	name alice
//	type ed25519
//	issuer did:key:z6Mk…
//	created 2026-11-22T10:00:00Z
//	protection passphrase
//
//	-----BEGIN AGE ENCRYPTED FILE-----
//	…
//	-----END AGE ENCRYPTED FILE-----
//
// The head can be read by anybody who may read the file, so listing keys needs no passphrase. The
// body is the private key as PKCS #8 in PEM, encrypted with age (scrypt) unless the owner asked for
// no passphrase. Unlocking compares the two, so that a head from another key is noticed.
package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// Type names the algorithm of a key.
type Type string

// The types a key can have.
const (
	Ed25519 Type = "ed25519"
	P256    Type = "p256"
)

// What can be wrong with a key. A message that wraps one of these names the key and never its secret.
var (
	ErrNotFound   = errors.New("no such key")
	ErrExists     = errors.New("a key of this name exists")
	ErrName       = errors.New("not a name for a key")
	ErrType       = errors.New("not a type of key")
	ErrPassphrase = errors.New("wrong passphrase")
	ErrEmpty      = errors.New("the passphrase is empty")
	ErrDamaged    = errors.New("damaged key file")
	ErrVersion    = errors.New("key file of an unknown version")
)

// PermissionError says that others than the owner may read a key file or its directory.
type PermissionError struct {
	Path string
	Mode fs.FileMode
	Want fs.FileMode
}

// Error tells the path, its mode and the mode it should have.
func (e *PermissionError) Error() string {
	return fmt.Sprintf("%s can be reached by other users (mode %04o, should be %04o)", e.Path, e.Mode.Perm(), e.Want.Perm())
}

// Key is the public part of a key: what anybody may see.
type Key struct {
	Name      string           `json:"name"`
	Type      Type             `json:"type"`
	Issuer    statement.Issuer `json:"issuer"`
	Created   time.Time        `json:"created"`
	Protected bool             `json:"protected"`
	Path      string           `json:"path"`
}

// Ask gives a passphrase. It is called only when one is needed.
type Ask func() ([]byte, error)

// Store is a directory of keys.
type Store struct{ dir string }

// WorkFactor is the base-2 logarithm of scrypt's cost for new keys; zero is age's own default, about a second.
// Only tests change it, before they begin.
var WorkFactor int

// New returns the store in dir, which need not exist before a key is created in it.
func New(dir string) *Store { return &Store{dir: dir} }

// Dir returns the directory of the store.
func (s *Store) Dir() string { return s.dir }

const suffix = ".key"

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// CheckName returns an error wrapping [ErrName] unless name can name a key: lower-case letters,
// digits, dot, underscore and hyphen, so that it names one file on every file system.
func CheckName(name string) error {
	if !validName.MatchString(name) || strings.HasSuffix(name, suffix) {
		return fmt.Errorf("%q: %w", name, ErrName)
	}
	return nil
}

// Path returns the file that a key of this name has or would have.
func (s *Store) Path(name string) string { return filepath.Join(s.dir, name+suffix) }

// NewKey describes a key to be created.
type NewKey struct {
	Name    string
	Type    Type // Ed25519 if empty
	Created time.Time
	// Ask gives the passphrase. Nil stores the private key unencrypted.
	Ask Ask
}

// Create makes a key and stores it. It never overwrites one: an error wrapping [ErrExists] says so,
// before a passphrase is asked for.
func (s *Store) Create(n NewKey) (Key, error) {
	if err := CheckName(n.Name); err != nil {
		return Key{}, err
	}
	if err := prepareDir(s.dir); err != nil {
		return Key{}, err
	}
	path := s.Path(n.Name)
	if _, err := os.Lstat(path); err == nil {
		return Key{}, fmt.Errorf("%q: %w", n.Name, ErrExists)
	}
	private, signer, err := generate(n.Type)
	if err != nil {
		return Key{}, err
	}
	defer clear(private)
	body, err := protect(private, n.Ask)
	if err != nil {
		return Key{}, err
	}
	key := Key{
		Name: n.Name, Type: n.Type, Issuer: signer.Issuer(),
		Created: n.Created.UTC().Truncate(time.Second), Protected: n.Ask != nil, Path: path,
	}
	if key.Type == "" {
		key.Type = Ed25519
	}
	if err := writeNew(path, append(key.head(), body...)); errors.Is(err, fs.ErrExist) {
		return Key{}, fmt.Errorf("%q: %w", n.Name, ErrExists)
	} else if err != nil {
		return Key{}, fmt.Errorf("write key %q: %w", n.Name, err)
	}
	return key, nil
}

// Show returns the public part of a key.
func (s *Store) Show(name string) (Key, error) {
	key, _, err := s.read(name)
	return key, err
}

// Unlock returns the signer of a key, asking for the passphrase if the key has one.
func (s *Store) Unlock(name string, ask Ask) (statement.Signer, error) {
	key, body, err := s.read(name)
	if err != nil {
		return nil, err
	}
	private, err := unprotect(key, body, ask)
	if err != nil {
		return nil, fmt.Errorf("unlock key %q: %w", name, err)
	}
	defer clear(private)
	signer, err := parsePrivate(key.Type, private)
	if err != nil {
		return nil, fmt.Errorf("unlock key %q: %w", name, err)
	}
	if signer.Issuer() != key.Issuer {
		return nil, fmt.Errorf("unlock key %q: the private part belongs to another issuer than the file's head says: %w", name, ErrDamaged)
	}
	return signer, nil
}

// List returns every key of the store by name. A file that cannot be used does not hide the others:
// its error is joined into err, beside the keys that are well.
func (s *Store) List() ([]Key, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	var keys []Key
	var bad []error
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok || CheckName(name) != nil {
			continue
		}
		key, err := s.Show(name)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		keys = append(keys, key)
	}
	return keys, errors.Join(bad...)
}

func (s *Store) read(name string) (Key, []byte, error) {
	if err := CheckName(name); err != nil {
		return Key{}, nil, err
	}
	path := s.Path(name)
	raw, err := readPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, nil, fmt.Errorf("%q: %w", name, ErrNotFound)
	}
	if err != nil {
		return Key{}, nil, fmt.Errorf("read key %q: %w", name, err)
	}
	key, body, err := parse(raw)
	if err != nil {
		return Key{}, nil, fmt.Errorf("read key %q: %w", name, err)
	}
	if key.Name != name {
		return Key{}, nil, fmt.Errorf("read key %q: the file calls itself %q: %w", name, key.Name, ErrDamaged)
	}
	key.Path = path
	return key, body, nil
}
