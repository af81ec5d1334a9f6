package registry_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

func follow(t *testing.T, r *registry.Registry, log registry.Source) {
	t.Helper()
	if err := r.Follow(t.Context(), log); err != nil {
		t.Fatal(err)
	}
}

func digest(t *testing.T, r *registry.Registry) statement.Digest {
	t.Helper()
	d, _, err := r.Digest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Sizes around the edges of bundles and tiles, one after another.
func TestFollowGrowsWithTheLog(t *testing.T) {
	log := registrytest.NewLog()
	r := open(t, registry.Options{Log: log.Key()})
	for _, size := range []uint64{0, 1, 1, 255, 256, 257, 511, 512, 770} {
		log.Grow(int(size - log.Size()))
		follow(t, r, log)
		if r.Next() != size {
			t.Fatalf("next is %d in a log of %d", r.Next(), size)
		}
	}
	if res := find(t, r, subject("text 769"), registry.Page{}); len(res.Records) != 1 {
		t.Errorf("found %+v", res)
	}
	before := digest(t, r)
	if err := r.Rebuild(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	if after := digest(t, r); after != before || r.Next() != 770 {
		t.Errorf("rebuilt to %d entries with digest %s instead of %s", r.Next(), after, before)
	}
}

// What the log's own process appends and what a stranger follows is the same registry.
func TestFollowedAndAppendedAreTheSame(t *testing.T) {
	log := registrytest.NewLog(registrytest.Content("alice", "hello"), []byte("noise"))
	log.Append(registrytest.Revoke("alice", log.Entry(0)), log.Entry(0))
	followed, appended := open(t, registry.Options{Log: log.Key()}), open(t, registry.Options{})
	follow(t, followed, log)
	for i := range log.Size() {
		appendAll(t, appended, log.Entry(i))
	}
	if a, b := digest(t, followed), digest(t, appended); a != b {
		t.Errorf("digests %s and %s", a, b)
	}
}

// A log that anybody may write to has other things than statements in it, and statements that nobody signed.
func TestForeignEntriesDoNotStopFollow(t *testing.T) {
	forged := registrytest.Content("alice", "hello")
	forged[len(forged)-20] ^= 1
	log := registrytest.NewLog([]byte("noise"), []byte{}, forged, []byte(`{"payload":1}`), registrytest.Content("bob", "hello"))
	r := open(t, registry.Options{Log: log.Key()})
	follow(t, r, log)
	if s := r.State(); s != (registry.State{Next: 5, Skipped: 4}) {
		t.Errorf("state %+v", s)
	}
	if res := find(t, r, subject("hello"), registry.Page{}); len(res.Records) != 1 || res.Records[0].Index != 4 {
		t.Errorf("found %+v", res)
	}
}

func TestFollowNeedsTheRightKey(t *testing.T) {
	log := registrytest.NewLog().Grow(1)
	if err := open(t, registry.Options{}).Follow(t.Context(), log); !errors.Is(err, registry.ErrNoLog) {
		t.Errorf("without a key: %v", err)
	}
	r := open(t, registry.Options{Log: tlogtest.New("example.org/other").Key()})
	if err := r.Follow(t.Context(), log); !errors.Is(err, tlog.ErrOrigin) {
		t.Errorf("of another log: %v", err)
	}
}

func TestForkIsProvenKeptAndFinal(t *testing.T) {
	for name, sizes := range map[string]struct{ shared, old, now int }{
		"grown otherwise":    {10, 300, 400},
		"same size":          {10, 20, 20},
		"shorter otherwise":  {10, 300, 20},
		"from the beginning": {0, 3, 600},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			log := registrytest.NewLog().Grow(sizes.shared)
			fork := &registrytest.Log{Log: log.Fork(uint64(sizes.shared))}
			log.Grow(sizes.old - sizes.shared)
			fork.Append([]byte("another past"))
			fork.Grow(sizes.now - int(fork.Size()))
			if sizes.now < sizes.old {
				// The tiles that were signed first are still there to prove it.
				signed := fork.Log.Checkpoint()
				fork.Log = log.Log
				fork.Checkpoint = func() ([]byte, error) { return signed, nil }
			}
			r := openIn(t, dir, registry.Options{Log: log.Key()})
			follow(t, r, log)
			checkFork(t, r.Follow(t.Context(), fork), sizes.old, sizes.now)
			if r.Next() != uint64(sizes.old) {
				t.Errorf("next is %d", r.Next())
			}
			checkFork(t, r.Follow(t.Context(), log), sizes.old, sizes.now) // the evidence stands
			_ = r.Close()
			r = openIn(t, dir, registry.Options{Log: log.Key()})
			checkFork(t, r.Conflict(), sizes.old, sizes.now)
			if err := os.Remove(dir + "/CONFLICT"); err != nil {
				t.Fatal(err)
			}
			follow(t, r, log)
		})
	}
}

func checkFork(t *testing.T, err error, old, now int) {
	t.Helper()
	c, ok := errors.AsType[*registry.ConflictError](err)
	if !ok || !errors.Is(err, registry.ErrForked) {
		t.Fatalf("fork: %v", err)
	}
	if c.Old.Size != uint64(old) || c.New.Size != uint64(now) || c.File == "" || len(c.OldSigned) == 0 || len(c.NewSigned) == 0 {
		t.Errorf("evidence %+v", c)
	}
}

func TestRollBackIsLoudAndMayPass(t *testing.T) {
	log := registrytest.NewLog().Grow(300)
	r := open(t, registry.Options{Log: log.Key()})
	follow(t, r, log)
	log.Checkpoint = func() ([]byte, error) { return log.CheckpointAt(200), nil }
	for range 2 {
		err := r.Follow(t.Context(), log)
		c, ok := errors.AsType[*registry.ConflictError](err)
		if !ok || !errors.Is(err, registry.ErrRolledBack) || c.Old.Size != 300 || c.New.Size != 200 || c.File == "" {
			t.Fatalf("roll-back: %v", err)
		}
	}
	if r.Next() != 300 {
		t.Errorf("next is %d", r.Next())
	}
	log.Checkpoint = nil
	log.Grow(10)
	follow(t, r, log) // it was an old copy
	if r.Next() != 310 {
		t.Errorf("next is %d", r.Next())
	}
}

// The tiles of the larger tree are gone, too: then it is a roll-back, as more cannot be shown.
func TestRollBackWithoutTiles(t *testing.T) {
	log := registrytest.NewLog().Grow(300)
	r := open(t, registry.Options{Log: log.Key()})
	follow(t, r, log)
	if err := r.Follow(t.Context(), &registrytest.Log{Log: log.Fork(20)}); !errors.Is(err, registry.ErrRolledBack) {
		t.Error(err)
	}
}

// A registry that was filled beyond the log it then follows is built again.
func TestRegistryAheadOfTheLogIsBuiltAgain(t *testing.T) {
	log := registrytest.NewLog().Grow(5)
	r := open(t, registry.Options{Log: log.Key()})
	for range 9 {
		appendAll(t, r, registrytest.Content("bob", "not in the log"))
	}
	follow(t, r, log)
	if s := r.State(); s != (registry.State{Next: 5}) {
		t.Errorf("state %+v", s)
	}
}

func TestWrongTilesAndBundlesAreNoticed(t *testing.T) {
	change := func(data []byte) []byte {
		data[len(data)/2] ^= 1
		return data
	}
	for name, fault := range map[string]struct {
		do   func(*registrytest.Log)
		want error
	}{
		"a hash changed": {func(l *registrytest.Log) {
			l.Tile = func(_ context.Context, level, index uint64, data []byte) ([]byte, error) {
				if level == 0 && index == 1 {
					return change(data), nil
				}
				return data, nil
			}
		}, registry.ErrWrongTile},
		"an upper tile changed": {func(l *registrytest.Log) {
			l.Tile = func(_ context.Context, level, _ uint64, data []byte) ([]byte, error) {
				if level == 1 {
					return change(data), nil
				}
				return data, nil
			}
		}, registry.ErrWrongTile},
		"a tile cut off": {func(l *registrytest.Log) {
			l.Tile = func(_ context.Context, _, _ uint64, data []byte) ([]byte, error) { return data[:len(data)-1], nil }
		}, registry.ErrWrongTile},
		"an empty tile": {func(l *registrytest.Log) {
			l.Tile = func(context.Context, uint64, uint64, []byte) ([]byte, error) { return nil, nil }
		}, registry.ErrWrongTile},
		"a byte of an entry changed": {func(l *registrytest.Log) {
			l.Bundle = func(_ context.Context, index uint64, data []byte) ([]byte, error) {
				if index == 1 {
					return change(data), nil
				}
				return data, nil
			}
		}, registry.ErrWrongBundle},
		"an entry missing": {func(l *registrytest.Log) {
			l.Bundle = func(_ context.Context, _ uint64, data []byte) ([]byte, error) {
				return data[:len(data)-2-len(l.Entry(255))], nil
			}
		}, registry.ErrWrongBundle},
		"a bundle of noise": {func(l *registrytest.Log) {
			l.Bundle = func(context.Context, uint64, []byte) ([]byte, error) { return []byte{1}, nil }
		}, registry.ErrWrongBundle},
		"a tile missing": {func(l *registrytest.Log) {
			l.Tile = func(context.Context, uint64, uint64, []byte) ([]byte, error) { return nil, fs.ErrNotExist }
		}, fs.ErrNotExist},
		"a bundle missing": {func(l *registrytest.Log) {
			l.Bundle = func(context.Context, uint64, []byte) ([]byte, error) { return nil, fs.ErrNotExist }
		}, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			log := registrytest.NewLog().Grow(600)
			r := open(t, registry.Options{Log: log.Key()})
			fault.do(log)
			if err := r.Follow(t.Context(), log); !errors.Is(err, fault.want) {
				t.Fatal(err)
			}
			if n := r.Next(); n != 0 && n != 256 {
				t.Errorf("next is %d", n)
			}
			log.Tile, log.Bundle = nil, nil
			follow(t, r, log) // and it goes on from there
			if r.Next() != 600 {
				t.Errorf("next is %d", r.Next())
			}
		})
	}
}

// A partial tile or bundle may be answered with the full one that has replaced it.
func TestWiderTilesAreTaken(t *testing.T) {
	log := registrytest.NewLog().Grow(512)
	log.Checkpoint = func() ([]byte, error) { return log.CheckpointAt(300), nil }
	log.Tile = func(ctx context.Context, level, index uint64, data []byte) ([]byte, error) {
		if level == 0 {
			return log.Log.ReadTile(ctx, level, index, 0)
		}
		return data, nil
	}
	log.Bundle = func(ctx context.Context, index uint64, _ []byte) ([]byte, error) {
		return log.Log.ReadEntryBundle(ctx, index, 0)
	}
	r := open(t, registry.Options{Log: log.Key()})
	follow(t, r, log)
	if r.Next() != 300 {
		t.Errorf("next is %d", r.Next())
	}
}

func TestStalledLogTimesOut(t *testing.T) {
	stall := func(ctx context.Context) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for name, do := range map[string]func(*registrytest.Log){
		"in a tile": func(l *registrytest.Log) {
			l.Tile = func(ctx context.Context, _, _ uint64, _ []byte) ([]byte, error) { return stall(ctx) }
		},
		"in a bundle": func(l *registrytest.Log) {
			l.Bundle = func(ctx context.Context, _ uint64, _ []byte) ([]byte, error) { return stall(ctx) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			log := registrytest.NewLog().Grow(300)
			r := open(t, registry.Options{Log: log.Key(), ReadTimeout: time.Millisecond})
			do(log)
			if err := r.Follow(t.Context(), log); !errors.Is(err, registry.ErrStalled) {
				t.Error(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := r.Follow(ctx, log); errors.Is(err, registry.ErrStalled) || !errors.Is(err, context.Canceled) {
				t.Errorf("when the caller had enough: %v", err)
			}
		})
	}
}

// The memory of what was followed is not part of the rows: a log cannot get rid of its past by way of a damaged
// registry.
func TestResetRemembersWhatWasFollowed(t *testing.T) {
	log := registrytest.NewLog().Grow(300)
	r := open(t, registry.Options{Log: log.Key()})
	follow(t, r, log)
	if err := r.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Follow(t.Context(), &registrytest.Log{Log: log.Fork(20)}); !errors.Is(err, registry.ErrRolledBack) {
		t.Error(err)
	}
}
