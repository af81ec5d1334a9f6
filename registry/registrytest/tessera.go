package registrytest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// Tessera runs a log with Tessera alone, with nothing of ours in it, until the entries are published. It is served as
// Tessera's conformance log serves its own: as the files in its directory.
func Tessera(t testing.TB, entries ...[]byte) (url string, key tlog.Key) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	dir, signer := t.TempDir(), tlogtest.New("example.org/tessera").Signer
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(256, 10*time.Millisecond).
		WithCheckpointInterval(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	await := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 10*time.Millisecond)
	var last tessera.IndexFuture
	for _, e := range entries {
		f := appender.Add(ctx, tessera.NewEntry(e))
		if last = f; len(entries) < 100 { // few of them keep their order
			if _, err := f(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, _, err := await.Await(ctx, last); err != nil {
		t.Fatal(err)
	}
	if err := shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(h.Close)
	return h.URL, signer.Key()
}
