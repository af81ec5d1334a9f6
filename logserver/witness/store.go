package witness

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// The directory of a witness:
//
//	DIR/witness         who it is, and every log it has ever cosigned (so that a record that goes
//	                    missing is missed)
//	DIR/key             its private key, mode 0600 (init.go)
//	DIR/logs            the logs it watches: log lines of a tlog-policy
//	DIR/lock            held while a process serves the directory
//	DIR/state/HASH      the last checkpoint it cosigned of the log whose origin has this SHA-256,
//	                    with the log's signature and its own: what GET serves, and what proves
//	                    itself when it is read back
//	DIR/evidence/…      checkpoints by which a log convicts itself (evidence.go)
const (
	witnessFile = "witness"
	keyFile     = "key"
	logsFile    = "logs"
	lockFile    = "lock"
	stateDir    = "state"
	evidenceDir = "evidence"
)

// witnessHeader is the first line of DIR/witness. "key VKEY" follows, and a line "cosigned HASH"
// for each log.
const witnessHeader = "wherefrom.network/witness/v1"

// record is the last checkpoint of a log that the witness cosigned.
type record struct {
	tlog.Checkpoint
	time   time.Time // of the cosignature
	signed []byte    // with the log's signatures and the witness's own
}

// store reads and writes a witness's directory.
type store struct {
	dir string
	key tlog.Key // the witness's own

	mu       sync.Mutex
	cosigned map[string]bool // hashes of origins, as in DIR/witness; guarded by mu

	// fault, in tests, is asked before each step of a write and may make it fail.
	fault func(step, path string) error
}

// originHash is the name of a log in addresses and files (tlog-witness, "origin hash").
func originHash(origin tlog.Origin) string {
	h := sha256.Sum256([]byte(origin))
	return hex.EncodeToString(h[:])
}

// openStore reads DIR/witness and sweeps up what interrupted writes have left.
func openStore(dir string) (*store, error) {
	raw, err := os.ReadFile(filepath.Join(dir, witnessFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotAWitness
	}
	if err != nil {
		return nil, err
	}
	s := &store{dir: dir, cosigned: map[string]bool{}}
	body, whole := strings.CutSuffix(string(raw), "\n")
	lines := strings.Split(body, "\n")
	if !whole || len(lines) < 2 || lines[0] != witnessHeader {
		return nil, damaged(witnessFile, errors.New("it does not begin as it should or breaks off"))
	}
	if s.key, err = tlog.ParseKey(strings.TrimPrefix(lines[1], "key ")); err != nil {
		return nil, damaged(witnessFile, err)
	}
	for _, line := range lines[2:] {
		name, ok := strings.CutPrefix(line, "cosigned ")
		if b, err := hex.DecodeString(name); !ok || err != nil || len(b) != sha256.Size {
			return nil, damaged(witnessFile, fmt.Errorf("line %.80q", line))
		}
		s.cosigned[name] = true
	}
	return s, s.sweep()
}

// damaged is the error for a part of the witness's memory that cannot be used.
func damaged(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("it is missing")
	}
	return fmt.Errorf("%s: %w: %w; put the newest copy of the file back, or start a new witness with "+
		"a new key in another directory, for a witness that forgets could cosign a second past",
		path, ErrState, err)
}

// readRecords reads every record and checks that none is missing.
func (s *store) readRecords() (map[tlog.Origin]*record, error) {
	files, err := os.ReadDir(filepath.Join(s.dir, stateDir))
	if err != nil {
		return nil, damaged(stateDir, err)
	}
	records := map[tlog.Origin]*record{}
	present := map[string]bool{}
	for _, f := range files {
		r, err := s.read(f.Name())
		if err != nil {
			return nil, err
		}
		records[r.Origin], present[f.Name()] = r, true
		// The process may have died between the two writes of a log's first cosignature.
		if err := s.remember(f.Name()); err != nil {
			return nil, err
		}
	}
	for name := range s.cosigned {
		if !present[name] {
			return nil, damaged(filepath.Join(stateDir, name), errors.New("the file is gone"))
		}
	}
	return records, nil
}

// read reads one record. The witness's own cosignature stands under it, so nobody else made it.
func (s *store) read(name string) (*record, error) {
	path := filepath.Join(stateDir, name)
	raw, err := os.ReadFile(filepath.Join(s.dir, path))
	if err != nil {
		return nil, damaged(path, err)
	}
	c, sigs, err := tlog.Cosignatures(raw, s.key)
	switch {
	case err != nil:
		return nil, damaged(path, err)
	case len(sigs) == 0:
		return nil, damaged(path, fmt.Errorf("it is not cosigned by %s", s.key))
	case originHash(c.Origin) != name:
		return nil, damaged(path, fmt.Errorf("it is the record of %q", c.Origin))
	}
	return &record{Checkpoint: c, time: sigs[0].Time, signed: raw}, nil
}

// reread reads the record of a log again; nil if there is none.
func (s *store) reread(origin tlog.Origin) (*record, error) {
	name := originHash(origin)
	s.mu.Lock()
	known := s.cosigned[name]
	s.mu.Unlock()
	if _, err := os.Lstat(filepath.Join(s.dir, stateDir, name)); errors.Is(err, fs.ErrNotExist) && !known {
		return nil, nil
	}
	r, err := s.read(name)
	if err != nil {
		return nil, err
	}
	// It counts only when it would survive a crash.
	if err := s.step("sync", filepath.Join(stateDir, name), func() error { return syncDir(filepath.Join(s.dir, stateDir)) }); err != nil {
		return nil, err
	}
	return r, s.remember(name)
}

// write makes a record the newest one of its log, durably: when it returns nil a crash cannot
// undo it, and when it does not, the old record or the new one is there whole.
func (s *store) write(r *record) error {
	name := originHash(r.Origin)
	if err := s.replace(filepath.Join(stateDir, name), r.signed); err != nil {
		return err
	}
	return s.remember(name)
}

// remember adds a log to those ever cosigned.
func (s *store) remember(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cosigned[name] {
		return nil
	}
	names := append(slices.Collect(maps.Keys(s.cosigned)), name)
	slices.Sort(names)
	if err := s.replace(witnessFile, witnessText(s.key, names)); err != nil {
		return err
	}
	s.cosigned[name] = true
	return nil
}

// witnessText is the content of DIR/witness.
func witnessText(key tlog.Key, cosigned []string) []byte {
	text := witnessHeader + "\nkey " + key.String() + "\n"
	for _, name := range cosigned {
		text += "cosigned " + name + "\n"
	}
	return []byte(text)
}

// readLogs reads the list of logs. A missing file is an empty list.
func (s *store) readLogs() ([]tlog.LogEntry, error) {
	raw, err := os.ReadFile(filepath.Join(s.dir, logsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := tlog.ParseLogList(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", logsFile, err)
	}
	return entries, nil
}

// addLogs appends to the list of logs those that are not on it.
func (s *store) addLogs(entries []tlog.LogEntry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := filepath.Join(s.dir, logsFile)
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	old, err := tlog.ParseLogList(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", logsFile, err)
	}
	for _, e := range entries {
		same := func(o tlog.LogEntry) bool { return o.Key == e.Key }
		if !slices.ContainsFunc(old, same) {
			raw = append(raw, strings.TrimSpace("log "+e.Key.String()+" "+e.URL)+"\n"...)
		}
	}
	if _, err := tlog.ParseLogList(raw); err != nil {
		return err
	}
	return s.replace(logsFile, raw)
}
