package c2pa

import (
	"slices"
	"strings"
	"testing"
)

func TestAddressesInsideAStore(t *testing.T) {
	for uri, want := range map[string]*address{
		"self#jumbf=c2pa.assertions/a":             {path: []string{"c2pa.assertions", "a"}},
		"self#jumbf=/c2pa/m":                       {manifest: "m", path: []string{}},
		"self#jumbf=/c2pa/m/c2pa.assertions/a__1":  {manifest: "m", path: []string{"c2pa.assertions", "a__1"}},
		"self#jumbf=c2pa/m/c2pa.signature":         {manifest: "m", path: []string{"c2pa.signature"}},
		"self#jumbf=":                              nil,
		"self#jumbf=/":                             nil,
		"self#jumbf=/c2pa":                         nil,
		"self#jumbf=/c2pa/":                        nil,
		"self#jumbf=/c2pa//c2pa.assertions/a":      nil,
		"self#jumbf=//c2pa/m":                      nil,
		"self#jumbf=/other/m":                      nil,
		"self#jumbf=c2pa.assertions/":              nil,
		"self#JUMBF=c2pa.assertions/a":             nil,
		"https://example.org/c2pa.assertions/a":    nil,
		" self#jumbf=/c2pa/m":                      nil,
		"c2pa.assertions/a":                        nil,
		"self#jumbf=/c2pa/m/c2pa.assertions/a/b/c": {manifest: "m", path: []string{"c2pa.assertions", "a", "b", "c"}},
	} {
		got, ok := parseAddress(uri)
		if ok != (want != nil) {
			t.Errorf("%q: %v", uri, ok)
		} else if ok && (got.manifest != want.manifest || !slices.Equal(got.path, want.path)) {
			t.Errorf("%q: %+v", uri, got)
		}
	}
}

func TestAddressesWithoutAManifestAreInTheirOwn(t *testing.T) {
	relative, _ := parseAddress("self#jumbf=c2pa.assertions/a")
	absolute, _ := parseAddress(assertionURI("m", "a"))
	if got := relative.in("m"); got.manifest != "m" {
		t.Errorf("%+v", got)
	}
	if got := absolute.in("other"); got.manifest != "m" {
		t.Errorf("%+v", got)
	}
	if label, ok := absolute.box(labelAssertions); !ok || label != "a" {
		t.Errorf("box %q %v", label, ok)
	}
	if _, ok := absolute.box(labelDataboxes); ok {
		t.Error("a box of another store")
	}
}

func TestLabelsHaveInstancesAndVersions(t *testing.T) {
	for label, want := range map[string]struct {
		base     string
		instance int
		name     string
		version  int
	}{
		"c2pa.actions":          {"c2pa.actions", 0, "c2pa.actions", 1},
		"c2pa.ingredient.v3__2": {"c2pa.ingredient.v3", 2, "c2pa.ingredient", 3},
		"c2pa.ingredient__1":    {"c2pa.ingredient", 1, "c2pa.ingredient", 1},
		"c2pa.hash.data__x":     {"c2pa.hash.data__x", 0, "c2pa.hash.data__x", 1},
		"org.very.view":         {"org.very.view", 0, "org.very.view", 1},
		"a.v99999999":           {"a.v99999999", 0, "a.v99999999", 1},
		"a__-1":                 {"a__-1", 0, "a__-1", 1},
		"__1":                   {"", 1, "", 1},
	} {
		base, instance := splitLabel(label)
		name, version := splitVersion(label)
		if base != want.base || instance != want.instance || name != want.name || version != want.version {
			t.Errorf("%q: %q %d, %q %d", label, base, instance, name, version)
		}
	}
}

func TestManifestLabelsOfClaims(t *testing.T) {
	for label, want := range map[string]bool{
		"urn:c2pa:1":                            true,
		"urn:c2pa:1:acme":                       true,
		"urn:c2pa:1:acme:2":                     true,
		"urn:c2pa:1:acme:2_1":                   true,
		"urn:c2pa:1::2_1":                       true,
		"urn:uuid:1":                            true,
		"acme:urn:uuid:1":                       true,
		"urn:c2pa:1:acme:x":                     false,
		"urn:c2pa:1:acme:2_x":                   false,
		"urn:c2pa:1:acme:2:3":                   false,
		"urn:c2pa:1:a b":                        false,
		"urn:c2pa:1:" + strings.Repeat("a", 33): false,
		"urn:c2pa:1:" + strings.Repeat("a", 32): true,
		"urn:c2pa":                              false,
		"urn:other:1":                           false,
		"acme:urn:uuid:1:2":                     false,
		"":                                      false,
		"self#jumbf=/c2pa/urn:c2pa:1":           false,
	} {
		if got := claimsLabel(label); got != want {
			t.Errorf("%q: %v", label, got)
		}
	}
}

func TestOnlyStrongHashesAreKnown(t *testing.T) {
	for _, names := range [][]string{{"sha256"}, {"", "sha384"}, {"sha512", "md5"}} {
		if h, err := hashAlg(names...); err != nil || len(sum(h, nil)) != h.Size() {
			t.Errorf("%q: %v", names, err)
		}
	}
	for _, names := range [][]string{nil, {""}, {"sha1"}, {"SHA256"}, {"md5", "sha256"}, {"sha-256"}} {
		if _, err := hashAlg(names...); err == nil {
			t.Errorf("%q is a hash", names)
		}
	}
}

func TestMetadataHasOnlyTheListedFields(t *testing.T) {
	for field, want := range map[string]bool{
		"dc:format": true, "xmp:Anything": true, "exif:GPSVersionID": true, "exif:ApertureValue": true, "plus:Version": true,
		"dc:creator": false, "dc:": false, "dc:coverage date": false, ":": false, "xmp xmpMM:x": false, "org:format": false, "EXIF:Flash": false,
		"Iptc4xmpExt:PersonInImage": false, "photoshop:Source": false,
	} {
		prefix, name, _ := strings.Cut(field, ":")
		if got := metadataAllowed(prefix, name); got != want {
			t.Errorf("%q: %v", field, got)
		}
	}
}
