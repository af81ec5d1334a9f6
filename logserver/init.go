package logserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// Init makes a new, empty log in dir: configuration, key, guard record, empty tree. It refuses
// with [ErrExists] where there is a log already, or a part of one.
//
// log.json is written last, so that an Init that was interrupted leaves no log, and only files
// that hold nothing yet.
func Init(dir string, cfg Config) error {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return err
	}
	if cfg.Key == nil {
		var err error
		if cfg.Key, err = newKey(); err != nil {
			return err
		}
	}
	log, _, err := signers(cfg.Origin, cfg.Key)
	if err != nil {
		return err
	}
	if _, err := cfg.policy(log.Key()); err != nil {
		return policyFault(err)
	}
	text, err := cfg.marshal(log.Key())
	if err != nil {
		return err
	}
	if cfg.Storage == nil {
		cfg.Storage = posixStorage{dir}
	}
	guard := guardStore(dir, cfg)
	if err := makeDirs(dir, guard.dir); err != nil {
		return err
	}
	if err := writeDurably(filepath.Join(dir, keyName), []byte(formatKey(log.Key(), cfg.Key)+"\n"), 0o600); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	if err := guard.Save(Record{Key: log.Key(), Root: tlog.EmptyRoot}.Marshal()); err != nil {
		return fmt.Errorf("write guard record: %w", err)
	}
	if err := initTree(cfg, guard); err != nil {
		return err
	}
	if err := writeDurably(filepath.Join(dir, configName), text, 0o644); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// policyFault gives the advice for a policy that is in no log.json yet.
func policyFault(err error) error {
	var f *Fault
	if !errors.As(err, &f) {
		return err
	}
	advised := *f
	advised.Do = "correct the witness policy: a line `witness NAME VKEY URL` for each, groups, and a line `quorum NAME`; no log was made"
	return &advised
}

// makeDirs makes the log's directories and makes sure that none of its files is there.
func makeDirs(dir, guard string) error {
	for _, path := range []string{
		filepath.Join(dir, configName), filepath.Join(dir, keyName),
		filepath.Join(dir, tilesName), filepath.Join(guard, recordName),
	} {
		if _, err := os.Lstat(path); err == nil {
			return &Fault{
				Code: "exists", Err: ErrExists, Path: path, What: "is there already",
				Do: "choose another directory; if an earlier init was interrupted before it wrote log.json, remove what it left",
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, d := range []string{dir, guard} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return fmt.Errorf("make directory: %w", err)
		}
	}
	return syncDir(filepath.Dir(filepath.Clean(dir)))
}

// initTree lets Tessera make its empty tree, with the guard's signature under it.
func initTree(cfg Config, store RecordStore) error {
	quiet(nil)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	log, cose, err := signers(cfg.Origin, cfg.Key)
	if err != nil {
		return err
	}
	guard, err := newGuard(ctx, guardConfig{log: log, cose: cose, store: store, reader: cfg.Storage.Reader()})
	if err != nil {
		return err
	}
	_, err = startTessera(ctx, cfg.Storage, guard, cfg)
	return err
}
