package c2pa_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// published is a trust list in the form in which the C2PA publishes its own.
func published(name, status string, der []byte) []byte {
	return fmt.Appendf(nil, `{"LoTE":{"ListAndSchemeInformation":{"SchemeName":[{"lang":"en","value":%q}],"ListIssueDateTime":"2026-08-05T00:11:39Z","NextUpdate":"2027-08-05T00:11:39Z"},
		"TrustedEntitiesList":[{"TrustedEntityServices":[{"ServiceInformation":{"ServiceDigitalIdentity":{"X509Certificates":[{"val":%q}]},"ServiceStatus":"http://c2pa.org/conformance/trust-list/%s"}}]}]}}`,
		name, base64.StdEncoding.EncodeToString(der), status)
}

func TestPublishedListsAreRead(t *testing.T) {
	a := c2patest.NewAuthority()
	l, err := c2pa.ParseTrustList(published("C2PA Trust List", "trusted", a.Root.Raw))
	if err != nil {
		t.Fatal(err)
	}
	if l.Purpose != c2pa.ClaimSigning || l.Len() != 1 || l.Issued.Year() != 2026 || l.NextUpdate.Before(l.Issued) {
		t.Errorf("%+v", l)
	}
	file := a.Embed(c2patest.PNG, c2patest.Manifest{})
	if r := validate(t, file, &c2pa.Policy{Lists: []*c2pa.TrustList{l}}, c2patest.Now); r.State != c2pa.StateTrusted {
		t.Errorf("%s %v", r.State, failures(r))
	}
	if l, err := c2pa.ParseTrustList(published("C2PA TSA Trust List", "trusted", a.Root.Raw)); err != nil || l.Purpose != c2pa.TimeStamping {
		t.Errorf("a list of clocks: %v", err)
	}
	if l, err := c2pa.ParseTrustList(published("C2PA Trust List", "suspended", a.Root.Raw)); err != nil || l.Len() != 0 {
		t.Errorf("a suspended anchor counts: %v", err)
	}
	if _, err := c2pa.ParseTrustList(published("C2PA Trust List", "trusted", []byte("no certificate"))); err == nil {
		t.Error("an anchor that is none was taken")
	}
}

func TestFilesOfTrustComeInThreeForms(t *testing.T) {
	a := c2patest.NewAuthority()
	file := a.Embed(c2patest.PNG, c2patest.Manifest{})
	settings := fmt.Appendf(nil, `{"version":1,"trust":{"trust_anchors":%q}}`, a.PEM())
	for name, data := range map[string][]byte{
		"PEM": a.PEM(), "published list": published("C2PA Trust List", "trusted", a.Root.Raw), "settings": settings,
	} {
		p, err := c2pa.ParseTrust("mine", data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r := validate(t, file, p, c2patest.Now); r.State != c2pa.StateTrusted {
			t.Errorf("%s: %s", name, r.State)
		}
	}
	for name, data := range map[string]string{"nothing": "", "words": "trust me", "broken JSON": "{", "an unknown kind": `{"trust":{"anchors":[{"trust_kind":"x"}]}}`} {
		if _, err := c2pa.ParseTrust("mine", []byte(data)); err == nil {
			t.Errorf("%s was taken for trust", name)
		}
	}
}

func TestTheAddressBookKnowsSignersNotClocks(t *testing.T) {
	a := c2patest.NewAuthority()
	settings := fmt.Appendf(nil, `{"trust":{"allowed_list":%q}}`, pemOf(a.Leaf.Raw))
	p, err := c2pa.ParseSettings(settings)
	if err != nil {
		t.Fatal(err)
	}
	r := validate(t, a.Embed(c2patest.PNG, c2patest.Manifest{}), p, c2patest.Now)
	if r.State != c2pa.StateTrusted || r.Signer(c2patest.Label).List != "address book" {
		t.Errorf("%s %v", r.State, failures(r))
	}
	if r := validate(t, a.Embed(c2patest.PNG, c2patest.Manifest{}), p, c2patest.NotAfter.Add(time.Hour)); r.State != c2pa.StateInvalid {
		t.Errorf("after its certificate ended: %s", r.State)
	}
}

func pemOf(der []byte) string {
	return "-----BEGIN CERTIFICATE-----\n" + base64.StdEncoding.EncodeToString(der) + "\n-----END CERTIFICATE-----\n"
}
