package c2pa

import (
	"fmt"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// boxEntry is one entry of a c2pa.hash.boxes assertion: a run of boxes and its hash, C2PA 18.6.
type boxEntry struct {
	names    []string
	alg      string
	hash     []byte
	excluded bool
}

// checkBoxHash applies C2PA 15.12.3: the entries name every box of the file, in order.
func (v *validator) checkBoxHash(m *manifest, f cbor.Map, uri string) {
	entries, ok := readBoxEntries(f)
	if !ok {
		v.fail(codeBoxesMalformed, uri, "")
		return
	}
	boxes := v.file.Boxes
	if len(boxes) == 0 {
		v.fail(codeBoxesMismatch, uri, "files of this kind have no boxes that could be compared")
		return
	}
	if v.file.Foreign {
		v.fail(codeBoxesMismatch, uri, "something else is hidden beside the manifest store")
		return
	}
	mapAlg, _ := cbor.Text(f, "alg")
	extra := false
	for i, e := range entries {
		if i == 0 && boxes[0].Name == "PNGh" && e.names[0] != "PNGh" {
			boxes = boxes[1:] // early signers did not list the signature of a PNG
		}
		code, why := v.matchBoxes(e, boxes, mapAlg, m.claim.alg)
		if code != "" {
			v.fail(code, uri, why)
			return
		}
		extra = extra || e.excluded && e.names[0] != asset.BoxC2PA
		boxes = boxes[len(e.names):]
	}
	if len(boxes) > 0 {
		v.fail(codeBoxesUnknown, uri, boxes[0].Name)
		return
	}
	if last := v.file.Boxes[len(v.file.Boxes)-1]; last.End() != v.src.Size() {
		v.fail(codeBoxesUnknown, uri, fmt.Sprintf("%d bytes after the last box", v.src.Size()-last.End()))
		return
	}
	if extra {
		v.note(codeBoxesExtra, uri, "")
	}
	v.pass(codeBoxesMatch, uri)
}

func readBoxEntries(f cbor.Map) ([]boxEntry, bool) {
	list, ok := cbor.List(f, "boxes")
	if !ok || len(list) == 0 {
		return nil, false
	}
	var out []boxEntry
	for _, e := range list {
		m, _ := e.(cbor.Map)
		names, ok := cbor.List(m, "names")
		if !ok || len(names) == 0 {
			return nil, false
		}
		var b boxEntry
		for _, n := range names {
			s, ok := n.(string)
			if !ok {
				return nil, false
			}
			b.names = append(b.names, s)
		}
		b.alg, _ = cbor.Text(m, "alg")
		b.hash, _ = cbor.Bytes(m, "hash")
		b.excluded, _ = cbor.Get[bool](m, "excluded")
		out = append(out, b)
	}
	return out, true
}

// matchBoxes compares one entry with the boxes that come next. A run of boxes is hashed from the start of the first to the
// end of the last, with whatever lies between them.
func (v *validator) matchBoxes(e boxEntry, boxes []asset.Box, mapAlg, claimAlg string) (code, why string) {
	if len(e.names) > len(boxes) {
		return codeBoxesMismatch, "the file ends before the boxes that were signed do"
	}
	for i, name := range e.names {
		if boxes[i].Name != name {
			return codeBoxesUnknown, fmt.Sprintf("%s where %s was signed", boxes[i].Name, name)
		}
		if name == asset.BoxC2PA && len(e.names) > 1 {
			return codeBoxesMismatch, "the manifest store is hashed together with other boxes"
		}
	}
	if e.excluded || e.names[0] == asset.BoxC2PA {
		return "", ""
	}
	alg, err := hashAlg(e.alg, mapAlg, claimAlg)
	if err != nil {
		return codeAlgUnsupported, ""
	}
	run := asset.Range{Start: boxes[0].Start, Length: boxes[len(e.names)-1].End() - boxes[0].Start}
	h := alg.New()
	if err := feed(h, v.src, run, buffer(v.src)); err != nil || string(h.Sum(nil)) != string(e.hash) {
		return codeBoxesMismatch, e.names[0]
	}
	return "", ""
}
