package statement

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// walker reads one JSON document in a single pass. It counts values and depth, refuses duplicate and badly
// encoded names, and hands out slices of the document itself, so that reading copies nothing.
type walker struct {
	dec  jsontext.Decoder
	src  bytes.Buffer // the document; dec reads straight from its memory
	doc  []byte
	left int // values that may still come
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
	w.doc, w.left = doc, MaxValues
	w.src = *bytes.NewBuffer(doc)
	w.dec.Reset(&w.src)
	defer func() {
		w.doc = nil
		w.src = bytes.Buffer{}
		w.dec.Reset(&w.src)
		walkers.Put(w)
	}()
	if err := read(w); err != nil {
		return err
	}
	if _, err := w.dec.ReadToken(); err != io.EOF {
		return fmt.Errorf("%w, at byte %d", ErrTrailing, w.dec.InputOffset())
	}
	return nil
}

// object reads an object and calls member for each of its names. member must read exactly one value.
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
	_, err := w.dec.ReadToken()
	return w.syntax(err)
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
	_, err := w.dec.ReadToken()
	return w.syntax(err)
}

// bytes reads a string. The result is part of the document unless the string has escapes.
func (w *walker) bytes() ([]byte, error) {
	if err := w.want('"'); err != nil {
		return nil, err
	}
	v, err := w.dec.ReadValue()
	if err != nil {
		return nil, w.syntax(err)
	}
	return unquote(v), nil
}

func (w *walker) string() (string, error) {
	b, err := w.bytes()
	return string(b), err
}

// size reads a number that is a whole count: no sign, fraction or exponent, at most 2^53 - 1.
func (w *walker) size() (int64, error) {
	if err := w.want('0'); err != nil {
		return 0, err
	}
	at := w.dec.StackPointer()
	v, err := w.dec.ReadValue()
	if err != nil {
		return 0, w.syntax(err)
	}
	n := int64(0)
	for _, c := range v {
		if c < '0' || c > '9' || n > (1<<53-1)/10 {
			return 0, fmt.Errorf("%w: %s must be a whole number from 0 to 9007199254740991", ErrWrongType, at)
		}
		n = 10*n + int64(c-'0')
	}
	return n, nil
}

// raw reads any value and returns its bytes within the document.
func (w *walker) raw() (jsontext.Value, error) {
	switch k := w.dec.PeekKind(); k {
	case '{', '[':
		if err := w.open(k); err != nil {
			return nil, err
		}
		start, depth := w.dec.InputOffset()-1, w.dec.StackDepth()
		for w.dec.StackDepth() >= depth {
			if err := w.next(); err != nil {
				return nil, err
			}
		}
		return jsontext.Value(w.doc[start:w.dec.InputOffset()]), nil
	default:
		if err := w.count(); err != nil {
			return nil, err
		}
		v, err := w.dec.ReadValue()
		return v, w.syntax(err)
	}
}

// skip reads any value and forgets it.
func (w *walker) skip() error {
	_, err := w.raw()
	return err
}

// next reads one token inside a value that nobody looks at, keeping count of values and depth.
func (w *walker) next() error {
	tok, err := w.dec.ReadToken()
	if err != nil {
		return w.syntax(err)
	}
	switch tok.Kind() {
	case '}', ']':
		return nil
	case '{', '[':
		if err := w.deep(); err != nil {
			return err
		}
	case '"':
		if kind, n := w.dec.StackIndex(w.dec.StackDepth()); kind == '{' && n%2 == 1 {
			return nil // a member name
		}
	}
	return w.count()
}

// open reads the beginning of an object or array.
func (w *walker) open(kind jsontext.Kind) error {
	if err := w.want(kind); err != nil {
		return err
	}
	if _, err := w.dec.ReadToken(); err != nil {
		return w.syntax(err)
	}
	return w.deep()
}

// want counts the next value and checks its kind.
func (w *walker) want(kind jsontext.Kind) error {
	got := w.dec.PeekKind()
	if got == jsontext.KindInvalid || got == '}' || got == ']' {
		_, err := w.dec.ReadValue()
		return w.syntax(err)
	}
	if got != kind {
		return fmt.Errorf("%w: %s must be %s, not %s", ErrWrongType, w.place(), kindName(kind), kindName(got))
	}
	return w.count()
}

func (w *walker) count() error {
	if w.left--; w.left < 0 {
		return fmt.Errorf("%w: more than %d JSON values", ErrTooMany, MaxValues)
	}
	return nil
}

func (w *walker) deep() error {
	if w.dec.StackDepth() > MaxDepth {
		return fmt.Errorf("%w: more than %d levels", ErrTooDeep, MaxDepth)
	}
	return nil
}

// place names the value that comes next, or came last, as a JSON pointer.
func (w *walker) place() string {
	if p := string(w.dec.StackPointer()); p != "" {
		return p
	}
	return "the document"
}

// syntax turns an error of the JSON library into one of ours.
func (w *walker) syntax(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fmt.Errorf("%w: %s", ErrDuplicateKey, pointer(err))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%w, after %d bytes", ErrTruncated, len(w.doc))
	default:
		return fmt.Errorf("%w: %s", ErrMalformed, reason(err))
	}
}

func pointer(err error) string {
	if se, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return string(se.JSONPointer)
	}
	return "somewhere"
}

func reason(err error) string {
	if se, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf("%v, at byte %d", se.Err, se.ByteOffset)
	}
	return err.Error()
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

// kind checks the kind of the next value without reading it.
func (w *walker) kind(kind jsontext.Kind) error {
	if w.dec.PeekKind() == kind {
		return nil
	}
	w.left++ // want counts the value, and whoever reads it will count it again
	return w.want(kind)
}
