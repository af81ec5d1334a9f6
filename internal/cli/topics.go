package cli

import "slices"

// Code names a kind of error for ever: scripts test it, and `wherefrom help CODE` explains it.
type Code string

// The codes of the tool's own errors. Those of a verification are the verify package's, and those a
// server answers with are the server's; all of them have a topic below.
const (
	codeUsage          Code = "usage"
	codeFailure        Code = "failure"
	codeInterrupted    Code = "interrupted"
	codeNoHome         Code = "no-home"
	codeHomeDamaged    Code = "home-damaged"
	codeName           Code = "name"
	codeKeyMissing     Code = "key-missing"
	codeKeyUnknown     Code = "key-unknown"
	codeKeyChoose      Code = "key-choose"
	codeKeyExists      Code = "key-exists"
	codeKeyPermissions Code = "key-permissions"
	codeKeyDamaged     Code = "key-damaged"
	codePassphrase     Code = "passphrase"
	codeContextMissing Code = "context-missing"
	codeContextUnknown Code = "context-unknown"
	codeContextExists  Code = "context-exists"
	codeTrustUnknown   Code = "trust-unknown"
	codeTrustExists    Code = "trust-exists"
	codeTrustKind      Code = "trust-kind"
	codeTrustDamaged   Code = "trust-damaged"
	codeFileMissing    Code = "file-missing"
	codeFileUnreadable Code = "file-unreadable"
	codeFileSpecial    Code = "file-special"
	codeFileChanged    Code = "file-changed"
	codeFileLarge      Code = "file-too-large"
	codeDiskFull       Code = "disk-full"
	codeNothing        Code = "nothing-to-do"
	codeStatement      Code = "statement"
	codeEnvelope       Code = "envelope"
	codeRevoke         Code = "revoke"
	codeReceiptDamaged Code = "receipt-damaged"
	codeReceiptInWay   Code = "receipt-in-the-way"
	codeUnwritable     Code = "receipt-unwritable"
	codeNoCOSE         Code = "no-cose"
	codeServer         Code = "server-unreachable"
	codeServerAnswer   Code = "server-answer"
	codeListen         Code = "listen"
	codeLogKey         Code = "log-key"
	codeRegistryLocked Code = "registry-locked"
	codeRegistryOther  Code = "registry-other"
	codeRegistryNewer  Code = "registry-newer"
	codeWitnessExists  Code = "witness-exists"
	codeWitnessMissing Code = "witness-missing"
	codeWitnessLocked  Code = "witness-locked"
	codeWitnessDamaged Code = "witness-damaged"
	codeRefused        Code = "refused"
	codeNotFinal       Code = "not-final" // as the server says it
)

// Topic explains a code.
type Topic struct {
	Code  Code
	Exit  int
	Title string
	Text  string
}

// topicOf returns the topic of a code. A code without one is a mistake that a test finds; it exits as a failure.
func topicOf(code Code) Topic {
	for _, t := range topics {
		if t.Code == code {
			return t
		}
	}
	return Topic{Code: code, Exit: exitFailure}
}

// topics is the one table of every code, in the order a person meets them.
var topics = slices.Concat(ownTopics, verifyTopics, serverTopics)

var ownTopics = []Topic{
	{codeUsage, exitUsage, "the command line cannot be meant", `
A flag or an argument is missing, unknown or does not fit the others. Nothing was done.
Every command explains itself: wherefrom COMMAND --help`},
	{codeFailure, exitFailure, "something failed", `
The message says what was being done and what went wrong. Nothing that was acknowledged is lost.
If it makes no sense to you, that is a fault of ours: please report it with the whole message.`},
	{codeInterrupted, exitFailure, "you stopped the work", `
Ctrl-C, or a request to terminate, ended the command in good order. What was recorded stays recorded, and
what was signed but not yet sent is kept in a journal. The same command again goes on where it was.`},
	{codeNoHome, exitFailure, "there is no place to keep keys and contexts", `
Keys, contexts and trust lists are kept in WHEREFROM_HOME, else in XDG_CONFIG_HOME/wherefrom, else in
~/.config/wherefrom. Neither WHEREFROM_HOME nor HOME is set; set one of them.`},
	{codeHomeDamaged, exitFailure, "a file in your home cannot be read", `
contexts.json or trust/people.json is not what this program writes: somebody edited it, or a newer version
wrote it. Mend it, or move it away and add your contexts again.`},
	{codeName, exitUsage, "not a name", `
Names of keys, contexts and trust lists have lower-case letters, digits, dots, underscores and hyphens, begin with
a letter or digit and are at most 64 long. They name one file on every file system.`},
	{codeKeyMissing, exitNotAllowed, "you have no key to sign with", `
To state something you sign it, and you sign with a key. Make one: wherefrom key new NAME
Verifying needs no key.`},
	{codeKeyUnknown, exitNotAllowed, "there is no key of this name", `
List your keys: wherefrom key list. A context may name a key too: wherefrom context show`},
	{codeKeyChoose, exitNotAllowed, "you have several keys and did not say which signs", `
Say it with --key NAME, or once for all in a context: wherefrom context add NAME --log URL --key KEY`},
	{codeKeyExists, exitFailure, "a key of this name exists", `
A key is never overwritten: statements signed with it could no longer be revoked. Choose another name, or move
the old file away if you are sure.`},
	{codeKeyPermissions, exitNotAllowed, "others can read your key", `
Key files must have mode 0600 and their directory 0700, so that no other user of the machine can copy them. If
others could read the key without a passphrase, consider it known to them: revoke what must be revoked, make a new one.`},
	{codeKeyDamaged, exitFailure, "a key file is damaged or of another version", `
The file is not what wherefrom key new wrote. Put back your copy of it. A key without copy cannot be restored.`},
	{codePassphrase, exitNotAllowed, "the passphrase is missing or wrong", `
A key at rest is encrypted. Its passphrase is asked for on the terminal, or read from WHEREFROM_PASSPHRASE or from
the first line of --passphrase-file FILE. There is no other way to the key.`},
	{codeContextMissing, exitUsage, "it is not known where to record or ask", `
A context names a log, a registry, a key and trust lists. Add one (wherefrom context add NAME --log URL), choose
one (wherefrom context use NAME), or name the server with --log URL. wherefrom up makes one for this machine.`},
	{codeContextUnknown, exitUsage, "there is no context of this name", `
List the contexts: wherefrom context list`},
	{codeContextExists, exitFailure, "a context of this name exists", `
Add it under another name, or replace it: wherefrom context add NAME --replace …`},
	{codeTrustUnknown, exitUsage, "there is no trust list of this name", `
A trust list is a file in the form c2sp.org/tlog-policy: which logs and which witnesses you go by. List yours:
wherefrom trust list. Add one: wherefrom trust add NAME FILE`},
	{codeTrustExists, exitFailure, "a trust list of this name exists", `
Add it under another name, or remove the old one first: wherefrom trust remove NAME`},
	{codeTrustKind, exitUsage, "this kind of trust list is not understood yet", `
PEM certificates and C2PA trust lists judge signers inside media files, which this version does not read yet.
Now a trust list is a file in the form c2sp.org/tlog-policy: which logs and which witnesses you go by.`},
	{codeTrustDamaged, exitFailure, "a trust list cannot be read", `
A trust list is a text file in the form c2sp.org/tlog-policy. The message names the line that is not understood.`},
	{codeFileMissing, exitFailure, "there is no such file", `
Check the path. A pattern like *.jpg must match something.`},
	{codeFileUnreadable, exitFailure, "a file cannot be read", `
The operating system refused. The message has its reason; permissions are the usual one.`},
	{codeFileSpecial, exitFailure, "not a regular file", `
Devices, sockets and pipes have no bytes that stay the same. To record what comes through a pipe, send it to
standard input: … | wherefrom record - --out NAME.receipt`},
	{codeFileChanged, exitFailure, "a file changed while it was read", `
Its size or time of change differed before and after reading, so its digest may be of bytes that never stood there
together. It was left out. Run the command again when nothing writes to it.`},
	{codeFileLarge, exitFailure, "a file is larger than what it is taken for", `
Receipts, envelopes, keys and trust lists are small. A file that is not is not read to its end. Files that are
recorded or verified may have any size.`},
	{codeDiskFull, exitFailure, "the disk is full", `
Nothing that was acknowledged is lost, and no file is left half written. Make room and run the command again.`},
	{codeNothing, exitUsage, "no files were found to work on", `
Folders are searched for files, but hidden files, symbolic links and receipts in them are left out. What is named
itself is always taken.`},
	{codeStatement, exitUsage, "this cannot be stated", `
A statement has rules: how long words may be, what a licence or an address looks like. The message names the rule.
They are written down in spec/statement.md.`},
	{codeEnvelope, exitUsage, "this envelope cannot be recorded", `
With --as envelope a statement of another maker is recorded as it is: a DSSE envelope with an in-toto statement, or
a Sigstore bundle. Every signature in it must verify, so the key must be known: inside the bundle, as a did:key
in keyid, or by --public-key FILE.`},
	{codeRevoke, exitUsage, "this cannot be revoked", `
Only the key that issued a statement can take it back. Name the file whose receipt holds the statement, and if it
holds several of yours, say which with --statement ID. A revocation itself cannot be revoked.`},
	{codeReceiptInWay, exitFailure, "something stands where the receipt belongs", `
A file is there, and it is not one of receipts to which another can be added. It is not overwritten, and nothing was
recorded. Move it away, or write the receipt elsewhere with --out. What receipt export writes is always a new file,
unless you say --force.`},
	{codeUnwritable, exitFailure, "the receipt cannot be written", `
Receipts stand beside their files, and the system does not let you write there. Nothing is recorded before that is
known. If it was recorded all the same, the same command again gets the same receipt.`},
	{codeNoCOSE, exitFailure, "no COSE receipt can be made of this one", `
A COSE receipt (RFC 9942) needs a signature of the tree's root by the log, made for COSE, and the log's key beside
the receipt. Logs of this project sign so; others need not. Use --format tlog-proof.`},
	{codeServer, exitFailure, "a server could not be reached", `
The address may be wrong, the server may be down, or the network may be. wherefrom doctor tells which.
Verifying a file that has its receipt needs no server.`},
	{codeServerAnswer, exitFailure, "a server's answer makes no sense", `
It answered, but not as a log or registry does, or its answer does not prove what it says. Nothing was written.
Check the address; if it is right, tell the operator, and use another server.`},
	{codeRefused, exitFailure, "a server refused", `
The message has the server's own reason.`},
}
