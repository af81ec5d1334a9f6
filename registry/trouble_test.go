package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/wherefrom-network/wherefrom/registry"
	"github.com/wherefrom-network/wherefrom/registry/registrytest"
)

// disk is a file system that can be full.
type disk struct {
	inner vfs.FS
	full  atomic.Bool
	spare string // while this file is there, removing it makes room
}

func (d *disk) fs() vfs.FS {
	return errorfs.Wrap(d.inner, errorfs.InjectorFunc(func(op errorfs.Op) error {
		switch op.Kind {
		case errorfs.OpCreate, errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFilePreallocate:
		default:
			return nil
		}
		if !d.full.Load() {
			return nil
		}
		if _, err := d.inner.Stat(d.spare); err != nil && !strings.Contains(op.Path, d.spare) {
			return nil
		}
		return &vfsError{syscall.ENOSPC}
	}))
}

// vfsError is wrapped, as the errors of real file systems are.
type vfsError struct{ errno syscall.Errno }

func (e *vfsError) Error() string { return "write: " + e.errno.Error() }
func (e *vfsError) Unwrap() error { return e.errno }

// When the disk is full, the ballast makes room for what must not fail, and Append refuses until there is room again.
func TestFullDiskLosesNothing(t *testing.T) {
	d := &disk{inner: vfs.NewMem(), spare: "registry/ballast"}
	var opts registry.Options
	opts.SetFS(d.fs())
	r, err := registry.Open("registry", opts)
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, r, registrytest.Content("alice", "before"))
	d.full.Store(true)
	_ = r.Flush(t.Context()) // meets the full disk, and may or may not come to its end
	err = r.Append(t.Context(), r.Next(), registrytest.Open(registrytest.Content("alice", "during")))
	if !errors.Is(err, registry.ErrStorage) || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("append to a full disk: %v", err)
	}
	if res := find(t, r, subject("before"), registry.Page{}); len(res.Records) != 1 {
		t.Errorf("found %+v", res)
	}
	d.full.Store(false)
	appendAll(t, r, registrytest.Content("alice", "after"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err = registry.Open("registry", opts); err != nil || r.Next() != 2 {
		t.Fatalf("next %d, %v", r.Next(), err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// Where even the ballast does not help, tables cannot be written; nothing waits for ever, and all goes on later.
func TestStoreThatCannotWriteRecovers(t *testing.T) {
	broken := atomic.Bool{}
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if broken.Load() && op.Kind == errorfs.OpFileWrite && strings.HasSuffix(op.Path, ".sst") {
			return &vfsError{syscall.EIO}
		}
		return nil
	}))
	opts := registry.Options{MemTableBytes: 64 << 10}
	opts.SetFS(fs)
	r, err := registry.Open("registry", opts)
	if err != nil {
		t.Fatal(err)
	}
	broken.Store(true)
	refused := false
	for i := 0; i < 2000 && !refused; i++ {
		err := r.Append(t.Context(), r.Next(), registrytest.Open(registrytest.Content("alice", fmt.Sprint("text ", i))))
		if refused = errors.Is(err, registry.ErrStorage) && errors.Is(err, syscall.EIO); !refused && err != nil {
			t.Fatal(err)
		}
	}
	if !refused {
		t.Error("nothing was refused")
	}
	if err := r.Reset(t.Context()); !errors.Is(err, registry.ErrStorage) {
		t.Errorf("reset: %v", err)
	}
	broken.Store(false)
	after := registrytest.Open(registrytest.Content("alice", "after"))
	err = r.Append(t.Context(), r.Next(), after)
	for tries := 0; errors.Is(err, registry.ErrStorage) && tries < 100; tries++ {
		err = r.Append(t.Context(), r.Next(), after) // of a write that failed before, one may hear later
	}
	if err != nil {
		t.Fatal(err)
	}
	if res := find(t, r, subject("text 0"), registry.Page{}); len(res.Records) != 1 {
		t.Errorf("found %+v", res)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestCloseOfAStoreThatCannotWriteEnds(t *testing.T) {
	broken := atomic.Bool{}
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if broken.Load() && op.Kind == errorfs.OpFileWrite && strings.HasSuffix(op.Path, ".sst") {
			return &vfsError{syscall.EIO}
		}
		return nil
	}))
	var opts registry.Options
	opts.SetFS(fs)
	r, err := registry.Open("registry", opts)
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, r, registrytest.Content("alice", "hello"))
	broken.Store(true)
	if err := r.Close(); !errors.Is(err, registry.ErrStorage) {
		t.Error(err)
	}
}

func TestOpenErrorsOfTheMachineThrowNothingAway(t *testing.T) {
	dir := filled(t, registry.Options{})
	broken := atomic.Bool{}
	broken.Store(true)
	var opts registry.Options
	opts.SetFS(errorfs.Wrap(vfs.Default, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if broken.Load() && op.Kind == errorfs.OpOpen && strings.Contains(op.Path, "MANIFEST") {
			return &vfsError{syscall.EMFILE}
		}
		return nil
	})))
	if _, err := registry.Open(dir, opts); !errors.Is(err, syscall.EMFILE) {
		t.Fatal(err)
	}
	broken.Store(false)
	if r := openIn(t, dir, opts); r.Next() != 50 {
		t.Errorf("next %d", r.Next())
	}
}

// TestFatalSaysWhy: where Pebble cannot go on, the program's end is told the cause, a full disk by its own error.
func TestFatalSaysWhy(t *testing.T) {
	var told error
	end := errors.New("the program ends here")
	log := registry.PebbleLogger(func(err error) { told = err; panic(end) })
	defer func() {
		if r := recover(); r != end {
			t.Fatalf("ended with %v", r)
		}
		if !errors.Is(told, registry.ErrStorage) || !errors.Is(told, syscall.ENOSPC) {
			t.Errorf("told %v", told)
		}
	}()
	log.Fatalf("MANIFEST flush failed: %v", &vfsError{syscall.ENOSPC})
}
