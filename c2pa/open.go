package c2pa

import (
	"bytes"
	"io"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/bmff"
	"github.com/wherefrom-network/wherefrom/c2pa/gif"
	"github.com/wherefrom-network/wherefrom/c2pa/id3"
	"github.com/wherefrom-network/wherefrom/c2pa/jpeg"
	"github.com/wherefrom-network/wherefrom/c2pa/pdf"
	"github.com/wherefrom-network/wherefrom/c2pa/png"
	"github.com/wherefrom-network/wherefrom/c2pa/riff"
	"github.com/wherefrom-network/wherefrom/c2pa/svg"
	"github.com/wherefrom-network/wherefrom/c2pa/tiff"
)

// ErrUnsupported says that a file or a feature is of a kind that is not built yet. It is never an answer about the file.
var ErrUnsupported = asset.ErrUnsupported

// container is an asset whose format was recognised.
type container struct {
	asset.Layout
	bmff *bmff.File // set for ISO base media files
}

// stores returns the manifest stores of the asset: one, or an original and the update that stands at the end of a film.
func (c *container) stores() [][]byte {
	if c.bmff != nil && c.Extent.Length > 0 && c.bmff.Stores["update"] != nil {
		return [][]byte{c.Store, c.bmff.Stores["update"]}
	}
	return [][]byte{c.Store}
}

// formats are tried in order: how a file begins, and what reads it.
var formats = []struct {
	is   func(head []byte) bool
	read func(*asset.Source) (*asset.Layout, error)
}{
	{jpeg.Is, jpeg.Read},
	{png.Is, png.Read},
	{riff.Is, riff.Read},
	{gif.Is, gif.Read},
	{tiff.Is, tiff.Read},
	{svg.Is, svg.Read},
	{id3.Is, id3.Read},
	{pdf.Is, pdf.Read},
	{isStoreFile, readStoreFile},
}

// open recognises an asset by its first bytes and reads its layout. The container is also returned with
// [asset.ErrNoManifest], so that a store from elsewhere can be bound to it.
func open(src *asset.Source) (*container, error) {
	head := make([]byte, 64)
	n, err := src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if bmff.Is(head[:n]) {
		f, err := bmff.Read(src)
		if f == nil {
			return nil, err
		}
		return &container{Layout: f.Layout, bmff: f}, err
	}
	for _, f := range formats {
		if !f.is(head[:n]) {
			continue
		}
		l, err := f.read(src)
		if l == nil {
			return nil, err
		}
		return &container{Layout: *l}, err
	}
	return nil, ErrUnsupported
}

// isStoreFile recognises a manifest store that stands alone in a .c2pa file.
func isStoreFile(head []byte) bool {
	return len(head) >= 28 && string(head[4:8]) == "jumb" && bytes.Equal(head[16:32], uuidStore[:])
}

func readStoreFile(src *asset.Source) (*asset.Layout, error) {
	store, err := src.Bytes(asset.Range{Length: src.Size()}, asset.MaxStore)
	if err != nil {
		return nil, err
	}
	return &asset.Layout{Format: "application/c2pa", Store: store}, nil
}
