// Package home keeps what the tool remembers for a person: contexts, trust lists and names of signers.
//
//	HOME/keys/NAME.key        see package keystore
//	HOME/contexts.json        where to record and ask, with which key
//	HOME/trust/NAME.policy    logs and witnesses a person trusts (c2sp.org/tlog-policy)
//	HOME/trust/people.json    names a person has given to signers
//	STATE/                    what may be thrown away: journals, the last checkpoints seen
//
// HOME is $WHEREFROM_HOME, else $XDG_CONFIG_HOME/wherefrom, else ~/.config/wherefrom. With
// $WHEREFROM_HOME set everything is below it, so that one directory is one identity.
package home

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// What can be wrong with what is kept here.
var (
	ErrNoHome         = errors.New("no home directory")
	ErrName           = errors.New("not a name")
	ErrDamaged        = errors.New("damaged file")
	ErrContextUnknown = errors.New("no such context")
	ErrContextExists  = errors.New("a context of this name exists")
	ErrTrustUnknown   = errors.New("no such trust list")
	ErrTrustExists    = errors.New("a trust list of this name exists")
)

// Home is where the files of one person are.
type Home struct {
	Config string // keys, contexts, trust
	State  string // journals and other things that can be lost
	Data   string // what `wherefrom up` keeps
}

// Find returns the home that the environment names. Nothing is created.
func Find(getenv func(string) string) (Home, error) {
	if dir := getenv("WHEREFROM_HOME"); dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return Home{}, err
		}
		return Home{Config: abs, State: filepath.Join(abs, "state"), Data: filepath.Join(abs, "data")}, nil
	}
	var h Home
	for _, place := range []struct {
		dir      *string
		variable string
		fallback string
	}{
		{&h.Config, "XDG_CONFIG_HOME", ".config"},
		{&h.State, "XDG_STATE_HOME", ".local/state"},
		{&h.Data, "XDG_DATA_HOME", ".local/share"},
	} {
		base := getenv(place.variable)
		if !filepath.IsAbs(base) { // a relative one is to be ignored: XDG Base Directory Specification
			user := getenv("HOME")
			if user == "" {
				return Home{}, fmt.Errorf("neither WHEREFROM_HOME nor HOME is set: %w", ErrNoHome)
			}
			base = filepath.Join(user, filepath.FromSlash(place.fallback))
		}
		*place.dir = filepath.Join(base, "wherefrom")
	}
	return h, nil
}

// Keys returns the directory of the keys.
func (h Home) Keys() string { return filepath.Join(h.Config, "keys") }

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// checkName keeps names to what is one file name on every file system.
func checkName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%q: %w", name, ErrName)
	}
	return nil
}

// readJSON reads a file of ours into v. A file that is not there leaves v as it is.
func readJSON(path, schema string, v any) error {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return fmt.Errorf("%s: %w: %w", path, ErrDamaged, err)
	}
	if head.Schema != schema {
		return fmt.Errorf("%s: schema %q, not %q: %w", path, head.Schema, schema, ErrDamaged)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("%s: %w: %w", path, ErrDamaged, err)
	}
	return nil
}

func writeJSON(path string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(path, append(raw, '\n'), 0o600)
}

// WriteFile replaces a file atomically and durably: after a crash it holds the old bytes or the new ones, whole,
// and after WriteFile has returned the new ones. Directories that are missing are made for their owner alone.
func WriteFile(path string, data []byte, mode fs.FileMode) error {
	if err := Replace(path, data, mode); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Replace is WriteFile without its last step, for many files in one directory: the new files are sure to stay only
// after [SyncDir].
func Replace(path string, data []byte, mode fs.FileMode) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name()) // ours, and incomplete
	}
	return err
}

// SyncDir makes renames durable. Some systems cannot sync a directory; a rename is then as durable as they make it.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
