package c2pa

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/bmff"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// maxLeaves bounds the leaves of one tree.
const maxLeaves = 1 << 20

// mdatHead is how many bytes of a media data box are hashed with the file and not in the tree, C2PA 18.7.3.
const mdatHead = 16

// merkleMap is one tree of a BMFF hash: a stored row of its nodes, from which the leaves can be checked.
type merkleMap struct {
	unique, local, count int64
	alg                  string
	init                 []byte // hash of what stands before the first fragment
	row                  [][]byte
	fixed                int64   // size of each block, 0 if not given
	variable             []int64 // size of each block, nil if not given
}

// proof is what an auxiliary Merkle box says: where its leaf is in the tree and the nodes that lead to the row.
type proof struct {
	unique, local, location int64
	nodes                   [][]byte
}

func readMerkleMap(e any) (m merkleMap, err error) {
	f, _ := e.(cbor.Map)
	var ok [4]bool
	m.unique, ok[0] = cbor.Int(f["uniqueId"])
	m.local, ok[1] = cbor.Int(f["localId"])
	m.count, ok[2] = cbor.Int(f["count"])
	m.alg, _ = cbor.Text(f, "alg")
	m.init, _ = cbor.Bytes(f, "initHash")
	m.row, ok[3] = readNodes(f["hashes"])
	if ok != [4]bool{true, true, true, true} || m.count < 1 || m.count > maxLeaves || len(m.row) == 0 || int64(len(m.row)) > m.count {
		return m, errors.New("a Merkle map is malformed")
	}
	if v, given := f["fixedBlockSize"]; given {
		if m.fixed, ok[0] = cbor.Int(v); !ok[0] || m.fixed < 2 {
			return m, errors.New("a block size is malformed")
		}
	}
	if list, given := cbor.List(f, "variableBlockSizes"); given {
		for _, v := range list {
			n, ok := cbor.Int(v)
			if !ok || n < 0 {
				return m, errors.New("a block size is malformed")
			}
			m.variable = append(m.variable, n)
		}
		if m.fixed > 0 || int64(len(list)) != m.count {
			return m, errors.New("the block sizes do not fit the tree")
		}
	}
	return m, nil
}

func readNodes(v any) ([][]byte, bool) {
	list, ok := v.([]any)
	var out [][]byte
	for _, e := range list {
		b, isBytes := e.([]byte)
		if !isBytes {
			return nil, false
		}
		out = append(out, b)
	}
	return out, ok
}

func readProof(data []byte) (p proof, err error) {
	v, err := cbor.DecodePadded(data)
	if err != nil {
		return p, err
	}
	f, _ := v.(cbor.Map)
	var ok [3]bool
	p.unique, ok[0] = cbor.Int(f["uniqueId"])
	p.local, ok[1] = cbor.Int(f["localId"])
	p.location, ok[2] = cbor.Int(f["location"])
	if nodes, given := f["hashes"]; given && nodes != nil {
		var good bool
		if p.nodes, good = readNodes(nodes); !good {
			ok[0] = false
		}
	}
	if ok != [3]bool{true, true, true} {
		return p, errors.New("a Merkle box is malformed")
	}
	return p, nil
}

// verify checks that a leaf is at a location of the tree, with nodes that lead from it to the stored row.
func (m *merkleMap) verify(alg crypto.Hash, leaf []byte, location int64, nodes [][]byte) bool {
	if location < 0 || location >= m.count {
		return false
	}
	at := leaf
	for width := m.count; width != int64(len(m.row)); width = (width + 1) / 2 {
		if width <= 1 {
			return false // the stored row is no row of this tree
		}
		sibling := location ^ 1
		if sibling < width {
			if len(nodes) == 0 {
				return false
			}
			pair := append(append([]byte{}, at...), nodes[0]...)
			if location&1 == 1 {
				pair = append(append([]byte{}, nodes[0]...), at...)
			}
			at, nodes = sum(alg, pair), nodes[1:]
		}
		location /= 2
	}
	return len(nodes) == 0 && bytes.Equal(at, m.row[location])
}

// verifyAll checks a complete row of leaves against the stored row by building the tree up to it.
func (m *merkleMap) verifyAll(alg crypto.Hash, leaves [][]byte) bool {
	for len(leaves) > len(m.row) {
		up := leaves[:0:0]
		for i := 0; i < len(leaves); i += 2 {
			if i+1 == len(leaves) {
				up = append(up, leaves[i])
				continue
			}
			up = append(up, sum(alg, append(append([]byte{}, leaves[i]...), leaves[i+1]...)))
		}
		leaves = up
	}
	if len(leaves) != len(m.row) {
		return false
	}
	for i := range leaves {
		if !bytes.Equal(leaves[i], m.row[i]) {
			return false
		}
	}
	return true
}

// trees checks every Merkle map, C2PA 15.12.2.1 and 15.12.2.2.
func (c *bmffCheck) trees() (code, why string) {
	var proofs []proof
	for _, data := range c.f.Proofs {
		p, err := readProof(data)
		if err != nil {
			return codeBMFFMalformed, err.Error()
		}
		proofs = append(proofs, p)
	}
	var moof *bmff.Box
	for _, b := range c.f.Boxes {
		if b.Type == "moof" {
			moof = b
			break
		}
	}
	switch {
	case len(c.v.fragments) > 0:
		return c.separate()
	case moof != nil:
		return c.fragmented(moof, proofs)
	}
	return c.whole(proofs)
}

func (c *bmffCheck) treeAlg(m *merkleMap) (crypto.Hash, error) {
	return hashAlg(m.alg, c.b.alg, c.m.claim.alg)
}

// whole checks a file in one piece: one tree for each media data box, whose payload is cut into blocks.
func (c *bmffCheck) whole(proofs []proof) (code, why string) {
	var mdats []*bmff.Box
	for _, b := range c.f.Boxes {
		if b.Type == "mdat" {
			mdats = append(mdats, b)
		}
	}
	if len(mdats) != len(c.b.merkle) {
		return codeBMFFMismatch, fmt.Sprintf("%d trees for %d media data boxes", len(c.b.merkle), len(mdats))
	}
	for i, mdat := range mdats {
		m := &c.b.merkle[i]
		if m.init != nil {
			return codeBMFFMismatch, "a hash of an initial segment, but no fragments"
		}
		alg, err := c.treeAlg(m)
		if err != nil {
			return codeAlgUnsupported, ""
		}
		leaves, err := c.leaves(m, mdat, alg)
		if err != nil {
			return codeBMFFMalformed, err.Error()
		}
		var n int
		if n, code, why = c.wholeTree(m, alg, leaves, proofs); code != "" {
			return code, why
		}
		proofs = proofs[n:]
	}
	if len(proofs) > 0 {
		return codeBMFFMismatch, "a Merkle box that belongs to no tree"
	}
	return "", ""
}

// wholeTree checks the leaves of one tree, with the proofs of the file if it has any, and returns how many it used.
func (c *bmffCheck) wholeTree(m *merkleMap, alg crypto.Hash, leaves [][]byte, proofs []proof) (used int, code, why string) {
	if len(proofs) == 0 {
		if !m.verifyAll(alg, leaves) {
			return 0, codeBMFFMismatch, ""
		}
		return 0, "", ""
	}
	if len(proofs) < len(leaves) {
		return 0, codeBMFFMalformed, "a Merkle box is missing"
	}
	for i, leaf := range leaves {
		p := proofs[i]
		if p.unique != m.unique || p.local != m.local || p.location != int64(i) || !m.verify(alg, leaf, p.location, p.nodes) {
			return 0, codeBMFFMismatch, ""
		}
	}
	return len(leaves), "", ""
}

// leaves hashes the blocks of a media data box.
func (c *bmffCheck) leaves(m *merkleMap, mdat *bmff.Box, alg crypto.Hash) ([][]byte, error) {
	pos, left := mdat.Start+mdatHead, max(mdat.Length-mdatHead, 0)
	var out [][]byte
	for i := int64(0); left > 0 || i < int64(len(m.variable)); i++ {
		size := left
		switch {
		case m.fixed > 0:
			size = min(m.fixed, left)
		case m.variable != nil && i < int64(len(m.variable)):
			size = m.variable[i]
		}
		if i >= m.count || size > left {
			return nil, errors.New("the blocks are not as many or as long as the media data")
		}
		h := alg.New()
		if err := feed(h, c.src, asset.Range{Start: pos, Length: size}, c.buf); err != nil {
			return nil, err
		}
		out = append(out, h.Sum(nil))
		pos, left = pos+size, left-size
	}
	if int64(len(out)) != m.count {
		return nil, errors.New("the blocks are not as many as the tree has leaves")
	}
	return out, nil
}

// fragmented checks a file that holds its fragments: the part before them, then each fragment with its proof, in order.
func (c *bmffCheck) fragmented(first *bmff.Box, proofs []proof) (code, why string) {
	fragments := c.fragments()
	for i := range c.b.merkle {
		m := &c.b.merkle[i]
		alg, err := c.treeAlg(m)
		if err != nil {
			return codeAlgUnsupported, ""
		}
		got, err := c.hash(alg, asset.Range{Length: first.Start})
		if err != nil || m.init != nil && !bytes.Equal(got, m.init) {
			return codeBMFFMismatch, "what stands before the fragments"
		}
		if int64(len(fragments)) != m.count || len(proofs) != len(fragments) {
			return codeBMFFMismatch, "the fragments are not as many as were signed"
		}
		for j, r := range fragments {
			leaf, err := c.hash(alg, r)
			if err != nil || proofs[j].location != int64(j) || !m.verify(alg, leaf, int64(j), proofs[j].nodes) {
				return codeBMFFMismatch, fmt.Sprintf("fragment %d", j+1)
			}
		}
	}
	return "", ""
}

// fragments cuts the file into runs that begin with a moof box and end before the next one.
func (c *bmffCheck) fragments() []asset.Range {
	var out []asset.Range
	for _, b := range c.f.Boxes {
		switch {
		case b.Type == "moof":
			out = append(out, b.Range)
		case len(out) > 0:
			out[len(out)-1].Length = b.End() - out[len(out)-1].Start
		}
	}
	return out
}
