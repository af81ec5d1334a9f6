package c2pa

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/bmff"
)

// separate checks a stream in several files: the asset is what stands before the first fragment, and each fragment carries
// the proof of its place in a tree, C2PA 15.12.2.2. Fragments are the next of their tree, from the first on.
func (c *bmffCheck) separate() (code, why string) {
	if c.b.hash != nil {
		return codeBMFFMismatch, "a hash of the whole file, but it comes in fragments"
	}
	for i := range c.b.merkle {
		m := &c.b.merkle[i]
		alg, err := c.treeAlg(m)
		if err != nil {
			return codeAlgUnsupported, ""
		}
		got, err := c.hash(alg, asset.Range{Length: c.src.Size()})
		if err != nil || !bytes.Equal(got, m.init) {
			return codeBMFFMismatch, "what stands before the fragments"
		}
	}
	next := make([]int64, len(c.b.merkle)) // location of the next fragment of each tree
	for n, src := range c.v.fragments {
		if why := c.fragment(src, next); why != "" {
			return codeBMFFMismatch, fmt.Sprintf("fragment %d: %s", n+1, why)
		}
	}
	for i, m := range c.b.merkle {
		c.v.r.Partial = c.v.r.Partial || next[i] < m.count
	}
	return "", ""
}

// fragment checks one fragment against the tree it says it belongs to. It returns what is wrong.
func (c *bmffCheck) fragment(src *asset.Source, next []int64) string {
	f, err := bmff.Read(src)
	if err != nil && !errors.Is(err, asset.ErrNoManifest) {
		return err.Error()
	}
	if len(f.Proofs) != 1 {
		return fmt.Sprintf("%d Merkle boxes", len(f.Proofs))
	}
	p, err := readProof(f.Proofs[0])
	if err != nil {
		return err.Error()
	}
	i := slices.IndexFunc(c.b.merkle, func(m merkleMap) bool { return m.unique == p.unique && m.local == p.local })
	if i < 0 {
		return "it belongs to no tree"
	}
	if p.location != next[i] {
		return fmt.Sprintf("it is number %d, where number %d was expected", p.location+1, next[i]+1)
	}
	m := &c.b.merkle[i]
	alg, err := c.treeAlg(m)
	if err != nil {
		return err.Error()
	}
	part := bmffCheck{v: c.v, src: src, m: c.m, b: c.b, f: f, gone: map[*bmff.Box]bool{}, buf: buffer(src)}
	if err := part.exclude(); err != nil {
		return err.Error()
	}
	leaf, err := part.hash(alg, asset.Range{Length: src.Size()})
	if err != nil || !m.verify(alg, leaf, p.location, p.nodes) {
		return "it is not what was signed"
	}
	next[i]++
	return ""
}
