package statement

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// walker reads one JSON document in a single pass. It counts values and depth, refuses members named twice and text
// that is not UTF-8, and hands out slices of the document itself, so that reading copies nothing.
type walker struct {
	dec  jsontext.Decoder
	src  bytes.Buffer // the document; dec reads straight from its memory
	doc  []byte
	left int // values that may still come
	body int // where the object or array that was opened last begins, after its brace
}

var walkers = sync.Pool{New: func() any { return new(walker) }}

// walk calls read with a walker over doc and checks that read has consumed all of it.
func walk(doc []byte, read func(*walker) error) error {
	if bytes.HasPrefix(doc, []byte("\xef\xbb\xbf")) {
		return fmt.Errorf("%w: it begins with a byte-order mark", ErrEncoding)
	}
	if !utf8.Valid(doc) {
		return ErrEncoding
	}
	w := walkers.Get().(*walker)
	defer w.release()
	w.doc, w.left = doc, MaxValues
	w.src = *bytes.NewBuffer(doc)
	w.dec.Reset(&w.src)
	if err := read(w); err != nil {
		return err
	}
	if _, err := w.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: after byte %d", ErrTrailing, w.dec.InputOffset())
	}
	return nil
}

// release lets go of the document and gives the walker back to the pool.
func (w *walker) release() {
	w.doc, w.src = nil, bytes.Buffer{}
	w.dec.Reset(&w.src)
	walkers.Put(w)
}

// object reads an object and calls member for each name in it. member must read exactly one value.
func (w *walker) object(member func(name []byte) error) error {
	if err := w.open('{'); err != nil {
		return err
	}
	for w.dec.PeekKind() != '}' {
		name, err := w.dec.ReadValue()
		if err != nil {
			return w.syntax(err)
		}
		if err := member(unquote(name)); err != nil {
			return err
		}
	}
	return w.end()
}

// array reads an array and calls element for each index. element must read exactly one value.
func (w *walker) array(element func(i int) error) error {
	if err := w.open('['); err != nil {
		return err
	}
	for i := 0; w.dec.PeekKind() != ']'; i++ {
		if err := element(i); err != nil {
			return err
		}
	}
	return w.end()
}

// bytes reads a string. The result is part of the document unless the string has escapes.
func (w *walker) bytes() ([]byte, error) {
	v, err := w.value('"')
	if err != nil {
		return nil, err
	}
	return unquote(v), nil
}

// string reads a string into memory of its own.
func (w *walker) string() (string, error) {
	b, err := w.bytes()
	return string(b), err
}

// value reads the next value, which must be of a kind without parts.
func (w *walker) value(kind jsontext.Kind) (jsontext.Value, error) {
	if err := w.want(kind); err != nil {
		return nil, err
	}
	v, err := w.dec.ReadValue()
	return v, w.syntax(err)
}

// rawObject reads an object and returns its bytes within the document.
func (w *walker) rawObject() (jsontext.Value, error) {
	if err := w.open('{'); err != nil {
		return nil, err
	}
	start := w.body - 1
	err := w.skipParts()
	return jsontext.Value(w.doc[start:w.dec.InputOffset()]), err
}

// skip reads any value and forgets it.
func (w *walker) skip() error {
	switch kind := w.dec.PeekKind(); kind {
	case '{', '[':
		if err := w.open(kind); err != nil {
			return err
		}
		return w.skipParts()
	default:
		_, err := w.value(kind)
		return err
	}
}

// skipParts reads up to the end of the object or array that was just opened.
func (w *walker) skipParts() error {
	for inside := w.dec.StackDepth(); w.dec.StackDepth() >= inside; {
		tok, err := w.dec.ReadToken()
		if err != nil {
			return w.syntax(err)
		}
		switch tok.Kind() {
		case '}', ']':
			continue
		case '{', '[':
			if err := w.checkDepth(); err != nil {
				return err
			}
		case '"':
			if parent, n := w.dec.StackIndex(w.dec.StackDepth()); parent == '{' && n%2 == 1 {
				continue // the name of a member is not a value
			}
		}
		if err := w.count(); err != nil {
			return err
		}
	}
	return nil
}

// open reads the beginning of an object or array.
func (w *walker) open(kind jsontext.Kind) error {
	if err := w.want(kind); err != nil {
		return err
	}
	if _, err := w.dec.ReadToken(); err != nil {
		return w.syntax(err)
	}
	w.body = int(w.dec.InputOffset())
	return w.checkDepth()
}

// end reads the end of an object or array.
func (w *walker) end() error {
	_, err := w.dec.ReadToken()
	return w.syntax(err)
}

// want counts the next value and checks its kind.
func (w *walker) want(kind jsontext.Kind) error {
	got := w.dec.PeekKind()
	if got == jsontext.KindInvalid || got == '}' || got == ']' {
		_, err := w.dec.ReadValue() // there is no value, and this says why
		return w.syntax(err)
	}
	if got != kind {
		return fmt.Errorf("%w: %s must be %s, not %s", ErrWrongType, w.next(), kindName(kind), kindName(got))
	}
	return w.count()
}

func (w *walker) count() error {
	if w.left--; w.left < 0 {
		return fmt.Errorf("%w: more than %d JSON values", ErrTooMany, MaxValues)
	}
	return nil
}

func (w *walker) checkDepth() error {
	if w.dec.StackDepth() > MaxDepth {
		return fmt.Errorf("%w: more than %d levels", ErrTooDeep, MaxDepth)
	}
	return nil
}

// last names the value that was read last, as a JSON pointer.
func (w *walker) last() string { return string(w.dec.StackPointer()) }

// next names the value that comes next, as a JSON pointer.
func (w *walker) next() string {
	p := w.last()
	if parent, n := w.dec.StackIndex(w.dec.StackDepth()); parent == '[' {
		if n > 0 {
			p = p[:strings.LastIndexByte(p, '/')]
		}
		p += "/" + strconv.FormatInt(n, 10)
	}
	if p == "" {
		return "the document"
	}
	return p
}

// syntax turns an error of the JSON library into one of ours.
func (w *walker) syntax(err error) error {
	if err == nil {
		return nil
	}
	se, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w: after %d bytes", ErrTruncated, len(w.doc))
	case !ok:
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("%w: %s", ErrDuplicateKey, se.JSONPointer)
	default:
		return fmt.Errorf("%w: at byte %d: %w", ErrMalformed, se.ByteOffset, se.Err)
	}
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "true or false"
	default:
		return "null"
	}
}

// unquote returns the text of a JSON string that the decoder has accepted.
func unquote(v jsontext.Value) []byte {
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, v) // cannot fail: the decoder has accepted v
	return text
}
