package keystore

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
)

// version is the first line of every key file; maxFile is far above what a key needs.
const (
	version       = "wherefrom.network/key/v1"
	versionPrefix = "wherefrom.network/key/"
	maxFile       = 16 << 10
)

const (
	withPassphrase = "passphrase"
	noPassphrase   = "none"
)

// head returns the public lines of a key file, with the empty line that ends them.
func (k Key) head() []byte {
	protection := noPassphrase
	if k.Protected {
		protection = withPassphrase
	}
	return fmt.Appendf(nil, "%s\nname %s\ntype %s\nissuer %s\ncreated %s\nprotection %s\n\n",
		version, k.Name, k.Type, k.Issuer, k.Created.Format(time.RFC3339), protection)
}

// parse splits a key file into its public part and its body.
func parse(raw []byte) (Key, []byte, error) {
	if len(raw) > maxFile {
		return Key{}, nil, fmt.Errorf("more than %d bytes: %w", maxFile, ErrDamaged)
	}
	head, body, ok := bytes.Cut(raw, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if lines[0] != version {
		if strings.HasPrefix(lines[0], versionPrefix) {
			return Key{}, nil, fmt.Errorf("%q: %w", lines[0], ErrVersion)
		}
		return Key{}, nil, fmt.Errorf("the first line is not %q: %w", version, ErrDamaged)
	}
	if !ok || len(lines) != 6 {
		return Key{}, nil, fmt.Errorf("incomplete head: %w", ErrDamaged)
	}
	fields := make([]string, 0, 5)
	for i, label := range []string{"name ", "type ", "issuer ", "created ", "protection "} {
		value, ok := strings.CutPrefix(lines[i+1], label)
		if !ok {
			return Key{}, nil, fmt.Errorf("line %d should begin with %q: %w", i+2, label, ErrDamaged)
		}
		fields = append(fields, value)
	}
	key, err := parseFields(fields)
	return key, body, err
}

func parseFields(f []string) (Key, error) {
	key := Key{Name: f[0], Type: Type(f[1]), Protected: f[4] == withPassphrase}
	if key.Type != Ed25519 && key.Type != P256 {
		return Key{}, fmt.Errorf("%q: %w", f[1], ErrType)
	}
	var err error
	if key.Issuer, err = statement.ParseIssuer(f[2]); err != nil {
		return Key{}, fmt.Errorf("issuer: %w: %w", err, ErrDamaged)
	}
	if key.Created, err = time.Parse(time.RFC3339, f[3]); err != nil {
		return Key{}, fmt.Errorf("created %q is not a time: %w", f[3], ErrDamaged)
	}
	if f[4] != withPassphrase && f[4] != noPassphrase {
		return Key{}, fmt.Errorf("unknown protection %q: %w", f[4], ErrDamaged)
	}
	return key, nil
}
