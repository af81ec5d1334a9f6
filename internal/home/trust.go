package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/wherefrom-network/wherefrom/statement"
)

const (
	policySuffix = ".policy"
	peopleSchema = "wherefrom.network/people/v1"
	maxPolicy    = 1 << 20
)

// Trust is the directory of a person's trust lists.
type Trust struct{ dir string }

// Trust returns the trust lists, of which there may be none.
func (h Home) Trust() Trust { return Trust{filepath.Join(h.Config, "trust")} }

// List returns the names of the lists in order.
func (t Trust) List() ([]string, error) {
	entries, err := os.ReadDir(t.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list trust lists: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), policySuffix); ok && checkName(name) == nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// Path returns the file of a list.
func (t Trust) Path(name string) string { return filepath.Join(t.dir, name+policySuffix) }

// Read returns the text of a list.
func (t Trust) Read(name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(t.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q: %w", name, ErrTrustUnknown)
	}
	return text, err
}

// Add stores the text of a new list. It returns [ErrTrustExists] rather than replace one.
func (t Trust) Add(name string, text []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if _, err := os.Lstat(t.Path(name)); err == nil {
		return fmt.Errorf("%q: %w", name, ErrTrustExists)
	}
	return t.Set(name, text)
}

// Set stores the text of a list, replacing the one of the same name.
func (t Trust) Set(name string, text []byte) error {
	if err := checkName(name); err != nil {
		return err
	}
	if len(text) > maxPolicy {
		return fmt.Errorf("trust list %q has more than %d bytes: %w", name, maxPolicy, ErrDamaged)
	}
	return WriteFile(t.Path(name), text, 0o600)
}

// Remove forgets a list.
func (t Trust) Remove(name string) error {
	if _, err := t.Read(name); err != nil {
		return err
	}
	return os.Remove(t.Path(name))
}

// People are the names a person has given to signers.
type People map[statement.Issuer]string

type peopleFile struct {
	Schema string `json:"schema"`
	People People `json:"people"`
}

// People reads the names given to signers.
func (t Trust) People() (People, error) {
	file := peopleFile{People: People{}}
	if err := readJSON(t.peoplePath(), peopleSchema, &file); err != nil {
		return nil, fmt.Errorf("read names of signers: %w", err)
	}
	if file.People == nil {
		file.People = People{}
	}
	return file.People, nil
}

// SetPeople stores the names given to signers.
func (t Trust) SetPeople(people People) error {
	if err := writeJSON(t.peoplePath(), peopleFile{peopleSchema, people}); err != nil {
		return fmt.Errorf("write names of signers: %w", err)
	}
	return nil
}

func (t Trust) peoplePath() string { return filepath.Join(t.dir, "people.json") }
