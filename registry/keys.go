package registry

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/wherefrom-network/wherefrom/statement"
)

// formatName is the first line of the FORMAT file. A change of any row's key or value needs a new number here;
// [Open] throws older rows away, as they can be built again, and refuses newer ones.
const (
	formatName    = "wherefrom.network/registry/v"
	formatVersion = 1
)

// The rows. A name stands for what was asked for: it is the SHA-256 of a text, so that every key of a kind has the
// same length whatever strangers write into their statements. An index is the position in the log, big-endian.
//
//	'a'                    → next index, repeated, skipped     (one row; written with every batch)
//	'i' id                 → index of the first entry with these bytes
//	'r' index              → record
//	's' name index         → nothing: a subject, "algorithm:digest"
//	'u' name index         → nothing: an issuer
//	'p' name index         → nothing: a predicate type
//	'v' payload name       → revocation: the first of this payload by the issuer of this name
const (
	kindState     byte = 'a'
	kindID        byte = 'i'
	kindRecord    byte = 'r'
	kindSubject   byte = 's'
	kindIssuer    byte = 'u'
	kindPredicate byte = 'p'
	kindRevoked   byte = 'v'
)

// firstKey and endKey enclose all rows.
var (
	firstKey = []byte{'a'}
	endKey   = []byte{'z'}
	stateKey = []byte{kindState}
)

const nameSize = sha256.Size

type name = [nameSize]byte

func nameOf[T ~string](text T) name { return sha256.Sum256([]byte(text)) }

func appendIDKey(dst []byte, id statement.Digest) []byte {
	return append(append(dst, kindID), id[:]...)
}

func appendRecordKey(dst []byte, index uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, kindRecord), index)
}

func appendListKey(dst []byte, kind byte, n name, index uint64) []byte {
	return binary.BigEndian.AppendUint64(append(append(dst, kind), n[:]...), index)
}

func appendRevokedKey(dst []byte, payload statement.Digest, issuer statement.Issuer) []byte {
	n := nameOf(issuer)
	return append(append(append(dst, kindRevoked), payload[:]...), n[:]...)
}

// listIndex returns the index at the end of a key that appendListKey made.
func listIndex(key []byte) uint64 { return binary.BigEndian.Uint64(key[len(key)-8:]) }
