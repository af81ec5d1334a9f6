package cli

// serverTopics explain what can be wrong with a server: one's own, in the codes of the logserver, registry and witness
// packages, or another's, in the codes of its API.
var serverTopics = []Topic{
	{codeListen, exitFailure, "a port cannot be listened on", `
Another program uses it, or the system does not allow it. Choose another with --listen ADDR; port 0 takes any that
is free, and the line "listening on …" says which.`},
	{codeLogKey, exitNotSo, "a log shows another key than you trust", `
Either its address leads to another log that uses its name, or its operator changed the key, which they must not.
Ask the operator by another way, and do not rely on the log until you know.`},
	{codeRegistryLocked, exitFailure, "another process uses the registry", `
One registry belongs to one process. Stop the other, or use another --dir.`},
	{codeRegistryOther, exitFailure, "the directory is of something else", `
A registry belongs to one log. Its directory holds a registry of another log, or no registry at all.`},
	{codeRegistryNewer, exitFailure, "a newer version wrote the registry", `
Use that version. A registry holds nothing of its own: if you remove it, it is built again from the log.`},
	{codeWitnessExists, exitFailure, "there is a witness in this directory", `
A witness has one name and one key for ever. Start the one that is there, or make another in another directory.`},
	{codeWitnessMissing, exitFailure, "there is no witness in this directory", `
The first start makes one: wherefrom log witness --dir DIR --name NAME. The name is its key's for ever.`},
	{codeWitnessLocked, exitFailure, "another process runs this witness", `
Two processes with one witness's key could cosign two pasts. Stop the other first.`},
	{codeWitnessDamaged, exitFailure, "the witness's memory or key is damaged", `
A witness that forgot what it cosigned could cosign another past, so it refuses to start. Put back its newest
directory from where you keep it. If that is lost, retire the witness and make one with another key.`},
	{"fault-origin", exitUsage, "a log cannot have this name", `
A log's origin is a host name that you control, with a path if you run several logs: log.example.org/photos. It has
no scheme, no spaces and no plus signs, and is the log's for ever.`},
	{"fault-config", exitUsage, "the log's configuration cannot be used", `
The message says which line. The configuration is log.json in the log's directory; its policy is in the form
c2sp.org/tlog-policy.`},
	{"fault-exists", exitFailure, "there is a log in this directory", `
A log is never made over another one. Choose another directory.`},
	{"fault-not-a-log", exitFailure, "there is no log in this directory", `
Make one: wherefrom log init --dir DIR --origin NAME`},
	{"fault-locked", exitFailure, "another process runs this log", `
Two processes with one log's key could sign two pasts. Stop the other first.`},
	{"fault-key-changed", exitFailure, "the key is not this log's key", `
The private key in the log's directory does not belong to the public key in log.json. Put back the right one.`},
	{"fault-damaged", exitFailure, "something stored is not what was signed", `
A tile, an entry or a checkpoint changed on the disk. Nothing is signed over it. The message names the file; a
mirror or backup of the log has it. Check the disk too.`},
	{"fault-checkpoint", exitFailure, "the published checkpoint is damaged", `
The log makes it again at its next start, from the guard's record and the tree.`},
	{"fault-tree-state", exitFailure, "the log does not know the size of its tree any more", `
wherefrom log check --restore-tree makes it anew from the guard's record, after reading everything back.`},
	{"fault-rolled-back", exitFailure, "the tree is smaller than one that was signed", `
An old copy of the log was put in its place. Going on from it would sign a second past, so the log refuses. Put back
the newest copy; a mirror has it. If the message says that only the tree's state is old, nothing else is needed than
wherefrom log check --dir DIR --restore-tree`},
	{"fault-forked", exitFailure, "the tree is not an extension of the signed one", `
The log on this disk has another past than the one that was signed. Going on would prove the operator a liar, so the
log refuses. Put back the right copy; if it is lost for good, retire the log and begin another.`},
	{"fault-guard-missing", exitFailure, "the guard's record is missing", `
The guard remembers what the log has signed. Without it nobody knows. Put it back, or make it anew after a full check
and after asking the witnesses: wherefrom log check --restore-guard`},
	{"fault-guard-damaged", exitFailure, "the guard's record is damaged", `
Put it back, or make it anew after a full check and after asking the witnesses: wherefrom log check --restore-guard`},
	{"fault-guard-behind", exitFailure, "the guard's record is older than a signature of this log", `
An old record was put back, or the guard's disk lost a write. Put back the newest, or make it anew after asking the
witnesses: wherefrom log check --restore-guard`},
	{"fault-guard-foreign", exitFailure, "the guard's record is of another log or process", `
The guard's directory is that of another log, or two processes share it. Each log has its own.`},
	{"fault-sequencer", exitFailure, "the log's sequencer does not start", `
Everything that was signed is whole, but the part that orders new entries cannot begin. The message names the reason.`},
	{"fault-index", exitFailure, "the registry knows entries that the log does not have", `
The registry is of another log or another past. Remove the directory registry below the log's: it is built again.`},
	{"fault-not-needed", exitFailure, "there is nothing to restore", `
What was to be restored is there and good. wherefrom log check says what else may be wrong.`},
	{"fault-unwitnessed", exitFailure, "no witness could say what it has seen", `
Before a log starts, and before its guard's record is restored, its witnesses are asked, so that nothing they saw is
signed differently: only they can tell that a directory is an old copy. None answered, or too few. Make them
reachable and try again; or, if you know that this copy is the newest, take it on your own word:
wherefrom log serve --dir DIR --unwitnessed, or wherefrom log check --dir DIR --restore-guard --unwitnessed`},
	{"busy", exitFailure, "the log has as much to do as it takes on", `
Nothing was recorded. The tool tries again for some minutes; after that, come back later.`},
	{"quota", exitNotAllowed, "you have submitted too much", `
The server allows each signer so many statements a second. What was answered as recorded is recorded; slow down.`},
	{"too-large", exitUsage, "too large to be recorded", `
A statement has at most 60 KiB. Record big things by their digest.`},
	{"read-only", exitNotAllowed, "this server takes no statements", `
The log behind it can only be read here. Submit to the log itself, or to another one.`},
	{"closing", exitFailure, "the server is being stopped", `
Send it again in a moment; that is always safe.`},
	{"log-stopped", exitFailure, "the log has stopped to protect its past", `
It found that something is not as it was signed, and signs nothing more. Its operator has to look.`},
	{"storage", exitFailure, "the log could not store the statement", `
Nothing is lost; send it again when the operator has made room.`},
	{codeNotFinal, exitCannotTell, "the log's witnesses have not cosigned yet", `
The statement is recorded, and record has written the receipt that only the log has signed. Whether the witnesses
saw the same log cannot be told before they answer. Renew the receipt then: wherefrom receipt update FILE.receipt`},
	{"timeout", exitFailure, "the log took too long", `
It may be recorded all the same; sending it again is safe and finds it.`},
	{"upstream", exitFailure, "the log behind this server does not answer", `
The server follows a log that runs elsewhere. Try again later, or ask the log itself.`},
	{"internal", exitFailure, "the server made a mistake", `
Report it to its operator.`},
}
