package logserver

import (
	"context"
	"crypto/ed25519"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// WatchSignatures has seen called with each text that the log's key signs, before the signature
// leaves the signer.
func (o *Options) WatchSignatures(seen func(text string)) {
	o.signer = func(s logSigner) logSigner { return watchedSigner{s, seen} }
}

type watchedSigner struct {
	logSigner
	seen func(text string)
}

func (w watchedSigner) Sign(text []byte) ([]byte, error) {
	if w.Key().Alg() == tlog.AlgEd25519 {
		w.seen(string(text))
	}
	return w.logSigner.Sign(text)
}

// POSIX returns the storage of a log in a directory, and the guard's record store.
func POSIX(dir string) (Storage, RecordStore) {
	cfg, _, err := readConfig(dir)
	if err != nil {
		panic(err)
	}
	return posixStorage{dir}, guardStore(dir, cfg)
}

// HurryUp makes the log wait less for what should have come.
func (o *Options) HurryUp(d time.Duration) { o.patience = patience{signing: d, closing: d} }

// WatchSigner has seen called with each text that a signer signs.
func WatchSigner(s *tlog.Signer, seen func(text string)) note.Signer { return watchedSigner{s, seen} }

// TilesReader reads the tiles of a bare Tessera log.
func TilesReader(dir string) Reader { return tilesReader(dir) }

// KeyOf returns the key of the log in a directory.
func KeyOf(dir string) tlog.Key {
	_, key, err := readConfig(dir)
	if err != nil {
		panic(err)
	}
	return key
}

// DirOf returns the directory of a POSIX storage.
func DirOf(s Storage) string { return s.(posixStorage).dir }

// NewGuard returns a guard over an empty tree, with a new record.
func NewGuard(ctx context.Context, origin tlog.Origin, key ed25519.PrivateKey, r Reader, store RecordStore) (*Guard, error) {
	log, cose, err := signers(origin, key)
	if err != nil {
		return nil, err
	}
	if err := store.Save(Record{Key: log.Key(), Root: tlog.EmptyRoot}.Marshal()); err != nil {
		return nil, err
	}
	return newGuard(ctx, guardConfig{log: log, cose: cose, store: store, reader: r})
}

// GuardKey returns the key that a guard signs with.
func GuardKey(g *Guard) tlog.Key { return g.log.Key() }

// POSIXAt returns the storage in a directory that need not have a log.
func POSIXAt(dir string) Storage { return posixStorage{dir} }
