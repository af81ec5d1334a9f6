package tlog

import (
	"crypto/ed25519"

	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
	"github.com/oasisprotocol/curve25519-voi/primitives/ed25519/extra/cache"
)

// verifyEd25519 reports whether sig is a good signature of msg. It follows the rules of crypto/ed25519 to
// the letter, because whoever else reads our checkpoints checks them with that, and two readers must not
// differ. (Statements are checked by other rules, for the sake of batches: see docs/adr/0007-ed25519-cofactored.md.)
// It takes a little over half the time, and signatures are nearly all that a receipt with five witnesses costs.
func verifyEd25519(pub ed25519.PublicKey, msg, sig []byte) bool {
	return seenKeys.VerifyWithOptions(voi.PublicKey(pub), msg, sig, asInStandardLibrary)
}

var (
	asInStandardLibrary = &voi.Options{Verify: voi.VerifyOptionsStdLib}
	// seenKeys remembers the keys of logs and witnesses, of which there are few, in the form that checks signatures.
	seenKeys = cache.NewVerifier(cache.NewLRUCache(256))
)
