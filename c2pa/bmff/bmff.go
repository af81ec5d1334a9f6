// Package bmff reads the box tree of ISO base media files (MP4, MOV, M4A, HEIC, HEIF, AVIF) as far as C2PA needs it: the uuid
// boxes that carry manifest stores and Merkle proofs (C2PA A.5), and the paths, versions and flags by which BMFF
// hashes name the boxes they leave out.
//
// Only headers are read; the media data itself is never touched here.
package bmff

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
)

// Format is the media type of a file whose brand says nothing more exact.
const Format = "video/mp4"

// Limits of a tree.
const (
	maxDepth  = 32
	maxBoxes  = 200_000
	maxMerkle = 1 << 20  // bytes of one Merkle proof
	maxProofs = 64 << 20 // bytes of all of them
)

// UUID of C2PA's boxes, A.5.1, and of those with XMP.
var (
	uuidC2PA = [16]byte{0xd8, 0xfe, 0xc3, 0xd6, 0x1b, 0x0e, 0x48, 0x3c, 0x92, 0x97, 0x58, 0x28, 0x87, 0x7e, 0xc4, 0x81}
	uuidXMP  = [16]byte{0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac}
)

// Box is one box of the file.
type Box struct {
	asset.Range
	Type     string
	Header   int64 // bytes before the payload, without version and flags
	UUID     [16]byte
	Full     bool // Version and Flags are there
	Version  byte
	Flags    uint32
	Children []*Box
}

// File is a parsed file.
type File struct {
	asset.Layout
	Boxes []*Box // top level, in order
	// Stores are the manifest stores by purpose: "manifest", or "original" and "update".
	Stores map[string][]byte
	// Proofs are the contents of the auxiliary Merkle boxes, in order of the file.
	Proofs [][]byte
}

// Is reports whether head begins as these files do.
func Is(head []byte) bool {
	return len(head) >= 12 && string(head[4:8]) == "ftyp"
}

// Read parses the boxes of src. The file is also returned with [asset.ErrNoManifest].
func Read(src *asset.Source) (*File, error) {
	f := &File{Stores: map[string][]byte{}}
	p := parser{src: src, file: f, left: maxBoxes}
	root := &Box{Range: asset.Range{Length: src.Size()}}
	if err := p.children(root, 0, 0); err != nil {
		return nil, err
	}
	f.Boxes = root.Children
	f.Format = p.format()
	if err := p.stores(); err != nil {
		return nil, err
	}
	if len(f.Stores) == 0 {
		return f, asset.ErrNoManifest
	}
	return f, nil
}

type parser struct {
	src    *asset.Source
	file   *File
	left   int
	proofs int // bytes of proofs so far
}

// containers are the boxes whose payload is boxes.
var containers = words("moov trak mdia minf stbl moof traf edts udta dinf tref treg mvex mfra meta schi")

// fullBoxes are the boxes that begin with a version and flags, ISO/IEC 14496-12.
var fullBoxes = words(`pdin mvhd tkhd mdhd hdlr nmhd elng stsd stdp stts ctts cslg stss stsh elst dref stsz stz2 stsc
	stco co64 padb subs saiz saio mehd trex mfhd tfhd trun tfra mfro tfdt leva trep assp sbgp sgpd csgp cprt tsel kind
	meta bxml iloc pitm ipro infe iinf iref ipma schm fiin fpar fecr gitn fire stri stsg stvi csch sidx ssix prft srpp
	vmhd smhd srat chnl dmix txtC mime uriI hmhd sthd vvhd medc`, "xml ", "uri ")

func words(list string, more ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range append(strings.Fields(list), more...) {
		out[w] = true
	}
	return out
}

// children reads the boxes of parent's payload, which begins skip bytes into it. A few bytes after the last box that are
// no box are left alone; whoever hashes the file hashes them too.
func (p *parser) children(parent *Box, skip int64, depth int) error {
	if depth > maxDepth {
		return asset.Malformed("boxes nested more than %d deep", maxDepth)
	}
	for pos := parent.Start + skip; pos+8 <= parent.End(); {
		b, err := p.box(pos, parent.End())
		if err != nil {
			return err
		}
		if containers[b.Type] {
			if err := p.children(b, p.content(b), depth+1); err != nil {
				return err
			}
		}
		parent.Children = append(parent.Children, b)
		pos = b.End()
	}
	return nil
}

// content returns where the children of a container begin, seen from its start. QuickTime writes meta without version and flags.
func (p *parser) content(b *Box) int64 {
	if b.Full {
		return b.Header + 4
	}
	return b.Header
}

func (p *parser) box(pos, end int64) (*Box, error) {
	if p.left--; p.left < 0 {
		return nil, asset.Malformed("more than %d boxes", maxBoxes)
	}
	var head [16]byte
	if err := p.src.Fixed(head[:8], pos); err != nil {
		return nil, err
	}
	b := &Box{Type: string(head[4:8]), Header: 8}
	size := uint64(binary.BigEndian.Uint32(head[:4]))
	switch size {
	case 0:
		size = uint64(end - pos)
	case 1:
		if err := p.src.Fixed(head[8:], pos+8); err != nil {
			return nil, err
		}
		size, b.Header = binary.BigEndian.Uint64(head[8:]), 16
	}
	if size < uint64(b.Header) || size > uint64(end-pos) {
		return nil, asset.Malformed("box %q of %d bytes at %d", b.Type, size, pos)
	}
	b.Range = asset.Range{Start: pos, Length: int64(size)}
	return b, p.details(b)
}

// details reads the UUID, version and flags of a box that has them.
func (p *parser) details(b *Box) error {
	if b.Type == "uuid" {
		if b.Length < b.Header+16 {
			return asset.Malformed("uuid box of %d bytes at %d", b.Length, b.Start)
		}
		if err := p.src.Fixed(b.UUID[:], b.Start+b.Header); err != nil {
			return err
		}
		b.Header += 16
	}
	if !fullBoxes[b.Type] && b.UUID != uuidC2PA || b.Length < b.Header+4 {
		return nil
	}
	var v [8]byte
	if err := p.src.Fixed(v[:4], b.Start+b.Header); err != nil {
		return err
	}
	if b.Type == "meta" && b.Length >= b.Header+8 {
		if err := p.src.Fixed(v[:], b.Start+b.Header); err != nil || string(v[4:]) == "hdlr" {
			return err
		}
	}
	b.Full, b.Version, b.Flags = true, v[0], binary.BigEndian.Uint32(v[:4])&0xffffff
	return nil
}

var brands = map[string]string{
	"qt  ": "video/quicktime", "M4A ": "audio/mp4", "M4B ": "audio/mp4", "heic": "image/heic", "heix": "image/heic",
	"mif1": "image/heif", "msf1": "image/heif", "avif": "image/avif", "avis": "image/avif",
}

func (p *parser) format() string {
	var brand [4]byte
	if len(p.file.Boxes) > 0 && p.file.Boxes[0].Type == "ftyp" && p.src.Fixed(brand[:], 8) == nil {
		if f, ok := brands[string(brand[:])]; ok {
			return f
		}
	}
	return Format
}

// stores reads C2PA's and XMP's uuid boxes at the top level.
func (p *parser) stores() error {
	for _, b := range p.file.Boxes {
		var err error
		switch b.UUID {
		case uuidC2PA:
			err = p.c2pa(b)
		case uuidXMP:
			err = p.xmp(b)
		}
		if err != nil {
			return err
		}
	}
	original, update := p.file.Stores["original"], p.file.Stores["update"]
	if (original == nil) != (update == nil) || original != nil && p.file.Stores["manifest"] != nil {
		return asset.Malformed("the boxes of an updated manifest do not belong together")
	}
	return nil
}

// c2pa reads one ContentProvenanceBox: version and flags, a purpose that ends with a zero byte, and what the purpose asks for.
func (p *parser) c2pa(b *Box) error {
	body, err := p.src.Bytes(asset.Range{Start: b.Start + b.Header, Length: b.Length - b.Header}, asset.MaxStore)
	if err != nil {
		return err
	}
	if len(body) < 5 {
		return asset.Malformed("C2PA box of %d bytes", b.Length)
	}
	end := bytes.IndexByte(body[4:], 0)
	if end < 0 {
		return asset.Malformed("C2PA box without a purpose")
	}
	purpose, data := string(body[4:4+end]), body[4+end+1:]
	switch purpose {
	case "manifest", "original", "update":
		return p.store(b, purpose, data)
	case "merkle":
		if len(data) > maxMerkle {
			return asset.Malformed("Merkle box of %d bytes", len(data))
		}
		if p.proofs += len(data); p.proofs > maxProofs {
			return asset.Malformed("Merkle boxes of more than %d bytes", maxProofs)
		}
		p.file.Proofs = append(p.file.Proofs, data)
	}
	return nil
}

func (p *parser) store(b *Box, purpose string, data []byte) error {
	if len(data) < 8 {
		return asset.Malformed("C2PA box without a manifest store")
	}
	f := p.file
	if f.Stores[purpose] != nil || purpose == "original" && f.Stores["manifest"] != nil || purpose == "manifest" && f.Stores["original"] != nil {
		return asset.ErrManyStores
	}
	store, clean := asset.Cut(data[8:])
	f.Stores[purpose] = store
	f.Foreign = f.Foreign || !clean
	if purpose != "update" {
		f.Store, f.Extent = store, b.Range
	}
	return nil
}

func (p *parser) xmp(b *Box) error {
	body, err := p.src.Bytes(asset.Range{Start: b.Start + b.Header, Length: min(b.Length-b.Header, asset.MaxXMP)}, asset.MaxXMP)
	if err == nil && p.file.Remote == "" {
		p.file.Remote = asset.RemoteManifest(body)
	}
	return err
}

// Find returns the boxes at a path like /moov/trak[2]/mdia, where a number counts the boxes of that type from one.
func (f *File) Find(path string) []*Box {
	level := f.Boxes
	var found []*Box
	for _, part := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		name, index, ok := pathPart(part)
		if !ok {
			return nil
		}
		found = nil
		for _, b := range level {
			if b.Type == name {
				found = append(found, b)
			}
		}
		if index > 0 {
			if index > len(found) {
				return nil
			}
			found = found[index-1 : index]
		}
		level = nil
		for _, b := range found {
			level = append(level, b.Children...)
		}
	}
	return slices.Clone(found)
}

func pathPart(part string) (name string, index int, ok bool) {
	name, rest, indexed := strings.Cut(part, "[")
	if len(name) != 4 {
		return "", 0, false
	}
	if !indexed {
		return name, 0, true
	}
	digits, ok := strings.CutSuffix(rest, "]")
	for _, d := range digits {
		if d < '0' || d > '9' || index > 1<<20 {
			return "", 0, false
		}
		index = index*10 + int(d-'0')
	}
	return name, index, ok && index > 0
}
