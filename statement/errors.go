package statement

import "errors"

// Each way in which a statement can be wrong has an error of its own, found with errors.Is. The wrapping error
// adds where and what. spec/statement.md, section 9 lists them with their codes.
var (
	// Size and shape.
	ErrTooLarge      error = &fault{"too-large", "the envelope is larger than a log entry may be"}
	ErrTooDeep       error = &fault{"too-deep", "the JSON is nested too deeply"}
	ErrTooMany       error = &fault{"too-many", "there are more parts than one statement may have"}
	ErrEncoding      error = &fault{"encoding", "the text is not plain UTF-8"}
	ErrMalformed     error = &fault{"malformed", "the text is not valid JSON"}
	ErrTruncated     error = &fault{"truncated", "the JSON ends too early"}
	ErrTrailing      error = &fault{"trailing", "something follows after the end of the JSON"}
	ErrDuplicateKey  error = &fault{"duplicate-key", "a JSON object names the same member twice"}
	ErrWrongType     error = &fault{"wrong-type", "a JSON value has the wrong type"}
	ErrMissing       error = &fault{"missing", "a required member is missing"}
	ErrBase64        error = &fault{"base64", "the text is not canonical base64 with padding"}
	ErrPayloadType   error = &fault{"payload-type", "the envelope does not carry an in-toto statement"}
	ErrStatementType error = &fault{"statement-type", "the payload is not an in-toto statement of a known version"}

	// Subjects and predicates.
	ErrNoSubject error = &fault{"no-subject", "the statement names no subject"}
	ErrSubject   error = &fault{"subject", "a subject of the statement is not well named"}
	ErrDigest    error = &fault{"digest", "a digest must be 64 lower-case hex digits, with or without sha256: before them"}
	ErrPredicate error = &fault{"predicate", "the predicate breaks a rule of its type"}
	ErrIssuer    error = &fault{"issuer", "the issuer named in the predicate did not sign the statement"}

	// Keys and signatures.
	ErrKey               error = &fault{"key", "the key is not a valid did:key"}
	ErrAlgorithm         error = &fault{"algorithm", "the key's algorithm is not one that statements may be signed with"}
	ErrNoSignature       error = &fault{"no-signature", "the envelope carries no signature"}
	ErrUnknownKey        error = &fault{"unknown-key", "the envelope does not say which key signed it"}
	ErrRepeatedSignature error = &fault{"repeated-signature", "the same key signed twice"}
	ErrSignature         error = &fault{"signature", "a signature does not match: the statement was changed after signing, or another key signed it"}

	// Sigstore bundles.
	ErrBundle      error = &fault{"bundle", "the Sigstore bundle does not carry a signed statement"}
	ErrCertificate error = &fault{"certificate", "the certificate in the Sigstore bundle cannot be read"}
)

// fault is a sentinel error with a code that never changes.
type fault struct{ code, words string }

func (f *fault) Error() string { return f.words }

// Code returns the stable code of an error of this package, such as "too-large", and "" for any other error.
func Code(err error) string {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.code
	}
	return ""
}
