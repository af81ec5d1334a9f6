package main

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/wherefrom-network/wherefrom/tlog"
)

func inclusion() []inclusionVector {
	vector := func(name string, index, size uint64) inclusionVector {
		proof, err := log.Prover().Inclusion(context.Background(), index, size)
		if err != nil {
			panic(err)
		}
		return inclusionVector{
			Name: name, Leaf: tlog.LeafHash(log.Entry(index)).String(), Index: decimal(index),
			Size: decimal(size), Hashes: texts(proof), Root: log.Root(size).String(),
		}
	}
	var out []inclusionVector
	for _, size := range []uint64{1, 2, 3, 4, 5, 7, 8, 255, 256, 257, 300} {
		for _, index := range []uint64{0, 1, size / 2, size - 1} {
			if index < size {
				out = append(out, vector(fmt.Sprintf("entry %d of %d", index, size), index, size))
			}
		}
	}
	bad := func(name, code string, change func(v *inclusionVector)) {
		v := vector(name, 17, 300)
		v.Error = code
		change(&v)
		out = append(out, v)
	}
	bad("another leaf", "proof-mismatch", func(v *inclusionVector) { v.Leaf = tlog.LeafHash(nil).String() })
	bad("another root", "proof-mismatch", func(v *inclusionVector) { v.Root = log.Root(299).String() })
	bad("another index", "proof-mismatch", func(v *inclusionVector) { v.Index = "18" })
	bad("two hashes changed places", "proof-mismatch", func(v *inclusionVector) { v.Hashes[0], v.Hashes[1] = v.Hashes[1], v.Hashes[0] })
	bad("index outside the tree", "proof-shape", func(v *inclusionVector) { v.Index = "300" })
	bad("first hash missing", "proof-shape", func(v *inclusionVector) { v.Hashes = v.Hashes[1:] })
	bad("last hash missing", "proof-shape", func(v *inclusionVector) { v.Hashes = v.Hashes[:len(v.Hashes)-1] })
	bad("one hash more", "proof-shape", func(v *inclusionVector) { v.Hashes = append(v.Hashes, v.Root) })
	return append(out, inclusionVector{
		Name: "nothing is in the empty tree", Leaf: tlog.EmptyRoot.String(),
		Index: "0", Size: "0", Hashes: []string{}, Root: tlog.EmptyRoot.String(), Error: "proof-shape",
	})
}

func consistency() []consistencyVector {
	vector := func(name string, old, size uint64) consistencyVector {
		proof, err := log.Prover().Consistency(context.Background(), old, size)
		if err != nil {
			panic(err)
		}
		return consistencyVector{
			Name: name, OldSize: decimal(old), NewSize: decimal(size), Hashes: texts(proof),
			OldRoot: log.Root(old).String(), NewRoot: log.Root(size).String(),
		}
	}
	var out []consistencyVector
	for _, size := range []uint64{0, 1, 2, 3, 4, 7, 8, 256, 300} {
		for _, old := range []uint64{0, 1, size / 2, size - 1, size} {
			if old <= size {
				out = append(out, vector(fmt.Sprintf("%d to %d", old, size), old, size))
			}
		}
	}
	bad := func(name, code string, old uint64, change func(v *consistencyVector)) {
		v := vector(name, old, 300)
		v.Error = code
		change(&v)
		out = append(out, v)
	}
	other := log.Root(123).String()
	bad("another old root", "proof-mismatch", 200, func(v *consistencyVector) { v.OldRoot = other })
	bad("another new root", "proof-mismatch", 200, func(v *consistencyVector) { v.NewRoot = other })
	bad("another old root that is a power of two", "proof-mismatch", 256, func(v *consistencyVector) { v.OldRoot = other })
	bad("same size and another root", "proof-mismatch", 300, func(v *consistencyVector) { v.OldRoot = other })
	bad("empty tree with another root", "proof-mismatch", 0, func(v *consistencyVector) { v.OldRoot = other })
	bad("first hash missing", "proof-shape", 200, func(v *consistencyVector) { v.Hashes = v.Hashes[1:] })
	bad("no hashes", "proof-shape", 200, func(v *consistencyVector) { v.Hashes = []string{} })
	bad("one hash more", "proof-shape", 200, func(v *consistencyVector) { v.Hashes = append(v.Hashes, other) })
	bad("a hash though the sizes are equal", "proof-shape", 300, func(v *consistencyVector) { v.Hashes = []string{other} })
	bad("a hash though the old tree is empty", "proof-shape", 0, func(v *consistencyVector) { v.Hashes = []string{other} })
	bad("shrinking", "proof-shape", 200, func(v *consistencyVector) { v.NewSize, v.NewRoot = "100", log.Root(100).String() })
	return out
}

func texts(hashes []tlog.Hash) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, h.String())
	}
	return out
}

func tilePaths() []tileVector {
	var out []tileVector
	for _, t := range []tlog.Tile{
		{},
		{Index: 1},
		{Index: 999},
		{Index: 1000},
		{Index: 1234067},
		{Index: 123456789012},
		{Index: 1<<64 - 1},
		{Level: 1, Partial: 17},
		{Level: 63},
		{Index: 273, Partial: 112},
		{Entries: true},
		{Entries: true, Index: 1234067, Partial: 255},
		{Entries: true, Index: 5, Partial: 1},
	} {
		out = append(out, tileVector{Path: t.Path(), Entries: t.Entries, Level: t.Level, Index: decimal(t.Index), Partial: t.Partial})
	}
	for _, path := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/64/000", "tile/00/000", "tile/-1/000", "tile/x/000",
		"tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/001", "tile/0/x001", "tile/0/001/002", "tile/0/x1/002",
		"tile/0/x001/x002/x003", "tile/0/000/", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256",
		"tile/0/000.p/01", "tile/0/000.p/1/", "tile/0/-01", "tile/0/+01", "tile/0/x018/x446/x744/x073/x709/x551/616",
		"tile/entries", "tile/entries/1", "tile/Entries/001", "tile/0/000?x", "tile//000", "tile/0/../000", "tile/0/001.p/1.p/1",
	} {
		out = append(out, tileVector{Path: path, Error: "tile-path"})
	}
	return out
}

func bundles() []bundleVector {
	var data []byte
	var entries []string
	for _, e := range [][]byte{[]byte("one"), {}, []byte("three")} {
		data, _ = tlog.AppendBundle(data, e)
		entries = append(entries, hex.EncodeToString(e))
	}
	vector := func(name string, data []byte, max int, code string) bundleVector {
		return bundleVector{Name: name, Data: hex.EncodeToString(data), Max: max, Error: code}
	}
	good := vector("three entries, one of them empty", data, 256, "")
	good.Entries = entries
	exact := good
	exact.Name, exact.Max = "as many entries as there may be", 3
	return []bundleVector{
		good, exact,
		vector("nothing", nil, 256, ""),
		vector("more entries than there may be", data, 2, "bundle"),
		vector("half a length", data[:len(data)-6], 256, "bundle"),
		vector("entry cut off", data[:len(data)-1], 256, "bundle"),
		vector("length without an entry", []byte{0xff, 0xff}, 256, "bundle"),
	}
}
