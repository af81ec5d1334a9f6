package c2pa_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// boxHash binds to a file by the boxes that its container finds.
func boxHash(t *testing.T, format string, change func([]any) []any) func([]byte, int, int) c2patest.Assertion {
	return func(file []byte, _, _ int) c2patest.Assertion {
		l, err := readWith(readers[format], file)
		if err != nil && l == nil {
			t.Fatal(err)
		}
		var list []any
		for _, b := range l.Boxes {
			hash := sha256.Sum256(file[b.Start:b.End()])
			if b.Name == asset.BoxC2PA {
				hash = [32]byte{}
			}
			list = append(list, c2patest.M{"names": []any{b.Name}, "hash": hash[:], "pad": []byte{}})
		}
		return c2patest.Assertion{Label: "c2pa.hash.boxes", Data: c2patest.M{"alg": "sha256", "boxes": change(list)}}
	}
}

// carryAlways is a carrier that has a place for the store even before there is one.
func carryAlways(carry c2patest.Carrier) c2patest.Carrier {
	return func(store []byte) ([]byte, int, int) {
		if len(store) == 0 {
			store = c2patest.Store()
		}
		return carry(store)
	}
}

func TestEveryFormatWithBoxesIsBoundByThem(t *testing.T) {
	a := c2patest.NewAuthority()
	same := func(l []any) []any { return l }
	for _, format := range []string{"image/jpeg", "image/png", "image/gif"} {
		file := a.Embed(carryAlways(c2patest.Carriers[format]), c2patest.Manifest{Binding: boxHash(t, format, same)})
		expect(t, validate(t, file, trusting(t, a), c2patest.Now), c2pa.StateTrusted, "assertion.boxesHash.match")
		l, err := readWith(readers[format], file)
		if err != nil {
			t.Fatal(err)
		}
		for i := range file {
			if l.Extent.Contains(asset.Range{Start: int64(i), Length: 1}) {
				continue
			}
			changed := slices.Clone(file)
			changed[i] ^= 1
			r := validate(t, changed, trusting(t, a), c2patest.Now)
			if r.State == c2pa.StateTrusted || r.State == c2pa.StateValid {
				t.Errorf("%s: byte %d of %d changed: %s", format, i, len(file), r.State)
			}
		}
	}
}

func TestAListOfBoxesMustBeTheFiles(t *testing.T) {
	a := c2patest.NewAuthority()
	set := func(i int, field string, value any) func([]any) []any {
		return func(l []any) []any { l[i].(c2patest.M)[field] = value; return l }
	}
	for name, c := range map[string]struct {
		change func([]any) []any
		code   string
	}{
		"the last box not listed": {func(l []any) []any { return l[:len(l)-1] }, "assertion.boxesHash.unknownBox"},
		"a box listed twice":      {func(l []any) []any { return append(l, l[len(l)-1]) }, "assertion.boxesHash.mismatch"},
		"two boxes exchanged":     {func(l []any) []any { l[1], l[2] = l[2], l[1]; return l }, "assertion.boxesHash.unknownBox"},
		"a box of another name":   {set(1, "names", []any{"none"}), "assertion.boxesHash.unknownBox"},
		"a box without a name":    {set(1, "names", []any{}), "assertion.boxesHash.malformed"},
		"names that are none":     {set(1, "names", []any{1}), "assertion.boxesHash.malformed"},
		"another hash":            {set(1, "hash", make([]byte, 32)), "assertion.boxesHash.mismatch"},
		"a weak hash":             {set(1, "alg", "sha1"), "algorithm.unsupported"},
		"no boxes":                {func([]any) []any { return []any{} }, "assertion.boxesHash.malformed"},
	} {
		file := a.Embed(carryAlways(c2patest.PNG), c2patest.Manifest{Binding: boxHash(t, "image/png", c.change)})
		t.Run(name, func(t *testing.T) {
			expect(t, validate(t, file, trusting(t, a), c2patest.Now), c2pa.StateInvalid, c.code)
		})
	}
}

func TestFormatsWithoutBoxesCannotBeBoundByThem(t *testing.T) {
	a := c2patest.NewAuthority()
	list := c2patest.Assertion{Label: "c2pa.hash.boxes", Data: c2patest.M{"alg": "sha256", "boxes": []any{c2patest.M{"names": []any{"C2PA"}, "hash": []byte{}, "pad": []byte{}}}}}
	file := a.Embed(c2patest.WebP, c2patest.Manifest{Binding: func([]byte, int, int) c2patest.Assertion { return list }})
	expect(t, validate(t, file, trusting(t, a), c2patest.Now), c2pa.StateInvalid, "assertion.boxesHash.mismatch")
	r, err := c2pa.Validate(c2pa.Input{Asset: bytes.NewReader(nil), Store: c2patest.Store(a.Sign(c2patest.Manifest{Assertions: []c2patest.Assertion{c2patest.Created, list}}))}, trusting(t, a), c2patest.Now)
	if err != nil || r.State != c2pa.StateInvalid {
		t.Errorf("an empty file with a sidecar: %v %v", r, err)
	}
}
