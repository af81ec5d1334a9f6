package cli

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
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

// The doctor says of a server no better than is so: witnessed only where somebody must watch, and ok only without problems.
func TestHowAServerIs(t *testing.T) {
	log := tlogtest.New("example.org/town")
	watched, alone := log.Policy(1, "w1"), log.Policy(0)
	for _, c := range []struct {
		name             string
		status, problems string
		policy           *tlog.Policy
		want             examined
	}{
		{"watched", "ok", "", watched, examined{Status: isWell, Words: "ok, log example.org/town with 301 entries, 300 of them witnessed"}},
		{"nobody watches", "ok", "", alone, examined{Status: isWell, Words: "ok, log example.org/town with 301 entries, no witness needed"}},
		{"its policy is not known", "ok", "", nil, examined{Status: isWell, Words: "ok, log example.org/town with 301 entries"}},
		{
			"a problem of two lines", "ok", "w1: no answer\nw2: no answer", watched,
			examined{Status: isBad, Words: "degraded, log example.org/town with 301 entries, 300 of them witnessed: w1: no answer; w2: no answer", Fix: "tell its operator"},
		},
		{"degraded", "degraded", "slow", nil, examined{Status: isBad, Words: "degraded, log example.org/town with 301 entries: slow", Fix: "tell its operator"}},
		{"failing", "failing", "", nil, examined{Status: isBad, Words: "failing, log example.org/town with 301 entries", Fix: "tell its operator"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &client.Health{Status: c.status, Log: &client.LogHealth{Origin: "example.org/town", TreeSize: 301, FinalSize: 300}}
			if c.problems != "" {
				h.Problems = []string{c.problems}
			}
			x := visit(t, noon)
			x.health("http://log", h, c.policy)
			if c.want.Name = "http://log"; x.findings[0] != c.want {
				t.Errorf("%+v", x.findings[0])
			}
		})
	}
}
