package keystore

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var created = time.Date(2026, 11, 22, 10, 0, 0, 123, time.UTC)

func TestMain(m *testing.M) {
	WorkFactor = 4 // the tests are not about scrypt's cost
	m.Run()
}

func store(t testing.TB) *Store { return New(filepath.Join(t.TempDir(), "keys")) }

func say(passphrase string) Ask {
	return func() ([]byte, error) { return []byte(passphrase), nil }
}

func never(t testing.TB) Ask {
	return func() ([]byte, error) {
		t.Error("asked for a passphrase")
		return nil, errors.New("asked")
	}
}

func create(t testing.TB, s *Store, n NewKey) Key {
	t.Helper()
	n.Created = created
	key, err := s.Create(n)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAKeySignsAsTheIssuerThatItsFileNames(t *testing.T) {
	for _, typ := range []Type{Ed25519, P256} {
		for about, ask := range map[string]Ask{"with a passphrase": say("correct horse"), "without": nil} {
			s := store(t)
			key := create(t, s, NewKey{Name: "alice", Type: typ, Ask: ask})
			shown, err := s.Show("alice")
			if err != nil || shown != key {
				t.Fatalf("%s %s: show %+v %v, want %+v", typ, about, shown, err, key)
			}
			if key.Protected != (ask != nil) || key.Created != created.Truncate(time.Second) {
				t.Errorf("%s %s: %+v", typ, about, key)
			}
			unlock := ask
			if ask == nil {
				unlock = never(t)
			}
			signer, err := s.Unlock("alice", unlock)
			if err != nil || signer.Issuer() != key.Issuer {
				t.Fatalf("%s %s: %v", typ, about, err)
			}
			sig, err := signer.Sign([]byte("message"))
			if err != nil {
				t.Fatal(err)
			}
			public, err := key.Issuer.PublicKey()
			if err != nil || public.Verify([]byte("message"), sig) != nil {
				t.Errorf("%s %s: the signature does not verify", typ, about)
			}
		}
	}
}

func TestOnlyTheOwnerReaches(t *testing.T) {
	s := store(t)
	key := create(t, s, NewKey{Name: "alice"})
	for path, mode := range map[string]os.FileMode{key.Path: 0o600, s.Dir(): 0o700} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
		for _, open := range []os.FileMode{0o640, 0o604, 0o660, 0o777, 0o610} {
			os.Chmod(path, open|0o700)
			var mode *PermissionError
			if _, err := s.Show("alice"); !errors.As(err, &mode) || mode.Path != path {
				t.Errorf("%s with mode %o: %v", path, open, err)
			}
			if _, err := s.Unlock("alice", never(t)); !errors.As(err, &mode) {
				t.Errorf("%s with mode %o: %v", path, open, err)
			}
		}
		os.Chmod(path, mode)
	}
	os.Chmod(s.Dir(), 0o755)
	var mode *PermissionError
	if _, err := s.Create(NewKey{Name: "bob"}); !errors.As(err, &mode) {
		t.Errorf("made a key where others can read: %v", err)
	}
}

func TestAKeyIsNeverOverwritten(t *testing.T) {
	s := store(t)
	key := create(t, s, NewKey{Name: "alice"})
	before, _ := os.ReadFile(key.Path)
	if _, err := s.Create(NewKey{Name: "alice", Ask: never(t)}); !errors.Is(err, ErrExists) {
		t.Errorf("create again: %v", err)
	}
	if err := writeNew(key.Path, []byte("other")); err == nil {
		t.Error("writeNew replaced a file")
	}
	after, _ := os.ReadFile(key.Path)
	if !bytes.Equal(before, after) {
		t.Error("the file changed")
	}
	if left, _ := filepath.Glob(filepath.Join(s.Dir(), ".new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheFileTellsNothingSecret(t *testing.T) {
	s := store(t)
	key := create(t, s, NewKey{Name: "alice", Ask: say("correct horse")})
	raw, err := os.ReadFile(key.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(raw, []byte(version+"\nname alice\ntype ed25519\nissuer did:key:z6Mk")) {
		t.Errorf("head: %.80q", raw)
	}
	if bytes.Contains(raw, []byte("PRIVATE KEY")) || bytes.Contains(raw, []byte("correct horse")) {
		t.Error("the private key or the passphrase stands in the file")
	}
}

func TestWrongPassphrases(t *testing.T) {
	s := store(t)
	create(t, s, NewKey{Name: "alice", Ask: say("correct horse")})
	for about, tt := range map[string]struct {
		ask  Ask
		want error
	}{
		"another": {say("battery staple"), ErrPassphrase},
		"empty":   {say(""), ErrEmpty},
		"none":    {func() ([]byte, error) { return nil, os.ErrClosed }, os.ErrClosed},
	} {
		if _, err := s.Unlock("alice", tt.ask); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", about, err)
		}
	}
	if _, err := s.Create(NewKey{Name: "bob", Ask: say("")}); !errors.Is(err, ErrEmpty) {
		t.Errorf("an empty passphrase for a new key: %v", err)
	}
	if _, err := s.Show("bob"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a key was made all the same: %v", err)
	}
}

func TestNames(t *testing.T) {
	s := store(t)
	for _, name := range []string{"", "Alice", "../alice", "a/b", ".hidden", "-x", "a b", "a.key", "é", "a\n", strings.Repeat("a", 65)} {
		if _, err := s.Create(NewKey{Name: name}); !errors.Is(err, ErrName) {
			t.Errorf("create %q: %v", name, err)
		}
		if _, err := s.Show(name); !errors.Is(err, ErrName) {
			t.Errorf("show %q: %v", name, err)
		}
	}
	if _, err := s.Create(NewKey{Name: "a", Type: "rsa"}); !errors.Is(err, ErrType) {
		t.Errorf("type rsa: %v", err)
	}
	if _, err := s.Show("nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("show nobody: %v", err)
	}
}

func TestListTellsOfBadFilesAndShowsTheOthers(t *testing.T) {
	s := store(t)
	if keys, err := s.List(); len(keys) != 0 || err != nil {
		t.Errorf("before the first key: %v %v", keys, err)
	}
	create(t, s, NewKey{Name: "bob"})
	create(t, s, NewKey{Name: "alice"})
	os.WriteFile(s.Path("bad"), []byte("nonsense"), 0o600)
	os.WriteFile(filepath.Join(s.Dir(), "notes.txt"), nil, 0o600)
	keys, err := s.List()
	if len(keys) != 2 || keys[0].Name != "alice" || keys[1].Name != "bob" {
		t.Errorf("keys: %v", keys)
	}
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), `"bad"`) {
		t.Errorf("err: %v", err)
	}
}

func TestDamagedFiles(t *testing.T) {
	s := store(t)
	alice := create(t, s, NewKey{Name: "alice"})
	bob := create(t, s, NewKey{Name: "bob", Type: P256})
	locked := create(t, s, NewKey{Name: "locked", Ask: say("x")})
	read := func(k Key) string {
		raw, err := os.ReadFile(k.Path)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	text, sealed := read(alice), read(locked)
	_, other, _ := strings.Cut(read(bob), "\n\n")
	head, _, _ := strings.Cut(text, "\n\n")
	for _, tt := range []struct {
		about, text string
		want        error
	}{
		{"empty", "", ErrDamaged},
		{"another version", strings.Replace(text, "/v1", "/v2", 1), ErrVersion},
		{"another file", "#!/bin/sh\n" + text, ErrDamaged},
		{"no body", head, ErrDamaged},
		{"a line is missing", strings.Replace(text, "type ed25519\n", "", 1), ErrDamaged},
		{"lines in another order", strings.Replace(text, "name alice\ntype ed25519", "type ed25519\nname alice", 1), ErrDamaged},
		{"another type", strings.Replace(text, "ed25519", "rsa", 1), ErrType},
		{"no issuer", strings.Replace(text, "did:key", "did:web", 1), ErrDamaged},
		{"no time", strings.Replace(text, "created 2026", "created soon", 1), ErrDamaged},
		{"unknown protection", strings.Replace(text, "protection none", "protection some", 1), ErrDamaged},
		{"called differently", strings.Replace(text, "name alice", "name bob", 1), ErrDamaged},
		{"the private part of another type", head + "\n\n" + other, ErrDamaged},
		{"the private part of another key", strings.Replace(text, string(alice.Issuer), "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", 1), ErrDamaged},
		{"the private part is no PEM", head + "\n\nhello\n", ErrDamaged},
		{"two private parts", text + text[len(head)+2:], ErrDamaged},
		{"the private part is no PKCS 8", head + "\n\n" + string(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: []byte("x")})), ErrDamaged},
		{"too large", text + strings.Repeat("\n", maxFile), ErrDamaged},
		{"sealed part cut", strings.Replace(sealed[:len(sealed)-90], "locked", "alice", 1), ErrDamaged},
	} {
		if err := os.WriteFile(alice.Path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Unlock("alice", say("x")); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.about, err, tt.want)
		}
	}
}

func TestMessagesNeverQuoteTheKey(t *testing.T) {
	s := store(t)
	key := create(t, s, NewKey{Name: "alice"})
	raw, _ := os.ReadFile(key.Path)
	_, body, _ := strings.Cut(string(raw), "\n\n")
	block, _ := pem.Decode([]byte(body))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.Split(body, "\n")[1]
	seed := string(parsed.(ed25519.PrivateKey).Seed())
	for cut := len(raw) - len(body); cut < len(raw); cut++ {
		os.WriteFile(key.Path, raw[:cut], 0o600)
		_, err := s.Unlock("alice", say("x"))
		if err != nil && (strings.Contains(err.Error(), secret[30:60]) || strings.Contains(err.Error(), seed)) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	s := store(f)
	key := create(f, s, NewKey{Name: "alice", Ask: say("x")})
	raw, _ := os.ReadFile(key.Path)
	f.Add(raw)
	f.Add([]byte(version + "\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		key, body, err := parse(raw)
		if err != nil {
			return
		}
		again, rest, err := parse(append(key.head(), body...))
		if err != nil || again != key || !bytes.Equal(rest, body) {
			t.Errorf("printed and read again: %+v %v, was %+v", again, err, key)
		}
	})
}
