package tlog_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// codes are the names that spec/tlog.md gives to the reasons for refusing.
var codes = map[string]error{
	"":                         nil,
	"add-checkpoint":           tlog.ErrAddCheckpoint,
	"bundle":                   tlog.ErrBundle,
	"checkpoint":               tlog.ErrCheckpoint,
	"cosignature":              tlog.ErrCosignature,
	"key-id":                   tlog.ErrKeyID,
	"key-name":                 tlog.ErrKeyName,
	"key-syntax":               tlog.ErrKeySyntax,
	"key-unsupported":          tlog.ErrKeyUnsupported,
	"log-signature":            tlog.ErrLogSignature,
	"log-unknown":              tlog.ErrUnknownLog,
	"log-unsigned":             tlog.ErrLogUnsigned,
	"no-cose-root":             tlog.ErrNoCOSERoot,
	"note":                     tlog.ErrNote,
	"origin":                   tlog.ErrOrigin,
	"policy-character":         tlog.ErrPolicyCharacter,
	"policy-duplicate-log":     tlog.ErrDuplicateLog,
	"policy-duplicate-name":    tlog.ErrDuplicateName,
	"policy-duplicate-witness": tlog.ErrDuplicateWitness,
	"policy-key":               tlog.ErrPolicyKey,
	"policy-member":            tlog.ErrRepeatedMember,
	"policy-quorum":            tlog.ErrQuorumLine,
	"policy-syntax":            tlog.ErrPolicySyntax,
	"policy-threshold":         tlog.ErrThreshold,
	"policy-undefined":         tlog.ErrUndefinedName,
	"proof":                    tlog.ErrProof,
	"proof-mismatch":           tlog.ErrProofMismatch,
	"proof-shape":              tlog.ErrProofShape,
	"quorum":                   tlog.ErrQuorum,
	"tile-path":                tlog.ErrTilePath,
}

// section reads one list of spec/testdata/tlog.json.
func section[T any](t testing.TB, name string) []T {
	t.Helper()
	data, err := os.ReadFile("../spec/testdata/tlog.json")
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]json.RawMessage
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var list []T
	if err := json.Unmarshal(file[name], &list); err != nil || len(list) == 0 {
		t.Fatalf("%s: %d vectors, %v", name, len(list), err)
	}
	return list
}

// refused checks an error against a vector's code and reports whether that is all there is to see.
func refused(t *testing.T, name, code string, err error) bool {
	t.Helper()
	want, known := codes[code]
	if !known {
		t.Fatalf("%s: unknown code %q", name, code)
	}
	if !errors.Is(err, want) || (want == nil) != (err == nil) {
		t.Errorf("%s: %v, want %q", name, err, code)
		return true
	}
	return err != nil
}

func hashOf(t *testing.T, s string) (h tlog.Hash) {
	t.Helper()
	if err := h.UnmarshalJSON([]byte(strconv.Quote(s))); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return h
}

func hashesOf(t *testing.T, texts []string) []tlog.Hash {
	t.Helper()
	var out []tlog.Hash
	for _, s := range texts {
		out = append(out, hashOf(t, s))
	}
	return out
}

func number(t *testing.T, s string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mustKey(t *testing.T, vkey string) tlog.Key {
	t.Helper()
	k, err := tlog.ParseKey(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVectorsOfKeys(t *testing.T) {
	for _, v := range section[struct {
		Name, VKey, Error string
		KeyName           string `json:"key_name"`
		Alg               int
	}](t, "keys") {
		k, err := tlog.ParseKey(v.VKey)
		if refused(t, v.Name, v.Error, err) {
			continue
		}
		if k.String() != v.VKey || k.Name() != v.KeyName || int(k.Alg()) != v.Alg {
			t.Errorf("%s: read as %s", v.Name, k)
		}
	}
}

func TestVectorsOfCheckpoints(t *testing.T) {
	for _, v := range section[struct {
		Name, Log, Note, Origin, Root, Error string
		Witnesses                            []string
		Size                                 uint64
		Cosigned                             []struct {
			Key  string
			Time int64
		}
	}](t, "checkpoints") {
		var witnesses []tlog.Key
		for _, w := range v.Witnesses {
			witnesses = append(witnesses, mustKey(t, w))
		}
		c, sigs, err := tlog.OpenCheckpoint([]byte(v.Note), mustKey(t, v.Log), witnesses...)
		if refused(t, v.Name, v.Error, err) {
			continue
		}
		if string(c.Origin) != v.Origin || c.Size != v.Size || c.Root != hashOf(t, v.Root) {
			t.Errorf("%s: read as %+v", v.Name, c)
		}
		if again, err := tlog.ParseCheckpoint(c.Text()); err != nil || again.Text() != c.Text() {
			t.Errorf("%s: %v", v.Name, err)
		}
		for i, s := range sigs {
			if i >= len(v.Cosigned) || s.Key.String() != v.Cosigned[i].Key || s.Time.Unix() != v.Cosigned[i].Time {
				t.Errorf("%s: cosigned by %s at %s", v.Name, s.Key, s.Time)
			}
		}
		if len(sigs) != len(v.Cosigned) {
			t.Errorf("%s: %d cosignatures", v.Name, len(sigs))
		}
	}
}

func TestVectorsOfCOSERoots(t *testing.T) {
	for _, v := range section[struct {
		Name, Log, Note, Error string
		COSEKey                string `json:"cose_key"`
		SigStructure           string `json:"sig_structure_hex"`
		Signature              string `json:"signature_hex"`
	}](t, "cose_roots") {
		key := mustKey(t, v.Log)
		if key.COSERoot() != mustKey(t, v.COSEKey) {
			t.Errorf("%s: COSE key is %s", v.Name, key.COSERoot())
		}
		sig, err := tlog.COSERootSignature([]byte(v.Note), key)
		if refused(t, v.Name, v.Error, err) {
			continue
		}
		c, err := tlog.UnverifiedCheckpoint([]byte(v.Note))
		if err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(sig) != v.Signature || hex.EncodeToString(tlog.COSERootSigStructure(c.Root)) != v.SigStructure {
			t.Errorf("%s: signature or message differs", v.Name)
		}
	}
}

func TestVectorsOfTrees(t *testing.T) {
	for _, v := range section[struct {
		Name, Leaf, Index, Size, Root, Error string
		Hashes                               []string
	}](t, "inclusion") {
		err := tlog.VerifyInclusion(hashOf(t, v.Leaf), number(t, v.Index), number(t, v.Size), hashesOf(t, v.Hashes), hashOf(t, v.Root))
		refused(t, v.Name, v.Error, err)
	}
	for _, v := range section[struct {
		Name, Error string
		OldSize     string `json:"old_size"`
		NewSize     string `json:"new_size"`
		OldRoot     string `json:"old_root"`
		NewRoot     string `json:"new_root"`
		Hashes      []string
	}](t, "consistency") {
		err := tlog.VerifyConsistency(number(t, v.OldSize), number(t, v.NewSize), hashOf(t, v.OldRoot), hashOf(t, v.NewRoot), hashesOf(t, v.Hashes))
		refused(t, v.Name, v.Error, err)
	}
}

func TestVectorsOfPolicies(t *testing.T) {
	for _, v := range section[struct {
		Name, Canonical, Error string
		Policy                 []byte `json:"policy_base64"`
		Checks                 []struct {
			Note, Error string
			Cosigned    []string
		}
	}](t, "policies") {
		p, err := tlog.ParsePolicy(v.Policy)
		if refused(t, v.Name, v.Error, err) {
			continue
		}
		if v.Canonical != "" && p.String() != v.Canonical {
			t.Errorf("%s: prints as\n%s", v.Name, p)
		}
		if again, err := tlog.ParsePolicy([]byte(p.String())); err != nil || again.String() != p.String() {
			t.Errorf("%s: printed policy: %v", v.Name, err)
		}
		for i, c := range v.Checks {
			verdict, err := p.Check([]byte(c.Note))
			if refused(t, v.Name+", check "+strconv.Itoa(i), c.Error, err) {
				continue
			}
			var names []string
			for _, s := range verdict.Cosigned {
				names = append(names, s.Key.Name())
			}
			if !verdict.Quorum || !slices.Equal(names, c.Cosigned) {
				t.Errorf("%s, check %d: %v, cosigned by %v", v.Name, i, verdict.Quorum, names)
			}
		}
	}
}

func TestVectorsOfProofs(t *testing.T) {
	for _, v := range section[struct{ Name, Policy, Leaf, Proof, Error string }](t, "proofs") {
		policy, err := tlog.ParsePolicy([]byte(v.Policy))
		if err != nil {
			t.Fatal(err)
		}
		p, err := tlog.ParseProof([]byte(v.Proof))
		if err == nil {
			if string(p.Marshal()) != v.Proof {
				t.Errorf("%s: prints as %s", v.Name, p.Marshal())
			}
			_, err = p.Verify(hashOf(t, v.Leaf), policy)
		}
		refused(t, v.Name, v.Error, err)
	}
}

func TestVectorsOfAddCheckpoint(t *testing.T) {
	for _, v := range section[struct {
		Name, Body, Error string
		OldSize           uint64 `json:"old_size"`
		Hashes            int
	}](t, "add_checkpoint") {
		a, err := tlog.ParseAddCheckpoint([]byte(v.Body))
		if refused(t, v.Name, v.Error, err) {
			continue
		}
		if a.OldSize != v.OldSize || len(a.Proof) != v.Hashes || string(a.Marshal()) != v.Body {
			t.Errorf("%s: read as %+v", v.Name, a)
		}
	}
}

func TestVectorsOfTiles(t *testing.T) {
	for _, v := range section[struct {
		Path, Index, Error string
		Entries            bool
		Level              uint64
		Partial            uint8
	}](t, "tile_paths") {
		got, err := tlog.ParseTilePath(v.Path)
		if refused(t, v.Path, v.Error, err) {
			continue
		}
		want := tlog.Tile{Entries: v.Entries, Level: v.Level, Index: number(t, v.Index), Partial: v.Partial}
		if got != want || got.Path() != v.Path {
			t.Errorf("%s: read as %+v", v.Path, got)
		}
	}
	for _, v := range section[struct {
		Name, Error string
		Data        string `json:"data_hex"`
		Max         int
		Entries     []string `json:"entries_hex"`
	}](t, "bundles") {
		data, err := hex.DecodeString(v.Data)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := tlog.ParseBundle(data, v.Max)
		if refused(t, v.Name, v.Error, err) {
			continue
		}
		var got []string
		for _, e := range entries {
			got = append(got, hex.EncodeToString(e))
		}
		if !slices.Equal(got, v.Entries) {
			t.Errorf("%s: %v", v.Name, got)
		}
	}
}
