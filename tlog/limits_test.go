package tlog_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// What vectors in JSON cannot hold: large input, octets that are no text, and private keys.

func TestLimits(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(1)
	raw := log.Checkpoint()
	large := append(bytes.Clone(raw), "— x "+strings.Repeat("A", tlog.MaxCheckpoint)+"\n"...)
	octets := bytes.Replace(raw, []byte("example"), []byte("ex\xffmple"), 1)
	open := func(raw []byte) error { _, _, err := tlog.OpenCheckpoint(raw, log.Key()); return err }
	proof := func(raw []byte) error { _, err := tlog.ParseProof(raw); return err }
	add := func(raw []byte) error { _, err := tlog.ParseAddCheckpoint(raw); return err }
	policy := func(text string) error { _, err := tlog.ParsePolicy([]byte(text)); return err }
	text := func(text string) error { _, err := tlog.ParseCheckpoint(text); return err }
	_, bundle := tlog.AppendBundle(nil, make([]byte, tlog.MaxEntry+1))
	for name, c := range map[string]struct{ got, want error }{
		"large checkpoint":         {open(large), tlog.ErrTooLarge},
		"checkpoint of octets":     {open(octets), tlog.ErrNote},
		"large proof":              {proof(make([]byte, tlog.MaxProofFile+1)), tlog.ErrTooLarge},
		"proof, large checkpoint":  {proof(append([]byte("c2sp.org/tlog-proof@v1\nindex 0\n\n"), large...)), tlog.ErrTooLarge},
		"large request":            {add(make([]byte, tlog.MaxAddCheckpoint+1)), tlog.ErrTooLarge},
		"large policy":             {policy(strings.Repeat("#", tlog.MaxPolicy) + "\n"), tlog.ErrPolicyLimit},
		"many logs":                {policy(many("log", tlog.MaxPolicyLogs+1)), tlog.ErrPolicyLimit},
		"many witnesses":           {policy(many("witness", tlog.MaxPolicyWitnesses+1)), tlog.ErrPolicyLimit},
		"many groups":              {policy(many("group", tlog.MaxPolicyGroups+1)), tlog.ErrPolicyLimit},
		"large entry":              {bundle, tlog.ErrEntrySize},
		"text of octets":           {text("ex\xffmple\n0\n" + tlog.EmptyRoot.String() + "\n"), tlog.ErrCheckpoint},
		"text with a control code": {text("a\x00b\n0\n" + tlog.EmptyRoot.String() + "\n"), tlog.ErrCheckpoint},
		"text without an end":      {text("a\n0\n" + tlog.EmptyRoot.String()), tlog.ErrCheckpoint},
		"empty checkpoint":         {text("a\n0\n" + tlog.EmptyRoot.String() + "\n"), nil},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

// many returns a policy with n lines of a kind, and the witnesses that groups need.
func many(kind string, n int) string {
	text := "quorum none\n"
	for i := range n {
		name := fmt.Sprintf("%s%d", kind, i)
		switch kind {
		case "log":
			text += "log " + tlogtest.New(tlog.Origin(name)).Key().String() + "\n"
		case "witness":
			text += "witness " + name + " " + tlogtest.Cosigner(name).Key().String() + "\n"
		case "group":
			if i == 0 {
				text += "witness w " + tlogtest.Cosigner("w").Key().String() + "\ngroup group0 any w\n"
				continue
			}
			text += fmt.Sprintf("group %s any group%d\n", name, i-1)
		}
	}
	return text
}

func TestPolicyOfAllThatWePromise(t *testing.T) {
	text := many("log", 32)
	text += many("witness", 31)[len("quorum none\n"):]
	text += many("group", 32)[len("quorum none\n"):]
	p, err := tlog.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Logs()) != 32 || len(p.Witnesses()) != 32 {
		t.Errorf("%d logs, %d witnesses", len(p.Logs()), len(p.Witnesses()))
	}
}

func TestListsOfLogs(t *testing.T) {
	a, b := tlogtest.New("a").Key(), tlogtest.New("b").Key()
	list, err := tlog.ParseLogList([]byte("# mine\nlog " + a.String() + " https://a.example/\n\n log\t" + b.String() + "\n"))
	if err != nil || len(list) != 2 || list[0].URL != "https://a.example/" || list[1].Key != b {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := tlog.ParseLogList(nil); err != nil || len(list) != 0 {
		t.Errorf("empty list: %+v, %v", list, err)
	}
	for text, want := range map[string]error{
		"quorum none\n":     tlog.ErrPolicySyntax,
		"log " + a.String(): tlog.ErrPolicySyntax,
		"log x\n":           tlog.ErrKeySyntax,
		"log\n":             tlog.ErrPolicySyntax,
		"log \x01\n":        tlog.ErrPolicyCharacter,
		many("log", 2)[12:] + many("log", 1)[12:]: tlog.ErrDuplicateLog,
	} {
		if _, err := tlog.ParseLogList([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%.40q: %v, want %v", text, err, want)
		}
	}
	if list, err := tlog.ParseLogList([]byte(many("log", 500)[12:])); err != nil || len(list) != 500 {
		t.Errorf("a long list: %d, %v", len(list), err)
	}
}

func TestSigners(t *testing.T) {
	priv := tlogtest.PrivateKey("x")
	now := func() time.Time { return tlogtest.Time }
	_, short := tlog.NewLogSigner("example.org/log", priv[:31])
	_, none := tlog.NewCOSERootSigner("example.org/log", nil)
	_, name := tlog.NewCosigner("with space", priv, now)
	_, plus := tlog.NewLogSigner("a+b", priv)
	early, err := tlog.NewCosigner("w", priv, func() time.Time { return time.Unix(-1, 0) })
	if err != nil {
		t.Fatal(err)
	}
	text := []byte(tlog.Checkpoint{Origin: "a", Root: tlog.EmptyRoot}.Text())
	_, before := early.Sign(text)
	_, noCheckpoint := tlogtest.Cosigner("w").Sign([]byte("hello\n"))
	_, noRoot := tlogtest.New("a").COSE.Sign([]byte("hello\n"))
	_, noOrigin := tlog.Checkpoint{}.Sign(tlogtest.New("a").Signer)
	for name, c := range map[string]struct{ got, want error }{
		"short key":                   {short, tlog.ErrPrivateKey},
		"no key":                      {none, tlog.ErrPrivateKey},
		"name with a space":           {name, tlog.ErrKeyName},
		"name with a plus":            {plus, tlog.ErrKeyName},
		"clock before 1970":           {before, tlog.ErrClock},
		"cosign something else":       {noCheckpoint, tlog.ErrCheckpoint},
		"sign the root of nothing":    {noRoot, tlog.ErrCheckpoint},
		"sign a checkpoint of nobody": {noOrigin, tlog.ErrCheckpoint},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}

func TestKeysOfDifferentTypesDiffer(t *testing.T) {
	log := tlogtest.New("example.org/log")
	cose := log.Key().COSERoot()
	if cose == log.Key() || cose.KeyHash() == log.Key().KeyHash() || !bytes.Equal(cose.Public(), log.Key().Public()) {
		t.Error("a COSE root key is the same public key under another id")
	}
	if cose.COSERoot() != cose || cose != log.COSE.Key() || !(tlog.Key{}).COSERoot().IsZero() {
		t.Error("COSERoot is not what the signer has")
	}
	text := []byte(tlog.Checkpoint{Origin: "example.org/log", Root: tlog.EmptyRoot}.Text())
	sig := ed25519.Sign(tlogtest.PrivateKey("example.org/log"), text)
	switch {
	case !log.Key().Verify(text, sig):
		t.Error("the log's signature does not verify")
	case cose.Verify(text, sig), (tlog.Key{}).Verify(text, sig), tlogtest.Cosigner("example.org/log").Key().Verify(text, sig):
		t.Error("one type of signature verifies as another")
	case (tlog.Key{}).String() != "":
		t.Error("the zero key prints as something")
	}
}

func TestCosignaturesAlone(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(3)
	w, v := tlogtest.Cosigner("w"), tlogtest.Cosigner("v")
	raw := log.Checkpoint(w)
	c, sigs, err := tlog.Cosignatures(raw, w.Key(), v.Key())
	if err != nil || c.Size != 3 || len(sigs) != 1 || sigs[0].Key != w.Key() || !strings.Contains(string(raw), sigs[0].Line) {
		t.Errorf("%+v, %v, %v", c, sigs, err)
	}
	if _, sigs, err := tlog.Cosignatures(raw, v.Key()); err != nil || len(sigs) != 0 {
		t.Errorf("%v, %v", sigs, err)
	}
	if _, _, err := tlog.Cosignatures(bytes.Replace(raw, []byte("\n3\n"), []byte("\n4\n"), 1), w.Key()); !errors.Is(err, tlog.ErrCosignature) {
		t.Error(err)
	}
}

// While a log changes its key, readers may know both, and either is enough.
func TestLogWithTwoKeys(t *testing.T) {
	log := tlogtest.New("example.org/log").Grow(3)
	next, err := tlog.NewLogSigner("example.org/log", tlogtest.PrivateKey("next"))
	if err != nil {
		t.Fatal(err)
	}
	both := []tlog.Key{log.Key(), next.Key()}
	for want, raw := range map[int][]byte{1: log.Checkpoint(), 2: log.Checkpoint(next)} {
		o, err := tlog.Open(raw, both, nil)
		if err != nil || len(o.Log) != want {
			t.Errorf("%d signatures, %v; want %d", len(o.Log), err, want)
		}
	}
	third, err := tlog.NewLogSigner("example.org/log", tlogtest.PrivateKey("third"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tlog.Open(log.Checkpoint(), []tlog.Key{third.Key()}, nil); !errors.Is(err, tlog.ErrLogUnsigned) {
		t.Error(err)
	}
	if _, err := tlog.Open(log.Checkpoint(), []tlog.Key{log.Key(), log.Key()}, nil); !errors.Is(err, tlog.ErrAmbiguousKeys) {
		t.Error(err)
	}
}
