package c2pa_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

func TestFilmsAreBoundByBoxesAndTrees(t *testing.T) {
	a := c2patest.NewAuthority()
	for name, bind := range map[string]func([]byte, int, int) c2patest.Assertion{
		"as a whole":                 c2patest.BMFFHash,
		"by leaves of eight bytes":   c2patest.MerkleHash(8, false),
		"by the root of a tree":      c2patest.MerkleHash(8, true),
		"by a tree with one leaf":    c2patest.MerkleHash(1000, true),
		"by a tree that is lopsided": c2patest.MerkleHash(16, true),
	} {
		t.Run(name, func(t *testing.T) {
			file := a.Embed(c2patest.MP4, c2patest.Manifest{Binding: bind})
			if r := validate(t, file, trusting(t, a), c2patest.Now); r.State != c2pa.StateTrusted {
				t.Fatalf("%s %v %+v", r.State, failures(r), r.Statuses)
			}
			for _, at := range []int{len(file) - 1, len(file) - len(c2patest.Media), len(file) - len(c2patest.Media) - 12} {
				changed := slices.Clone(file)
				changed[at] ^= 1
				if r := validate(t, changed, trusting(t, a), c2patest.Now); r.State != c2pa.StateInvalid {
					t.Errorf("byte %d changed: %s", at, r.State)
				}
			}
			longer := append(slices.Clone(file), c2patest.Box("free", []byte("more"))...)
			if r := validate(t, longer, trusting(t, a), c2patest.Now); r.State != c2pa.StateInvalid {
				t.Errorf("a box added: %s", r.State)
			}
		})
	}
}

func TestBoxHashesCoverEveryByte(t *testing.T) {
	a := c2patest.NewAuthority()
	carry := func(store []byte) ([]byte, int, int) {
		if len(store) == 0 {
			store = make([]byte, 1) // so that there is a chunk to list
		}
		return c2patest.PNG(store)
	}
	bind := func(file []byte, start, length int) c2patest.Assertion {
		return c2patest.BoxHash(file, start, max(length, 1))
	}
	file := a.Embed(carry, c2patest.Manifest{Binding: bind})
	if r := validate(t, file, trusting(t, a), c2patest.Now); r.State != c2pa.StateTrusted {
		t.Fatalf("%s %v %+v", r.State, failures(r), r.Statuses)
	}
	for name, c := range map[string]struct {
		change func([]byte) []byte
		code   string
	}{
		"bytes after the end":      {func(b []byte) []byte { return append(b, "more"...) }, "assertion.boxesHash.unknownBox"},
		"a chunk that was changed": {flipLast, "assertion.boxesHash.mismatch"},
		"a chunk that was added": {func(b []byte) []byte {
			return slices.Concat(b[:33], []byte("\x00\x00\x00\x00tEXt\x00\x00\x00\x00"), b[33:])
		}, "assertion.boxesHash.unknownBox"},
	} {
		r := validate(t, c.change(slices.Clone(file)), trusting(t, a), c2patest.Now)
		if r.State != c2pa.StateInvalid || !slices.Contains(failures(r), c.code) {
			t.Errorf("%s: %s %v", name, r.State, failures(r))
		}
	}
}

func TestFragmentsAreJudgedInOrder(t *testing.T) {
	a := c2patest.NewAuthority()
	initial, all := a.Stream()
	judge := func(initial []byte, fragments ...[]byte) *c2pa.Report {
		in := c2pa.Input{Asset: bytes.NewReader(initial), Size: int64(len(initial))}
		for _, f := range fragments {
			in.Fragments = append(in.Fragments, c2pa.Fragment{Data: bytes.NewReader(f), Size: int64(len(f))})
		}
		r, err := c2pa.Validate(in, trusting(t, a), c2patest.Now)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := judge(initial, all...); r.State != c2pa.StateTrusted || r.Partial {
		t.Fatalf("all: %s %v, partial %v: %+v", r.State, failures(r), r.Partial, r.Statuses)
	}
	if r := judge(initial, all[:2]...); r.State != c2pa.StateTrusted || !r.Partial {
		t.Errorf("the first two: %s, partial %v", r.State, r.Partial)
	}
	changed := slices.Clone(all[1])
	changed[len(changed)-1] ^= 1
	otherStart := slices.Clone(initial)
	otherStart[len(otherStart)-1] ^= 1
	for name, r := range map[string]*c2pa.Report{
		"none":                 judge(initial),
		"one left out":         judge(initial, all[0], all[2]),
		"two the wrong way":    judge(initial, all[1], all[0]),
		"one twice":            judge(initial, all[0], all[0]),
		"one changed":          judge(initial, all[0], changed),
		"one that is no film":  judge(initial, []byte("no film at all")),
		"another beginning":    judge(otherStart, all...),
		"a fragment too many":  judge(initial, append(slices.Clone(all), all[3])...),
		"one without a proof":  judge(initial, c2patest.Box("moof")),
		"the beginning itself": judge(initial, initial),
	} {
		if r.State != c2pa.StateInvalid || !slices.Contains(failures(r), "assertion.bmffHash.mismatch") {
			t.Errorf("%s: %s %v", name, r.State, failures(r))
		}
	}
}

func TestAStoreFromASidecar(t *testing.T) {
	a := c2patest.NewAuthority()
	asset := []byte("an asset of no kind that is known here")
	store := c2patest.Store(a.Sign(c2patest.Manifest{Assertions: []c2patest.Assertion{c2patest.Created, c2patest.DataHash(asset, 0, 0)}}))
	judge := func(asset []byte) *c2pa.Report {
		r, err := c2pa.Validate(c2pa.Input{Asset: bytes.NewReader(asset), Size: int64(len(asset)), Store: store}, trusting(t, a), c2patest.Now)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	// DataHash writes one empty exclusion; with a store from elsewhere nothing may be excluded.
	if r := judge(asset); r.State != c2pa.StateInvalid {
		t.Errorf("an exclusion for a store that is not inside: %s", r.State)
	}
	whole := c2patest.DataHash(asset, 0, 0)
	delete(whole.Data.(c2patest.M), "exclusions")
	store = c2patest.Store(a.Sign(c2patest.Manifest{Assertions: []c2patest.Assertion{c2patest.Created, whole}}))
	if r := judge(asset); r.State != c2pa.StateTrusted {
		t.Errorf("the right asset: %s %v", r.State, failures(r))
	}
	if r := judge([]byte("something else")); r.State != c2pa.StateInvalid {
		t.Errorf("another asset: %s", r.State)
	}
}
