// Package registry answers what a log has recorded: about these bytes, by this issuer, of this kind, and whether it
// was revoked.
//
// It holds nothing of its own. Every row is a function of one log entry, so that the registry can be thrown away
// and built again from the log at any time with the same result, which [Registry.Digest] shows. Entries arrive in
// the order of the log, either from the log in the same process ([Registry.Append]) or over the network from any
// C2SP tile log ([Registry.Follow]), in which case each is checked against the log's signed checkpoint first.
//
// The log is the write-ahead log: the store keeps none. After a crash the registry is some moments behind, never
// ahead and never torn, and goes on from [Registry.Next].
//
// docs/adr/0003-registry-store.md says why the store is Pebble; keys.go says how the rows are laid out.
package registry
