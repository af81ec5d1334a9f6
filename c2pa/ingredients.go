package c2pa

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// maxIngredientDepth bounds how deep a chain of ingredients is followed.
const maxIngredientDepth = 100

// ingredient is a decoded ingredient assertion, C2PA 18.16.
type ingredient struct {
	relationship string
	title        string
	manifest     *hashedURI // activeManifest, or c2pa_manifest before version 3
	signature    *hashedURI
	recorded     []Status // what the signer found when it used the ingredient
	hasResults   bool
}

// neededFields are those without which an ingredient assertion is malformed, by version.
var neededFields = map[int][]string{
	1: {"dc:title", "dc:format", "instanceID", "relationship"},
	2: {"dc:title", "dc:format", "relationship"},
	3: {"relationship"},
}

func parseIngredient(a *assertion) (*ingredient, error) {
	m := a.fields()
	needed, ok := neededFields[a.version]
	if m == nil || !ok {
		return nil, fmt.Errorf("no ingredient of version %d", a.version)
	}
	for _, f := range needed {
		if _, ok := cbor.Text(m, f); !ok {
			return nil, missing(f)
		}
	}
	in := &ingredient{}
	in.relationship, _ = cbor.Text(m, "relationship")
	in.title, _ = cbor.Text(m, "dc:title")
	if !slices.Contains([]string{"parentOf", "componentOf", "inputTo"}, in.relationship) {
		return nil, fmt.Errorf("relationship %q", in.relationship)
	}
	field := "activeManifest"
	if a.version < 3 {
		field = "c2pa_manifest"
	}
	var err error
	if in.manifest, err = optionalURI(m, field); err != nil {
		return nil, err
	}
	if in.signature, err = optionalURI(m, "claimSignature"); err != nil {
		return nil, err
	}
	in.readRecorded(m)
	if a.version >= 3 && in.manifest != nil && !in.hasResults {
		return nil, missing("validationResults")
	}
	return in, nil
}

func optionalURI(m cbor.Map, field string) (*hashedURI, error) {
	if !cbor.Has(m, field) {
		return nil, nil
	}
	h, ok := readHashedURI(m[field])
	if !ok {
		return nil, missing(field)
	}
	return &h, nil
}

// readRecorded flattens validationResults, or the older validationStatus, into one list with absolute addresses. Results
// that do not have the form of C2PA 15.2.1 count as absent.
func (in *ingredient) readRecorded(m cbor.Map) {
	results, ok := cbor.Get[cbor.Map](m, "validationResults")
	if !ok {
		list, _ := cbor.List(m, "validationStatus")
		in.record(list)
		return
	}
	in.hasResults = true
	if codes, given := results["activeManifest"]; given {
		in.recordCodes(codes)
	}
	list, _ := cbor.List(results, "ingredientDeltas")
	for _, d := range list {
		delta, _ := d.(cbor.Map)
		_, ok := cbor.Text(delta, "ingredientAssertionURI")
		in.hasResults = in.hasResults && ok
		in.recordCodes(delta["validationDeltas"])
	}
	if !in.hasResults {
		in.recorded = nil
	}
}

func (in *ingredient) recordCodes(codes any) {
	m, _ := codes.(cbor.Map)
	for _, kind := range []Kind{Success, Informational, Failure} {
		list, ok := cbor.List(m, string(kind))
		in.hasResults = in.record(list) && ok && in.hasResults
	}
}

// record takes a list of statuses and reports whether each had a code.
func (in *ingredient) record(list []any) bool {
	good := true
	for _, e := range list {
		m, _ := e.(cbor.Map)
		code, ok := cbor.Text(m, "code")
		if !ok {
			good = false
			continue
		}
		url, _ := cbor.Text(m, "url")
		if in.manifest != nil {
			url = absolute(url, in.manifest.url)
		}
		in.recorded = append(in.recorded, Status{Code: code, URL: url})
	}
	return good
}

// absolute puts a relative address into the manifest that another address names.
func absolute(url, manifest string) string {
	a, ok1 := parseAddress(url)
	b, ok2 := parseAddress(manifest)
	if !ok1 || !ok2 || b.manifest == "" {
		return url
	}
	a = a.in(b.manifest)
	return strings.Join(append([]string{manifestURI(a.manifest)}, a.path...), "/")
}

// target returns the manifest an ingredient's reference leads to, or nil. Some signers point at the claim inside it.
func (v *validator) target(h *hashedURI) (*manifest, string) {
	addr, ok := parseAddress(h.url)
	if !ok || addr.manifest == "" || len(addr.path) > 1 {
		return nil, h.url
	}
	return v.manifest(addr.manifest), addr.manifest
}

// collect walks from m over all ingredients before anything is judged: it finds what is redacted anywhere (C2PA
// 15.11.3.3) and refuses circles. It reports whether validation can go on.
func (v *validator) collect(m *manifest, path []string) bool {
	if slices.Contains(path, m.label) || len(path) >= maxIngredientDepth {
		v.fail(codeIngredientMalformed, m.uri(), "the ingredients go in a circle, or too deep")
		return false
	}
	if slices.Contains(v.order, m) {
		return true
	}
	v.order = append(v.order, m)
	path = append(slices.Clone(path), m.label)
	for _, uri := range m.claim.redacted {
		if a, ok := parseAddress(uri); ok {
			label, _ := a.box(labelAssertions)
			v.redact(a.manifest, label)
		}
	}
	for _, a := range m.kind("c2pa.ingredient") {
		in, err := parseIngredient(a)
		if err != nil || in.manifest == nil {
			continue // judged later
		}
		if next, _ := v.target(in.manifest); next != nil && !v.collect(next, path) {
			return false
		}
	}
	return true
}

// ingredients judges every ingredient of m, depth first, C2PA 15.11.
func (v *validator) ingredients(m *manifest, visited map[string]bool) {
	for _, a := range m.kind("c2pa.ingredient") {
		uri := assertionURI(m.label, a.label)
		if a.zeroed() || v.isRedacted(m, a.label) {
			continue
		}
		in, err := parseIngredient(a)
		if err != nil {
			v.fail(codeIngredientMalformed, uri, err.Error())
			continue
		}
		v.record(in.recorded, 1)
		v.under(uri, func() { v.oneIngredient(in, uri, visited) })
		v.record(in.recorded, -1)
	}
}

func (v *validator) oneIngredient(in *ingredient, uri string, visited map[string]bool) {
	if in.manifest == nil {
		if in.relationship != "inputTo" {
			v.note(codeIngredientUnknown, uri, in.title)
		}
		return
	}
	child, label := v.target(in.manifest)
	if child == nil {
		v.fail(codeIngredientMissing, in.manifest.url, label)
		return
	}
	v.matchIngredient(child, in)
	v.validateManifest(child)
	if visited[child.label] {
		return
	}
	visited[child.label] = true
	v.ingredients(child, visited)
}

// matchIngredient compares an ingredient's manifest with the hash its user recorded: of the whole manifest, or, if
// something in it was redacted since, of its signature (C2PA 15.11.3.3.1 and 15.11.3.3.2).
func (v *validator) matchIngredient(child *manifest, in *ingredient) {
	url := in.manifest.url
	if v.redacted[child.label] == nil {
		match, err := v.verifyHash(*in.manifest, child.box.Data, child.claim.alg)
		switch {
		case err != nil:
			v.fail(codeAlgUnsupported, url, "")
		case match:
			v.pass(codeIngredientMatch, url)
		case !v.legacyMatch(*in.manifest, child):
			v.fail(codeIngredientMismatch, url, "")
		}
		return
	}
	if child.claim.version == 1 && in.signature == nil {
		return // claims of version 1 had no such hash; their parts are all judged below
	}
	if in.signature == nil || child.signature == nil {
		v.fail(codeIngredientSigMissing, url, "")
		return
	}
	if addr, ok := parseAddress(in.signature.url); !ok || addr.manifest != child.label || len(addr.path) != 1 || addr.path[0] != labelSignature {
		v.fail(codeIngredientSigMissing, url, "")
		return
	}
	match, err := v.verifyHash(*in.signature, child.signature.Data, child.claim.alg)
	switch {
	case err != nil:
		v.fail(codeAlgUnsupported, url, "")
	case match:
		v.pass(codeIngredientSigMatch, url)
	default:
		v.fail(codeIngredientSigDiffers, url, "")
	}
}

// legacyMatch accepts the hash over the claim alone that signers recorded before C2PA 1.3.
func (v *validator) legacyMatch(h hashedURI, child *manifest) bool {
	if child.claim.version != 1 {
		return false
	}
	match, err := v.verifyHash(h, child.claim.raw, child.claim.alg)
	return err == nil && match
}
