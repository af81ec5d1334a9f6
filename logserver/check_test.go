package logserver_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/logserver"
)

// found is the one problem that a check finds.
func (b *bench) found() *logserver.Fault {
	b.t.Helper()
	report, err := logserver.Check(b.t.Context(), b.dir, logserver.CheckOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range report.Problems {
		b.t.Logf("%s: %v; do: %s", p.Code, p, p.Do)
	}
	if len(report.Problems) != 1 {
		b.t.Fatalf("%d problems", len(report.Problems))
	}
	return report.Problems[0]
}

// A check says once what a start says, and what to do about it in the same words.
func TestCheckSaysWhatStartSays(t *testing.T) {
	original, backup := grown(t)
	for name, c := range map[string]struct {
		damage func(b *bench)
		code   string
		do     string // part of the advice
	}{
		"newest tile truncated":   {func(b *bench) { b.truncate(lastTile, 32) }, "damaged", "mirror"},
		"newest tile missing":     {func(b *bench) { b.remove(lastTile) }, "damaged", "mirror"},
		"newest bundle truncated": {func(b *bench) { b.truncate(lastBundle, 10) }, "damaged", "mirror"},
		"tile above truncated":    {func(b *bench) { b.truncate(topTile, 32) }, "damaged", "mirror"},
		"never signed":            {func(b *bench) { b.spoilUnsigned() }, "damaged", "--restore-tree` drops"},
		"tree state is old":       {func(b *bench) { b.restore(backup, treeState) }, "rolled-back", "only the tree's state is old"},
		"tiles are old":           {func(b *bench) { b.restore(backup, "tiles") }, "rolled-back", "retire this log"},
		"tree state lost":         {func(b *bench) { b.remove(treeState) }, "tree-state", "--restore-tree`"},
		"guard record lost":       {func(b *bench) { b.remove("guard") }, "guard-missing", "--restore-guard` makes"},
		"record and tree state lost": {
			func(b *bench) { b.remove("guard"); b.remove(treeState) }, "guard-missing", "if both are lost for good",
		},
		"record garbled and tree state lost": {
			func(b *bench) { b.flip("guard/record", 60); b.remove(treeState) }, "guard-damaged", "if both are lost for good",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := original.copy(t)
			c.damage(b)
			var start *logserver.Fault
			if err := b.open(); !errors.As(err, &start) {
				t.Fatalf("opened: %v", err)
			}
			check := b.found()
			if check.Code != c.code || !strings.Contains(check.Do, c.do) {
				t.Errorf("got %s, do: %s", check.Code, check.Do)
			}
			if start.Code != check.Code || start.Do != check.Do || start.Path != check.Path {
				t.Errorf("the start says %s: %v; do: %s", start.Code, start, start.Do)
			}
		})
	}
}

// A checkpoint that is missing is not called a damaged one.
func TestCheckMissingCheckpoint(t *testing.T) {
	original, _ := grown(t)
	b := original.copy(t)
	b.remove("tiles/checkpoint")
	if f := b.found(); f.Code != "checkpoint" || f.What != "is missing" {
		t.Errorf("%s: %v", f.Code, f)
	}
}

// When the guard's record and the tree's state are lost, neither restoration sends to the other.
func TestRestoreNeither(t *testing.T) {
	original, _ := grown(t)
	b := original.copy(t)
	b.remove("guard")
	b.remove(treeState)
	for _, restore := range []func() error{
		func() error {
			_, err := logserver.RestoreTree(t.Context(), b.dir, logserver.RestoreOptions{})
			return err
		},
		func() error {
			_, err := logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{Unwitnessed: true})
			return err
		},
	} {
		var f *logserver.Fault
		if err := restore(); !errors.As(err, &f) || f.Code != "guard-missing" || !strings.Contains(f.Do, "if both are lost") {
			t.Errorf("%v", f)
		}
	}
}

// RestoreGuard over a tree whose state is only old says how to make that anew.
func TestRestoreGuardOldTreeState(t *testing.T) {
	original, backup := grown(t)
	b := original.copy(t)
	b.restore(backup, treeState)
	_, err := logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{Unwitnessed: true})
	checkFault(t, err, logserver.ErrRolledBack, "rolled-back", "")
	var f *logserver.Fault
	if errors.As(err, &f) && !strings.Contains(f.Do, "--restore-tree") {
		t.Errorf("do: %s", f.Do)
	}
}
