package cbor_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

func TestDecodeRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"nothing":             "",
		"a key twice":         "\xa2\x61a\x01\x61a\x02",
		"bytes after the end": "\xa0\x00",
		"text that is none":   "\x61\xff",
		"half an item":        "\x82\x01",
		"deep nesting":        strings.Repeat("\x81", cbor.MaxDepth+2) + "\x00",
		"a huge array":        "\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
		"a break without end": "\xff",
	} {
		if v, err := cbor.Decode([]byte(data)); err == nil {
			t.Errorf("%s: %v", name, v)
		}
	}
}

func TestDecodePaddedTakesZerosOnly(t *testing.T) {
	if _, err := cbor.DecodePadded([]byte{0xa0, 0, 0}); err != nil {
		t.Error(err)
	}
	if _, err := cbor.DecodePadded([]byte{0xa0, 0, 1}); err == nil {
		t.Error("data after the item was taken for padding")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xa1, 0x61, 'a', 0x82, 1, 0x40})
	f.Add([]byte{0xc0, 0x74, '2', '0', '2', '6'})
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := cbor.Decode(data)
		if err != nil {
			return
		}
		again, err := cbor.Encode(v)
		if err != nil {
			return // floats and tags of strange content do not always go back
		}
		w, err := cbor.Decode(again)
		if err != nil {
			t.Fatalf("what was printed cannot be read: %v", err)
		}
		if third, err := cbor.Encode(w); err != nil || !bytes.Equal(again, third) {
			t.Error("printing is not stable")
		}
	})
}
