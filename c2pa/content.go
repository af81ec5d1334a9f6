package c2pa

import (
	"crypto"
	"errors"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// isBinding reports whether an assertion of this name binds a manifest to content.
func isBinding(name string) bool {
	return name == "c2pa.hash.data" || name == "c2pa.hash.boxes" || name == "c2pa.hash.bmff" || name == "c2pa.hash.collection.data"
}

// bindings returns the hard bindings of a manifest. In a claim of version 2 only created assertions count.
func bindings(m *manifest) []*assertion {
	var out []*assertion
	for _, ref := range m.claim.refs {
		if a := m.referred(ref.hashedURI); a != nil && ref.created && isBinding(a.name) && !strings.HasSuffix(a.label, ".part") {
			out = append(out, a)
		}
	}
	return out
}

// content checks the asset against the hard binding, which an update manifest inherits from the first standard
// manifest in its line of parents, C2PA 15.12.
func (v *validator) content(active *manifest) {
	m := active
	seen := map[string]bool{}
	for m != nil && m.update && !seen[m.label] {
		seen[m.label] = true
		m = v.parent(m)
	}
	if m == nil || m.update {
		v.fail(codeBindingMissing, active.uri(), "")
		return
	}
	found := bindings(m)
	switch {
	case len(found) == 0:
		v.fail(codeBindingMissing, m.uri(), "")
	case len(found) > 1:
		v.fail(codeBindingMultiple, m.uri(), "")
	}
	for _, a := range found[:min(len(found), 2)] {
		v.checkBinding(m, a, m != active)
	}
}

func (v *validator) parent(m *manifest) *manifest {
	for _, a := range m.kind("c2pa.ingredient") {
		in, err := parseIngredient(a)
		if err == nil && in.relationship == "parentOf" && in.manifest != nil {
			next, _ := v.target(in.manifest)
			return next
		}
	}
	return nil
}

func (v *validator) checkBinding(m *manifest, a *assertion, updated bool) {
	uri := assertionURI(m.label, a.label)
	fields := a.fields()
	switch {
	case fields == nil:
		v.fail(codeDataMalformed, uri, "")
	case a.name == "c2pa.hash.data":
		v.checkDataHash(m, fields, uri, updated)
	case a.name == "c2pa.hash.boxes":
		v.checkBoxHash(m, fields, uri)
	case a.name == "c2pa.hash.bmff":
		v.checkBMFFHash(m, a, uri)
	default:
		v.fail(codeBindingMissing, uri, "a binding of this kind is not supported yet")
	}
}

// exclusion is one entry of a list of byte ranges.
func readRanges(list []any, start, length string) ([]asset.Range, bool) {
	var out []asset.Range
	for _, e := range list {
		m, _ := e.(cbor.Map)
		s, ok1 := cbor.Int(m[start])
		l, ok2 := cbor.Int(m[length])
		if !ok1 || !ok2 || s < 0 || l < 0 || s > 1<<62 || l > 1<<62 {
			return nil, false
		}
		if n := len(out); n > 0 && out[n-1].End() > s {
			return nil, false
		}
		out = append(out, asset.Range{Start: s, Length: l})
	}
	return out, true
}

// checkDataHash applies C2PA 15.12.1.
func (v *validator) checkDataHash(m *manifest, f cbor.Map, uri string, updated bool) {
	want, ok := cbor.Bytes(f, "hash")
	list, isList := cbor.List(f, "exclusions")
	ranges, sorted := readRanges(list, "start", "length")
	alg, _ := cbor.Text(f, "alg")
	h, err := hashAlg(alg, m.claim.alg)
	switch {
	case cbor.Has(f, "exclusions") && !isList, !sorted:
		v.fail(codeDataMalformed, uri, "the exclusions are not in order, or overlap")
		return
	case err != nil:
		v.fail(codeAlgUnsupported, uri, "")
		return
	case !ok, cbor.Has(f, "url"):
		v.fail(codeDataMismatch, uri, "no hash of this asset")
		return
	}
	if updated {
		ranges = v.stretch(ranges)
	}
	if why := v.storeExcluded(ranges); why != "" {
		v.fail(codeDataMismatch, uri, why)
		return
	}
	if len(ranges) > 1 {
		v.note(codeDataExtra, uri, "")
	}
	got, err := hashWithout(v.src, h, ranges)
	if err != nil || string(got) != string(want) {
		v.fail(codeDataMismatch, uri, "")
		return
	}
	v.pass(codeDataMatch, uri)
}

// stretch lets the exclusion of the store follow the store as update manifests made it grow.
func (v *validator) stretch(ranges []asset.Range) []asset.Range {
	out := slices.Clone(ranges)
	i := slices.IndexFunc(out, func(r asset.Range) bool { return r.Start == v.file.Extent.Start })
	if i < 0 || v.file.Extent.Length == 0 {
		return out
	}
	grown := v.file.Extent.Length - out[i].Length
	out[i].Length = v.file.Extent.Length
	for j := i + 1; j < len(out); j++ {
		out[j].Start += grown
	}
	return out
}

// storeExcluded applies C2PA 15.12.1.1 and 15.12.1.2: one exclusion is exactly the bytes that hold the store, and those
// hold nothing else. It returns what is wrong.
func (v *validator) storeExcluded(ranges []asset.Range) string {
	extent := v.file.Extent
	if extent.Length == 0 {
		if len(ranges) > 0 {
			return "bytes are excluded though no manifest store lies in them"
		}
		return ""
	}
	if v.file.Foreign {
		return "something else is hidden beside the manifest store"
	}
	for _, r := range ranges {
		if r.Overlaps(extent) && r != extent {
			return "the exclusion is not exactly the manifest store"
		}
	}
	return ""
}

var errRange = errors.New("a range ends after the file")

// hashWithout hashes the asset except for the given ranges, which are in order.
func hashWithout(src *asset.Source, alg crypto.Hash, without []asset.Range) ([]byte, error) {
	h := alg.New()
	buf := buffer(src)
	pos := int64(0)
	for _, r := range without {
		if r.End() > src.Size() {
			return nil, errRange
		}
		if err := feed(h, src, asset.Range{Start: pos, Length: r.Start - pos}, buf); err != nil {
			return nil, err
		}
		pos = r.End()
	}
	err := feed(h, src, asset.Range{Start: pos, Length: src.Size() - pos}, buf)
	return h.Sum(nil), err
}

// buffer returns room to hash a file through.
func buffer(src *asset.Source) []byte { return make([]byte, max(1, min(src.Size(), 256<<10))) }

// feed hashes one range of the asset.
func feed(h hash.Hash, src *asset.Source, r asset.Range, buf []byte) error {
	if r.Length <= 0 {
		return nil
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{src.Section(r)}, buf)
	if err == nil && n != r.Length {
		err = errRange
	}
	return err
}
