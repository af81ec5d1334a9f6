package jumbf_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
	"github.com/wherefrom-network/wherefrom/c2pa/jumbf"
)

func TestParseFindsLabelsAndContent(t *testing.T) {
	data := c2patest.Store(c2patest.Superbox("c2ma", "m", c2patest.Superbox("cbor", "a", c2patest.Box("cbor", []byte{0xa0}))))
	box, rest, err := jumbf.Parse(append(data, 9, 9))
	if err != nil {
		t.Fatal(err)
	}
	if len(rest) != 2 || box.Label != "c2pa" {
		t.Errorf("label %q, %d bytes left", box.Label, len(rest))
	}
	a := box.Child("m").Child("a")
	if got := a.Content(jumbf.TypeCBOR); got == nil || !bytes.Equal(got.Data, []byte{0xa0}) {
		t.Errorf("content %v", got)
	}
	if !bytes.Equal(a.Raw[8:], a.Data) {
		t.Error("a superbox's data is not what follows its header")
	}
}

func TestParseRefuses(t *testing.T) {
	deep := c2patest.Superbox("cbor", "x")
	for range jumbf.MaxDepth + 1 {
		deep = c2patest.Superbox("cbor", "x", deep)
	}
	desc := func(toggles byte, rest string) []byte {
		return c2patest.Box("jumb", c2patest.Box("jumd", make([]byte, 16), []byte{toggles}, []byte(rest)))
	}
	for name, data := range map[string][]byte{
		"nothing":                    nil,
		"a box that is no superbox":  c2patest.Box("cbor", []byte{0xa0}),
		"a superbox cut short":       c2patest.Store()[:20],
		"a superbox of no size":      {0, 0, 0, 0, 'j', 'u', 'm', 'b'},
		"a huge size":                {0, 0, 0, 1, 'j', 'u', 'm', 'b', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"no description":             c2patest.Box("jumb", c2patest.Box("cbor")),
		"no label":                   desc(1, ""),
		"an empty label":             desc(3, "\x00"),
		"a label without an end":     desc(3, "abc"),
		"a label with a slash":       desc(3, "a/b\x00"),
		"a label that is not UTF-8":  desc(3, "\xff\x00"),
		"stray bytes":                desc(3, "a\x00zz"),
		"a hash that is not there":   desc(3|8, "a\x00zz"),
		"a private field, then more": desc(3|4, "a\x00z"),
		"two boxes of one label":     c2patest.Store(c2patest.Superbox("c2ma", "m"), c2patest.Superbox("c2ma", "m")),
		"boxes in boxes in boxes":    deep,
		"half a box at the end":      c2patest.Superbox("c2pa", "c2pa", []byte{0, 0, 0}),
	} {
		if _, _, err := jumbf.Parse(data); !errors.Is(err, jumbf.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(c2patest.Store(c2patest.Superbox("c2ma", "m", c2patest.Superbox("cbor", "a", c2patest.Box("cbor", []byte{0xa0})))))
	f.Fuzz(func(t *testing.T, data []byte) {
		box, rest, err := jumbf.Parse(data)
		if err != nil {
			return
		}
		if !bytes.Equal(append(bytes.Clone(box.Raw), rest...), data) {
			t.Error("box and rest are not what went in")
		}
	})
}
