package c2pa

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// settings is the part of c2pa settings (the JSON that c2patool and its libraries read) that says whom to trust.
type settings struct {
	Trust trustSettings `json:"trust"`
	// CAWGTrust had anchors of its own once; they are now a list of kind cawg, and the old ones count no more.
	CAWGTrust struct {
		Issuers []string `json:"trusted_ica_issuers"`
	} `json:"cawg_trust"`
}

type trustSettings struct {
	Anchors     string `json:"trust_anchors"`
	UserAnchors string `json:"user_anchors"`
	Config      string `json:"trust_config"`
	Allowed     string `json:"allowed_list"`
	Lists       []struct {
		Kind    string `json:"trust_kind"`
		URI     string `json:"trust_uri"`
		Anchors string `json:"trust_anchors"`
		Config  string `json:"trust_config"`
	} `json:"anchors"`
}

// ParseSettings reads a policy from c2pa settings in JSON. One list of anchors there may serve claims and time stamps
// alike: it is taken for time stamps too if its trust_config names that usage.
func ParseSettings(data []byte) (*Policy, error) {
	var s settings
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("read c2pa settings: %w", err)
	}
	p := &Policy{}
	p.EKUs = parseEKUs(s.Trust.Config)
	if err := p.addTrust(&s.Trust); err != nil {
		return nil, err
	}
	if err := p.addLists(&s.Trust); err != nil {
		return nil, err
	}
	p.IdentityIssuers = s.CAWGTrust.Issuers
	return p, nil
}

func (p *Policy) addTrust(t *trustSettings) error {
	for _, l := range []struct{ name, pem string }{{"system_anchors", t.Anchors}, {"user_anchors", t.UserAnchors}} {
		if l.pem == "" {
			continue
		}
		if err := p.addList(l.name, ClaimSigning, l.pem, nil); err != nil {
			return err
		}
		if slices.Contains(p.EKUs, pki.EKUTimeStamping) || len(p.EKUs) == 0 {
			if err := p.addList(l.name, TimeStamping, l.pem, nil); err != nil {
				return err
			}
		}
	}
	book, err := addressBook(t.Allowed)
	p.AddressBook = append(p.AddressBook, book...)
	return err
}

func (p *Policy) addLists(t *trustSettings) error {
	for _, l := range t.Lists {
		purpose := ClaimSigning
		switch l.Kind {
		case "manifest":
		case "tsa":
			purpose = TimeStamping
		case "cawg":
			purpose = Identity
		default:
			return fmt.Errorf("read c2pa settings: trust_kind %q is not known", l.Kind)
		}
		if err := p.addList(l.URI, purpose, l.Anchors, parseEKUs(l.Config)); err != nil {
			return err
		}
	}
	return nil
}

func (p *Policy) addList(name string, purpose Purpose, pem string, ekus []string) error {
	l, err := NewTrustList(name, purpose, []byte(pem), ekus...)
	if err != nil {
		return err
	}
	p.Lists = append(p.Lists, l)
	return nil
}

func base64Sum(s string) (sum [sha256.Size]byte, ok bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != len(sum) {
		return sum, false
	}
	return [sha256.Size]byte(b), true
}
