// Package journal keeps signed envelopes from before they are sent until their receipts are written.
//
// A log answers the same envelope with its earlier receipt, but a statement signed anew is another
// envelope, and would be recorded beside the first for ever. So a program that is killed between sending
// and receiving must send the very same bytes when it runs again. It puts them here first.
//
// Each run appends to a segment of its own, which it holds locked. The segments of runs that died are
// unlocked: the next run takes them over. A segment is text, one line a fact:
//
//	wherefrom.network/journal/v1
//	<key, hex> <envelope, base64>
//	<key, hex> done
//
// A line that a crash cut short is ignored, and costs no more than one envelope that was never sent.
package journal

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	version = "wherefrom.network/journal/v1"
	suffix  = ".journal"
	done    = "done"
	maxLine = 1 << 20
)

// MaxAge is how long an envelope waits to be sent again. After that a rerun signs anew.
const MaxAge = 30 * 24 * time.Hour

// Key names what an envelope states: the same statement of the same signer for the same log has the same key.
type Key [32]byte

// Journal is the envelopes of one log that are not yet done. It belongs to one goroutine at a time.
type Journal struct {
	dir      string
	pending  map[Key]entry
	segments []*segment
	own      *segment // nil until the first Put
}

type entry struct {
	envelope []byte
	in       *segment
}

type segment struct {
	file    *os.File
	w       *bufio.Writer
	pending int
}

// Open takes over what dead runs left in dir, which is made if missing.
func Open(dir string, now time.Time) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &Journal{dir: dir, pending: map[Key]entry{}}
	for _, path := range paths {
		if err := j.takeOver(path, now); err != nil {
			return nil, errors.Join(fmt.Errorf("open journal: %w", err), j.Close())
		}
	}
	return j, nil
}

// takeOver reads a segment unless a living run holds it.
func (j *Journal) takeOver(path string, now time.Time) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its run ended meanwhile
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if locked, err := tryLock(f); err != nil || !locked {
		return errors.Join(err, f.Close())
	}
	s := &segment{file: f, w: bufio.NewWriter(f)}
	j.segments = append(j.segments, s)
	if now.Sub(info.ModTime()) > MaxAge {
		return nil // nothing of it is pending, so Close removes it
	}
	return j.read(s)
}

// read finds what is pending in one segment. Segments know nothing of each other: an envelope that was
// put again in another one was marked done in the first.
func (j *Journal) read(s *segment) error {
	r := bufio.NewReaderSize(s.file, maxLine)
	first, err := r.ReadSlice('\n')
	if err != nil || string(first) != version+"\n" {
		return nil // not begun, or of a version we do not know and so cannot use
	}
	left := map[Key][]byte{}
	whole := int64(len(first))
	for {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
			break
		}
		if err != nil {
			return err
		}
		whole += int64(len(line))
		apply(left, bytes.TrimSuffix(line, []byte("\n")))
	}
	for k, envelope := range left {
		j.forget(k)
		j.pending[k] = entry{envelope, s}
		s.pending++
	}
	return s.file.Truncate(whole) // so that what we append begins a line
}

// apply takes one line of a segment; one that makes no sense was cut short and is ignored.
func apply(left map[Key][]byte, line []byte) {
	name, value, _ := bytes.Cut(line, []byte(" "))
	raw, err := hex.DecodeString(string(name))
	if err != nil || len(raw) != len(Key{}) {
		return
	}
	if string(value) == done {
		delete(left, Key(raw))
		return
	}
	envelope, err := base64.StdEncoding.Strict().DecodeString(string(value))
	if err == nil && len(envelope) > 0 {
		left[Key(raw)] = envelope
	}
}

func (j *Journal) forget(k Key) {
	if e, ok := j.pending[k]; ok {
		e.in.pending--
		delete(j.pending, k)
	}
}

// Envelope returns the envelope that an earlier run signed for k and that is not done.
func (j *Journal) Envelope(k Key) ([]byte, bool) {
	e, ok := j.pending[k]
	return e.envelope, ok
}

// Put adds an envelope. It is safe from a crash after Sync, and not before.
func (j *Journal) Put(k Key, envelope []byte) error {
	if j.own == nil {
		s, err := j.begin()
		if err != nil {
			return fmt.Errorf("begin journal: %w", err)
		}
		j.own = s
		j.segments = append(j.segments, s)
	}
	if err := j.Done(k); err != nil { // what another segment holds for k is no longer meant
		return err
	}
	_, err := fmt.Fprintf(j.own.w, "%x %s\n", k, base64.StdEncoding.EncodeToString(envelope))
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	j.pending[k] = entry{bytes.Clone(envelope), j.own}
	j.own.pending++
	return nil
}

func (j *Journal) begin() (*segment, error) {
	path := filepath.Join(j.dir, strings.ToLower(rand.Text())+suffix)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := tryLock(f); err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(path))
	}
	s := &segment{file: f, w: bufio.NewWriter(f)}
	_, err = s.w.WriteString(version + "\n")
	return s, err
}

// Sync makes everything that was put durable. Call it before sending.
func (j *Journal) Sync() error {
	if j.own == nil {
		return nil
	}
	if err := errors.Join(j.own.w.Flush(), j.own.file.Sync()); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// Done says that the receipt for k is written, so that its envelope is needed no more.
func (j *Journal) Done(k Key) error {
	e, ok := j.pending[k]
	if !ok {
		return nil
	}
	j.forget(k)
	if _, err := fmt.Fprintf(e.in.w, "%x %s\n", k, done); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// Pending returns how many envelopes are not done.
func (j *Journal) Pending() int { return len(j.pending) }

// Close lets go of the segments and removes those in which nothing is pending.
func (j *Journal) Close() error {
	var errs []error
	for _, s := range j.segments {
		if s.pending == 0 {
			errs = append(errs, os.Remove(s.file.Name()))
		} else {
			errs = append(errs, s.w.Flush())
		}
		errs = append(errs, s.file.Close())
	}
	j.segments, j.own = nil, nil
	return errors.Join(errs...)
}
