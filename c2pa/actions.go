package c2pa

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// updateActions are the actions an update manifest may have, C2PA 11.2.3.
var updateActions = []string{"c2pa.edited.metadata", "c2pa.opened", "c2pa.published", "c2pa.redacted"}

// checkActions applies C2PA 15.10.3.2.2 and, for update manifests, 15.10.1.3. Claims of version 1 were written under looser rules; of them
// only the number of actions assertions is judged.
func (v *validator) checkActions(m *manifest) {
	all := v.present(m, m.kind("c2pa.actions"))
	if m.claim.version == 1 {
		if len(all) > 1 {
			v.fail(codeActionMalformed, m.uri(), "more than one list of actions")
		}
		v.checkUpdateActions(m, all)
		return
	}
	for _, a := range all {
		if list, ok := cbor.List(a.fields(), "actions"); !ok || len(list) == 0 {
			v.fail(codeActionMalformed, assertionURI(m.label, a.label), "no actions")
			return
		}
	}
	v.checkUpdateActions(m, all)
	first := v.beginning(m, all)
	if first == nil && !m.update {
		v.fail(codeActionMalformed, m.uri(), "no list of actions begins with how the content came to be")
	}
	for _, a := range all {
		c := actionCheck{v: v, m: m, uri: assertionURI(m.label, a.label), first: a == first, marked: len(m.kind("c2pa.soft-binding")) > 0}
		c.list(a)
	}
}

// present leaves out what was redacted.
func (v *validator) present(m *manifest, list []*assertion) []*assertion {
	return slices.DeleteFunc(list, func(a *assertion) bool { return v.isRedacted(m, a.label) || a.zeroed() })
}

func (v *validator) checkUpdateActions(m *manifest, all []*assertion) {
	if !m.update {
		return
	}
	for _, a := range all {
		list, _ := cbor.List(a.fields(), "actions")
		for _, e := range list {
			action, _ := e.(cbor.Map)
			if name, _ := cbor.Text(action, "action"); !slices.Contains(updateActions, name) {
				v.fail(codeUpdateInvalid, m.uri(), fmt.Sprintf("an update may not do %q", name))
			}
		}
	}
}

// beginning returns the assertion whose first action says how the content came to be: the first created one, or the
// first gathered one.
func (v *validator) beginning(m *manifest, all []*assertion) *assertion {
	for _, created := range []bool{true, false} {
		for _, ref := range m.claim.refs {
			a := m.referred(ref.hashedURI)
			if ref.created != created || !slices.Contains(all, a) {
				continue
			}
			list, _ := cbor.List(a.fields(), "actions")
			action, _ := list[0].(cbor.Map)
			if name, _ := cbor.Text(action, "action"); begins(name) {
				return a
			}
			break
		}
	}
	return nil
}

func begins(action string) bool { return action == "c2pa.created" || action == "c2pa.opened" }

// actionCheck judges the actions of one assertion.
type actionCheck struct {
	v      *validator
	m      *manifest
	uri    string
	marked bool // the manifest has a soft binding
	first  bool // this is the assertion that may begin with created or opened
}

func (c *actionCheck) list(a *assertion) {
	list, _ := cbor.List(a.fields(), "actions")
	for i, e := range list {
		action, _ := e.(cbor.Map)
		name, _ := cbor.Text(action, "action")
		if name == "" {
			c.v.fail(codeActionMalformed, c.uri, "an action without a name")
			continue
		}
		if begins(name) && (!c.first || i > 0) {
			c.v.fail(codeActionMalformed, c.uri, name+" is not the first action")
		}
		c.action(name, action)
	}
	for _, field := range []string{"softwareAgents", "templates"} {
		agents, _ := cbor.List(a.fields(), field)
		for _, e := range agents {
			c.icon(e)
		}
	}
}

func (c *actionCheck) action(name string, action cbor.Map) {
	params, _ := cbor.Get[cbor.Map](action, "parameters")
	switch name {
	case "c2pa.created":
		if s, _ := cbor.Text(action, "digitalSourceType"); s == "" {
			c.v.fail(codeActionMalformed, c.uri, "it does not say by what kind of source the content was created")
		}
	case "c2pa.opened":
		c.needs(name, params, "parentOf", true)
	case "c2pa.placed", "c2pa.removed":
		c.needs(name, params, "componentOf", true)
	case "c2pa.transcoded", "c2pa.repackaged":
		c.needs(name, params, "parentOf", false)
	case "c2pa.translated":
		from, _ := cbor.Text(params, "sourceLanguage")
		to, _ := cbor.Text(params, "targetLanguage")
		if from == "" || to == "" {
			c.v.fail(codeActionMalformed, c.uri, "a translation does not name its languages")
		}
	case "c2pa.watermarked", "c2pa.watermarked.bound": // C2PA 2.4
		if !c.marked {
			c.v.fail(codeActionSoftBinding, c.uri, "")
		}
	case "c2pa.redacted":
		c.redaction(params)
	}
	c.icon(action["softwareAgent"])
}

// needs checks that an action points to ingredients of this manifest with the right relationship. An action that need not
// point to any may not point to others.
func (c *actionCheck) needs(name string, params cbor.Map, relationship string, must bool) {
	refs, given := ingredientRefs(params)
	if !given && !must {
		return
	}
	good := len(refs) > 0
	for _, ref := range refs {
		good = good && c.relationship(ref) == relationship
	}
	if name == "c2pa.opened" && len(refs) != 1 {
		good = false
	}
	if !good {
		c.v.fail(codeActionIngredient, c.uri, fmt.Sprintf("%s needs an ingredient that is %s", name, relationship))
	}
}

// ingredientRefs returns the addresses an action gives, in either of the two fields.
func ingredientRefs(params cbor.Map) (refs []string, given bool) {
	given = cbor.Has(params, "ingredient") || cbor.Has(params, "ingredients")
	list, _ := cbor.List(params, "ingredients")
	if one, ok := params["ingredient"]; ok {
		list = append(slices.Clone(list), one)
	}
	for _, e := range list {
		h, ok := readHashedURI(e)
		if !ok {
			return nil, given
		}
		refs = append(refs, h.url)
	}
	return refs, given
}

// relationship returns what the ingredient at an address is to this manifest, or "".
func (c *actionCheck) relationship(url string) string {
	a := c.m.referred(hashedURI{url: url})
	if a == nil || a.name != "c2pa.ingredient" {
		return ""
	}
	in, err := parseIngredient(a)
	if err != nil {
		return ""
	}
	return in.relationship
}

// redaction checks that a redaction points to an assertion that a manifest here lists.
func (c *actionCheck) redaction(params cbor.Map) {
	url, _ := cbor.Text(params, "redacted")
	addr, ok := parseAddress(url)
	target := c.v.manifest(addr.manifest)
	if !ok || target == nil || !slices.Contains(c.v.order, target) {
		c.v.fail(codeActionRedaction, c.uri, "")
		return
	}
	if _, ok := addr.box(labelDataboxes); ok && slices.Contains(c.m.claim.redacted, url) {
		return
	}
	listed := slices.ContainsFunc(target.claim.refs, func(r reference) bool {
		a, ok := parseAddress(r.url)
		return ok && strings.Join(a.path, "/") == strings.Join(addr.path, "/")
	})
	if !listed {
		c.v.fail(codeActionRedaction, c.uri, "the assertion it names was never there")
	}
}

// icon checks a generator's icon if it has one inside the manifest.
func (c *actionCheck) icon(agent any) {
	m, _ := agent.(cbor.Map)
	if h, ok := readHashedURI(m["icon"]); ok {
		c.v.checkReference(c.m, h, c.uri)
	}
}
