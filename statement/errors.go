package statement

import "errors"

// Each way in which a statement can be wrong has an error of its own, found with errors.Is. The wrapping error
// adds where and what. spec/statement.md, section 9 lists them with their codes.
var (
	// Size and shape.
	ErrTooLarge      = newFault("too-large", "the envelope is larger than a log entry may be")
	ErrTooDeep       = newFault("too-deep", "the JSON is nested too deeply")
	ErrTooMany       = newFault("too-many", "there are more parts than one statement may have")
	ErrEncoding      = newFault("encoding", "the text is not plain UTF-8")
	ErrMalformed     = newFault("malformed", "the text is not valid JSON")
	ErrTruncated     = newFault("truncated", "the JSON ends too early")
	ErrTrailing      = newFault("trailing", "something follows after the end of the JSON")
	ErrDuplicateKey  = newFault("duplicate-key", "a JSON object names the same member twice")
	ErrWrongType     = newFault("wrong-type", "a JSON value has the wrong type")
	ErrMissing       = newFault("missing", "a required member is missing")
	ErrBase64        = newFault("base64", "the text is not canonical base64 with padding")
	ErrPayloadType   = newFault("payload-type", "the envelope does not carry an in-toto statement")
	ErrStatementType = newFault("statement-type", "the payload is not an in-toto statement of a known version")

	// Subjects and predicates.
	ErrNoSubject = newFault("no-subject", "the statement names no subject")
	ErrSubject   = newFault("subject", "a subject of the statement is not well named")
	ErrDigest    = newFault("digest", "a digest must be 64 lower-case hex digits, with or without sha256: before them")
	ErrPredicate = newFault("predicate", "the predicate breaks a rule of its type")
	ErrIssuer    = newFault("issuer", "the issuer named in the predicate did not sign the statement")

	// Keys and signatures.
	ErrKey               = newFault("key", "the key is not a valid did:key")
	ErrAlgorithm         = newFault("algorithm", "the key's algorithm is not one that statements may be signed with")
	ErrNoSignature       = newFault("no-signature", "the envelope carries no signature")
	ErrUnknownKey        = newFault("unknown-key", "the envelope does not say which key signed it")
	ErrRepeatedSignature = newFault("repeated-signature", "the same key signed twice")
	ErrSignature         = newFault("signature", "a signature does not match: the statement was changed after signing, or another key signed it")

	// Sigstore bundles.
	ErrBundle      = newFault("bundle", "the Sigstore bundle does not carry a signed statement")
	ErrCertificate = newFault("certificate", "the certificate in the Sigstore bundle cannot be read")
)

// fault is a sentinel error with a code that never changes.
type fault struct{ code, words string }

// faults holds every sentinel, so that the tests can tell whether the vectors show each of them.
var faults []*fault

func newFault(code, words string) error {
	f := &fault{code, words}
	faults = append(faults, f)
	return f
}

func (f *fault) Error() string { return f.words }

// Code returns the stable code of an error of this package, such as "too-large", and "" for any other error.
func Code(err error) string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.code
	}
	return ""
}
