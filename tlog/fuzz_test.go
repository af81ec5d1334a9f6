package tlog_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// Every parser of outside bytes: it does not panic, and prints what it accepted as it was. The
// seeds are the vectors, good and bad.

func FuzzParseKey(f *testing.F) {
	for _, v := range section[struct{ VKey string }](f, "keys") {
		f.Add(v.VKey)
	}
	f.Fuzz(func(t *testing.T, vkey string) {
		if k, err := tlog.ParseKey(vkey); err == nil && (k.String() != vkey || k.IsZero()) {
			t.Errorf("%q prints as %q", vkey, k)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	for _, v := range section[struct{ Note string }](f, "checkpoints") {
		f.Add([]byte(v.Note))
	}
	key := tlogtest.New("example.org/log").Key()
	w := tlogtest.Cosigner("witness.example/w1").Key()
	f.Fuzz(func(t *testing.T, raw []byte) {
		claim, unverified := tlog.UnverifiedCheckpoint(raw)
		if unverified == nil && !bytes.HasPrefix(raw, []byte(claim.Text()+"\n")) {
			t.Errorf("%q prints as %q", raw, claim.Text())
		}
		o, err := tlog.Open(raw, []tlog.Key{key}, []tlog.Key{w})
		if err != nil {
			return
		}
		if unverified != nil || o.Text != claim.Text() || o.Checkpoint.Origin != "example.org/log" || len(o.Log) != 1 || len(o.Cosigned) > 1 {
			t.Errorf("opened as %+v", o)
		}
		if c, sigs, err := tlog.OpenCheckpoint(raw, key, w); err != nil || c.Root != o.Checkpoint.Root || len(sigs) != len(o.Cosigned) {
			t.Errorf("opened as %+v, %v, %v", c, sigs, err)
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add("example.org/log\n0\n" + tlog.EmptyRoot.String() + "\n")
	f.Add("example.org/log\n9223372036854775807\n" + tlog.EmptyRoot.String() + "\nextension\n")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := tlog.ParseCheckpoint(text); err == nil && c.Text() != text {
			t.Errorf("%q prints as %q", text, c.Text())
		}
	})
}

func FuzzParseProof(f *testing.F) {
	for _, v := range section[struct{ Proof string }](f, "proofs") {
		f.Add([]byte(v.Proof))
	}
	log := tlogtest.New("example.org/log").Grow(300)
	policy, leaf := log.Policy(1, "witness.example/w1"), tlog.LeafHash(log.Entry(42))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := tlog.ParseProof(raw)
		if err != nil {
			return
		}
		if !bytes.Equal(p.Marshal(), raw) {
			t.Errorf("%q prints as %q", raw, p.Marshal())
		}
		if _, err := p.Verify(leaf, policy); err == nil && p.Index != 42 {
			t.Errorf("entry 42 is proven at %d", p.Index)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	for _, v := range section[struct {
		Policy []byte `json:"policy_base64"`
	}](f, "policies") {
		f.Add(v.Policy)
	}
	raw := tlogtest.New("example.org/log").Grow(300).Checkpoint(tlogtest.Cosigner("X1"), tlogtest.Cosigner("witness.example/w1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := tlog.ParsePolicy(text)
		if err != nil {
			return
		}
		again, err := tlog.ParsePolicy([]byte(p.String()))
		if err != nil || again.String() != p.String() {
			t.Errorf("%q prints as %q: %v", text, p, err)
		}
		if v, err := p.Check(raw); v.Quorum != (err == nil) {
			t.Errorf("quorum %v, %v", v.Quorum, err)
		}
	})
}

func FuzzParseLogList(f *testing.F) {
	f.Add([]byte("# mine\nlog " + tlogtest.New("a").Key().String() + " https://a.example/\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := tlog.ParseLogList(text)
		if err != nil {
			return
		}
		var printed []byte
		for _, l := range list {
			printed = append(printed, "log "+l.Key.String()+" "+l.URL+"\n"...)
		}
		if again, err := tlog.ParseLogList(printed); err != nil || len(again) != len(list) {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func FuzzParseAddCheckpoint(f *testing.F) {
	for _, v := range section[struct{ Body string }](f, "add_checkpoint") {
		f.Add([]byte(v.Body))
	}
	f.Add([]byte(publishedRequest))
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := tlog.ParseAddCheckpoint(body)
		if err != nil {
			return
		}
		if !bytes.Equal(a.Marshal(), body) || len(a.Proof) > tlog.MaxProof {
			t.Errorf("%q prints as %q", body, a.Marshal())
		}
	})
}

func FuzzParseTilePath(f *testing.F) {
	for _, v := range section[struct{ Path string }](f, "tile_paths") {
		f.Add(v.Path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if tile, err := tlog.ParseTilePath(path); err == nil && tile.Path() != path {
			t.Errorf("%q prints as %q", path, tile.Path())
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	for _, v := range section[struct {
		Data string `json:"data_hex"`
	}](f, "bundles") {
		data, err := hex.DecodeString(v.Data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, 256)
	}
	f.Fuzz(func(t *testing.T, data []byte, max int) {
		entries, err := tlog.ParseBundle(data, max)
		if err != nil {
			return
		}
		var printed []byte
		for _, e := range entries {
			if printed, err = tlog.AppendBundle(printed, e); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(printed, data) || len(entries) > max && max > 0 {
			t.Errorf("%x prints as %x", data, printed)
		}
	})
}

// FuzzExpandTile feeds a prover tiles of any content and length.
func FuzzExpandTile(f *testing.F) {
	f.Add(make([]byte, 32), uint64(1))
	f.Add(make([]byte, 8192), uint64(256))
	f.Add(make([]byte, 100), uint64(70000))
	f.Fuzz(func(t *testing.T, tile []byte, size uint64) {
		p := tlog.NewProver(broken{tile}, 2)
		root, err := p.Root(t.Context(), size)
		if err != nil || size == 0 {
			return
		}
		proof, err := p.Inclusion(t.Context(), size-1, size)
		if err != nil || len(proof) > tlog.MaxProof {
			t.Errorf("root %s, but no proof: %v", root, err)
		}
	})
}
