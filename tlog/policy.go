package tlog

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Limits of a policy. The specification asks for at least 32 of each.
const (
	MaxPolicy          = 256 << 10 // bytes
	MaxPolicyLogs      = 64
	MaxPolicyWitnesses = 64
	MaxPolicyGroups    = 64
)

// quorumNone is the predefined name that asks for no cosignature at all.
const quorumNone = "none"

// Errors of [ParsePolicy].
var (
	ErrPolicySyntax     = errors.New("not a policy line")
	ErrPolicyCharacter  = errors.New("control character in a policy")
	ErrPolicyLimit      = errors.New("policy is larger than we read")
	ErrPolicyKey        = errors.New("key cannot be used here")
	ErrDuplicateLog     = errors.New("two logs with one public key")
	ErrDuplicateWitness = errors.New("two witnesses with one public key")
	ErrDuplicateName    = errors.New("name is defined twice")
	ErrUndefinedName    = errors.New("name is not defined before this line")
	ErrRepeatedMember   = errors.New("name is already a member of a group")
	ErrThreshold        = errors.New("threshold is not between 1 and the number of members")
	ErrQuorumLine       = errors.New("a policy has exactly one quorum line")
)

// LogEntry is a log that a policy accepts.
type LogEntry struct {
	Key Key
	URL string // where the log can be reached; may be empty
}

// WitnessEntry is a witness that a policy knows.
type WitnessEntry struct {
	Name string // used inside the policy only
	Key  Key
	URL  string // the witness's submission prefix; may be empty
}

// group is a set of witnesses and earlier groups of which some number must have cosigned.
type group struct {
	name      string
	threshold int
	members   []string
}

// Policy says which logs a reader accepts and which witnesses must have cosigned (tlog-policy).
type Policy struct {
	logs      []LogEntry
	witnesses []WitnessEntry
	groups    []group
	quorum    string
}

// ParsePolicy reads a policy file. An error names the line.
func ParsePolicy(text []byte) (*Policy, error) {
	if len(text) > MaxPolicy {
		return nil, fmt.Errorf("policy of %d bytes: %w", len(text), ErrPolicyLimit)
	}
	r := newPolicyReader(MaxPolicyLogs)
	if err := r.read(text, r.line); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if r.p.quorum == "" {
		return nil, fmt.Errorf("policy: there is none: %w", ErrQuorumLine)
	}
	return r.p, nil
}

// ParseLogList reads a file that has only the log lines of a policy, and any number of them: the
// logs that a witness watches.
func ParseLogList(text []byte) ([]LogEntry, error) {
	r := newPolicyReader(math.MaxInt)
	err := r.read(text, func(line string, f []string) error {
		if f[0] != "log" {
			return fmt.Errorf("%.80q: only log lines are expected: %w", line, ErrPolicySyntax)
		}
		return r.line(line, f)
	})
	if err != nil {
		return nil, fmt.Errorf("list of logs: %w", err)
	}
	return r.p.logs, nil
}

// policyReader is the state between two lines of a policy.
type policyReader struct {
	p       *Policy
	maxLogs int
	defined map[string]bool // names of witnesses and groups, and none
	member  map[string]bool // names that are already in a group
	logs    map[string]bool // public keys of logs
	wits    map[string]bool // public keys of witnesses
	lines   map[string]bool // names and key IDs, as signature lines show them
}

func newPolicyReader(maxLogs int) *policyReader {
	return &policyReader{
		p:       &Policy{},
		maxLogs: maxLogs,
		defined: map[string]bool{quorumNone: true},
		member:  map[string]bool{},
		logs:    map[string]bool{},
		wits:    map[string]bool{},
		lines:   map[string]bool{},
	}
}

// read hands each line that is neither empty nor a comment to use, whole and in words.
func (r *policyReader) read(text []byte, use func(line string, words []string) error) error {
	if len(text) == 0 {
		return nil
	}
	body, ok := strings.CutSuffix(string(text), "\n")
	if !ok {
		return fmt.Errorf("no newline at the end: %w", ErrPolicySyntax)
	}
	for i, line := range strings.Split(body, "\n") {
		for _, c := range []byte(line) {
			if c < 0x20 && c != '\t' || c == 0x7f {
				return fmt.Errorf("line %d: 0x%02x: %w", i+1, c, ErrPolicyCharacter)
			}
		}
		words := strings.FieldsFunc(line, func(c rune) bool { return c == ' ' || c == '\t' })
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if err := use(line, words); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return nil
}

func (r *policyReader) line(line string, f []string) error {
	switch {
	case f[0] == "log" && (len(f) == 2 || len(f) == 3):
		return r.log(f[1], f[2:])
	case f[0] == "witness" && (len(f) == 3 || len(f) == 4):
		return r.witness(f[1], f[2], f[3:])
	case f[0] == "group" && len(f) >= 4:
		return r.group(f[1], f[2], f[3:])
	case f[0] == "quorum" && len(f) == 2:
		return r.quorum(f[1])
	}
	return fmt.Errorf("%.80q: %w", line, ErrPolicySyntax)
}

func (r *policyReader) log(vkey string, url []string) error {
	key, err := ParseKey(vkey)
	if err != nil {
		return err
	}
	switch pub := string(key.pub[:]); {
	case key.alg == AlgCOSERoot:
		return fmt.Errorf("log %s: type 0xff: %w", vkey, ErrPolicyKey)
	case r.logs[pub]:
		return fmt.Errorf("log %s: %w", vkey, ErrDuplicateLog)
	case len(r.p.logs) == r.maxLogs:
		return fmt.Errorf("more than %d logs: %w", r.maxLogs, ErrPolicyLimit)
	default:
		r.logs[pub] = true
	}
	r.p.logs = append(r.p.logs, LogEntry{Key: key, URL: strings.Join(url, "")})
	return r.unambiguous(key)
}

func (r *policyReader) witness(name, vkey string, url []string) error {
	key, err := ParseKey(vkey)
	if err != nil {
		return err
	}
	switch pub := string(key.pub[:]); {
	case key.alg != AlgCosignature:
		return fmt.Errorf("witness %s: type 0x%02x, not 0x04: %w", name, byte(key.alg), ErrPolicyKey)
	case r.wits[pub]:
		return fmt.Errorf("witness %s: %w", name, ErrDuplicateWitness)
	case len(r.p.witnesses) == MaxPolicyWitnesses:
		return fmt.Errorf("more than %d witnesses: %w", MaxPolicyWitnesses, ErrPolicyLimit)
	default:
		r.wits[pub] = true
	}
	if err := r.define(name); err != nil {
		return err
	}
	r.p.witnesses = append(r.p.witnesses, WitnessEntry{Name: name, Key: key, URL: strings.Join(url, "")})
	return r.unambiguous(key)
}

// unambiguous refuses a key whose signature lines could be taken for an earlier key's: the same
// name and key ID. By chance this does not happen.
func (r *policyReader) unambiguous(key Key) error {
	line := fmt.Sprintf("%s+%08x", key.name, key.id)
	if r.lines[line] {
		return fmt.Errorf("%s: %w", key, ErrAmbiguousKeys)
	}
	r.lines[line] = true
	return nil
}

func (r *policyReader) group(name, threshold string, members []string) error {
	if len(r.p.groups) == MaxPolicyGroups {
		return fmt.Errorf("more than %d groups: %w", MaxPolicyGroups, ErrPolicyLimit)
	}
	for _, m := range members {
		if m == quorumNone || !r.defined[m] {
			return fmt.Errorf("group %s: member %s: %w", name, m, ErrUndefinedName)
		}
		if r.member[m] {
			return fmt.Errorf("group %s: member %s: %w", name, m, ErrRepeatedMember)
		}
		r.member[m] = true
	}
	k := 1
	switch threshold {
	case "any":
	case "all":
		k = len(members)
	default:
		n, err := strconv.Atoi(threshold)
		if err != nil || strconv.Itoa(n) != threshold || n < 1 || n > len(members) {
			return fmt.Errorf("group %s: %s: %w", name, threshold, ErrThreshold)
		}
		k = n
	}
	if err := r.define(name); err != nil {
		return err
	}
	r.p.groups = append(r.p.groups, group{name: name, threshold: k, members: members})
	return nil
}

func (r *policyReader) quorum(name string) error {
	if r.p.quorum != "" {
		return fmt.Errorf("a second one: %w", ErrQuorumLine)
	}
	if !r.defined[name] {
		return fmt.Errorf("quorum %s: %w", name, ErrUndefinedName)
	}
	r.p.quorum = name
	return nil
}

func (r *policyReader) define(name string) error {
	if r.defined[name] {
		return fmt.Errorf("%s: %w", name, ErrDuplicateName)
	}
	r.defined[name] = true
	return nil
}

// Logs returns the logs that the policy accepts, in the order of the file.
func (p *Policy) Logs() []LogEntry { return slices.Clone(p.logs) }

// Witnesses returns the witnesses that the policy knows, in the order of the file.
func (p *Policy) Witnesses() []WitnessEntry { return slices.Clone(p.witnesses) }

// String returns the policy as a file: logs, witnesses, groups, quorum. [ParsePolicy] reads it
// back as the same policy.
func (p *Policy) String() string {
	var b strings.Builder
	line := func(words ...string) {
		b.WriteString(strings.TrimRight(strings.Join(words, " "), " ") + "\n")
	}
	for _, l := range p.logs {
		line("log", l.Key.String(), l.URL)
	}
	for _, w := range p.witnesses {
		line("witness", w.Name, w.Key.String(), w.URL)
	}
	for _, g := range p.groups {
		line(append([]string{"group", g.name, strconv.Itoa(g.threshold)}, g.members...)...)
	}
	line("quorum", p.quorum)
	return b.String()
}
