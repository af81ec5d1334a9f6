package c2pa

import (
	"fmt"
	"slices"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// claim is what a manifest's signer signed, C2PA 10.
type claim struct {
	version   int
	raw       []byte // as it was signed
	fields    cbor.Map
	alg       string
	signature string
	refs      []reference // created first, then gathered; or the one list of version 1
	redacted  []string
	icons     []hashedURI
}

// reference is one entry of the claim's lists of assertions.
type reference struct {
	hashedURI
	created bool
}

var claimFieldsV1 = []string{
	"claim_generator", "claim_generator_hints", "claim_generator_info", "signature", "assertions", "dc:format",
	"instanceID", "dc:title", "redacted_assertions", "alg", "alg_soft", "metadata",
}

// parseClaim reads a claim of either version. The problem it returns names the status code.
func parseClaim(label string, data []byte) (*claim, *problem) {
	v, err := cbor.Decode(data)
	if err != nil {
		return nil, &problem{code: codeClaimCBOR, detail: err.Error()}
	}
	fields, ok := v.(cbor.Map)
	if !ok {
		return nil, &problem{code: codeClaimMalformed, detail: "it is not a map"}
	}
	c := &claim{raw: data, fields: fields}
	switch label {
	case labelClaim:
		c.version = 1
	case labelClaimV2:
		c.version = 2
	default:
		return nil, &problem{code: codeClaimMalformed, detail: fmt.Sprintf("a claim called %q", label)}
	}
	if err := c.read(); err != nil {
		return nil, &problem{code: codeClaimMalformed, detail: err.Error()}
	}
	if c.alg == "" { // one that is not allowed fails where it is used
		return nil, &problem{code: codeAlgUnsupported, detail: "the claim names no hash algorithm"}
	}
	return c, nil
}

// read checks that the needed fields are there and takes what validation uses. Version 1 is closed, so that it has no
// fields that are not known; later versions may grow.
func (c *claim) read() error {
	for k := range c.fields { // order does not matter: any such key refuses the claim in the same words
		name, ok := k.(string)
		if !ok || c.version == 1 && !slices.Contains(claimFieldsV1, name) {
			return fmt.Errorf("a field that no claim of version %d has", c.version)
		}
	}
	if _, ok := cbor.Text(c.fields, "instanceID"); !ok {
		return missing("instanceID")
	}
	var ok bool
	if c.signature, ok = cbor.Text(c.fields, "signature"); !ok {
		return missing("signature")
	}
	if c.alg, ok = cbor.Text(c.fields, "alg"); !ok && cbor.Has(c.fields, "alg") {
		return missing("alg")
	}
	if err := c.readRedactions(); err != nil {
		return err
	}
	if c.version == 1 {
		return c.readV1()
	}
	return c.readV2()
}

func missing(field string) error { return fmt.Errorf("%q is missing or of the wrong kind", field) }

func (c *claim) readV1() error {
	for _, f := range []string{"claim_generator", "dc:format"} {
		if _, ok := cbor.Text(c.fields, f); !ok {
			return missing(f)
		}
	}
	infos, _ := cbor.List(c.fields, "claim_generator_info")
	for _, v := range infos {
		if m, ok := v.(cbor.Map); ok {
			c.addIcon(m)
		}
	}
	return c.readRefs("assertions", true)
}

func (c *claim) readV2() error {
	info, ok := cbor.Get[cbor.Map](c.fields, "claim_generator_info")
	if !ok {
		return missing("claim_generator_info")
	}
	if name, ok := cbor.Text(info, "name"); !ok || name == "" {
		return missing("claim_generator_info.name")
	}
	c.addIcon(info)
	if err := c.readRefs("created_assertions", true); err != nil {
		return err
	}
	if !cbor.Has(c.fields, "gathered_assertions") {
		return nil
	}
	return c.readRefs("gathered_assertions", false)
}

func (c *claim) readRefs(field string, created bool) error {
	list, ok := cbor.List(c.fields, field)
	if !ok || c.version == 1 && len(list) == 0 {
		return missing(field)
	}
	if len(list) > maxAssertions {
		return fmt.Errorf("%q has more than %d entries", field, maxAssertions)
	}
	uris, ok := readHashedURIs(list)
	if !ok {
		return missing(field)
	}
	for _, u := range uris {
		c.refs = append(c.refs, reference{u, created})
	}
	return nil
}

func (c *claim) readRedactions() error {
	if !cbor.Has(c.fields, "redacted_assertions") {
		return nil
	}
	list, ok := cbor.List(c.fields, "redacted_assertions")
	if !ok {
		return missing("redacted_assertions")
	}
	if len(list) > maxAssertions {
		return fmt.Errorf("more than %d redactions", maxAssertions)
	}
	for _, v := range list {
		uri, ok := v.(string)
		if !ok {
			return missing("redacted_assertions")
		}
		c.redacted = append(c.redacted, uri)
	}
	return nil
}

// repeated returns an address that the claim of a manifest lists twice, or "".
func (c *claim) repeated(manifest string) string {
	seen := map[string]bool{}
	for _, r := range c.refs {
		a, _ := parseAddress(r.url)
		if label, ok := a.in(manifest).box(labelAssertions); ok && a.in(manifest).manifest == manifest {
			if seen[label] {
				return r.url
			}
			seen[label] = true
		}
	}
	return ""
}

func (c *claim) addIcon(info cbor.Map) {
	if h, ok := readHashedURI(info["icon"]); ok {
		c.icons = append(c.icons, h)
	}
}

// text returns a text field of the claim, or "".
func (c *claim) text(field string) string {
	s, _ := cbor.Text(c.fields, field)
	return s
}
