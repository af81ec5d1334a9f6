package c2pa

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
	"github.com/wherefrom-network/wherefrom/c2pa/jumbf"
)

// Limits of a store.
const (
	maxManifests    = 1000
	maxAssertions   = 10_000
	maxDecompressed = 64 << 20 // bytes that all compressed manifests of a store unpack to
	maxCBOR         = 8 << 20  // bytes of one assertion in CBOR, whose values take many times that in memory
	maxAllCBOR      = 32 << 20 // and of all of them
)

// c2paUUID makes the type of a C2PA superbox from the four characters that begin it.
func c2paUUID(name string) jumbf.UUID {
	var u jumbf.UUID
	copy(u[:], name)
	copy(u[4:], "\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71")
	return u
}

// Types of the superboxes of a store, C2PA 11.1.4.
var (
	uuidStore      = c2paUUID("c2pa")
	uuidStandard   = c2paUUID("c2ma")
	uuidUpdate     = c2paUUID("c2um")
	uuidCompressed = c2paUUID("c2cm")
	uuidEmbedded   = c2paUUID("c2md")
	uuidAssertions = c2paUUID("c2as")
	uuidClaim      = c2paUUID("c2cl")
	uuidSignature  = c2paUUID("c2cs")
	uuidJSON       = c2paUUID("json")
	uuidCBOR       = c2paUUID("cbor")
	uuidUUID       = c2paUUID("uuid")
	uuidFile       = mustUUID("40cb0c32bb8a489da70b2ad6f47f4369")
)

func mustUUID(s string) (u jumbf.UUID) {
	if n, err := hex.Decode(u[:], []byte(s)); err != nil || n != len(u) {
		panic("bad UUID " + s)
	}
	return u
}

// manifest is one C2PA manifest of a store. Its parts are nil where they are missing or cannot be read; problems says why.
type manifest struct {
	label      string
	box        *jumbf.Box
	update     bool
	compressed bool
	claim      *claim
	signature  *jumbf.Box
	assertions []*assertion
	byLabel    map[string]*assertion // the same, to look up
	databoxes  *jumbf.Box
	kinds      map[string][]*assertion // what kind returned before
	problems   []problem
}

// problem is a finding made while the store was read, before any validation.
type problem struct{ code, url, detail string }

func (m *manifest) uri() string          { return manifestURI(m.label) }
func (m *manifest) signatureURI() string { return m.uri() + "/" + labelSignature }

func (m *manifest) broken(code, url, detail string) {
	m.problems = append(m.problems, problem{code, url, detail})
}

// assertion returns the assertion with this label, or nil.
func (m *manifest) assertion(label string) *assertion { return m.byLabel[label] }

// kind returns the assertions whose label without version and instance is name, in the order of the claim's references.
func (m *manifest) kind(name string) []*assertion {
	if m.kinds == nil {
		m.kinds = map[string][]*assertion{}
		for _, ref := range m.claim.refs {
			if a := m.referred(ref.hashedURI); a != nil {
				m.kinds[a.name] = append(m.kinds[a.name], a)
			}
		}
	}
	return slices.Clone(m.kinds[name])
}

// referred returns the assertion of this manifest that a reference leads to, or nil.
func (m *manifest) referred(h hashedURI) *assertion {
	addr, ok := parseAddress(h.url)
	if !ok || addr.in(m.label).manifest != m.label {
		return nil
	}
	label, ok := addr.box(labelAssertions)
	if !ok {
		return nil
	}
	return m.assertion(label)
}

// assertion is one assertion of a manifest's assertion store.
type assertion struct {
	label   string // as the box has it
	name    string // without version and instance
	version int
	box     *jumbf.Box
	data    any    // decoded CBOR or JSON; nil for files and for what cannot be read
	media   string // of an embedded file
	problem *problem
}

func (a *assertion) fields() cbor.Map {
	m, _ := a.data.(cbor.Map)
	return m
}

var errStore = errors.New("the store's box is not C2PA's")

// storeParser reads the manifests of a store, or of an original store and its update, within limits for all of them.
type storeParser struct {
	manifests []*manifest
	unpacked  int64 // bytes that compressed manifests may still unpack to
	decoded   int   // bytes of CBOR that may still be decoded
}

// parseStores reads manifest stores into their manifests, in order. Boxes of other kinds are left out, as C2PA 11.1.4 allows.
func parseStores(stores ...[]byte) ([]*manifest, error) {
	p := storeParser{unpacked: maxDecompressed, decoded: maxAllCBOR}
	for _, data := range stores {
		if err := p.store(data); err != nil {
			return nil, err
		}
	}
	return p.manifests, nil
}

func (p *storeParser) store(data []byte) error {
	box, _, err := jumbf.Parse(data)
	if err != nil {
		return err
	}
	if box.UUID != uuidStore || box.Label != labelStore {
		return errStore
	}
	for _, c := range box.Children {
		if !c.Superbox() {
			continue
		}
		switch c.UUID {
		case uuidStandard, uuidUpdate, uuidCompressed, uuidEmbedded:
			p.manifests = append(p.manifests, p.manifest(c))
		}
		if len(p.manifests) > maxManifests {
			return fmt.Errorf("more than %d manifests", maxManifests)
		}
	}
	return nil
}

func (p *storeParser) manifest(box *jumbf.Box) *manifest {
	m := &manifest{label: box.Label, box: box, byLabel: map[string]*assertion{}}
	if slices.ContainsFunc(p.manifests, func(o *manifest) bool { return o.label == m.label }) {
		m.broken(codeGeneralError, m.uri(), "two manifests have this label")
	}
	if box.UUID == uuidCompressed {
		m.compressed = true
		inner, err := p.decompress(box)
		if err != nil {
			m.broken(codeCompressedInvalid, m.uri(), err.Error())
			return m
		}
		box, m.box = inner, inner
	}
	m.update = box.UUID == uuidUpdate
	p.readBoxes(m, box)
	return m
}

// decompress unpacks the brob box of a compressed manifest, C2PA 11.1.4.5: it must hold one standard or update manifest
// of the same label.
func (p *storeParser) decompress(box *jumbf.Box) (*jumbf.Box, error) {
	brob := box.Content(jumbf.TypeBrotli)
	if brob == nil || len(box.Children) != 1 {
		return nil, errors.New("no compressed manifest inside")
	}
	var out bytes.Buffer
	packed := bytes.TrimPrefix(brob.Data, []byte(jumbf.TypeSuperbox)) // some writers name the type of what is packed first
	r := brotli.NewReader(bytes.NewReader(packed))
	n, err := io.Copy(&out, io.LimitReader(r, p.unpacked+1))
	if err != nil {
		return nil, err
	}
	if p.unpacked -= n; p.unpacked < 0 {
		return nil, fmt.Errorf("more than %d bytes", maxDecompressed)
	}
	inner, rest, err := jumbf.Parse(out.Bytes())
	switch {
	case err != nil:
		return nil, err
	case len(rest) > 0:
		return nil, errors.New("bytes follow the manifest")
	case inner.UUID != uuidStandard && inner.UUID != uuidUpdate:
		return nil, errors.New("neither a standard nor an update manifest")
	case inner.Label != box.Label:
		return nil, errors.New("the manifest inside has another label")
	}
	return inner, nil
}

// readBoxes sorts the boxes of a manifest and parses claim and assertions.
func (p *storeParser) readBoxes(m *manifest, box *jumbf.Box) {
	var claims []*jumbf.Box
	var store *jumbf.Box
	for _, c := range box.Children {
		switch {
		case !c.Superbox():
			m.broken(codeClaimMalformed, m.uri(), fmt.Sprintf("a %q box where only superboxes may be", c.Type))
		case c.UUID == uuidClaim:
			claims = append(claims, c)
		case c.UUID == uuidSignature && c.Label == labelSignature:
			m.signature = c
		case c.UUID == uuidAssertions && c.Label == labelAssertions:
			store = c
		case c.Label == labelDataboxes:
			m.databoxes = c
		case c.Label != labelVC:
			m.broken(codeClaimMalformed, m.uri(), fmt.Sprintf("a box %q that no manifest has", c.Label))
		}
	}
	switch {
	case len(claims) == 0:
		m.broken(codeClaimMissing, m.uri(), "")
	case len(claims) > 1:
		m.broken(codeClaimMultiple, m.uri(), "")
	default:
		m.readClaim(claims[0])
	}
	if m.signature == nil {
		m.broken(codeSignatureMissing, m.signatureURI(), "")
	}
	if store == nil {
		m.broken(codeAssertionMissing, m.uri(), "the manifest has no assertions")
		return
	}
	p.readAssertions(m, store)
}

func (m *manifest) readClaim(box *jumbf.Box) {
	uri := m.uri() + "/" + box.Label
	content := box.Content(jumbf.TypeCBOR)
	if content == nil || len(box.Children) != 1 {
		m.broken(codeClaimMalformed, uri, "the claim is not one CBOR box")
		return
	}
	c, p := parseClaim(box.Label, content.Data)
	if p != nil {
		m.broken(p.code, uri, p.detail)
		return
	}
	m.claim = c
	if uri := c.repeated(m.label); uri != "" {
		m.broken(codeClaimMalformed, uri, "the claim lists an assertion twice")
	}
	if c.version > 1 && !claimsLabel(m.label) {
		m.broken(codeClaimMalformed, m.uri(), "the manifest's label is not of a form that this claim may have")
	}
}

func (p *storeParser) readAssertions(m *manifest, store *jumbf.Box) {
	if len(store.Children) > maxAssertions {
		m.broken(codeGeneralError, m.uri(), fmt.Sprintf("more than %d assertions", maxAssertions))
		return
	}
	for _, c := range store.Children {
		if !c.Superbox() {
			m.broken(codeAssertionUndeclared, m.uri()+"/"+labelAssertions, fmt.Sprintf("a %q box between the assertions", c.Type))
			continue
		}
		a := &assertion{label: c.Label, box: c}
		a.name, a.version = splitVersion(c.Label)
		p.decode(a, assertionURI(m.label, c.Label))
		m.assertions = append(m.assertions, a)
		m.byLabel[a.label] = a
	}
}

// decode reads the content of an assertion by the type of its box. A redacted assertion is all zeros and has no content.
func (p *storeParser) decode(a *assertion, uri string) {
	if a.zeroed() {
		return
	}
	switch a.box.UUID {
	case uuidCBOR:
		p.decodeCBOR(a, uri)
	case uuidJSON:
		a.decodeJSON(uri)
	case uuidFile:
		desc, data := a.box.Content(jumbf.TypeFileDesc), a.box.Content(jumbf.TypeFileData)
		if desc == nil || data == nil || len(desc.Data) < 1 {
			a.problem = &problem{codeAssertionMissing, uri, "the embedded file is not there"}
			return
		}
		media, _, _ := strings.Cut(string(desc.Data[1:]), "\x00")
		a.media = media
	case uuidUUID:
	default:
		a.problem = &problem{codeAssertionMissing, uri, "an assertion of a kind that is not known"}
	}
}

func (p *storeParser) decodeCBOR(a *assertion, uri string) {
	c := a.box.Content(jumbf.TypeCBOR)
	if c == nil {
		a.problem = &problem{codeAssertionCBOR, uri, "no content"}
		return
	}
	if p.decoded -= len(c.Data); len(c.Data) > maxCBOR || p.decoded < 0 {
		a.problem = &problem{codeAssertionCBOR, uri, fmt.Sprintf("more than %d bytes, or too much with the others", maxCBOR)}
		return
	}
	v, err := cbor.Decode(c.Data)
	if err != nil {
		a.problem = &problem{codeAssertionCBOR, uri, err.Error()}
		return
	}
	a.data = v
}

func (a *assertion) decodeJSON(uri string) {
	c := a.box.Content(jumbf.TypeJSON)
	if c == nil {
		a.problem = &problem{codeAssertionJSON, uri, "no content"}
		return
	}
	dec := json.NewDecoder(bytes.NewReader(c.Data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		a.problem = &problem{codeAssertionJSON, uri, err.Error()}
		return
	}
	if _, err := dec.Token(); err != io.EOF {
		a.problem = &problem{codeAssertionJSON, uri, "something follows the value"}
		return
	}
	a.data = v
}

// zeroed reports whether every content box holds zeros only, which is how a redacted assertion may stay in place (C2PA 6.8.2).
func (a *assertion) zeroed() bool {
	for _, c := range a.box.Children {
		body := c.Data
		if c.Type == jumbf.TypeUUID && len(body) >= 16 {
			body = body[16:]
		}
		if c.Superbox() || len(bytes.Trim(body, "\x00")) > 0 {
			return false
		}
	}
	return true
}
