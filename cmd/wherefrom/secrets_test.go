package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/rogpeppe/go-internal/testscript"
)

// lookForSecrets fails a script if a private key, or a passphrase that a script used, stands in anything that the
// tool printed or wrote, but for the files whose job it is to hold keys.
func lookForSecrets(env *testscript.Env) {
	secrets := slices.Clone(passphrases)
	files := map[string][]byte{}
	err := filepath.WalkDir(env.WorkDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // what a script has made unreadable holds no secret of ours that it could read
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		if name := d.Name(); name == "key" || filepath.Ext(name) == ".key" {
			secrets = append(secrets, privateKeys(data)...)
		} else {
			files[path] = data
		}
		return nil
	})
	if err != nil {
		env.T().Fatal(err)
	}
	for path, data := range files {
		for _, secret := range secrets {
			if bytes.Contains(data, []byte(secret)) && !isGiven(path) {
				env.T().Log("a secret stands in", path)
				env.T().FailNow()
			}
		}
	}
}

// passphrases are what scripts use as such. They are looked for everywhere.
var passphrases = []string{"correct horse battery staple"}

// isGiven reports whether a script itself put the secret there.
func isGiven(path string) bool { return strings.HasSuffix(path, ".passphrase") }

var logKey = regexp.MustCompile(`PRIVATE\+KEY\+\S+\+([A-Za-z0-9+/=]+)`)

// privateKeys returns every form in which the private keys in a key file could leak.
func privateKeys(file []byte) (forms []string) {
	if sealed := bytes.Index(file, []byte(armor.Header)); sealed >= 0 {
		return privateKeys(unseal(file[sealed:]))
	}
	for rest := file; ; {
		block, more := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = more
		if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			forms = append(forms, encodings(block.Bytes)...)
			forms = append(forms, strings.Split(string(pem.EncodeToMemory(block)), "\n")[1])
			switch k := parsed.(type) {
			case ed25519.PrivateKey:
				forms = append(forms, encodings(k.Seed())...)
			case *ecdsa.PrivateKey:
				if d, err := k.Bytes(); err == nil {
					forms = append(forms, encodings(d)...)
				}
			}
		}
	}
	if m := logKey.FindSubmatch(file); m != nil {
		if raw, err := base64.StdEncoding.DecodeString(string(m[1])); err == nil && len(raw) > 32 {
			forms = append(forms, encodings(raw[1:])...)
		}
	}
	return forms
}

// unseal decrypts a key that a script has made with its passphrase.
func unseal(sealed []byte) []byte {
	identity, err := age.NewScryptIdentity(passphrases[0])
	if err != nil {
		panic(err)
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), identity)
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return plain
}

func encodings(secret []byte) []string {
	return []string{
		string(secret), hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)),
		base64.RawStdEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret),
	}
}
