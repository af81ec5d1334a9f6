// Package logserver runs a transparency log: it puts verified statements in order, signs
// checkpoints over them, has the checkpoints cosigned by witnesses, and hands out proofs.
//
// It keeps two promises, and every part of it serves one of them.
//
// Nothing acknowledged is lost. [Log.Add] returns only when the entry lies durably in the tree and
// a checkpoint that covers it is signed. The same statement added again gets its first place again.
//
// Two pasts are never signed. Every signature is made by the [Guard]: it keeps its own durable
// record of the newest tree it signed, reads back from storage everything that was added since,
// and signs only what extends that tree. Whatever does not fit stops the log with an error that
// names the damage and says what to do; it never goes on beside it.
//
// The life of one statement: Add (add.go) reserves its id and queues it; the sequencer (pipeline.go)
// passes it to Tessera, which writes bundle, tiles and tree state; Tessera asks the guard
// (guard.go) for a signature, which makes the fast checkpoint; publish.go asks the witnesses for
// cosignatures, which makes the final one; indexer.go tells the index. Before all that, Open
// checks what lies on the disk (startup.go), and while it runs the scrub (scrub.go) reads
// everything again, over and over.
//
// Storage is Tessera's. What differs between its drivers is behind [Storage]; only posix*.go and
// init.go know directories. spec/log.md describes what lies in them.
package logserver
