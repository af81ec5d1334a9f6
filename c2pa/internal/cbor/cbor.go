// Package cbor decodes CBOR from outside strictly: one item and nothing after it, no key twice, no invalid text,
// no deep nesting. It is a thin setting of github.com/fxamacker/cbor/v2 with accessors for untyped values.
package cbor

import (
	"fmt"
	"reflect"

	"github.com/fxamacker/cbor/v2"
)

// Map is a decoded CBOR map.
type Map = map[any]any

// Tag is a decoded CBOR tag that has no Go type of its own.
type Tag = cbor.Tag

// Limits of a decoded item.
const (
	MaxDepth    = 32
	MaxElements = 1 << 20
)

var strict = mustMode(cbor.DecOptions{
	DupMapKey:            cbor.DupMapKeyEnforcedAPF,
	MaxNestedLevels:      MaxDepth,
	MaxArrayElements:     MaxElements,
	MaxMapPairs:          MaxElements,
	IndefLength:          cbor.IndefLengthAllowed,
	UTF8:                 cbor.UTF8RejectInvalid,
	TimeTagToAny:         cbor.TimeTagToRFC3339Nano,
	DefaultMapType:       reflect.TypeFor[Map](),
	BignumTag:            cbor.BignumTagForbidden,
	ByteStringToTime:     cbor.ByteStringToTimeForbidden,
	UnrecognizedTagToAny: cbor.UnrecognizedTagNumAndContentToAny,
})

// canonical writes RFC 8949 core deterministic CBOR, which is what COSE structures need.
var canonical = mustEnc(cbor.CoreDetEncOptions())

func mustMode(o cbor.DecOptions) cbor.DecMode {
	m, err := o.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}

func mustEnc(o cbor.EncOptions) cbor.EncMode {
	m, err := o.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}

// Decode reads exactly one item.
func Decode(data []byte) (any, error) {
	var v any
	if err := strict.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	return v, nil
}

// DecodePadded reads one item that may be followed by zeros, as some boxes are padded.
func DecodePadded(data []byte) (any, error) {
	var v any
	rest, err := strict.UnmarshalFirst(data, &v)
	if err != nil {
		return nil, err
	}
	for _, b := range rest {
		if b != 0 {
			return nil, fmt.Errorf("cbor: %d bytes that are not padding follow the item", len(rest))
		}
	}
	return v, nil
}

// Encode writes v deterministically.
func Encode(v any) ([]byte, error) { return canonical.Marshal(v) }

// DecodeMap reads exactly one map.
func DecodeMap(data []byte) (Map, error) {
	v, err := Decode(data)
	if err != nil {
		return nil, err
	}
	m, ok := v.(Map)
	if !ok {
		return nil, fmt.Errorf("cbor: a %T where a map should be", v)
	}
	return m, nil
}

// Get returns m[key] if it is there and has type T.
func Get[T any](m Map, key any) (T, bool) {
	v, ok := m[key].(T)
	return v, ok
}

// Text returns m[key] if it is text.
func Text(m Map, key any) (string, bool) { return Get[string](m, key) }

// Bytes returns m[key] if it is a byte string.
func Bytes(m Map, key any) ([]byte, bool) { return Get[[]byte](m, key) }

// List returns m[key] if it is an array.
func List(m Map, key any) ([]any, bool) { return Get[[]any](m, key) }

// Int returns v as an int64 if it is an integer that fits.
func Int(v any) (int64, bool) {
	switch n := v.(type) {
	case uint64:
		return int64(n), n <= 1<<63-1
	case int64:
		return n, true
	}
	return 0, false
}

// Has reports whether key is in m, whatever its value.
func Has(m Map, key any) bool { _, ok := m[key]; return ok }
