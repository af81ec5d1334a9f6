package c2pa

import (
	"errors"
	"io"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/asset"
	"github.com/wherefrom-network/wherefrom/c2pa/jumbf"
)

// Input is an asset and, if the asset does not carry one, the manifest store that was found beside it.
type Input struct {
	Asset io.ReaderAt
	Size  int64
	Store []byte // manifest store from a sidecar file; leave nil for the one inside the asset
	// Fragments are the media segments that belong to an asset which is only the beginning of a stream (DASH, CMAF), in
	// order from the first. If they are not all of them, the report says so in Partial.
	Fragments []Fragment
}

// Fragment is one media segment in a file of its own.
type Fragment struct {
	Data io.ReaderAt
	Size int64
}

// Validate reads an asset's manifest store and judges it under a policy at a time, C2PA 15. The same input gives the
// same report on every run and machine: no clock is read and no network is used.
//
// The error is nil unless the asset itself cannot be read; everything else, also a broken file, is in the report.
func Validate(in Input, policy *Policy, at time.Time) (*Report, error) {
	if policy == nil {
		policy = &Policy{}
	}
	src := asset.NewSource(in.Asset, in.Size)
	r := &Report{At: at}
	file, err := open(src)
	if in.Store != nil {
		file, err = detached(file, in.Store), nil
	}
	if file != nil {
		r.Format, r.Remote = file.Format, file.Remote
	}
	if err != nil {
		return r, r.explain(err)
	}
	v := &validator{
		policy: policy, at: at, src: src, file: file, signers: map[string]*Signer{}, stamps: map[string][][]byte{}, judged: map[string][]Status{},
		redacted: map[string]map[string]bool{}, digests: map[digestOf][]byte{}, r: r,
	}
	for _, f := range in.Fragments {
		v.fragments = append(v.fragments, asset.NewSource(f.Data, f.Size))
	}
	v.run()
	r.finish(v)
	return r, nil
}

// explain turns an error of reading the asset into a report, or returns it if it is one of the machine.
func (r *Report) explain(err error) error {
	switch {
	case errors.Is(err, asset.ErrNoManifest) && r.Remote != "":
		r.State, r.Reason = StateNone, "the file has no Content Credentials inside; it names an address where they may be: "+r.Remote
	case errors.Is(err, asset.ErrNoManifest):
		r.State, r.Reason = StateNone, "the file has no Content Credentials"
	case errors.Is(err, asset.ErrManyStores):
		r.State, r.Reason = StateNone, "the file has more than one manifest store, so none of them counts"
	case errors.Is(err, ErrUnsupported), errors.Is(err, asset.ErrFormat):
		r.State, r.Reason = StateUnknown, "the kind of file is not known here: "+err.Error()
	case errors.Is(err, asset.ErrMalformed):
		r.State, r.Reason = StateInvalid, "the file is damaged: "+err.Error()
	default:
		return err
	}
	return nil
}

// detached binds a store from elsewhere to an asset. The asset's own layout still counts for box hashes.
func detached(file *container, store []byte) *container {
	if file == nil {
		file = &container{}
	}
	l := file.Layout
	l.Store, l.Extent, l.Foreign = store, asset.Range{}, false
	return &container{Layout: l, bmff: file.bmff}
}

// validator carries one validation.
type validator struct {
	journal
	policy    *Policy
	at        time.Time
	src       *asset.Source
	fragments []*asset.Source
	file      *container
	manifests []*manifest
	order     []*manifest                // the active manifest and everything it leads to, each once
	redacted  map[string]map[string]bool // assertions that any of them redacts, by manifest
	stamps    map[string][][]byte        // later time stamps by manifest
	ocsp      [][]byte                   // responses from certificate status assertions
	signers   map[string]*Signer
	judged    map[string][]Status // what was found about each manifest alone
	digests   map[digestOf][]byte
	r         *Report
}

func (v *validator) run() {
	var err error
	if v.manifests, err = parseStores(v.file.stores()...); err != nil {
		code := codeGeneralError
		if !errors.Is(err, jumbf.ErrMalformed) {
			code = codeClaimMissing
		}
		v.fail(code, addressPrefix+"/"+labelStore, err.Error())
		return
	}
	active := v.active()
	if active == nil {
		v.fail(codeClaimMissing, addressPrefix+"/"+labelStore, "the store has no manifest")
		return
	}
	v.r.Active = active.label
	if !v.sound() {
		return
	}
	if !v.collect(active, nil) {
		return
	}
	v.gather()
	v.validateManifest(active)
	v.ingredients(active, map[string]bool{active.label: true})
	v.content(active)
}

// active returns the last manifest of the store, C2PA 15.5.1.
func (v *validator) active() *manifest {
	if len(v.manifests) == 0 {
		return nil
	}
	return v.manifests[len(v.manifests)-1]
}

// sound reports the manifests that could not even be read. One that is broken makes the store invalid even where nothing
// leads to it: stricter than C2PA 11.1.4 by its letter, but what the reference does.
func (v *validator) sound() bool {
	ok := true
	for _, m := range v.manifests {
		for _, p := range m.problems {
			v.fail(p.code, p.url, p.detail)
			ok = false
		}
		for _, a := range m.assertions {
			if p := a.problem; p != nil {
				v.fail(p.code, p.url, p.detail)
			}
		}
		ok = ok && m.claim != nil
	}
	return ok
}

func (v *validator) manifest(label string) *manifest {
	for _, m := range v.manifests {
		if m.label == label {
			return m
		}
	}
	return nil
}

// validateManifest applies everything that concerns one manifest alone: C2PA 15.6, 15.7 and 15.10. A manifest that several
// ingredients lead to is judged once and reported each time.
func (v *validator) validateManifest(m *manifest) {
	if found, done := v.judged[m.label]; done {
		for _, s := range found {
			v.again(s)
		}
		return
	}
	outer := v.journal
	v.journal = journal{}
	v.judge(m)
	found := v.items
	v.journal = outer
	v.judged[m.label] = found
	for _, s := range found {
		v.again(s)
	}
}

func (v *validator) judge(m *manifest) {
	v.verifySignature(m)
	for _, icon := range m.claim.icons {
		v.checkReference(m, icon, m.uri())
	}
	v.checkRedactions(m)
	v.checkType(m)
	v.checkAssertions(m)
	v.checkActions(m)
	v.checkOthers(m)
}

// checkReference applies C2PA 15.10.3.3 to a reference inside the store.
func (v *validator) checkReference(m *manifest, h hashedURI, where string) {
	data, ok := v.resolve(m, h.url)
	if !ok {
		v.fail(codeAssertionMissing, where, h.url)
		return
	}
	match, err := v.verifyHash(h, data, m.claim.alg)
	switch {
	case err != nil:
		v.fail(codeAlgUnsupported, where, h.url)
	case !match:
		v.fail(codeAssertionMismatch, where, h.url)
	}
}

// resolve returns the hashed content of the box that an address of manifest m leads to.
func (v *validator) resolve(m *manifest, uri string) ([]byte, bool) {
	addr, ok := parseAddress(uri)
	if !ok {
		return nil, false
	}
	box := v.manifest(addr.in(m.label).manifest)
	if box == nil {
		return nil, false
	}
	at := box.box
	for _, label := range addr.path {
		if at = at.Child(label); at == nil {
			return nil, false
		}
	}
	return at.Data, true
}

// redact notes that an assertion is redacted; label is empty if the address leads to no assertion.
func (v *validator) redact(manifest, label string) {
	if v.redacted[manifest] == nil {
		v.redacted[manifest] = map[string]bool{}
	}
	v.redacted[manifest][label] = true
}

// isRedacted reports whether any manifest redacts this assertion.
func (v *validator) isRedacted(m *manifest, label string) bool { return v.redacted[m.label][label] }

// checkRedactions applies the rules for what a claim may redact, C2PA 15.10.2 and 15.10.3.1.
func (v *validator) checkRedactions(m *manifest) {
	for _, uri := range m.claim.redacted {
		addr, ok := parseAddress(uri)
		if !ok || addr.manifest == m.label || addr.manifest == "" {
			v.fail(codeSelfRedacted, uri, "")
		}
		label, _ := addr.box(labelAssertions)
		switch name, _ := splitVersion(label); {
		case name == "c2pa.actions":
			v.fail(codeActionRedacted, uri, "")
		case isBinding(name):
			v.fail(codeBindingRedacted, uri, "")
		}
	}
}

// checkType applies the rules for standard and update manifests, C2PA 15.10.1.
func (v *validator) checkType(m *manifest) {
	parents, ingredients := 0, m.kind("c2pa.ingredient")
	for _, a := range ingredients {
		if rel, _ := a.fields()["relationship"].(string); rel == "parentOf" {
			parents++
		}
	}
	if !m.update {
		if parents > 1 {
			v.fail(codeManyParents, m.uri(), "")
		}
		return
	}
	if parents != 1 || len(ingredients) != 1 {
		v.fail(codeUpdateParents, m.uri(), "")
	}
	for _, a := range m.assertions {
		if isBinding(a.name) || a.name == "c2pa.hash.multi-asset" || a.name == "c2pa.thumbnail.claim" || isClaimThumbnail(a.label) {
			v.fail(codeUpdateInvalid, m.uri(), a.label)
		}
	}
}

func isClaimThumbnail(label string) bool {
	return len(label) >= len("c2pa.thumbnail.") && label[:len("c2pa.thumbnail.")] == "c2pa.thumbnail."
}

// checkAssertions applies C2PA 15.10.3.1: each assertion that the claim lists is there and unchanged, none is there unlisted.
func (v *validator) checkAssertions(m *manifest) {
	listed := map[string]bool{}
	for _, ref := range m.claim.refs {
		addr, ok := parseAddress(ref.url)
		label, isAssertion := addr.box(labelAssertions)
		switch {
		case !ok:
			v.fail(codeAssertionMismatch, m.uri(), "the address "+ref.url+" is malformed")
			continue
		case addr.in(m.label).manifest != m.label:
			v.fail(codeAssertionOutside, m.uri(), ref.url)
			v.fail(codeAssertionMissing, m.uri(), ref.url)
			continue
		case !isAssertion:
			v.checkDatabox(m, ref.hashedURI)
			continue
		}
		listed[label] = true
		v.checkAssertion(m, ref.hashedURI, label)
	}
	for _, a := range m.assertions {
		if !listed[a.label] {
			v.fail(codeAssertionUndeclared, assertionURI(m.label, a.label), "")
		}
	}
}

// checkDatabox covers claims of version 1 that list boxes beside the assertion store.
func (v *validator) checkDatabox(m *manifest, ref hashedURI) {
	if _, ok := v.resolve(m, ref.url); !ok {
		v.fail(codeAssertionMissing, m.uri(), ref.url)
		return
	}
	v.checkReference(m, ref, m.uri())
}

func (v *validator) checkAssertion(m *manifest, ref hashedURI, label string) {
	uri := assertionURI(m.label, label)
	a := m.assertion(label)
	if v.isRedacted(m, label) {
		if a != nil && !a.zeroed() {
			v.fail(codeNotRedacted, uri, "")
		}
		return
	}
	if a == nil {
		v.fail(codeAssertionMissing, uri, "")
		return
	}
	match, err := v.verifyHash(ref, a.box.Data, m.claim.alg)
	switch {
	case err != nil:
		v.fail(codeAlgUnsupported, uri, "")
		v.fail(codeAssertionMismatch, uri, "")
	case !match:
		v.fail(codeAssertionMismatch, uri, "")
	default:
		v.pass(codeAssertionMatch, uri)
	}
}
