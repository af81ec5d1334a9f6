package cli

import "github.com/wherefrom-network/wherefrom/verify"

// verifyTopics explain the codes of the verify package: how a check of a file or of one question about it came out.
// The second column of codes that never decide a verdict by themselves is the one of the verdict they leave alone.
var verifyTopics = []Topic{
	{v(verify.CodeOK), exitShown, "it is shown to be so", `
The bytes match, the signatures are good, a log that you accept holds the statement, enough witnesses watched, and
nothing at hand revokes it. That shows who said what and when; it does not make what they said true.`},
	{v(verify.CodeNoRecord), exitCannotTell, "no record found", `
There is no receipt for these bytes. That says nothing about the file: most files have none, and receipts get lost.
Look for one: wherefrom find FILE`},
	{v(verify.CodeBytesDiffer), exitNotSo, "the file has other bytes than the statement is about", `
Even one changed bit makes another file. Saving a picture again, or sending it through a service that does, changes
its bytes without anybody's intent. Compare with another copy.`},
	{v(verify.CodeOtherSubject), exitNotSo, "the receipt is about something else", `
The statement names other bytes under another name. Perhaps two receipts were mixed up.`},
	{v(verify.CodeBadSignature), exitNotSo, "the statement is not what its signer signed", `
Either the statement was changed after it was signed, or another key signed it. Get the receipt again.`},
	{v(verify.CodeIssuerMismatch), exitNotSo, "the statement speaks for somebody who did not sign it", `
A statement names its issuer, and that key must be among those that signed. This one's is not.`},
	{v(verify.CodeProofMismatch), exitNotSo, "the proof does not lead to the log's checkpoint", `
The receipt's parts do not belong together: the statement, the proof or the checkpoint was exchanged. Get it again.`},
	{v(verify.CodeCheckpointSignature), exitNotSo, "a signature of the log's checkpoint does not verify", `
The checkpoint was changed after the log or a witness signed it. Get the receipt again.`},
	{v(verify.CodeLogForked), exitNotSo, "the log has signed two different pasts", `
Two checkpoints at hand contradict each other. Nothing that this log says can be relied on. Keep the receipts: together
they prove it to anybody.`},
	{v(verify.CodeRevoked), exitNotSo, "its issuer took the statement back", `
The reason stands beside it. What was true of the bytes stays true; the issuer no longer stands by the statement.`},
	{v(verify.CodeSignerNotTheOne), exitNotSo, "the signer that you required did not sign", `
You asked for a statement by one signer (--signer), and this one is by another.`},
	{v(verify.CodeLogUnknown), exitCannotTell, "the log is in none of your trust lists", `
The receipt is consistent with itself, but anybody can run a log. If you have reason to rely on this one, add it:
wherefrom trust add NAME FILE`},
	{v(verify.CodeQuorumNotMet), exitCannotTell, "too few witnesses watched the log", `
Your trust list asks for more witnesses than have cosigned the checkpoint. Often they only had not yet: renew the
receipt with wherefrom receipt update FILE`},
	{v(verify.CodeRevocationUnclear), exitCannotTell, "its issuer signed a revocation that no accepted log holds", `
Somebody handed over a revocation signed by the issuer, without a proof that a log you accept has it. Ask the issuer.`},
	{v(verify.CodeNotYetRecorded), exitCannotTell, "nothing shows that it was recorded by the time you ask about", `
You asked about a time (--at) before the first at which enough witnesses saw the statement in the log. It may be older;
nothing at hand shows it. Without --at, the question is whether it is recorded now.`},
	{v(verify.CodeUnheard), exitCannotTell, "the registry was asked for newer word and gave none", `
What is at hand holds, and you asked (--online) whether it was taken back since; the registry did not say. Ask again when
it can be reached, or leave out --online to go by what is at hand.`},
	{v(verify.CodeReceiptDamaged), exitCannotTell, "the receipt cannot be read", `
It was cut off or changed, perhaps by an editor or a mail program. Get it again from whoever gave it to you.`},
	{v(verify.CodeReceiptVersion), exitCannotTell, "the receipt is of a newer version", `
This program does not know that version yet. Get a newer one.`},
	{v(verify.CodeStatementUnread), exitCannotTell, "the log holds something that cannot be read", `
The entry is not a statement that this program can read. A newer one may.`},
	{v(verify.CodeNotSigned), exitCannotTell, "nobody signed the statement", `
A statement without a signature is nobody's.`},
	{v(verify.CodeSignerUnsupported), exitCannotTell, "it is signed with a kind of key that is not known here", `
This version checks Ed25519 and ECDSA P-256. A newer one may check more.`},
	{v(verify.CodeNoComparableDigest), exitCannotTell, "it names what it is about by other digests", `
The statement names its subjects by digests that are not SHA-256, so your bytes cannot be compared with them.`},
	{v(verify.CodeSignerUnknown), exitShown, "no list of yours says whose key it is", `
The signature is good, and you have not said who has that key. Whoever you know it to be, give it a name:
wherefrom trust add --signer DID --name NAME`},
	{v(verify.CodeUnwatched), exitShown, "no witness watches the log, and you ask for none", `
That the log shows everybody the same past rests on its operator's word alone.`},
	{v(verify.CodeSignerClockOnly), exitShown, "only the signer says when it was", `
No witness whom you accept saw it, so the time is the signer's claim.`},
	{v(verify.CodeNoTime), exitShown, "nobody says when it was", `
Neither the statement nor a witness names a time.`},
	{v(verify.CodeFromTheFuture), exitShown, "it is dated later than your clock", `
One of the clocks is wrong: yours, the signer's or a witness's. wherefrom doctor compares yours.`},
	{v(verify.CodeIssuedAfterLogged), exitShown, "it is dated later than the witnesses saw it", `
The signer's clock was ahead. Go by the witnesses.`},
	{v(verify.CodeNoneAtHand), exitShown, "no receipt at hand revokes it", `
Without a network nothing newer can be known. Ask the registry: wherefrom verify FILE --online`},
	{v(verify.CodeNotRead), exitShown, "not answered, because the statement is not good", `
What an unsigned or changed statement says is not repeated, so that nobody takes it for what somebody said.`},
	{v(verify.CodeSizeDiffers), exitShown, "the statement gives these bytes another length", `
The digest is right and the length is not: a mistake of whoever made the statement.`},
	{v(verify.CodeHintDiffers), exitShown, "the receipt names another key for the log than your list", `
The key in a receipt is only a hint. Your list was used, and the checkpoint verifies under its key.`},
}

// v makes a code of verify one of the tool's.
func v(code verify.Code) Code { return Code(code) }
