package logserver_test

import (
	"errors"
	"os"
	"testing"

	"github.com/wherefrom-network/wherefrom/logserver"
)

// treeDamage are the cases that RestoreTree mends: the record and what it covers are whole.
var treeDamage = map[string]func(b *bench, backup string){
	"tree state deleted":                   func(b *bench, _ string) { b.remove(treeState) },
	"tree state emptied":                   func(b *bench, _ string) { b.write(treeState, nil) },
	"tree state restored from a backup":    func(b *bench, backup string) { b.restore(backup, treeState) },
	"all of Tessera's state is gone":       func(b *bench, _ string) { b.remove("tiles/.state"); b.mkdir("tiles/.state") },
	"what was never signed is damaged too": func(b *bench, _ string) { b.spoilUnsigned() },
}

func TestRestoreTree(t *testing.T) {
	original, backup := grown(t)
	for name, damage := range treeDamage {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := original.copy(t)
			damage(b, backup)
			err := b.open()
			var f *logserver.Fault
			if !errors.As(err, &f) {
				t.Fatalf("opened: %v", err)
			}
			report, err := logserver.RestoreTree(t.Context(), b.dir, logserver.RestoreOptions{})
			if err != nil || !report.OK() {
				t.Fatalf("%+v, %v", report, err)
			}
			b.mustOpen()
			b.mustAdd(30)
			b.whole()
		})
	}
}

// spoilUnsigned damages the newest bundle of the running log, so that the entries after it lie there
// badly and are refused by the guard; then the operator puts the damaged file back.
func (b *bench) spoilUnsigned() {
	b.t.Helper()
	b.mustOpen()
	good := b.read(lastBundle)
	b.truncate(lastBundle, 10)
	if err := b.add(10); !errors.Is(err, logserver.ErrDamaged) {
		b.t.Fatalf("got %v", err)
	}
	b.close()
	b.write(lastBundle, good)
}

// RestoreTree does not make up what is lost, and touches nothing that is sound.
func TestRestoreTreeRefuses(t *testing.T) {
	original, backup := grown(t)
	for name, c := range map[string]struct {
		damage func(b *bench)
		want   error
	}{
		"sound log":     {func(b *bench) {}, logserver.ErrExists},
		"lost bundle":   {func(b *bench) { b.remove(treeState); b.remove("tiles/tile/entries/000") }, logserver.ErrDamaged},
		"old tiles":     {func(b *bench) { b.restore(backup, "tiles") }, logserver.ErrDamaged},
		"no record":     {func(b *bench) { b.remove(treeState); b.remove("guard/record") }, logserver.ErrGuardMissing},
		"older record":  {func(b *bench) { b.remove(treeState); b.restore(backup, "guard") }, logserver.ErrRolledBack},
		"log is in use": {func(b *bench) { b.mustOpen() }, logserver.ErrLocked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := original.copy(t)
			c.damage(b)
			if _, err := logserver.RestoreTree(t.Context(), b.dir, logserver.RestoreOptions{}); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// A lost guard record is made again when the witnesses vouch for the tree.
func TestRestoreGuard(t *testing.T) {
	for name, lose := range map[string]func(b *bench, backup string){
		"deleted":                    func(b *bench, _ string) { b.remove("guard/record") },
		"deleted with its directory": func(b *bench, _ string) { b.remove("guard") },
		"garbled":                    func(b *bench, _ string) { b.flip("guard/record", 60) },
		"older":                      func(b *bench, backup string) { b.restore(backup, "guard") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, watchers := witnessed(t, 2, 2)
			b.mustOpen()
			b.mustAddFinal(300)
			b.close()
			backup := t.TempDir() + "/backup"
			copyDir(t, b.dir, backup)
			b.mustOpen()
			b.mustAddFinal(100)
			b.close()
			lose(b, backup)

			watchers[0].down.Store(true)
			_, err := logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{})
			checkFault(t, err, logserver.ErrGuardMissing, "unwitnessed", "")
			watchers[0].down.Store(false)
			report, err := logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{})
			if err != nil || !report.OK() || report.Tree != 400 {
				t.Fatalf("%+v, %v", report, err)
			}
			b.mustOpen()
			b.mustAddFinal(10)
			b.whole()
		})
	}
}

// It is not made again over a tree that is older than what was signed.
func TestRestoreGuardRefusesOldTree(t *testing.T) {
	b, _ := witnessed(t, 1, 1)
	b.mustOpen()
	b.mustAddFinal(300)
	b.close()
	backup := t.TempDir() + "/backup"
	copyDir(t, b.dir, backup)
	b.mustOpen()
	b.mustAddFinal(100)
	b.close()
	b.restore(backup, "tiles")
	_, err := logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{})
	checkFault(t, err, logserver.ErrRolledBack, "rolled-back", "") // the guard's record knows
	b.remove("guard/record")
	_, err = logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{})
	checkFault(t, err, logserver.ErrRolledBack, "rolled-back", "") // the final checkpoint knows
	b.remove("final")
	_, err = logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{})
	checkFault(t, err, logserver.ErrRolledBack, "rolled-back", "") // the witness knows
}

// Without witnesses the operator has to vouch for the tree.
func TestRestoreGuardUnwitnessed(t *testing.T) {
	original, _ := grown(t)
	b := original.copy(t)
	b.remove("guard")
	_, err := logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{})
	checkFault(t, err, logserver.ErrGuardMissing, "unwitnessed", "")
	if _, err := logserver.RestoreGuard(t.Context(), b.dir, logserver.RestoreOptions{Unwitnessed: true}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(b.path("guard")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("guard directory: %v, %v", info, err)
	}
	b.mustOpen()
	b.mustAdd(10)
	b.whole()
}

// Check lists everything that is wrong, not only the first thing, and changes nothing.
func TestCheckListsAll(t *testing.T) {
	original, _ := grown(t)
	b := original.copy(t)
	b.flip("tiles/tile/entries/000", 5000)
	b.flip("tiles/tile/0/001", 50)
	b.truncate(lastBundle, 3)
	b.flip(topTile, 5)
	b.truncate("tiles/checkpoint", 5)
	b.remove("guard/record")
	before := content(t, b.dir)
	last := uint64(0)
	report, err := logserver.Check(t.Context(), b.dir, logserver.CheckOptions{Progress: func(done, total uint64) {
		if done < last || total != 700 {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"record", "entries/000", "0/001", "entries/002.p/188", "1/000.p/2", "checkpoint"}
	for _, p := range report.Problems {
		t.Logf("%s: %v", p.Code, p)
	}
	if len(report.Problems) != len(want) || last != 700 {
		t.Errorf("got %d problems, want %q; progress %d", len(report.Problems), want, last)
	}
	after := content(t, b.dir)
	for path := range after {
		if before[path] != after[path] {
			t.Errorf("check changed %s", path)
		}
	}
}

// A running log can be checked too.
func TestCheckRunning(t *testing.T) {
	b := newBench(t, logserver.Config{})
	b.mustOpen()
	for range 5 {
		b.mustAdd(200)
		report, err := logserver.Check(t.Context(), b.dir, logserver.CheckOptions{})
		if err != nil || !report.OK() || !report.Running || report.Signed == 0 {
			t.Errorf("%+v, %v", report, err)
		}
	}
}
