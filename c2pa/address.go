package c2pa

import (
	"crypto"
	"errors"
	"strconv"
	"strings"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/cbor"
)

// Labels of the boxes of a manifest, C2PA 11.1.4.
const (
	labelStore      = "c2pa"
	labelAssertions = "c2pa.assertions"
	labelClaim      = "c2pa.claim"
	labelClaimV2    = "c2pa.claim.v2"
	labelSignature  = "c2pa.signature"
	labelVC         = "c2pa.credentials"
	labelDataboxes  = "c2pa.databoxes"
)

const addressPrefix = "self#jumbf="

// address is a JUMBF address inside a store: a manifest's label, empty if the address is relative, and the labels below.
type address struct {
	manifest string
	path     []string
}

// parseAddress reads self#jumbf=/c2pa/<manifest>/<path> and the relative form self#jumbf=<path>.
func parseAddress(uri string) (address, bool) {
	rest, ok := strings.CutPrefix(uri, addressPrefix)
	if !ok || rest == "" {
		return address{}, false
	}
	parts := strings.Split(strings.TrimPrefix(rest, "/"), "/")
	for _, p := range parts {
		if p == "" {
			return address{}, false
		}
	}
	if parts[0] != labelStore {
		return address{path: parts}, !strings.HasPrefix(rest, "/")
	}
	if len(parts) < 2 {
		return address{}, false
	}
	return address{manifest: parts[1], path: parts[2:]}, true
}

// in returns the address with its manifest filled in.
func (a address) in(manifest string) address {
	if a.manifest == "" {
		a.manifest = manifest
	}
	return a
}

// box returns the label below store if the address is <store>/<label>.
func (a address) box(store string) (string, bool) {
	if len(a.path) != 2 || a.path[0] != store {
		return "", false
	}
	return a.path[1], true
}

func manifestURI(label string) string { return addressPrefix + "/" + labelStore + "/" + label }

func assertionURI(manifest, label string) string {
	return manifestURI(manifest) + "/" + labelAssertions + "/" + label
}

// hashedURI is a reference with the hash of what it leads to, C2PA 8.3.1.
type hashedURI struct {
	url  string
	alg  string // empty if it is to be taken from what encloses it
	hash []byte
}

func readHashedURI(v any) (hashedURI, bool) {
	m, ok := v.(cbor.Map)
	if !ok {
		return hashedURI{}, false
	}
	url, ok1 := cbor.Text(m, "url")
	hash, ok2 := cbor.Bytes(m, "hash")
	alg, ok3 := cbor.Text(m, "alg")
	return hashedURI{url, alg, hash}, ok1 && ok2 && (ok3 || !cbor.Has(m, "alg"))
}

func readHashedURIs(list []any) ([]hashedURI, bool) {
	out := make([]hashedURI, 0, min(len(list), 1024))
	for _, v := range list {
		h, ok := readHashedURI(v)
		if !ok {
			return nil, false
		}
		out = append(out, h)
	}
	return out, true
}

var errAlgorithm = errors.New("hash algorithm is missing or not on the allowed list")

// hashAlg returns the first name that is set as a hash, C2PA 15.4.
func hashAlg(names ...string) (crypto.Hash, error) {
	for _, n := range names {
		switch n {
		case "":
		case "sha256":
			return crypto.SHA256, nil
		case "sha384":
			return crypto.SHA384, nil
		case "sha512":
			return crypto.SHA512, nil
		default:
			return 0, errAlgorithm
		}
	}
	return 0, errAlgorithm
}

func sum(h crypto.Hash, data []byte) []byte {
	w := h.New()
	w.Write(data)
	return w.Sum(nil)
}

// splitLabel separates the instance number that repeated assertions have: "c2pa.ingredient.v3__2" is the third of its kind.
func splitLabel(label string) (base string, instance int) {
	i := strings.LastIndex(label, "__")
	if i < 0 {
		return label, 0
	}
	n, err := strconv.ParseUint(label[i+2:], 10, 31)
	if err != nil {
		return label, 0
	}
	return label[:i], int(n)
}

// splitVersion separates the version from a label: "c2pa.ingredient.v3" is version 3 of "c2pa.ingredient".
func splitVersion(label string) (name string, version int) {
	label, _ = splitLabel(label)
	i := strings.LastIndex(label, ".v")
	if i < 0 {
		return label, 1
	}
	n, err := strconv.ParseUint(label[i+2:], 10, 16)
	if err != nil {
		return label, 1
	}
	return label[:i], int(n)
}

// claimsLabel reports whether a manifest's label is one that a v2 claim may have: urn:c2pa:<id>[:<vendor>[:<n>[_<n>]]], or the older forms with uuid, C2PA 8.2.
func claimsLabel(label string) bool {
	p := strings.Split(label, ":")
	switch {
	case len(p) < 3:
		return false
	case p[0] == "urn" && p[1] == "uuid":
		return true
	case p[0] == "urn" && p[1] == "c2pa":
		return len(p) <= 5 && vendorOK(p) && versionOK(p)
	}
	return p[1] == "urn" && p[2] == "uuid" && len(p) == 4
}

func vendorOK(p []string) bool {
	if len(p) < 4 || p[3] == "" {
		return true
	}
	return len(p[3]) <= 32 && !strings.ContainsFunc(p[3], func(r rune) bool { return r <= ' ' || r > '~' })
}

func versionOK(p []string) bool {
	if len(p) < 5 || p[4] == "" {
		return true
	}
	for _, n := range strings.SplitN(p[4], "_", 2) {
		if _, err := strconv.ParseUint(n, 10, 32); err != nil {
			return false
		}
	}
	return true
}
