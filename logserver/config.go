package logserver

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wherefrom-network/wherefrom/tlog"
)

// configSchema is the schema field of log.json.
const configSchema = "wherefrom.network/log/v1"

// Limits and defaults of [Config]. MinCheckpoint is the floor of Tessera's POSIX driver; the
// drivers for MySQL and GCP have a higher one of their own.
const (
	MaxOrigin         = 200 // bytes
	DefaultBatch      = 1024
	DefaultBatchAge   = 50 * time.Millisecond
	DefaultCheckpoint = 100 * time.Millisecond
	MinCheckpoint     = 100 * time.Millisecond
	DefaultInFlight   = 1 << 16 // entries
	DefaultBytes      = 256 << 20
	DefaultFullScan   = 2_000_000 // entries
	DefaultScrubRate  = 8 << 20   // bytes a second
	DefaultScrubEvery = 24 * time.Hour
)

// Config is what a log is made with, and what its operator may tune. It lies in log.json. Zero
// values of the tunables mean the defaults above.
type Config struct {
	// Origin names the log for ever. It is the first line of every checkpoint.
	Origin tlog.Origin
	// Key signs the checkpoints. Init makes one if it is nil. It is never written into log.json.
	Key ed25519.PrivateKey
	// Storage is where Init makes the tree. Default: the POSIX driver, in the log's directory. It is
	// not written into log.json: pass the same one in [Options] to open the log.
	Storage Storage
	// Guard is the directory of the guard's record. It is best on another disk than the log, out of
	// reach of the log's backups. Default: guard, in the log's directory.
	Guard string
	// Policy is the log's witness policy, in the form of c2sp.org/tlog-policy: witness, group and
	// quorum lines; the log line is added if it is not there. Empty means no witnesses.
	Policy string

	Batch      uint          // entries that Tessera sequences at once
	BatchAge   time.Duration // how long the first of them waits for the others
	Checkpoint time.Duration // interval between fast checkpoints
	InFlight   int           // entries that may be on their way into the log at once
	Bytes      int64         // bytes of such entries
	FullScan   uint64        // logs of at most so many entries are read completely at start-up
	ScrubRate  int64         // bytes a second that the background scrub may read; negative: no scrub
	ScrubEvery time.Duration // from the start of one scrub to the start of the next
}

// withDefaults returns the configuration with its zero values filled in.
func (c Config) withDefaults() Config {
	setDefault(&c.Guard, "guard")
	setDefault(&c.Batch, DefaultBatch)
	setDefault(&c.BatchAge, DefaultBatchAge)
	setDefault(&c.Checkpoint, DefaultCheckpoint)
	setDefault(&c.InFlight, DefaultInFlight)
	setDefault(&c.Bytes, DefaultBytes)
	setDefault(&c.FullScan, DefaultFullScan)
	setDefault(&c.ScrubRate, DefaultScrubRate)
	setDefault(&c.ScrubEvery, DefaultScrubEvery)
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// check says what is wrong with a configuration, defaults filled in.
func (c Config) check() error {
	if err := CheckOrigin(c.Origin); err != nil {
		return err
	}
	switch {
	case c.Key != nil && len(c.Key) != ed25519.PrivateKeySize:
		return configFault("the key is not an Ed25519 private key")
	case c.Batch > 1<<16:
		return configFault("batch: at most 65536 entries")
	case c.BatchAge < time.Millisecond || c.BatchAge > 10*time.Second:
		return configFault("batch age: between 1 ms and 10 s")
	case c.Checkpoint < MinCheckpoint || c.Checkpoint > time.Minute:
		return configFault("checkpoint interval: between 100 ms and 1 minute")
	case c.InFlight < 1 || c.Bytes < 1:
		return configFault("in flight: at least one entry and one byte")
	}
	return nil
}

// CheckOrigin says whether a name can be the origin of a new log: a host name and perhaps a path,
// without scheme, spaces, plus signs or control characters (tlog-checkpoint, "Note text").
func CheckOrigin(origin tlog.Origin) error {
	s := string(origin)
	bad := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '+' }
	switch {
	case s == "":
		return originFault("is empty")
	case len(s) > MaxOrigin:
		return originFault(fmt.Sprintf("has more than %d bytes", MaxOrigin))
	case !utf8.ValidString(s):
		return originFault("is not valid UTF-8")
	case strings.ContainsFunc(s, bad):
		return originFault("has a space, a plus or a control character")
	case strings.Contains(s, "://"):
		return originFault("has a scheme; leave it away")
	case strings.HasSuffix(s, "/"):
		return originFault("ends in a slash")
	}
	return nil
}

func originFault(what string) *Fault {
	return &Fault{
		Code: "origin", Err: ErrConfig, What: "the origin " + what,
		Do: "name the log like a host you control, with a path if you run several: example.org/log",
	}
}

func configFault(what string) *Fault {
	return &Fault{Code: "config", Err: ErrConfig, What: what, Do: "correct log.json"}
}

// configFile is log.json.
type configFile struct {
	Schema       string      `json:"schema"`
	Origin       tlog.Origin `json:"origin"`
	Key          string      `json:"key"` // vkey
	Guard        string      `json:"guard"`
	Policy       []string    `json:"policy,omitempty"` // lines
	Batch        uint        `json:"batch"`
	BatchMS      int64       `json:"batch_milliseconds"`
	CheckpointMS int64       `json:"checkpoint_milliseconds"`
	InFlight     int         `json:"in_flight"`
	Bytes        int64       `json:"in_flight_bytes"`
	FullScan     uint64      `json:"full_scan_entries"`
	ScrubRate    int64       `json:"scrub_bytes_per_second"`
	ScrubHours   float64     `json:"scrub_hours"`
}

// marshal returns the text of log.json.
func (c Config) marshal(key tlog.Key) ([]byte, error) {
	f := configFile{
		Schema: configSchema, Origin: c.Origin, Key: key.String(), Guard: c.Guard,
		Batch: c.Batch, BatchMS: c.BatchAge.Milliseconds(), CheckpointMS: c.Checkpoint.Milliseconds(),
		InFlight: c.InFlight, Bytes: c.Bytes, FullScan: c.FullScan,
		ScrubRate: c.ScrubRate, ScrubHours: c.ScrubEvery.Hours(),
	}
	if c.Policy != "" {
		f.Policy = strings.Split(strings.TrimSuffix(c.Policy, "\n"), "\n")
	}
	b, err := json.MarshalIndent(f, "", "  ")
	return append(b, '\n'), err
}

// parseConfig reads log.json. The key that it names is returned beside it.
func parseConfig(raw []byte) (Config, tlog.Key, error) {
	var f configFile
	if err := json.Unmarshal(raw, &f); err != nil {
		return Config{}, tlog.Key{}, configFault("log.json: " + err.Error())
	}
	if f.Schema != configSchema {
		return Config{}, tlog.Key{}, configFault(fmt.Sprintf("log.json has schema %q, this program knows %q", f.Schema, configSchema))
	}
	key, err := tlog.ParseKey(f.Key)
	if err != nil {
		return Config{}, tlog.Key{}, configFault("log.json: key: " + err.Error())
	}
	if key.Origin() != f.Origin {
		return Config{}, tlog.Key{}, configFault("log.json: origin and key have different names")
	}
	c := Config{
		Origin: f.Origin, Guard: f.Guard, Batch: f.Batch, InFlight: f.InFlight, Bytes: f.Bytes,
		BatchAge:   time.Duration(f.BatchMS) * time.Millisecond,
		Checkpoint: time.Duration(f.CheckpointMS) * time.Millisecond,
		FullScan:   f.FullScan, ScrubRate: f.ScrubRate,
		ScrubEvery: time.Duration(f.ScrubHours * float64(time.Hour)),
	}
	if len(f.Policy) > 0 {
		c.Policy = strings.Join(f.Policy, "\n") + "\n"
	}
	c = c.withDefaults()
	return c, key, c.check()
}

// policy returns the log's full policy: its own log line, its witnesses, its quorum.
func (c Config) policy(key tlog.Key) (*tlog.Policy, error) {
	text := c.Policy
	if text == "" {
		text = "quorum none\n"
	}
	p, err := tlog.ParsePolicy([]byte(text))
	if err != nil {
		return nil, configFault(err.Error())
	}
	if len(p.Logs()) == 0 {
		if p, err = tlog.ParsePolicy([]byte("log " + key.String() + "\n" + text)); err != nil {
			return nil, configFault(err.Error())
		}
	}
	if logs := p.Logs(); len(logs) != 1 || logs[0].Key != key {
		return nil, configFault("policy: its log line is of another log")
	}
	for _, w := range p.Witnesses() {
		if w.URL == "" {
			return nil, configFault("policy: witness " + w.Name + " has no URL; the log has to ask it")
		}
	}
	return p, nil
}

// signers makes the log's two signers from its private key.
func signers(origin tlog.Origin, key ed25519.PrivateKey) (log, cose logSigner, err error) {
	if log, err = tlog.NewLogSigner(origin, key); err != nil {
		return nil, nil, err
	}
	cose, err = tlog.NewCOSERootSigner(origin, key)
	return log, cose, err
}

func newKey() (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, errors.Join(errors.New("make a key"), err)
	}
	return key, nil
}
