package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/verify"
)

// existingParent returns the nearest directory above path that is there.
func existingParent(path string) string {
	for !exists(path) && filepath.Dir(path) != path {
		path = filepath.Dir(path)
	}
	return path
}

// doctorTimeout bounds how long one server may let the doctor wait.
const doctorTimeout = 10 * time.Second

// servers asks the servers of the context how they are.
func (x *examination) servers(ctx context.Context) {
	if x.context.Log != "" {
		x.server(ctx, x.context.Log)
	}
	if asked := x.context.Asked(); asked != x.context.Log {
		x.server(ctx, asked)
	}
}

func (x *examination) server(ctx context.Context, address string) {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	service, err := client.New(address, client.Options{Attempts: 1, Timeout: doctorTimeout})
	if err != nil {
		x.say(isBad, address, "correct the context: wherefrom context add NAME --replace --log URL", "%v", err)
		return
	}
	h, err := service.Health(ctx)
	if err != nil {
		u := explain(err)
		x.say(isUnknown, address, "check that it runs, and the network", "%s", u.Error())
		return
	}
	policy, err := fetchPolicy(ctx, service)
	if err != nil {
		policy = nil // consistency says so
	}
	x.health(address, h, policy)
	x.consistency(ctx, service, policy)
}

// health tells how a server says it is. A server that serves and names problems is degraded, whatever it calls itself.
func (x *examination) health(address string, h *client.Health, policy *tlog.Policy) {
	words, status, fix := h.Status, isWell, ""
	if words == "ok" && len(h.Problems) > 0 {
		words = "degraded"
	}
	if words != "ok" {
		status, fix = isBad, "tell its operator"
	}
	if h.Log != nil {
		words += fmt.Sprintf(", log %s with %d entries", h.Log.Origin, h.Log.TreeSize)
		switch {
		case policy == nil:
		case policy.Met(): // it asks for no witness, and so its final checkpoints need not have any
			words += ", no witness needed"
		default:
			words += fmt.Sprintf(", %d of them witnessed", h.Log.FinalSize)
		}
	}
	if len(h.Problems) > 0 {
		words += ": " + oneLine(strings.Join(h.Problems, "\n"))
	}
	x.say(status, address, fix, "%s", words)
}

// consistency checks that the log still extends what it showed this user before.
func (x *examination) consistency(ctx context.Context, service *client.Client, policy *tlog.Policy) {
	name := "log at " + service.URL()
	if policy == nil || len(policy.Logs()) != 1 {
		x.say(isUnknown, name, "check the address", "it does not say which log it is")
		return
	}
	key := policy.Logs()[0].Key
	x.known(name, key)
	raw, err := service.ReadCheckpoint(ctx)
	if err != nil {
		x.say(isUnknown, name, "try again later", "its checkpoint could not be read: %v", err)
		return
	}
	now, _, err := tlog.OpenCheckpoint(raw, key)
	if err != nil {
		x.say(isFalse, name, "do not rely on it; tell its operator", "its checkpoint does not verify: %v", err)
		return
	}
	x.compareClock(policy, raw)
	x.compare(ctx, service, key, now, raw)
}

// known says whether a trust list of the user accepts the log.
func (x *examination) known(name string, key tlog.Key) {
	all, err := x.a.allTrust()
	if err != nil {
		return // said before
	}
	for _, list := range all.Lists {
		for _, log := range list.Logs {
			if log.Key == key.String() {
				return
			}
			if log.Name == key.Name() {
				x.say(isFalse, name, "do not rely on it until you know why", "trust list %s has another key for %s", list.Name, key.Name())
				return
			}
		}
	}
	x.say(isNote, name, "wherefrom trust add NAME "+x.context.Log, "no trust list of yours knows %s, so verification will say log-unknown", key.Name())
}

// compareClock holds this machine's clock against those of the log's witnesses.
func (x *examination) compareClock(policy *tlog.Policy, raw []byte) {
	verdict, err := policy.Check(raw)
	if err != nil && !errors.Is(err, tlog.ErrQuorum) {
		return
	}
	for _, c := range verdict.Cosigned {
		if ahead := c.Time.Sub(x.a.now()); ahead > verify.Tolerance {
			x.say(isBad, "clock", "set the clock of this machine, best by NTP", "it is %s behind that of witness %s", term.Duration(ahead), c.Witness)
			return
		}
	}
}

// compare holds the log's newest checkpoint against the one seen last, and remembers the newer.
func (x *examination) compare(ctx context.Context, service *client.Client, key tlog.Key, now tlog.Checkpoint, raw []byte) {
	name := "log " + key.Name()
	path := filepath.Join(x.a.home.State, "seen", hex.EncodeToString(key.Public())+".checkpoint")
	before, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		x.remember(name, path, raw)
		x.say(isWell, name, "", "%d entries, seen for the first time", now.Size)
		return
	}
	var old tlog.Checkpoint
	if err == nil {
		old, _, err = tlog.OpenCheckpoint(before, key)
	}
	if err != nil {
		x.say(isBad, name, "remove "+path, "what was seen last cannot be read: %v", err)
		return
	}
	switch err := extends(ctx, service, old, now); {
	case errors.Is(err, errOlder):
		x.say(isUnknown, name, "try again later; if it stays so, tell its operator", "it shows %d entries and showed %d before", now.Size, old.Size)
	case errors.Is(err, tlog.ErrProofMismatch):
		evidence := fmt.Sprintf("%s.conflict-%d", path, now.Size)
		x.remember(name, evidence, append(append(before, '\n'), raw...))
		x.say(isFalse, name, "do not rely on it; both checkpoints are kept in "+evidence, "it has signed two pasts: %d entries now do not extend the %d seen before", now.Size, old.Size)
	case err != nil:
		x.say(isUnknown, name, "try again later", "whether it extends what was seen could not be checked: %v", err)
	default:
		x.remember(name, path, raw)
		x.say(isWell, name, "", "%d entries, extends the %d seen before", now.Size, old.Size)
	}
}

func (x *examination) remember(name, path string, raw []byte) {
	if err := home.WriteFile(path, raw, 0o600); err != nil {
		x.say(isBad, name, "make it possible to write there", "what was seen could not be kept: %v", err)
	}
}

var errOlder = errors.New("the tree is smaller than before")

// extends checks that a tree begins with an earlier one, by a proof from the log's own tiles.
func extends(ctx context.Context, tiles tlog.TileReader, old, now tlog.Checkpoint) error {
	if now.Size < old.Size {
		return errOlder
	}
	if now.Size == old.Size {
		if now.Root != old.Root {
			return tlog.ErrProofMismatch
		}
		return nil
	}
	proof, err := tlog.NewProver(tiles, 64).Consistency(ctx, old.Size, now.Size)
	if err != nil {
		return err
	}
	return tlog.VerifyConsistency(old.Size, now.Size, old.Root, now.Root, proof)
}
