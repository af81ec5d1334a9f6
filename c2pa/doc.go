// Package c2pa reads and judges Content Credentials: the signed record, embedded in a picture, film or recording, of who
// made it, with what, and how it was changed (C2PA specification 2.2, with the additions of 2.4 that are in use).
//
// [Validate] is a pure function: an asset, a [Policy] (whom the reader trusts, for what) and a time go in, a [Report]
// comes out. It reads no clock, uses no network, holds a fixed amount of memory beside the manifest store, and gives
// the same report for the same input on every machine. It means never to be more lenient than the reference
// implementation c2pa-rs, and no file is known where it is; where it is stricter, README.md names the section of the specification that asks for it.
//
// # What is built
//
// Containers: JPEG, PNG, WebP, WAV, AVI, GIF, TIFF and DNG, SVG, MP3, FLAC, PDF, MP4, MOV, M4A, HEIC, HEIF, AVIF; films in
// one file, fragmented in one file, or in separate fragments; stores in a sidecar file for anything.
//
// Manifests: claims of version 1 and 2; standard, update and compressed manifests; COSE signatures with ES256, ES384,
// ES512, PS256, PS384, PS512 and Ed25519; the certificate profile and paths to named trust lists; RFC 3161 time stamps of
// both forms and those added later; revocation answers kept with a signature; assertions, actions, metadata, cloud data,
// ingredients with deltas, redactions; data hash, general box hash (JPEG, PNG, GIF) and BMFF hash with Merkle trees; CAWG
// identities by X.509 and by claims aggregation with did:jwk.
//
// # What is not built
//
// Signing and removing. JPEG XL, fonts, text, ZIP. PDF specifications inside compressed object streams (answered with
// [StateUnknown]); the stores of earlier updates of a PDF. Multi-asset and collection hashes (such a file is Invalid).
// Trees over the samples of a film's tracks, which the reference knows as timed media (Invalid). CAWG issuers whose keys
// would have to be fetched (did:web: Invalid, as in the reference without a network). The claimed time of signing (iat) is
// not reported, name constraints of certification authorities are not computed but refused where they could apply.
package c2pa
