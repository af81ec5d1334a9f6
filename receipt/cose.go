package receipt

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// The numbers of RFC 9052 and RFC 9942 that a receipt of inclusion uses.
const (
	coseSign1    = 18  // tag of a COSE_Sign1
	labelAlg     = 1   // header: signature algorithm
	labelCrit    = 2   // header: labels that must be understood
	labelVDS     = 395 // header: verifiable data structure
	labelVDP     = 396 // header: its proofs
	algEdDSA     = -8
	vdsRFC9162   = 1 // RFC9162_SHA256
	vdpInclusion = -1
	cborNull     = 0xf6 // in place of a detached payload
	maxCOSE      = 64 << 10
)

// coseSign1Message is a COSE_Sign1 (RFC 9052, section 4.2). Its payload, the root, is detached.
type coseSign1Message struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected coseProofs
	Payload     cbor.RawMessage
	Signature   []byte
}

// coseProofs is the unprotected header of a receipt (RFC 9942, section 5.2.1).
type coseProofs struct {
	Proofs map[int][][]byte `cbor:"396,keyasint"`
}

// coseInclusion is an inclusion proof (RFC 9942, section 5.2).
type coseInclusion struct {
	_     struct{} `cbor:",toarray"`
	Size  uint64
	Index uint64
	Path  [][]byte
}

// COSE returns the receipt as an RFC 9942 COSE receipt of the same entry in the same tree. It
// needs no key and no network: the log's COSE signature of the root travels in the checkpoint. It
// returns an error wrapping [ErrNoCOSERoot] if it does not, or if the receipt has no log line to
// find it by. A COSE receipt carries neither the statement nor the witnesses' cosignatures.
func (r *Receipt) COSE() ([]byte, error) {
	if r.Log.IsZero() {
		return nil, fmt.Errorf("%w: without a log line it cannot be told which signature it is", ErrNoCOSERoot)
	}
	checkpoint, err := tlog.UnverifiedCheckpoint(r.Proof.Checkpoint)
	if err != nil {
		return nil, err
	}
	signature, err := tlog.COSERootSignature(r.Proof.Checkpoint, r.Log)
	if errors.Is(err, tlog.ErrNoCOSERoot) {
		return nil, fmt.Errorf("%w: %w", ErrNoCOSERoot, err)
	}
	if err != nil {
		return nil, err
	}
	proof := coseInclusion{Size: checkpoint.Size, Index: r.Proof.Index, Path: make([][]byte, len(r.Proof.Hashes))}
	for i := range r.Proof.Hashes {
		proof.Path[i] = r.Proof.Hashes[i][:]
	}
	inclusion, err := coseEncoding.Marshal(proof)
	if err != nil {
		return nil, err
	}
	return coseEncoding.Marshal(cbor.Tag{Number: coseSign1, Content: coseSign1Message{
		Protected:   []byte(tlog.COSEProtected),
		Unprotected: coseProofs{Proofs: map[int][][]byte{vdpInclusion: {inclusion}}},
		Payload:     cbor.RawMessage{cborNull},
		Signature:   signature,
	}})
}

// VerifyCOSE checks a COSE receipt of inclusion: it works out the root from leaf and the proof, and
// checks the log's signature of that root. It returns the size of the log and the entry's index.
// The receipt may be any log's that signs with Ed25519, not only one of ours.
func VerifyCOSE(raw []byte, leaf tlog.Hash, log tlog.Key) (size, index uint64, err error) {
	message, proof, err := parseCOSE(raw)
	if err != nil {
		return 0, 0, err
	}
	root, err := climb(leaf, proof)
	if err != nil {
		return 0, 0, err
	}
	signed, err := coseEncoding.Marshal([]any{"Signature1", message.Protected, []byte{}, root[:]})
	if err != nil {
		return 0, 0, err
	}
	if !ed25519.Verify(log.Public(), signed, message.Signature) {
		return 0, 0, fmt.Errorf("%w: it is for another entry or by another log, or was changed", ErrCOSEProof)
	}
	return proof.Size, proof.Index, nil
}

func parseCOSE(raw []byte) (*coseSign1Message, *coseInclusion, error) {
	if len(raw) > maxCOSE {
		return nil, nil, fmt.Errorf("%w: %d bytes, and %d are allowed", ErrCOSE, len(raw), maxCOSE)
	}
	var tag cbor.RawTag
	message := new(coseSign1Message)
	if err := coseDecoding.Unmarshal(raw, &tag); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrCOSE, err)
	}
	if tag.Number != coseSign1 {
		return nil, nil, fmt.Errorf("%w: its tag is %d, not that of a COSE_Sign1", ErrCOSE, tag.Number)
	}
	if err := coseDecoding.Unmarshal(tag.Content, message); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrCOSE, err)
	}
	if err := checkProtected(message.Protected); err != nil {
		return nil, nil, err
	}
	inclusions := message.Unprotected.Proofs[vdpInclusion]
	if !bytes.Equal(message.Payload, []byte{cborNull}) || len(inclusions) != 1 {
		return nil, nil, fmt.Errorf("%w: it is not one inclusion proof with a detached root", ErrCOSE)
	}
	proof := new(coseInclusion)
	if err := coseDecoding.Unmarshal(inclusions[0], proof); err != nil {
		return nil, nil, fmt.Errorf("%w: inclusion proof: %w", ErrCOSE, err)
	}
	return message, proof, nil
}

// checkProtected refuses every receipt whose protected header asks for something that VerifyCOSE
// does not do. Other headers, such as a key id, are covered by the signature and otherwise passed over.
func checkProtected(protected []byte) error {
	var header map[any]cbor.RawMessage
	if err := coseDecoding.Unmarshal(protected, &header); err != nil {
		return fmt.Errorf("%w: protected header: %w", ErrCOSE, err)
	}
	if _, ok := header[uint64(labelCrit)]; ok {
		return fmt.Errorf("%w: it has critical headers", ErrCOSE)
	}
	for _, must := range []struct {
		label uint64
		be    int64
	}{{labelAlg, algEdDSA}, {labelVDS, vdsRFC9162}} {
		var got int64
		if err := coseDecoding.Unmarshal(header[must.label], &got); err != nil || got != must.be {
			return fmt.Errorf("%w: protected header %d is not %d", ErrCOSE, must.label, must.be)
		}
	}
	return nil
}

// climb returns the root to which an inclusion proof leads (RFC 9162, section 2.1.3.2).
func climb(leaf tlog.Hash, proof *coseInclusion) (tlog.Hash, error) {
	if proof.Index >= proof.Size {
		return tlog.Hash{}, fmt.Errorf("%w: entry %d of a tree of %d", ErrCOSEProof, proof.Index, proof.Size)
	}
	fn, sn, root := proof.Index, proof.Size-1, leaf
	for _, step := range proof.Path {
		if len(step) != tlog.HashSize || sn == 0 {
			return tlog.Hash{}, fmt.Errorf("%w: the proof does not fit the tree", ErrCOSEProof)
		}
		if fn&1 == 1 || fn == sn {
			root = tlog.NodeHash(tlog.Hash(step), root)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			root = tlog.NodeHash(root, tlog.Hash(step))
		}
		fn, sn = fn>>1, sn>>1
	}
	if sn != 0 {
		return tlog.Hash{}, fmt.Errorf("%w: the proof does not fit the tree", ErrCOSEProof)
	}
	return root, nil
}

var (
	coseEncoding = must(cbor.CoreDetEncOptions().EncMode())
	coseDecoding = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		MaxNestedLevels:   8,
		MaxArrayElements:  128,
		MaxMapPairs:       64,
		ExtraReturnErrors: cbor.ExtraDecErrorNone,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
