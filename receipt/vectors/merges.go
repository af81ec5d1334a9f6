package main

import (
	"time"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/receipt/receipttest"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// merges are pairs of files, and what they are together. What is merged here is written down by
// hand; that Merge agrees is tested.
func merges() []mergeVector {
	log := tlogtest.New("example.org/log").Grow(5)
	one := log.Append(content("one"))
	log.Grow(10)
	two := log.Append(content("two"))
	log.Grow(10)
	at := func(index, size uint64, witnesses ...string) *receipt.Receipt {
		return receipttest.At(log, index, size, tlogtest.Time.Add(time.Duration(size)*time.Second), witnesses...)
	}
	elsewhere := receipttest.Record(tlogtest.New("example.net/other").Grow(3), content("one"), "a")
	fork := log.Fork(6)
	fork.Append([]byte("what only some were shown"))
	fork.Grow(30)
	forked := receipttest.At(fork, one, 10, tlogtest.Time, "a")
	both := at(one, 10, "a", "b")
	type list = []*receipt.Receipt
	var vectors []mergeVector
	for _, c := range []struct {
		name              string
		old, newer, merge list
	}{
		{"a first receipt", nil, list{both}, list{both}},
		{"the same again", list{both}, list{both}, list{both}},
		{"another statement", list{both}, list{at(two, 20)}, list{both, at(two, 20)}},
		{"the same statement in another log", list{both}, list{elsewhere}, list{both, elsewhere}},
		{"newer, and nobody watched either", list{at(one, 10)}, list{at(one, 20)}, list{at(one, 20)}},
		{"older, and nobody watched either", list{at(one, 20)}, list{at(one, 10)}, list{at(one, 20)}},
		{"the final one after the fast one", list{at(one, 10)}, list{at(one, 20, "a")}, list{at(one, 20, "a")}},
		{"an unwatched one after the final one", list{at(one, 10, "a")}, list{at(one, 20)}, list{at(one, 10, "a")}},
		{"more witnesses", list{at(one, 10, "a")}, list{at(one, 20, "b", "a")}, list{at(one, 20, "b", "a")}},
		{"fewer witnesses", list{both}, list{at(one, 20, "b")}, list{both}},
		{"later, by the same witnesses", list{at(one, 10, "a")}, list{at(one, 20, "a")}, list{at(one, 10, "a")}},
		{"earlier, by the same witnesses", list{at(one, 20, "a")}, list{at(one, 10, "a")}, list{at(one, 10, "a")}},
		{"different witnesses", list{at(one, 10, "a")}, list{at(one, 20, "b")}, list{at(one, 10, "a"), at(one, 20, "b")}},
		{"one checkpoint, cosigned apart", list{at(one, 10, "a")}, list{at(one, 10, "b")}, list{both}},
		{"one that betters two", list{at(one, 10, "a"), at(one, 20, "b")}, list{at(one, 21, "a", "b")}, list{at(one, 21, "a", "b")}},
		{"in its place among others", list{at(one, 10), at(two, 20)}, list{at(one, 20, "a")}, list{at(one, 20, "a"), at(two, 20)}},
		{"two pasts of one size", list{both}, list{forked}, list{both, forked}},
	} {
		vectors = append(vectors, mergeVector{
			Name: c.name, Old: string(receipt.Marshal(c.old...)), New: string(receipt.Marshal(c.newer...)), Merged: string(receipt.Marshal(c.merge...)),
		})
	}
	return vectors
}

// coses are COSE receipts, good ones as exported from a receipt, and bad ones.
func coses() []coseVector {
	log := tlogtest.New("example.org/log").Grow(20)
	log.Append(content("one"))
	log.Grow(20)
	export := func(name string, r *receipt.Receipt) coseVector {
		return coseVector{
			Name: name, Text: string(receipt.Marshal(r)), COSE: must(r.COSE()), Leaf: r.Leaf().String(),
			Log: log.Key().String(), Size: must(tlog.UnverifiedCheckpoint(r.Proof.Checkpoint)).Size, Index: r.Proof.Index,
		}
	}
	inside := receipttest.At(log, 20, 41, tlogtest.Time)
	vectors := []coseVector{
		export("inside the tree", inside),
		export("at its right edge", receipttest.At(log, 20, 21, tlogtest.Time, "w1")),
		export("the only entry", receipttest.At(log, 0, 1, tlogtest.Time)),
	}
	bad := func(name, code string, change func(v *coseVector)) {
		v := coseVector{Name: name, COSE: must(inside.COSE()), Leaf: inside.Leaf().String(), Log: log.Key().String(), Error: code}
		change(&v)
		vectors = append(vectors, v)
	}
	bad("of another entry", "cose-proof", func(v *coseVector) { v.Leaf = tlog.LeafHash([]byte("another")).String() })
	bad("by another log", "cose-proof", func(v *coseVector) { v.Log = tlogtest.New("example.org/other").Key().String() })
	bad("signature altered", "cose-proof", func(v *coseVector) { v.COSE[len(v.COSE)-1] ^= 1 })
	bad("other tag", "cose", func(v *coseVector) { v.COSE[0] = 0xd1 })
	bad("algorithm altered", "cose", func(v *coseVector) { v.COSE[5] = 0x26 })
	bad("cut off", "cose", func(v *coseVector) { v.COSE = v.COSE[:len(v.COSE)-1] })
	bad("something follows", "cose", func(v *coseVector) { v.COSE = append(v.COSE, 0) })
	return vectors
}
