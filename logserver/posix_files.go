package logserver

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// guardStore returns where the guard's record lies: cfg.Guard, relative to the log's directory.
func guardStore(dir string, cfg Config) fileStore {
	if filepath.IsAbs(cfg.Guard) {
		return fileStore{cfg.Guard}
	}
	return fileStore{filepath.Join(dir, cfg.Guard)}
}

// readConfig reads log.json.
func readConfig(dir string) (Config, tlog.Key, error) {
	raw, err := os.ReadFile(filepath.Join(dir, configName))
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, tlog.Key{}, &Fault{
			Code: "not-a-log", Err: ErrNotALog, Path: configName, What: "is missing in " + dir,
			Do: "make a log with `wherefrom log init --dir DIR --origin NAME`, or name the right directory",
		}
	}
	if err != nil {
		return Config{}, tlog.Key{}, fmt.Errorf("read configuration: %w", err)
	}
	return parseConfig(raw)
}

// readKey reads the log's private key and makes sure that it is the one log.json names.
func readKey(dir string, want tlog.Key) (ed25519.PrivateKey, error) {
	raw, err := os.ReadFile(filepath.Join(dir, keyName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, keyFault("it is missing")
	}
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := parseKey(strings.TrimSuffix(string(raw), "\n"))
	if err != nil {
		return nil, keyFault(err.Error())
	}
	signer, err := tlog.NewLogSigner(want.Origin(), key)
	if err != nil {
		return nil, err
	}
	if signer.Key() != want {
		return nil, keyFault(fmt.Sprintf("it is of %s, log.json names %s", signer.Key(), want))
	}
	return key, nil
}

func keyFault(what string) *Fault {
	return &Fault{
		Code: "key-changed", Err: ErrKeyChanged, Path: keyName, What: what,
		Do: "put the log's own key back; a log with another key is another log and needs another origin",
	}
}

// formatKey writes a private key the way Go's note package does:
// PRIVATE+KEY+NAME+HASH+BASE64(algorithm, seed).
func formatKey(key tlog.Key, private ed25519.PrivateKey) string {
	return fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", key.Name(), key.KeyHash(),
		base64.StdEncoding.EncodeToString(append([]byte{byte(tlog.AlgEd25519)}, private.Seed()...)))
}

func parseKey(text string) (ed25519.PrivateKey, error) {
	parts := strings.SplitN(text, "+", 5)
	if len(parts) != 5 || parts[0] != "PRIVATE" || parts[1] != "KEY" {
		return nil, errors.New("it is not a private key in note form")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != byte(tlog.AlgEd25519) {
		return nil, errors.New("it is not an Ed25519 key")
	}
	private := ed25519.NewKeyFromSeed(raw[1:])
	signer, err := tlog.NewLogSigner(tlog.Origin(parts[2]), private)
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseUint(parts[3], 16, 32)
	if err != nil || uint32(id) != signer.KeyHash() {
		return nil, errors.New("its id does not match")
	}
	return private, nil
}
