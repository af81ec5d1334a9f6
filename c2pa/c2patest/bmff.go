package c2patest

import (
	"crypto/sha256"
	"encoding/binary"
)

const uuidC2PA = "\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"

// provenance makes a C2PA uuid box.
func provenance(purpose string, content ...[]byte) []byte {
	return Box("uuid", append([][]byte{[]byte(uuidC2PA), make([]byte, 4), []byte(purpose + "\x00")}, content...)...)
}

// Media is the content of the film that [MP4] makes.
var Media = []byte("frames that nobody will ever look at, one after another")

// MP4 is a film of a few bytes.
func MP4(store []byte) ([]byte, int, int) {
	file := Box("ftyp", []byte("mp42\x00\x00\x00\x00mp42"))
	start := len(file)
	if store != nil {
		file = append(file, provenance("manifest", make([]byte, 8), store)...)
	}
	length := len(file) - start
	file = append(file, Box("moov", Box("mvhd", make([]byte, 12)))...)
	return append(file, Box("mdat", Media)...), start, length
}

// bmffExclusions are those every BMFF hash has to have.
func bmffExclusions() []any {
	return []any{
		M{"xpath": "/uuid", "data": []any{M{"offset": 8, "value": []byte(uuidC2PA)}}}, M{"xpath": "/ftyp"}, M{"xpath": "/mfra"},
	}
}

// BMFFHash binds to a film as a whole.
func BMFFHash(file []byte, _, _ int) Assertion {
	return Assertion{"c2pa.hash.bmff.v3", M{"alg": "sha256", "hash": hashBoxes(file, false), "exclusions": bmffExclusions()}}
}

// hashBoxes hashes every box but ftyp and uuid, each after its offset. Of mdat only the first 16 bytes count if tree is set.
func hashBoxes(file []byte, tree bool) []byte {
	h := sha256.New()
	for at := 0; at+8 <= len(file); {
		size := int(binary.BigEndian.Uint32(file[at:]))
		kind := string(file[at+4 : at+8])
		if kind != "ftyp" && kind != "uuid" {
			h.Write(binary.BigEndian.AppendUint64(nil, uint64(at)))
			end := at + size
			if tree && kind == "mdat" {
				end = at + 16
			}
			h.Write(file[at:end])
		}
		at += size
	}
	return h.Sum(nil)
}

// MerkleHash returns a binding that covers the media by a tree over blocks of a size. Of the tree it stores the leaves, or
// only the root.
func MerkleHash(block int, rootOnly bool) func([]byte, int, int) Assertion {
	return func(file []byte, _, _ int) Assertion {
		media := Media[8:] // the tree begins 16 bytes into the box
		var leaves [][]byte
		for len(media) > 0 {
			n := min(block, len(media))
			leaves = append(leaves, sum(media[:n]))
			media = media[n:]
		}
		count, row := len(leaves), leaves
		if rootOnly {
			row = [][]byte{root(leaves)}
		}
		exclusions := append(bmffExclusions(), M{"xpath": "/mdat", "subset": []any{M{"offset": 16, "length": 0}}})
		return Assertion{"c2pa.hash.bmff.v3", M{
			"alg": "sha256", "hash": hashBoxes(file, true), "exclusions": exclusions,
			"merkle": []any{M{"uniqueId": 1, "localId": 1, "count": count, "alg": "sha256", "hashes": row, "fixedBlockSize": block}},
		}}
	}
}

func sum(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func root(row [][]byte) []byte {
	for len(row) > 1 {
		var up [][]byte
		for i := 0; i < len(row); i += 2 {
			if i+1 == len(row) {
				up = append(up, row[i])
			} else {
				up = append(up, sum(row[i], row[i+1]))
			}
		}
		row = up
	}
	return row[0]
}

// Stream makes the beginning of a film in four fragments, and the fragments, each with its proof.
func (a *Authority) Stream() (initial []byte, fragments [][]byte) {
	var proofs [4][]any
	fragment := func(i int) []byte {
		file := Box("styp", []byte("msdh"))
		file = append(file, provenance("merkle", CBOR(M{"uniqueId": 1, "localId": 1, "location": i, "hashes": proofs[i]}))...)
		return append(append(file, Box("moof", []byte{byte(i)})...), Box("mdat", Media)...)
	}
	leaf := func(i int) []byte { return hashBoxes(fragment(i), false) }
	dummy := make([]byte, 32)
	for i := range proofs {
		proofs[i] = []any{dummy, dummy}
	}
	l := [4][]byte{leaf(0), leaf(1), leaf(2), leaf(3)}
	left, right := sum(l[0], l[1]), sum(l[2], l[3])
	proofs = [4][]any{{l[1], right}, {l[0], right}, {l[3], left}, {l[2], left}}
	carry := func(store []byte) ([]byte, int, int) {
		file := Box("ftyp", []byte("mp42\x00\x00\x00\x00mp42"))
		start := len(file)
		file = append(file, provenance("manifest", make([]byte, 8), store)...)
		return append(file, Box("moov", Box("mvhd", make([]byte, 12)))...), start, len(file) - start
	}
	initial = a.Embed(carry, Manifest{Binding: func(file []byte, _, _ int) Assertion {
		return Assertion{"c2pa.hash.bmff.v3", M{"alg": "sha256", "exclusions": bmffExclusions(), "merkle": []any{
			M{"uniqueId": 1, "localId": 1, "count": 4, "alg": "sha256", "initHash": hashBoxes(file, false), "hashes": [][]byte{sum(left, right)}},
		}}}
	}})
	for i := range proofs {
		fragments = append(fragments, fragment(i))
	}
	return initial, fragments
}

// BoxHash binds to a PNG chunk by chunk.
func BoxHash(file []byte, start, length int) Assertion {
	list := []any{M{"names": []any{"PNGh"}, "hash": sum(file[:8]), "alg": "sha256", "pad": []byte{}}}
	for at := 8; at+12 <= len(file); {
		size := int(binary.BigEndian.Uint32(file[at:])) + 12
		name, hash := string(file[at+4:at+8]), sum(file[at:min(len(file), at+size)])
		if at == start && length > 0 {
			name, hash = "C2PA", make([]byte, 32)
		}
		list = append(list, M{"names": []any{name}, "hash": hash, "alg": "sha256", "pad": []byte{}})
		at += size
	}
	return Assertion{"c2pa.hash.boxes", M{"alg": "sha256", "boxes": list}}
}
