// Package tlog reads, writes and checks everything a transparency log shows in public:
// signed checkpoints, cosignatures of witnesses, Merkle proofs, tiles, trust policies.
//
// The formats are those of C2SP (signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles,
// tlog-proof, tlog-policy, tlog-witness); the tree is that of RFC 6962, section 2.1. The package
// is pure: no storage, no network, no clock of its own. See spec/tlog.md for the versions and
// for the one signature line that is ours, and spec/testdata/tlog.json for its vectors.
//
// A reader who has a proof and a trust policy needs one call:
//
//	verdict, err := proof.Verify(tlog.LeafHash(entry), policy)
//
// A log that hands out proofs builds them from tiles with a [Prover].
package tlog

//go:generate go run ./vectors -o ../spec/testdata/tlog.json

import (
	"crypto/sha256"

	sumdb "golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 hash of a leaf, a node or a whole tree. It prints as standard base64.
type Hash = sumdb.Hash

// HashSize is the number of bytes in a [Hash].
const HashSize = sumdb.HashSize

// Origin is the name that a log signs in the first line of each of its checkpoints. It is the
// log's identity; it need not be an address.
type Origin string

// MaxSize is the largest tree size that a checkpoint, proof or request may name. It is far beyond
// what any log reaches and keeps sums of sizes inside 64 bits.
const MaxSize = 1<<63 - 1

// MaxProof is the largest number of hashes in any inclusion or consistency proof we read
// (tlog-witness, add-checkpoint).
const MaxProof = 63

// EmptyRoot is the root of the tree without leaves: the hash of the empty string (RFC 6962,
// section 2.1).
var EmptyRoot = Hash(sha256.Sum256(nil))

// LeafHash returns the hash of a log entry: SHA-256(0x00 || data), RFC 6962, section 2.1.
func LeafHash(data []byte) Hash { return sumdb.RecordHash(data) }

// NodeHash returns the hash of a node with two children: SHA-256(0x01 || l || r), RFC 6962,
// section 2.1.
func NodeHash(l, r Hash) Hash { return sumdb.NodeHash(l, r) }
