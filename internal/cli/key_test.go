package cli

import (
	"errors"
	"testing"

	"github.com/wherefrom-network/wherefrom/internal/keystore"
)

func (d *desk) newKey(t *testing.T, name string) keystore.Key {
	t.Helper()
	key, err := d.keys().Create(keystore.NewKey{Name: name, Created: noon})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestWhichKeySigns(t *testing.T) {
	d := newDesk(t)
	code := func(names ...string) Code {
		_, err := d.chooseKey(names...)
		if err == nil {
			return ""
		}
		return explain(err).Code
	}
	if got := code("", ""); got != codeKeyMissing {
		t.Errorf("no key at all: %s", got)
	}
	d.newKey(t, "alice")
	if key, err := d.chooseKey("", ""); err != nil || key.Name != "alice" {
		t.Errorf("the only one: %v %v", key, err)
	}
	d.newKey(t, "bob")
	if got := code("", ""); got != codeKeyChoose {
		t.Errorf("two: %s", got)
	}
	if key, err := d.chooseKey("", "bob"); err != nil || key.Name != "bob" {
		t.Errorf("the context's: %v %v", key, err)
	}
	if key, err := d.chooseKey("alice", "bob"); err != nil || key.Name != "alice" {
		t.Errorf("the one named: %v %v", key, err)
	}
	if got := code("carol", "bob"); got != codeKeyUnknown {
		t.Errorf("one that is not there: %s", got)
	}
}

func TestWhereAPassphraseComesFrom(t *testing.T) {
	d := newDesk(t)
	var e *UserError
	if _, err := d.passphrase(t.Context(), "alice"); !errors.As(err, &e) || e.Code != codePassphrase || e.Hint == "" {
		t.Errorf("nowhere: %v", err)
	}
	d.getenv = func(name string) string {
		return map[string]string{"WHEREFROM_PASSPHRASE": "from the environment"}[name]
	}
	if got, err := d.passphrase(t.Context(), "alice"); err != nil || string(got) != "from the environment" {
		t.Errorf("the environment: %q %v", got, err)
	}
	for text, want := range map[string]string{"one\ntwo\n": "one", "one\r\n": "one", "one": "one", " one ": " one ", "": ""} {
		d.passphraseFile = d.put(t, "passphrase", text)
		if got, err := d.newPassphrase(t.Context(), "alice"); err != nil || string(got) != want {
			t.Errorf("a file with %q: %q %v", text, got, err)
		}
	}
	d.passphraseFile = "nowhere"
	if _, err := d.passphrase(t.Context(), "alice"); !errors.As(err, &e) || e.Code != codeFileUnreadable {
		t.Errorf("a file that is not there: %v", err)
	}
}
