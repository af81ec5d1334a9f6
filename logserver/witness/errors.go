package witness

import (
	"errors"
	"fmt"
)

// What can come of asking a witness. Each error of an [Outcome] wraps one of these, or is a
// [*RefusedError].
var (
	// ErrWitnessAhead says that a witness has cosigned a larger tree than the log has: the log was
	// rolled back, or another copy of it runs somewhere. See [ConflictError].
	ErrWitnessAhead = errors.New("the witness has cosigned a larger tree than this log has")
	// ErrWitnessForked says that a witness holds the log's tree to be no extension of the one it
	// has cosigned. See [ConflictError].
	ErrWitnessForked = errors.New("the witness has cosigned another tree")
	// ErrWitnessSignature says that a witness's answer has no cosignature that verifies under the
	// key we know.
	ErrWitnessSignature = errors.New("no valid cosignature in the answer")
	// ErrWitnessAnswer says that an answer is not what the protocol allows.
	ErrWitnessAnswer = errors.New("the answer makes no sense")
	// ErrWitnessUnreachable says that no answer came, or not in time.
	ErrWitnessUnreachable = errors.New("no answer")
	// ErrWitnessBusy says that the witness has not yet answered an earlier request.
	ErrWitnessBusy = errors.New("still busy with an earlier checkpoint")
	// ErrSuperseded says that the witness has already cosigned a newer checkpoint of this log.
	ErrSuperseded = errors.New("a newer checkpoint is already cosigned")
)

// ConflictError says that a witness knows a tree that the log does not have.
type ConflictError struct {
	Fact   error  // [ErrWitnessAhead] or [ErrWitnessForked]
	Ours   uint64 // the size of the log's checkpoint
	Theirs uint64 // the size that the witness names
	// Signed is the log's own signed checkpoint of the other tree, if the witness showed it: then
	// the conflict is proven, and not only said by the witness.
	Signed []byte
}

// Error says both sizes.
func (e *ConflictError) Error() string {
	proven := "it shows no signature of the log for it"
	if e.Signed != nil {
		proven = "it shows the log's own signature"
	}
	return fmt.Sprintf("%v (ours %d entries, theirs %d; %s)", e.Fact, e.Ours, e.Theirs, proven)
}

// Unwrap returns the fact.
func (e *ConflictError) Unwrap() error { return e.Fact }

// RefusedError is a status by which a witness refused to cosign.
type RefusedError struct {
	Status int
	Body   string // the beginning of the answer
}

// Error says the status and what it means in this protocol.
func (e *RefusedError) Error() string {
	means := map[int]string{
		400: "it cannot read the request",
		403: "it knows this log under another key",
		404: "it does not watch this log",
		429: "it is asked too often",
	}[e.Status]
	if means == "" {
		means = e.Body
	}
	return fmt.Sprintf("refused with status %d: %s", e.Status, means)
}
