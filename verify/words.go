package verify

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/receipt"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// Every sentence that an answer can hold is made in this file and in said.go. They follow one
// rule: say what was checked and how it came out, never what it might mean about anybody.

const (
	wordsNotRepeated     = "What it says is not repeated here, because no good signature stands under it."
	wordsRequiredSigner  = " That is the signer you asked for."
	wordsMatchUnread     = "The statement cannot be read, so it cannot be told what it is about."
	wordsMatchRevocation = "It is not about a file: it takes back another statement, which is not at hand."
	wordsNoDigest        = "The statement names what it is about by other digests than SHA-256, so these bytes cannot be compared."
	wordsNoTime          = "Nobody says when it was made."
	wordsHintDiffers     = "The receipt's own log line names another key than the one in your list; your list was used."
)

// wordsFinding sums up one receipt in a sentence.
func wordsFinding(k *casefile, file string) string {
	if text, ok := broken[k.Code]; ok {
		return text
	}
	switch k.Code {
	case CodeBytesDiffer, CodeOtherSubject, CodeNoComparableDigest:
		return k.Match.Words
	case CodeSignerNotTheOne, CodeStatementUnread, CodeNotSigned, CodeSignerUnsupported:
		return k.Signer.Words
	case CodeRevoked, CodeRevocationUnclear, CodeUnheard:
		return k.Revoked.Words
	case CodeLogForked, CodeLogUnknown, CodeQuorumNotMet:
		return k.Log.Words
	case CodeNotYetRecorded:
		return k.Time.Words
	}
	if k.Role == Revocation {
		return fmt.Sprintf("Statement %s is taken back by %s.", k.Said.Facts[0].Value, who(k.Signer.By))
	}
	text := fmt.Sprintf("%s has exactly the bytes that %s signed a statement about; log %s ",
		atStart(file), who(k.Signer.By), clean(string(k.Log.Origin)))
	if n := len(k.Log.Witnesses); n > 0 {
		return text + fmt.Sprintf("has held it since %s at the latest, watched by %s.", stamp(k.Time.NotAfter), count(uint64(n), "witness"))
	}
	return text + "holds it, and no witness watches that log."
}

// broken sums up receipts that do not hold together.
var broken = map[Code]string{
	CodeCheckpointSignature: "The receipt does not hold: a signature of the log's checkpoint does not verify.",
	CodeBadSignature:        "The receipt does not hold: the statement in it is not what its signer signed.",
	CodeIssuerMismatch:      "The receipt does not hold: the statement speaks for somebody who did not sign it.",
	CodeProofMismatch:       "The receipt does not hold: its proof does not lead from this statement to the log's checkpoint.",
}

func wordsNoRecord(file string, others int) string {
	if others > 0 {
		return fmt.Sprintf("No record found: none of the receipts at hand is about %s.", theFile(file))
	}
	return fmt.Sprintf("No record found for %s: there is no receipt. That says nothing about the file itself.", theFile(file))
}

func wordsUnreadable(file string, err error) string {
	if errors.Is(err, receipt.ErrVersion) {
		return fmt.Sprintf("The receipt of %s is of a newer version than this program reads: %s.", theFile(file), clean(err.Error()))
	}
	return fmt.Sprintf("The receipt of %s cannot be read: %s.", theFile(file), clean(err.Error()))
}

const wordsNextUnknown = "If it matters to you who signed, compare the key with one that they gave you themselves."

// wordsNext says the one thing to do now.
func wordsNext(code Code, file string) string {
	arg := "FILE"
	if file != "" {
		arg = shellQuote(file)
	}
	switch code {
	case CodeOK:
		return "Nothing needs doing. Keep the receipt with the file."
	case CodeCheckpointSignature, CodeBadSignature, CodeIssuerMismatch, CodeProofMismatch, CodeReceiptDamaged:
		return "Get the receipt again from whoever gave it to you, or look for the record: wherefrom find " + arg
	case CodeLogForked:
		return "Keep this receipt file as it is, and show both checkpoints to others who rely on the log: together they prove it."
	case CodeBytesDiffer, CodeOtherSubject:
		return "Compare with another copy of the file, or look for a record of these bytes: wherefrom find " + arg
	case CodeSignerNotTheOne:
		return "Ask the signer you expect whether they made a statement about this file."
	case CodeRevoked:
		return "Ask the issuer for the statement that holds now, or look for one: wherefrom find " + arg
	case CodeRevocationUnclear:
		return "Ask the issuer, or look for newer records: wherefrom find " + arg
	case CodeNotYetRecorded:
		return "Ask about a later time, or look for an older record of these bytes: wherefrom find " + arg
	case CodeUnheard:
		return "Ask again when the registry can be reached: wherefrom verify --online " + arg
	case CodeLogUnknown:
		return "If you have reason to rely on that log, add it to a list of yours: wherefrom trust add"
	case CodeQuorumNotMet:
		return "Get the receipt again when more witnesses have cosigned: wherefrom find " + arg
	case CodeReceiptVersion, CodeStatementUnread, CodeSignerUnsupported:
		return "Try again with a newer version of wherefrom."
	}
	return "Look for a record of these bytes: wherefrom find " + arg
}

// Who signed.

func wordsSigned(by []Signatory) string { return "Signed by " + who(by) + "." }

func wordsNotRequiredSigner(want Signatory) string {
	return " You asked for a statement signed by " + who([]Signatory{want}) + "."
}

func wordsNobodyVouches(by []Signatory) string {
	text := " No list of yours says whose key that is."
	for _, s := range by {
		if len(s.Claims) > 0 {
			text += " A certificate that came with it claims " + quote(s.Claims[0]) + "; nobody on your lists vouches for that."
		}
	}
	return text
}

func wordsSignerFault(code Code, err error) string {
	switch code {
	case CodeBadSignature:
		return "The signature does not verify: the statement was changed after it was signed, or another key signed it."
	case CodeIssuerMismatch:
		return "The statement names an issuer who did not sign it."
	case CodeNotSigned:
		return "Nobody signed the statement."
	case CodeSignerUnsupported:
		if errors.Is(err, statement.ErrUnknownKey) {
			return "The statement does not say which key signed it, so its signature cannot be checked."
		}
		return "The statement is signed with a key that cannot be checked here: " + clean(err.Error()) + "."
	}
	return "The statement cannot be read: " + clean(err.Error()) + "."
}

// who names signers: what the reader calls them, else the key.
func who(by []Signatory) string {
	names := make([]string, len(by))
	for i, s := range by {
		switch {
		case s.Own:
			names[i] = strings.TrimSpace("your own key " + clean(s.Name))
		case s.Name != "" && s.Source != "":
			names[i] = fmt.Sprintf("%s (%s)", clean(s.Name), clean(s.Source))
		case s.Name != "":
			names[i] = clean(s.Name)
		default:
			names[i] = "unknown key " + string(s.Issuer)
		}
	}
	return list(names)
}

// Do the bytes match.

func wordsMatch(file, subject string) string {
	if subject != "" && subject != file {
		return fmt.Sprintf("These are exactly the bytes that the statement is about; it calls them %s.", quote(subject))
	}
	return "These are exactly the bytes that the statement is about."
}

func wordsBytesDiffer(file, subject string) string {
	if subject == "" || file == "" {
		return fmt.Sprintf("%s does not have the bytes that the statement is about: one of them was changed, or they do not belong together.", atStart(file))
	}
	return fmt.Sprintf("%s does not have the bytes that the statement is about: it was changed since, or is another file of that name.", atStart(file))
}

func wordsOtherSubject(file, subject string, subjects int) string {
	if subjects > 1 {
		return fmt.Sprintf("The statement is about %s, and none has the bytes of %s.", count(uint64(subjects), "file"), theFile(file))
	}
	return fmt.Sprintf("The receipt is for %s, which has other bytes than %s.", quote(subject), theFile(file))
}

func wordsSizeDiffers(stated, actual int64) string {
	return fmt.Sprintf("The statement gives the right digest but says %s, and there are %s.",
		count(uint64(stated), "byte"), count(uint64(actual), "byte"))
}

// What was said.

func wordsSaid(facts []Fact) string {
	parts := make([]string, len(facts))
	for i, f := range facts {
		parts[i] = f.Label + " " + clean(f.Value)
		if freeText[f.Label] {
			parts[i] = f.Label + " " + quote(f.Value)
		}
	}
	return "It states: " + strings.Join(parts, "; ") + "."
}

func wordsOtherPredicate(typ string) string {
	return fmt.Sprintf("It is a statement of the type %s, which this program checks and does not put into words.", quote(typ))
}

// Is it in a log, and who watches.

func wordsHeld(k *casefile) string {
	return fmt.Sprintf("Log %s, which your list %s accepts, holds it as entry %s of %s. ",
		clean(string(k.Log.Origin)), quote(k.seen.list), number(k.Log.Index), number(k.Log.Size))
}

func wordsWatched(s seen) string {
	text := fmt.Sprintf("%s watched it: %s.", count(uint64(len(s.Cosigned)), "witness"), witnesses(s))
	if s.policy.Met() {
		text += " Your list asks for none."
	}
	return text
}

const wordsUnwatched = "No witness watched it, and your list asks for none: that the log shows everybody the same rests on its operator's word alone."

func wordsQuorumNotMet(s seen) string {
	if len(s.Cosigned) == 0 {
		return "None of the witnesses of that list has watched it."
	}
	return fmt.Sprintf("Too few of the witnesses of that list have watched it: only %s.", witnesses(s))
}

func witnesses(s seen) string {
	names := make([]string, len(s.Cosigned))
	for i, w := range s.Cosigned {
		names[i] = clean(w.Witness)
		if key := w.Key.Name(); key != w.Witness {
			names[i] += " (" + clean(key) + ")"
		}
	}
	return list(names)
}

func wordsLogUnknown(origin tlog.Origin, required string, consistent bool) string {
	where := "in no list of yours"
	if required != "" {
		where = "not in your list " + quote(required)
	}
	if consistent {
		return fmt.Sprintf("The receipt is consistent with itself, but the key of log %s is %s.", clean(string(origin)), where)
	}
	return fmt.Sprintf("Log %s is %s, and the receipt does not give the key that signed it, so its signature could not be checked.", clean(string(origin)), where)
}

func wordsCheckpointFault(origin tlog.Origin, err error) string {
	log := clean(string(origin))
	switch {
	case errors.Is(err, tlog.ErrLogSignature):
		return fmt.Sprintf("The signature of log %s does not verify: the checkpoint was changed after it was signed.", log)
	case errors.Is(err, tlog.ErrCosignature):
		return fmt.Sprintf("The cosignature of a witness of log %s does not verify: it was changed, or the checkpoint was.", log)
	case errors.Is(err, tlog.ErrLogUnsigned):
		return fmt.Sprintf("The checkpoint says that it is of log %s, but the key that is known for that log did not sign it.", log)
	}
	return "The checkpoint cannot be read: " + clean(err.Error()) + "."
}

func wordsProofFault(c tlog.Checkpoint, err error) string {
	if errors.Is(err, tlog.ErrProofShape) {
		return fmt.Sprintf("The proof was made for another size of the log than %s, which the checkpoint has.", number(c.Size))
	}
	return fmt.Sprintf("The proof does not lead from this statement to the checkpoint of log %s: it belongs to another statement or log, or was changed.", clean(string(c.Origin)))
}

func wordsForked(a, b *casefile) string {
	log := clean(string(a.seen.Log.Origin()))
	if a.Log.Size == b.Log.Size {
		return fmt.Sprintf("Log %s signed two different pasts of %s: nothing it says can be relied on.", log, count(a.Log.Size, "entry"))
	}
	return fmt.Sprintf("Log %s signed two different pasts, with two statements as its entry %s: nothing it says can be relied on.", log, number(a.Log.Index))
}

// When, and by whose clock.

func wordsNotAfter(claimed, bound time.Time) string {
	text := fmt.Sprintf("The statement existed no later than %s, by the clocks of the witnesses.", stamp(bound))
	if claimed.IsZero() {
		return text
	}
	return fmt.Sprintf("%s By the signer's own clock it was made at %s.", text, stamp(claimed))
}

func wordsNotYetRecorded(k *casefile, asked time.Time) string {
	text := fmt.Sprintf("At %s nothing at hand shows that the statement was recorded; log %s ", stamp(asked), clean(string(k.Log.Origin)))
	if bound := k.Time.NotAfter; !bound.IsZero() {
		return text + fmt.Sprintf("has held it since %s at the latest.", stamp(bound))
	}
	return text + "holds it, and no witness says since when."
}

func wordsSignerClockOnly(claimed time.Time) string {
	return fmt.Sprintf("By the signer's own clock it was made at %s; nobody else's clock says so.", stamp(claimed))
}

func wordsIssuedAfterLogged(claimed, bound time.Time) string {
	return fmt.Sprintf("The signer dates it %s, but it was in the log by %s: the signer's clock was ahead.", stamp(claimed), stamp(bound))
}

func wordsSignerAhead(claimed, now time.Time) string {
	return fmt.Sprintf("The signer dates it %s, which is later than your own clock, %s: one of the two is wrong.", stamp(claimed), stamp(now))
}

func wordsWitnessAhead(w Witness, now time.Time) string {
	return fmt.Sprintf("Witness %s dates it %s, which is later than your own clock, %s: one of the two is wrong.", clean(w.Name), stamp(w.Time), stamp(now))
}

// Was it taken back.

func wordsNoRevocation(receipts int, known time.Time) string {
	text := "The receipt at hand does not revoke it"
	if receipts > 1 {
		text = fmt.Sprintf("None of the %d receipts at hand revokes it", receipts)
	}
	if !known.IsZero() {
		text += ", as known at " + stamp(known)
	}
	return text + "; a revocation that is not at hand cannot be known."
}

func wordsUnheard(known time.Time) string {
	text := "Whether the statement was taken back"
	if !known.IsZero() {
		text += " since " + stamp(known)
	}
	return text + " cannot be told: newer word was asked for, and did not come."
}

const wordsOtherEnvelope = " The revocation names the same statement in another envelope."

func wordsRevokes(target statement.Digest, named bool) string {
	if !named {
		return fmt.Sprintf("It takes back the statement %s, which is at hand, and names the same statement in another envelope.", target)
	}
	return fmt.Sprintf("It takes back the statement %s, which is at hand.", target)
}

func wordsRevoked(r *statement.Revoke, bound time.Time) string {
	text := fmt.Sprintf("Its issuer took the statement back: %s. Revoked at %s by the issuer's own clock", reasonWords(r.Reason), stamp(r.IssuedAt))
	if !bound.IsZero() {
		text += fmt.Sprintf(", and in the log by %s", stamp(bound))
	}
	return text + "."
}

func wordsRevocationUnclear(r *statement.Revoke) string {
	return fmt.Sprintf("Its issuer signed a revocation (%s), but no log of your lists is shown to hold it.", reasonWords(r.Reason))
}
