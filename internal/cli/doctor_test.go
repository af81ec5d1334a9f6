package cli

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/tlog"
)

func visit(t *testing.T, now time.Time) *examination {
	dir := t.TempDir()
	a := &app{
		io:   &term.IO{Out: new(bytes.Buffer), Err: new(bytes.Buffer), Now: func() time.Time { return now }},
		now:  func() time.Time { return now },
		home: home.Home{Config: dir, State: dir, Data: dir},
	}
	return &examination{a: a}
}

func TestAClockInThePast(t *testing.T) {
	x := visit(t, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC))
	x.clock()
	if f := x.findings[0]; f.Status != isBad || f.Fix == "" {
		t.Errorf("%+v", f)
	}
	if x.worst() != isBad {
		t.Errorf("worst %s", x.worst())
	}
}

func TestAClockBehindThatOfAWitness(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for ahead, want := range map[time.Duration]int{time.Minute: 0, -time.Hour: 0, time.Hour: 1} {
		key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
		log, err := tlog.NewLogSigner("log.example.org", key)
		if err != nil {
			t.Fatal(err)
		}
		witness, err := tlog.NewCosigner("witness.example.org", key, func() time.Time { return now.Add(ahead) })
		if err != nil {
			t.Fatal(err)
		}
		raw, err := tlog.Checkpoint{Origin: "log.example.org", Root: tlog.EmptyRoot}.Sign(log, witness)
		if err != nil {
			t.Fatal(err)
		}
		policy, err := tlog.ParsePolicy([]byte("log " + log.Key().String() + "\nwitness w " + witness.Key().String() + "\nquorum w\n"))
		if err != nil {
			t.Fatal(err)
		}
		x := visit(t, now)
		x.compareClock(policy, raw)
		if len(x.findings) != want || want == 1 && !strings.Contains(x.findings[0].Words, "it is 1 h 00 min behind that of witness w") {
			t.Errorf("ahead %v: %+v", ahead, x.findings)
		}
	}
}
