package c2pa_test

import (
	"slices"
	"testing"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

const parentLabel = "urn:c2pa:00000000-0000-4000-8000-000000000002:test"

// parent is a manifest of another asset that is used as an ingredient.
func parent(a *c2patest.Authority, change func(*c2patest.Manifest)) []byte {
	m := c2patest.Manifest{Label: parentLabel, Assertions: []c2patest.Assertion{
		c2patest.Created,
		{Label: "org.secret", Data: c2patest.M{"name": "somebody"}},
		c2patest.DataHash([]byte("the parent's own content"), 0, 0),
	}}
	if change != nil {
		change(&m)
	}
	return a.Sign(m)
}

// codes are validation results with these failures.
func codes(failures ...any) c2patest.M {
	return c2patest.M{"success": []any{}, "informational": []any{}, "failure": append([]any{}, failures...)}
}

// opened is a manifest that opens the parent.
func opened(parent []byte, more func(ingredient c2patest.M)) c2patest.Manifest {
	data := c2patest.M{
		"relationship": "parentOf", "validationResults": c2patest.M{"activeManifest": codes()},
		"activeManifest": c2patest.HashedURI("self#jumbf=/c2pa/"+parentLabel, parent),
	}
	if more != nil {
		more(data)
	}
	in := c2patest.Assertion{Label: "c2pa.ingredient.v3", Data: data}
	box := c2patest.Superbox("cbor", in.Label, c2patest.Box("cbor", c2patest.CBOR(in.Data)))
	act := c2patest.Assertion{Label: "c2pa.actions.v2", Data: c2patest.M{"actions": []any{c2patest.M{
		"action": "c2pa.opened", "parameters": c2patest.M{"ingredients": []any{c2patest.HashedURI("self#jumbf=c2pa.assertions/"+in.Label, box)}},
	}}}}
	return c2patest.Manifest{Before: [][]byte{parent}, Assertions: []c2patest.Assertion{act, in}}
}

func TestAnEditedFileCarriesItsParent(t *testing.T) {
	a := c2patest.NewAuthority()
	file := a.Embed(c2patest.PNG, opened(parent(a, nil), nil))
	r := validate(t, file, trusting(t, a), c2patest.Now)
	if r.State != c2pa.StateTrusted || len(r.Deltas) != 1 {
		t.Fatalf("%s %v, %d deltas", r.State, failures(r), len(r.Deltas))
	}
	if got := c2pa.Codes(r.Deltas[0].Statuses, c2pa.Success); !slices.Contains(got, "ingredient.manifest.validated") {
		t.Errorf("the parent's manifest: %v", got)
	}
}

func TestAParentThatWasChangedIsNoticed(t *testing.T) {
	a := c2patest.NewAuthority()
	good := parent(a, nil)
	m := opened(good, nil)
	m.Before = [][]byte{parent(a, nil)} // the same words, signed again
	r := validate(t, a.Embed(c2patest.PNG, m), trusting(t, a), c2patest.Now)
	if r.State != c2pa.StateInvalid || !slices.Contains(failures(r), "ingredient.manifest.mismatch") {
		t.Errorf("%s %v", r.State, failures(r))
	}
}

func TestAFailureTheSignerRecordedIsNoNewFailure(t *testing.T) {
	a := c2patest.NewAuthority()
	bad := parent(a, func(m *c2patest.Manifest) {
		m.Claim = func(c c2patest.M) { c["signature"] = "self#jumbf=c2pa.elsewhere" }
	})
	known := c2patest.M{"code": "claimSignature.missing", "url": "self#jumbf=/c2pa/" + parentLabel + "/c2pa.signature"}
	unrecorded := validate(t, a.Embed(c2patest.PNG, opened(bad, nil)), trusting(t, a), c2patest.Now)
	if unrecorded.State != c2pa.StateInvalid {
		t.Errorf("not recorded: %s %v", unrecorded.State, failures(unrecorded))
	}
	recorded := validate(t, a.Embed(c2patest.PNG, opened(bad, func(in c2patest.M) {
		in["validationResults"] = c2patest.M{"activeManifest": codes(known)}
	})), trusting(t, a), c2patest.Now)
	if recorded.State != c2pa.StateTrusted {
		t.Errorf("recorded: %s %v", recorded.State, failures(recorded))
	}
}

func TestARedactedAssertionIsGoneOrZeros(t *testing.T) {
	a := c2patest.NewAuthority()
	whole := parent(a, nil)
	secret := []byte("somebody")
	cut := slices.Clone(whole)
	at := index(cut, secret)
	start := at - len("\xa1\x64name\x68") // the CBOR item that holds the secret
	for i := start; i < at+len(secret); i++ {
		cut[i] = 0
	}
	redact := func(m c2patest.Manifest) c2patest.Manifest {
		m.Claim = func(c c2patest.M) {
			c["redacted_assertions"] = []any{"self#jumbf=/c2pa/" + parentLabel + "/c2pa.assertions/org.secret"}
		}
		return m
	}
	signature := func(in c2patest.M) {
		i := index(whole, []byte("c2pa.signature\x00")) - 25 - 8
		in["claimSignature"] = c2patest.HashedURI("self#jumbf=/c2pa/"+parentLabel+"/c2pa.signature", whole[i:])
	}
	done := opened(whole, signature)
	done.Before = [][]byte{cut}
	if r := validate(t, a.Embed(c2patest.PNG, redact(done)), trusting(t, a), c2patest.Now); r.State != c2pa.StateTrusted {
		t.Errorf("redacted: %s %v", r.State, failures(r))
	}
	kept := validate(t, a.Embed(c2patest.PNG, redact(opened(whole, signature))), trusting(t, a), c2patest.Now)
	if kept.State != c2pa.StateInvalid || !slices.Contains(failures(kept), "assertion.notRedacted") {
		t.Errorf("said to be redacted and still there: %s %v", kept.State, failures(kept))
	}
	silent := opened(whole, nil)
	silent.Before = [][]byte{cut}
	if r := validate(t, a.Embed(c2patest.PNG, silent), trusting(t, a), c2patest.Now); r.State != c2pa.StateInvalid {
		t.Errorf("removed without a word: %s", r.State)
	}
}

func index(b, part []byte) int {
	for i := range b {
		if i+len(part) <= len(b) && string(b[i:i+len(part)]) == string(part) {
			return i
		}
	}
	return -1
}

func TestAnUpdateMayNotChangeContent(t *testing.T) {
	a := c2patest.NewAuthority()
	m := opened(parent(a, nil), nil)
	m.Update = true
	m.Assertions = m.Assertions[1:] // only the ingredient
	file := a.Embed(c2patest.PNG, m)
	r := validate(t, file, trusting(t, a), c2patest.Now) // Embed always binds to the content, which an update may not do
	if r.State != c2pa.StateInvalid || !slices.Contains(failures(r), "manifest.update.invalid") {
		t.Errorf("%s %v", r.State, failures(r))
	}
}
