package c2pa

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

// lote is a list of trusted entities in the JSON form of ETSI TS 119 602, in which the C2PA publishes its two lists.
type lote struct {
	LoTE *struct {
		Scheme struct {
			SchemeName []struct {
				Value string `json:"value"`
			}
			ListIssueDateTime time.Time
			NextUpdate        time.Time
		} `json:"ListAndSchemeInformation"`
		Entities []struct {
			Services []struct {
				Information struct {
					Identity struct {
						Certificates []struct {
							Value []byte `json:"val"`
						} `json:"X509Certificates"`
					} `json:"ServiceDigitalIdentity"`
					Status string `json:"ServiceStatus"`
				} `json:"ServiceInformation"`
			} `json:"TrustedEntityServices"`
		} `json:"TrustedEntitiesList"`
	}
}

// statusTrusted is how the status of a service ends whose certificates are anchors; others were suspended or removed.
const statusTrusted = "/trusted"

// signerEKUs are the usages a signer may have under a list that says nothing about usages.
var signerEKUs = []string{pki.EKUClaimSigning, pki.EKUEmailProtection, pki.EKUDocumentSigning}

// ParseTrustList reads a list as the C2PA publishes it, in JSON. The name it gives itself tells its purpose: a list of
// time-stamping authorities says so.
func ParseTrustList(data []byte) (*TrustList, error) {
	var doc lote
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("read trust list: %w", err)
	}
	if doc.LoTE == nil || len(doc.LoTE.Scheme.SchemeName) == 0 {
		return nil, errors.New("read trust list: it is not a list of trusted entities")
	}
	l := &TrustList{Name: doc.LoTE.Scheme.SchemeName[0].Value, Purpose: ClaimSigning, Issued: doc.LoTE.Scheme.ListIssueDateTime, NextUpdate: doc.LoTE.Scheme.NextUpdate}
	if strings.Contains(l.Name, "TSA") || strings.Contains(strings.ToLower(l.Name), "stamp") {
		l.Purpose = TimeStamping
	} else {
		l.EKUs = slices.Clone(signerEKUs)
	}
	for _, e := range doc.LoTE.Entities {
		for _, s := range e.Services {
			if !strings.HasSuffix(s.Information.Status, statusTrusted) {
				continue
			}
			for _, c := range s.Information.Identity.Certificates {
				cert, err := pki.ParseCertificate(c.Value)
				if err != nil {
					return nil, fmt.Errorf("read trust list %q: %w", l.Name, err)
				}
				l.anchors = append(l.anchors, cert)
			}
		}
	}
	return l, nil
}

// ParseTrust reads what people have as a file of trust: a list in PEM, a list as the C2PA publishes it, or c2pa settings.
// A list in PEM is taken for one of content signers and called name.
func ParseTrust(name string, data []byte) (*Policy, error) {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		l, err := NewTrustList(name, ClaimSigning, data, signerEKUs...)
		if err != nil {
			return nil, err
		}
		if l.Len() == 0 {
			return nil, fmt.Errorf("read trust list %q: no certificate in it", name)
		}
		return &Policy{Lists: []*TrustList{l}}, nil
	}
	var doc lote
	if err := json.Unmarshal(data, &doc); err == nil && doc.LoTE != nil {
		l, err := ParseTrustList(data)
		if err != nil {
			return nil, err
		}
		return &Policy{Lists: []*TrustList{l}}, nil
	}
	return ParseSettings(data)
}
