package verify

// Code is a stable name for how something came out. Programs may depend on it; words may change.
type Code string

// The codes of an [Answer] and of a [Finding]. Of those that apply the first wins.
const (
	// The receipt does not hold together, whatever it is about.

	CodeCheckpointSignature Code = "checkpoint-signature" // a signature of the checkpoint does not verify
	CodeBadSignature        Code = "bad-signature"        // the statement's signature does not verify
	CodeIssuerMismatch      Code = "issuer-mismatch"      // it names an issuer who did not sign it
	CodeProofMismatch       Code = "proof-mismatch"       // the proof does not lead to the checkpoint
	CodeLogForked           Code = "log-forked"           // its log signed two different pasts

	// It holds together, and does not say what was asked.

	CodeBytesDiffer     Code = "bytes-differ"            // the file has other bytes than those it names
	CodeOtherSubject    Code = "other-subject"           // it is about something else
	CodeSignerNotTheOne Code = "signer-not-required-one" // the required signer did not sign it
	CodeRevoked         Code = "revoked"                 // its issuer took it back

	// There is too little to decide.

	CodeStatementUnread    Code = "statement-unreadable"   // the log holds something that cannot be read
	CodeNotSigned          Code = "not-signed"             // nobody signed it
	CodeSignerUnsupported  Code = "signer-unsupported"     // signed with a key of a kind not known here
	CodeNoComparableDigest Code = "no-comparable-digest"   // it names its subjects by other digests than SHA-256
	CodeLogUnknown         Code = "log-unknown"            // the log is in no list of the reader
	CodeQuorumNotMet       Code = "quorum-not-met"         // too few witnesses watched
	CodeRevocationUnclear  Code = "revocation-unconfirmed" // its issuer signed a revocation that no accepted log holds
	CodeNotYetRecorded     Code = "not-yet-recorded"       // nothing shows that it was recorded by the time asked about
	CodeUnheard            Code = "registry-unreachable"   // newer word was asked for, and did not come

	CodeOK Code = "ok"

	// There is no receipt to judge.

	CodeNoRecord       Code = "no-record"       // no receipt was given, or none about a file
	CodeReceiptVersion Code = "receipt-version" // the receipt is of a newer version
	CodeReceiptDamaged Code = "receipt-damaged" // the receipt cannot be read
)

// The codes that only a [Part] or a [Note] has. None of them lowers the verdict.
const (
	CodeSignerUnknown     Code = "signer-unknown"      // no list of the reader says whose key it is
	CodeUnwatched         Code = "unwatched"           // no witness watched the log, and none was asked for
	CodeSignerClockOnly   Code = "signer-clock-only"   // only the signer says when
	CodeNoTime            Code = "no-time"             // nobody says when
	CodeFromTheFuture     Code = "from-the-future"     // dated later than the reader's clock
	CodeIssuedAfterLogged Code = "issued-after-logged" // dated later than the witnesses saw it
	CodeNoneAtHand        Code = "no-revocation-known" // no receipt at hand revokes it
	CodeNotRead           Code = "not-read"            // not answered, because the statement is not good
	CodeSizeDiffers       Code = "size-differs"        // the statement gives these bytes another length
	CodeHintDiffers       Code = "log-hint-differs"    // the receipt's log line is not the accepted log's key
)

// outcome says what a code means for the verdict, and for the other findings.
type outcome struct {
	code    Code
	verdict Verdict
	weight  weightClass
}

// weightClass is how much a finding weighs against the others.
type weightClass int

const (
	// plain findings weigh by their place among the outcomes.
	plain weightClass = iota
	// breaking findings spoil the whole answer: a file of receipts in which anything was altered is
	// not to be believed because the rest looks good.
	breaking
	// almost is what would be shown but for this one thing. It weighs nearly as much as what is
	// shown, so that an answer in doubt does not turn into a no.
	almost
)

// outcomes is in the order of precedence.
var outcomes = []outcome{
	{CodeCheckpointSignature, NotSo, breaking},
	{CodeBadSignature, NotSo, breaking},
	{CodeIssuerMismatch, NotSo, breaking},
	{CodeProofMismatch, NotSo, breaking},
	{CodeLogForked, NotSo, breaking},
	{CodeBytesDiffer, NotSo, plain},
	{CodeOtherSubject, NotSo, plain},
	{CodeSignerNotTheOne, NotSo, plain},
	{CodeRevoked, NotSo, plain},
	{CodeStatementUnread, CannotTell, plain},
	{CodeNotSigned, CannotTell, plain},
	{CodeSignerUnsupported, CannotTell, plain},
	{CodeNoComparableDigest, CannotTell, plain},
	{CodeLogUnknown, CannotTell, plain},
	{CodeQuorumNotMet, CannotTell, plain},
	{CodeRevocationUnclear, CannotTell, plain},
	{CodeNotYetRecorded, CannotTell, almost},
	{CodeUnheard, CannotTell, almost},
	{CodeOK, Shown, plain},
}

// rank returns the place of a finding's code among the outcomes.
func rank(c Code) int {
	for i, o := range outcomes {
		if o.code == c {
			return i
		}
	}
	panic("verify: code " + c + " is not a finding's") // outcomes has every code that conclude gives
}
