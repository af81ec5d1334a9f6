package tlog

import (
	"errors"
	"fmt"
)

// Errors of [Policy.Check], beside those of [OpenCheckpoint].
var (
	ErrUnknownLog = errors.New("the policy does not know this log")
	ErrQuorum     = errors.New("too few of the policy's witnesses have cosigned")
)

// Verdict is what a policy says about a signed checkpoint.
type Verdict struct {
	Checkpoint Checkpoint
	Log        Key         // the key of the log that signed
	Cosigned   []Signature // verified cosignatures of witnesses that the policy knows
	Quorum     bool        // whether they are enough
}

// Check judges a signed checkpoint. It returns an error wrapping [ErrUnknownLog] if no log of the
// policy has the checkpoint's origin, [ErrLogUnsigned], [ErrLogSignature] or [ErrCosignature] if
// the signatures are not good, and [ErrQuorum], with a Verdict that is otherwise complete, if
// they are good but too few.
func (p *Policy) Check(raw []byte) (Verdict, error) {
	claim, err := UnverifiedCheckpoint(raw)
	if err != nil {
		return Verdict{}, err
	}
	var logs, witnesses []Key
	for _, l := range p.logs {
		if l.Key.Origin() == claim.Origin {
			logs = append(logs, l.Key)
		}
	}
	if len(logs) == 0 {
		return Verdict{}, fmt.Errorf("log %q: %w", claim.Origin, ErrUnknownLog)
	}
	for _, w := range p.witnesses {
		witnesses = append(witnesses, w.Key)
	}
	o, err := Open(raw, logs, witnesses)
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{Checkpoint: o.Checkpoint, Log: o.Log[0].Key, Cosigned: o.Cosigned}
	names := make([]string, len(v.Cosigned))
	for i, s := range v.Cosigned {
		names[i] = p.witnessName(s.Key)
		v.Cosigned[i].Witness = names[i]
	}
	if v.Quorum = p.Met(names...); !v.Quorum {
		return v, fmt.Errorf("checkpoint of %q: %d of %d witnesses have cosigned: %w",
			claim.Origin, len(v.Cosigned), len(p.witnesses), ErrQuorum)
	}
	return v, nil
}

// Met reports whether cosignatures by the named witnesses, as the policy names them, are enough
// for its quorum. Met of no witnesses says whether the policy asks for none at all.
func (p *Policy) Met(witnesses ...string) bool {
	met := map[string]bool{quorumNone: true}
	for _, name := range witnesses {
		met[name] = true
	}
	// A group names only what was defined before it, so one pass in order is enough.
	for _, g := range p.groups {
		n := 0
		for _, m := range g.members {
			if met[m] {
				n++
			}
		}
		met[g.name] = n >= g.threshold
	}
	return met[p.quorum]
}

func (p *Policy) witnessName(key Key) string {
	for _, w := range p.witnesses {
		if w.Key == key {
			return w.Name
		}
	}
	return ""
}
