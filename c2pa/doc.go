// Package c2pa reads and judges Content Credentials: the signed record, embedded in a picture, film or recording, of who
// made it, with what, and how it was changed (C2PA specification 2.2, with the additions of 2.4 that are in use).
//
// [Validate] is a pure function: an asset, a [Policy] (whom the reader trusts, for what) and a time go in, a [Report]
// comes out. It reads no clock, uses no network, holds a fixed amount of memory beside the manifest store, and gives
// the same report for the same input on every machine. It is never more lenient than the reference implementation
// c2pa-rs; where it is stricter, README.md names the section of the specification that asks for it.
//
// What is built: JPEG, PNG, ISO base media (MP4, MOV, M4A, HEIC, HEIF, AVIF) in one file and detached .c2pa stores;
// claims of version 1 and 2; standard, update and compressed manifests; COSE signatures with ES256/384/512,
// PS256/384/512 and Ed25519; the certificate profile and paths to named trust lists; RFC 3161 time stamps; assertions,
// actions, metadata, ingredients with deltas, redactions; CAWG identities by X.509 and by claims aggregation with
// did:jwk; the data hash and the BMFF hash with Merkle trees.
//
// What is not built yet, and is answered with [StateUnknown] or a failure, never with Valid: other containers, general
// box hashes, fragments in separate files, stapled revocation answers (not read: they are treated as absent),
// multi-asset and collection hashes, signing and removing.
package c2pa
