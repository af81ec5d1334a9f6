package tlog_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	formatslog "github.com/transparency-dev/formats/log"
	formatsnote "github.com/transparency-dev/formats/note"
	formatsproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// Other people's libraries accept what we write.
func TestOthersReadOurs(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(50)
	w := tlogtest.Cosigner("witness.example/w1")
	raw := log.Checkpoint(w)
	logVerifier, err := note.NewVerifier(log.Key().String())
	if err != nil {
		t.Fatal(err)
	}
	wVerifier, err := formatsnote.NewVerifierForCosignatureV1(w.Key().String())
	if err != nil {
		t.Fatal(err)
	}
	c, _, n, err := formatslog.ParseCheckpoint(raw, "example.org/log", logVerifier, wVerifier)
	if err != nil || c.Size != 50 || len(n.Sigs) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, s := range n.Sigs {
		if s.Name != w.Name() {
			continue
		}
		if at, err := formatsnote.CoSigV1Timestamp(s); err != nil || !at.Equal(tlogtest.Time) {
			t.Errorf("cosigned at %s, %v", at, err)
		}
	}
	p := log.Proof(7, raw)
	p.Extra = []byte("extra")
	var theirs formatsproof.TLogProof
	if err := theirs.Unmarshal(p.Marshal()); err != nil {
		t.Fatal(err)
	}
	if theirs.Index != 7 || len(theirs.Hashes) != len(p.Hashes) || !bytes.Equal(theirs.Checkpoint, raw) || string(theirs.ExtraData) != "extra" {
		t.Errorf("read as %+v", theirs)
	}
	if !bytes.Equal(theirs.Marshal(), p.Marshal()) {
		t.Error("they print it differently")
	}
}

// We accept what other people's libraries write.
func TestWeReadOthers(t *testing.T) {
	skey, vkey, err := note.GenerateKey(nil, "example.org/theirs")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	wskey, wvkey, err := note.GenerateKey(nil, "witness.example/theirs")
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := formatsnote.NewSignerForCosignatureV1(wskey)
	if err != nil {
		t.Fatal(err)
	}
	if wvkey, err = formatsnote.VKeyToCosignatureV1(wvkey); err != nil {
		t.Fatal(err)
	}
	root := tlog.LeafHash([]byte("x"))
	body := formatslog.Checkpoint{Origin: "example.org/theirs", Size: 1, Hash: root[:]}.Marshal()
	raw, err := note.Sign(&note.Note{Text: string(body)}, signer, cosigner)
	if err != nil {
		t.Fatal(err)
	}
	c, sigs, err := tlog.OpenCheckpoint(raw, mustKey(t, vkey), mustKey(t, wvkey))
	if err != nil || c.Root != root || len(sigs) != 1 || sigs[0].Time.IsZero() {
		t.Fatalf("%+v, %v, %v", c, sigs, err)
	}
	p, err := tlog.ParseProof(formatsproof.TLogProof{Index: 0, Checkpoint: raw}.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	policy, err := tlog.ParsePolicy([]byte("log " + vkey + "\nwitness w " + wvkey + "\nquorum w\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Verify(root, policy); err != nil {
		t.Error(err)
	}
}

// Tessera reads every policy of ours, and comes to our verdict, whoever has cosigned.
func TestTesseraAgreesOnPolicies(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(5)
	rapid.Check(t, func(t *rapid.T) {
		text := "log " + log.Key().String() + "\n"
		var free, names []string // free may still become members
		for i := range rapid.IntRange(1, 6).Draw(t, "witnesses") {
			name := fmt.Sprintf("w%d", i)
			free, names = append(free, name), append(names, name)
			text += fmt.Sprintf("witness %s %s https://%s.example/\n", name, tlogtest.Cosigner(name).Key(), name)
		}
		defined := slices.Clone(names)
		for i := range rapid.IntRange(0, 4).Draw(t, "groups") {
			if len(free) == 0 {
				break
			}
			n := rapid.IntRange(1, len(free)).Draw(t, "members")
			k := rapid.SampledFrom([]string{"any", "all", "1", fmt.Sprint(n)}).Draw(t, "threshold")
			name := fmt.Sprintf("g%d", i)
			text += fmt.Sprintf("group %s %s %s\n", name, k, strings.Join(free[:n], " "))
			free = append(free[n:], name)
			defined = append(defined, name)
		}
		text += "quorum " + rapid.SampledFrom(append(defined, "none")).Draw(t, "quorum") + "\n"

		ours, err := tlog.ParsePolicy([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := tessera.NewWitnessGroupFromPolicy([]byte(ours.String()))
		if err != nil {
			t.Fatal(err)
		}
		var cosigners []note.Signer
		for _, name := range names {
			if rapid.Bool().Draw(t, name) {
				cosigners = append(cosigners, tlogtest.Cosigner(name))
			}
		}
		raw := log.Checkpoint(cosigners...)
		verdict, err := ours.Check(raw)
		if verdict.Quorum != theirs.Satisfied(raw) || verdict.Quorum != (err == nil) || len(verdict.Cosigned) != len(cosigners) {
			t.Fatalf("we say %+v, %v; Tessera says %v", verdict, err, theirs.Satisfied(raw))
		}
	})
}
