package c2pa

import (
	"bytes"
	"cmp"
	"crypto"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/bmff"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// bmffHash is a decoded c2pa.hash.bmff assertion, C2PA 18.7.
type bmffHash struct {
	version    int
	alg        string
	hash       []byte
	exclusions []bmffExclusion
	merkle     []merkleMap
	hasMerkle  bool
}

// Limits of a BMFF hash, whose entries are each compared with the whole file.
const (
	maxExclusions = 200
	maxFilters    = 16 // of one exclusion's data
	maxTrees      = 200
	maxRanges     = 1 << 20
)

// bmffExclusion names boxes, by path and content, whose bytes are not hashed.
type bmffExclusion struct {
	path    string
	length  int64 // -1 if any
	version int64 // -1 if any
	flags   []byte
	inexact bool // the flags need not all be set
	data    []bmffData
	subset  []asset.Range // parts that are left out; nil means all of the box
	parts   bool
}

type bmffData struct {
	offset int64
	value  []byte
}

// checkBMFFHash applies C2PA 15.12.2.
func (v *validator) checkBMFFHash(m *manifest, a *assertion, uri string) {
	b, err := parseBMFFHash(a)
	if err != nil {
		v.fail(codeBMFFMalformed, uri, err.Error())
		return
	}
	if v.file.bmff == nil {
		v.fail(codeBMFFMismatch, uri, "the file is not of the kind that was signed")
		return
	}
	if v.file.Foreign {
		v.fail(codeBMFFMismatch, uri, "something else is hidden beside the manifest store")
		return
	}
	c := bmffCheck{v: v, src: v.src, m: m, b: b, f: v.file.bmff, gone: map[*bmff.Box]bool{}}
	if code, why := c.run(); code != "" {
		v.fail(code, uri, why)
		return
	}
	if b.extra() {
		v.note(codeBMFFExtra, uri, "")
	}
	v.pass(codeBMFFMatch, uri)
}

func parseBMFFHash(a *assertion) (*bmffHash, error) {
	f := a.fields()
	b := &bmffHash{version: a.version}
	b.alg, _ = cbor.Text(f, "alg")
	b.hash, _ = cbor.Bytes(f, "hash")
	list, ok := cbor.List(f, "exclusions")
	if len(list) > maxExclusions {
		return nil, fmt.Errorf("more than %d exclusions", maxExclusions)
	}
	if !ok || len(list) == 0 || a.version > 3 || cbor.Has(f, "url") {
		return nil, fmt.Errorf("it has no exclusions")
	}
	for _, e := range list {
		x, ok := readExclusion(e)
		if !ok {
			return nil, fmt.Errorf("an exclusion is malformed")
		}
		b.exclusions = append(b.exclusions, x)
	}
	maps, hasMaps := cbor.List(f, "merkle")
	if b.hasMerkle = hasMaps && len(maps) > 0; !b.hasMerkle && b.hash == nil {
		return nil, fmt.Errorf("it has no hash")
	}
	if len(maps) > maxTrees {
		return nil, fmt.Errorf("more than %d trees", maxTrees)
	}
	for _, e := range maps {
		mm, err := readMerkleMap(e)
		if err != nil {
			return nil, err
		}
		b.merkle = append(b.merkle, mm)
	}
	return b, nil
}

func readExclusion(e any) (x bmffExclusion, ok bool) {
	m, _ := e.(cbor.Map)
	if x.path, ok = cbor.Text(m, "xpath"); !ok {
		return x, false
	}
	if x.length, ok = optionalInt(m, "length"); !ok {
		return x, false
	}
	if x.version, ok = optionalInt(m, "version"); !ok {
		return x, false
	}
	x.flags, _ = cbor.Bytes(m, "flags")
	if len(x.flags) != 0 && len(x.flags) != 3 {
		return x, false
	}
	exact, given := cbor.Get[bool](m, "exact")
	x.inexact = given && !exact
	list, _ := cbor.List(m, "data")
	if len(list) > maxFilters {
		return x, false
	}
	for _, d := range list {
		dm, _ := d.(cbor.Map)
		offset, ok1 := cbor.Int(dm["offset"])
		value, ok2 := cbor.Bytes(dm, "value")
		if !ok1 || !ok2 || offset < 0 {
			return x, false
		}
		x.data = append(x.data, bmffData{offset, value})
	}
	subset, isList := cbor.List(m, "subset")
	x.parts = isList
	x.subset, ok = readRanges(subset, "offset", "length")
	return x, ok
}

func optionalInt(m cbor.Map, key string) (int64, bool) {
	v, ok := m[key]
	if !ok || v == nil {
		return -1, true
	}
	n, ok := cbor.Int(v)
	return n, ok && n >= 0
}

// usual are the exclusions that C2PA 18.7.3 lists; others are worth a word to the reader.
var usual = []string{"/uuid", "/ftyp", "/mfra", "/free", "/skip", "/mdat", "/emsg"}

func (b *bmffHash) extra() bool {
	return slices.ContainsFunc(b.exclusions, func(x bmffExclusion) bool { return !slices.Contains(usual, x.path) })
}

// bmffCheck compares one file with one BMFF hash.
type bmffCheck struct {
	v    *validator
	src  *asset.Source
	m    *manifest
	b    *bmffHash
	f    *bmff.File
	out  []asset.Range      // bytes that are not hashed, in order, disjoint
	gone map[*bmff.Box]bool // boxes that are left out wholly
	buf  []byte
}

// run returns a failure code and what is wrong, or nothing.
func (c *bmffCheck) run() (code, why string) {
	alg, err := hashAlg(c.b.alg, c.m.claim.alg)
	if err != nil {
		return codeAlgUnsupported, ""
	}
	c.buf = buffer(c.src)
	if err := c.exclude(); err != nil {
		return codeBMFFMismatch, err.Error()
	}
	if c.b.hash != nil {
		got, err := c.hash(alg, asset.Range{Length: c.src.Size()})
		if err != nil || !bytes.Equal(got, c.b.hash) {
			return codeBMFFMismatch, ""
		}
	}
	if c.b.hasMerkle {
		return c.trees()
	}
	return "", ""
}

// exclude turns the named boxes into byte ranges.
func (c *bmffCheck) exclude() error {
	for _, x := range c.b.exclusions {
		for _, box := range c.f.Find(x.path) {
			match, err := c.matches(x, box)
			if err != nil {
				return err
			}
			if match {
				c.leaveOut(x, box)
			}
			if len(c.out) > maxRanges {
				return fmt.Errorf("more than %d excluded ranges", maxRanges)
			}
		}
	}
	slices.SortFunc(c.out, func(a, b asset.Range) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Length, b.Length))
	})
	merged := c.out[:0]
	for _, r := range c.out {
		if n := len(merged); n > 0 && r.Start <= merged[n-1].End() {
			merged[n-1].Length = max(merged[n-1].End(), r.End()) - merged[n-1].Start
			continue
		}
		merged = append(merged, r)
	}
	c.out = merged
	return nil
}

// matches applies the filters of an exclusion to a box at its path.
func (c *bmffCheck) matches(x bmffExclusion, box *bmff.Box) (bool, error) {
	if x.length >= 0 && x.length != box.Length || x.version >= 0 && box.Full && x.version != int64(box.Version) {
		return false, nil
	}
	if len(x.flags) == 3 && box.Full {
		want := binary.BigEndian.Uint32(append([]byte{0}, x.flags...))
		if x.inexact && want|box.Flags != want || !x.inexact && want != box.Flags {
			return false, nil
		}
	}
	for _, d := range x.data {
		if d.offset > box.Length || int64(len(d.value)) > box.Length-d.offset {
			return false, nil
		}
		got, err := c.src.Bytes(asset.Range{Start: box.Start + d.offset, Length: int64(len(d.value))}, 1<<20)
		if err != nil {
			return false, err
		}
		if !bytes.Equal(got, d.value) {
			return false, nil
		}
	}
	return true, nil
}

func (c *bmffCheck) leaveOut(x bmffExclusion, box *bmff.Box) {
	if !x.parts {
		c.out = append(c.out, box.Range)
		c.gone[box] = true
		return
	}
	for _, s := range x.subset {
		if s.Start > box.Length {
			continue
		}
		length := box.Length - s.Start
		if s.Length > 0 {
			length = min(length, s.Length)
		}
		if length > 0 {
			c.out = append(c.out, asset.Range{Start: box.Start + s.Start, Length: length})
		}
	}
}

// hash hashes the bytes of a range that are not left out. Since version 2 each top-level box that is not left out wholly
// is preceded by its offset in the file, as eight bytes.
func (c *bmffCheck) hash(alg crypto.Hash, within asset.Range) ([]byte, error) {
	h := alg.New()
	pos := within.Start
	emit := func(to int64) error { // hashes from pos to to, without what is left out
		first, _ := slices.BinarySearchFunc(c.out, pos+1, func(r asset.Range, at int64) int { return cmp.Compare(r.End(), at) })
		for _, r := range c.out[first:] {
			if r.Start >= to {
				break
			}
			if err := feed(h, c.src, asset.Range{Start: pos, Length: r.Start - pos}, c.buf); err != nil {
				return err
			}
			pos = min(r.End(), to)
		}
		err := feed(h, c.src, asset.Range{Start: pos, Length: to - pos}, c.buf)
		pos = max(pos, to)
		return err
	}
	next, _ := slices.BinarySearchFunc(c.f.Boxes, within.Start, func(b *bmff.Box, at int64) int { return cmp.Compare(b.Start, at) })
	for _, box := range c.f.Boxes[next:] {
		if c.b.version < 2 || box.Start >= within.End() {
			break
		}
		if c.gone[box] {
			continue
		}
		if err := emit(box.Start); err != nil {
			return nil, err
		}
		var offset [8]byte
		binary.BigEndian.PutUint64(offset[:], uint64(box.Start))
		h.Write(offset[:])
	}
	if err := emit(within.End()); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}
