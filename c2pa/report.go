package c2pa

import (
	"slices"
	"strings"
	"time"
)

// State is the answer about an asset's Content Credentials, C2PA 14.3.
type State string

// States. Only Valid and Trusted say something good about the content; Unknown and None say nothing about it at all.
const (
	StateTrusted State = "Trusted" // intact, and a trust list vouches for the signer
	StateValid   State = "Valid"   // intact, by a signer nobody here vouches for
	StateInvalid State = "Invalid" // a check failed
	StateNone    State = "None"    // no manifest store was found
	StateUnknown State = "Unknown" // could not tell: the file or a feature in it is not supported here
)

// Report is what a validation found.
type Report struct {
	State    State
	Reason   string // why there is nothing to judge, for StateNone and StateUnknown, or why the file is invalid as a whole
	Format   string // media type of the asset
	Active   string // label of the active manifest
	Remote   string // address of a manifest store elsewhere that the asset names
	At       time.Time
	Partial  bool     // fragments of the asset that were not given could not be judged
	Statuses []Status // about the active manifest, in the order found
	Deltas   []Delta  // about ingredients: what differs from what their users recorded

	manifests []*manifest // every manifest, for the printed forms
	signers   map[string]*Signer
	all       []Status
}

// Delta is what is new about one ingredient.
type Delta struct {
	Ingredient string // address of the ingredient assertion
	Statuses   []Status
}

// Signer returns what is known about who signed the manifest with this label, or nil.
func (r *Report) Signer(label string) *Signer { return r.signers[label] }

// Codes returns the codes of one kind among statuses, sorted, each once.
func Codes(statuses []Status, kind Kind) []string {
	var out []string
	for _, s := range statuses {
		if s.Kind == kind {
			out = append(out, s.Code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// finish sorts the findings and settles the state.
func (r *Report) finish(v *validator) {
	r.manifests, r.signers, r.all = v.manifests, v.signers, v.items
	for _, s := range v.items {
		if s.ingredient == "" {
			r.Statuses = append(r.Statuses, s)
			continue
		}
		i := slices.IndexFunc(r.Deltas, func(d Delta) bool { return d.Ingredient == s.ingredient })
		if i < 0 {
			i = len(r.Deltas)
			r.Deltas = append(r.Deltas, Delta{Ingredient: s.ingredient})
		}
		r.Deltas[i].Statuses = append(r.Deltas[i].Statuses, s)
	}
	r.State = r.settle()
}

// settle applies C2PA 14.3.5 and 14.3.6.
func (r *Report) settle() State {
	has := func(code string) bool {
		return slices.ContainsFunc(r.Statuses, func(s Status) bool { return s.Kind == Success && s.Code == code })
	}
	failures, tolerated := 0, 0
	for _, s := range r.Statuses {
		count(s, &failures, &tolerated)
	}
	for _, d := range r.Deltas {
		for _, s := range d.Statuses {
			count(s, &failures, &tolerated)
		}
	}
	switch {
	case failures > 0 || !has(codeSignatureValid) || !has(codeSignatureInside):
		return StateInvalid
	case tolerated > 0 || !has(codeCredentialTrusted):
		return StateValid
	}
	return StateTrusted
}

// count counts a failure, apart from those that say only that nobody vouches for somebody.
func count(s Status, failures, tolerated *int) {
	switch {
	case s.Kind != Failure:
	case s.Code == codeCredentialUntrusted || strings.HasPrefix(s.Code, "cawg.x509.") || strings.HasPrefix(s.Code, "cawg.identity."):
		*tolerated++
	default:
		*failures++
	}
}
