package logserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// recordHeader is the first line of a guard record. A new format gets a new number.
const recordHeader = "wherefrom.network/guard/v1"

// maxRecord is more than the largest guard record has.
const maxRecord = 4 << 10

// Record is what the guard keeps of its newest signature. It is written before that signature
// leaves the guard, so no signature is newer than the record (spec/log.md, "The guard").
type Record struct {
	Key  tlog.Key // the log's key, whose name is the origin
	Size uint64
	Root tlog.Hash
}

// Marshal returns the record's bytes. ParseRecord reads them back.
func (r Record) Marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nkey %s\nsize %d\nroot %s\n", recordHeader, r.Key, r.Size, r.Root)
	sum := sha256.Sum256(b.Bytes())
	fmt.Fprintf(&b, "sha256 %s\n", hex.EncodeToString(sum[:]))
	return b.Bytes()
}

// ParseRecord reads a guard record. It accepts exactly what Marshal writes.
func ParseRecord(raw []byte) (Record, error) {
	if len(raw) > maxRecord {
		return Record{}, fmt.Errorf("%w: more than %d bytes", ErrGuardDamaged, maxRecord)
	}
	r, err := parseRecord(string(raw))
	if err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrGuardDamaged, err)
	}
	if !bytes.Equal(r.Marshal(), raw) {
		return Record{}, fmt.Errorf("%w: checksum or form is wrong", ErrGuardDamaged)
	}
	return r, nil
}

func parseRecord(text string) (r Record, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 6 || lines[5] != "" {
		return r, errors.New("does not have five lines")
	}
	if lines[0] != recordHeader {
		return r, fmt.Errorf("first line is not %q", recordHeader)
	}
	fields := make([]string, 0, 3)
	for i, name := range []string{"key", "size", "root"} {
		value, ok := strings.CutPrefix(lines[i+1], name+" ")
		if !ok {
			return r, fmt.Errorf("line %d is not the %s", i+2, name)
		}
		fields = append(fields, value)
	}
	if r.Key, err = tlog.ParseKey(fields[0]); err != nil {
		return r, err
	}
	if r.Size, err = strconv.ParseUint(fields[1], 10, 63); err != nil {
		return r, fmt.Errorf("size: %w", err)
	}
	root, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || len(root) != len(r.Root) {
		return r, errors.New("root is not a hash")
	}
	copy(r.Root[:], root)
	return r, nil
}
