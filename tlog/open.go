package tlog

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// MaxCheckpoint is the largest signed checkpoint, in bytes, that we read. It has room for 32
// post-quantum cosignatures. The number of signatures is limited to 100 besides.
const MaxCheckpoint = 128 << 10

// Errors of [OpenCheckpoint] and its kin.
var (
	ErrNote          = errors.New("not a signed note")
	ErrTooLarge      = errors.New("larger than the limit")
	ErrOrigin        = errors.New("checkpoint is of another log")
	ErrLogUnsigned   = errors.New("checkpoint is not signed by the log")
	ErrLogSignature  = errors.New("the log's signature does not verify")
	ErrCosignature   = errors.New("a witness's cosignature does not verify")
	ErrAmbiguousKeys = errors.New("two different keys with one name and id")
)

// Signature is a verified signature of a checkpoint.
type Signature struct {
	Key     Key
	Witness string    // the witness's name in the policy that knows it; empty without a policy
	Time    time.Time // by the witness's own clock; zero for a log's signature
	Line    string    // the signature as it stands in the checkpoint, with its newline
}

// Opened is a signed checkpoint whose signatures have been checked.
type Opened struct {
	Checkpoint Checkpoint
	Text       string      // what was signed
	Log        []Signature // by keys of the log; at least one
	Cosigned   []Signature // by witnesses that were asked for, in the order of the checkpoint
}

// OpenCheckpoint checks a signed checkpoint: it must be of this log and signed by it, and each
// signature that names one of the witnesses must verify. It returns the cosignatures found, in
// the order of the checkpoint. Signatures by other keys are passed over (signed-note).
func OpenCheckpoint(raw []byte, log Key, witnesses ...Key) (Checkpoint, []Signature, error) {
	o, err := Open(raw, []Key{log}, witnesses)
	return o.Checkpoint, o.Cosigned, err
}

// Open is [OpenCheckpoint] for a log with several keys, of which any one must have signed, as
// while a log changes its key. All keys of the log must bear the same name.
func Open(raw []byte, log, witnesses []Key) (Opened, error) {
	o, err := openKeys(raw, log, witnesses)
	if err != nil {
		return Opened{}, err
	}
	origin := o.Checkpoint.Origin
	switch {
	case !slices.ContainsFunc(log, func(k Key) bool { return k.Origin() == origin }):
		return Opened{}, fmt.Errorf("checkpoint of %q: %w", origin, ErrOrigin)
	case len(o.Log) == 0:
		return Opened{}, fmt.Errorf("checkpoint of %q: %w", origin, ErrLogUnsigned)
	}
	return o, nil
}

// Cosignatures checks and returns the cosignatures of the given witnesses, and nothing else: the
// checkpoint may be of any log, and whether that log signed it is not looked at. A witness reads
// its own records so; who trusts a log uses [OpenCheckpoint].
func Cosignatures(raw []byte, witnesses ...Key) (Checkpoint, []Signature, error) {
	o, err := openKeys(raw, nil, witnesses)
	return o.Checkpoint, o.Cosigned, err
}

// openKeys checks the signatures by all these keys, of which none need have signed.
func openKeys(raw []byte, log, witnesses []Key) (Opened, error) {
	n, err := openNote(raw, slices.Concat(log, witnesses)...)
	if bad, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		fault := ErrCosignature
		if _, ok := find(log, bad.Name, bad.Hash); ok {
			fault = ErrLogSignature
		}
		return Opened{}, fmt.Errorf("signature of %q: %w", bad.Name, fault)
	}
	if err != nil {
		return Opened{}, err
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Opened{}, err
	}
	o := Opened{Checkpoint: c, Text: n.Text}
	for _, s := range n.Sigs {
		line := "— " + s.Name + " " + s.Base64 + "\n"
		if k, ok := find(log, s.Name, s.Hash); ok && k.Origin() == c.Origin {
			o.Log = append(o.Log, Signature{Key: k, Line: line})
		} else if k, ok := find(witnesses, s.Name, s.Hash); ok {
			o.Cosigned = append(o.Cosigned, Signature{Key: k, Time: sigTime(s), Line: line})
		}
	}
	return o, nil
}

// SignatureLine signs a checkpoint's text and returns the line to append to the signed note.
func SignatureLine(s note.Signer, text string) (string, error) {
	sig, err := s.Sign([]byte(text))
	if err != nil {
		return "", fmt.Errorf("sign as %q: %w", s.Name(), err)
	}
	b := binary.BigEndian.AppendUint32(nil, s.KeyHash())
	return "— " + s.Name() + " " + base64.StdEncoding.EncodeToString(append(b, sig...)) + "\n", nil
}

func find(keys []Key, name string, id uint32) (Key, bool) {
	for _, k := range keys {
		if k.name == name && k.id == id {
			return k, true
		}
	}
	return Key{}, false
}

// sigTime reads the time of a verified cosignature line.
func sigTime(s note.Signature) time.Time {
	raw, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(raw) != 4+cosignatureSize {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC()
}

// openNote opens a signed note of bounded size under the given keys. Unlike [note.Open] it does
// not mind that none of them has signed. A signature by one of them that does not verify is a
// [note.InvalidSignatureError].
func openNote(raw []byte, keys ...Key) (*note.Note, error) {
	if len(raw) > MaxCheckpoint {
		return nil, fmt.Errorf("checkpoint of %d bytes: %w of %d", len(raw), ErrTooLarge, MaxCheckpoint)
	}
	known := make([]note.Verifier, 0, len(keys))
	for _, k := range keys {
		known = append(known, k)
	}
	n, err := note.Open(raw, note.VerifierList(known...))
	if u, ok := errors.AsType[*note.UnverifiedNoteError](err); ok {
		return u.Note, nil
	}
	if err == nil {
		return n, nil
	}
	if _, ok := errors.AsType[*note.InvalidSignatureError](err); ok {
		return nil, err
	}
	if strings.HasPrefix(err.Error(), "ambiguous key") {
		return nil, fmt.Errorf("%w: %w", ErrAmbiguousKeys, err)
	}
	return nil, ErrNote
}
