package receipt

import "errors"

// Errors of [Parse]. Each is a different thing to tell a person.
var (
	ErrNotReceipt error = &fault{"not-receipt", "not a receipt"}
	ErrVersion    error = &fault{"version", "receipt of a newer version"}
	ErrMangled    error = &fault{"mangled", "receipt was altered by an editor or a mail program"}
	ErrTruncated  error = &fault{"truncated", "receipt is cut off"}
	ErrLength     error = &fault{"length", "length of the statement is wrong"}
	ErrField      error = &fault{"field", "receipt has a malformed line"}
	ErrProof      error = &fault{"proof", "proof in the receipt is malformed"}
	ErrTrailing   error = &fault{"trailing", "something follows the receipt"}
	ErrTooLarge   error = &fault{"too-large", "receipt is larger than the limit"}
)

// Errors of the COSE functions.
var (
	ErrNoCOSERoot error = &fault{"no-cose-root", "receipt has no COSE signature by the log"}
	ErrCOSE       error = &fault{"cose", "not a COSE receipt that this program reads"}
	ErrCOSEProof  error = &fault{"cose-proof", "COSE receipt does not verify"}
)

// fault is a sentinel error with a code that never changes.
type fault struct{ code, words string }

func (f *fault) Error() string { return f.words }

// Code returns the stable code of an error of this package, such as "truncated", and "" for any
// other error. spec/receipt.md, section 5 lists them.
func Code(err error) string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.code
	}
	return ""
}
