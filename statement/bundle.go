package statement

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"
	"time"
)

// bundlePrefix begins the media type of every version of a Sigstore bundle.
const bundlePrefix = "application/vnd.dev.sigstore.bundle"

// Certificate is the certificate whose key signed a Sigstore bundle. What it says was checked by nobody here: that
// needs the roots of whoever issued it, and the time of signing.
type Certificate struct {
	// Raw is the certificate in DER form.
	Raw []byte
	// Names are the identities that the certificate claims: e-mail addresses, URIs and host names.
	Names []string
	// Authority is the OpenID Connect issuer that a Fulcio certificate claims to have asked; empty in others.
	Authority string
	// NotBefore and NotAfter bound the certificate's life.
	NotBefore, NotAfter time.Time

	key Issuer
}

// bundleMembers are the members of a Sigstore bundle that matter here.
type bundleMembers struct {
	mediaType   string
	hasEnvelope bool
	hasMessage  bool
	envelope    dsseMembers
	leaf        []byte // base64 of the leaf certificate
	hint        string
}

func (b *bundleMembers) readMediaType(w *walker) (err error) {
	if b.mediaType, err = w.string(); err == nil && !strings.HasPrefix(b.mediaType, bundlePrefix) {
		err = fmt.Errorf("%w: its media type is %.80q", ErrBundle, b.mediaType)
	}
	return err
}

func (b *bundleMembers) readMaterial(w *walker) error {
	return w.object(func(name []byte) error {
		switch string(name) {
		case "certificate":
			return b.readCertificate(w, 0)
		case "x509CertificateChain":
			return w.object(func(name []byte) error {
				if string(name) != "certificates" {
					return w.skip()
				}
				return w.array(func(i int) error { return b.readCertificate(w, i) })
			})
		case "publicKey":
			return w.object(func(name []byte) (err error) {
				if string(name) != "hint" {
					return w.skip()
				}
				b.hint, err = w.string()
				return err
			})
		default:
			return w.skip()
		}
	})
}

// readCertificate keeps the first certificate of a chain, which is the signer's.
func (b *bundleMembers) readCertificate(w *walker, i int) error {
	return w.object(func(name []byte) (err error) {
		if i > 0 || string(name) != "rawBytes" {
			return w.skip()
		}
		b.leaf, err = w.bytes()
		return err
	})
}

func (b *bundleMembers) wire() (*wire, error) {
	if !b.hasEnvelope {
		return nil, fmt.Errorf("%w: it has no dsseEnvelope", ErrBundle)
	}
	out, err := b.envelope.wire()
	if err != nil {
		return nil, err
	}
	if len(out.signatures) > 1 {
		return nil, fmt.Errorf("%w: its envelope has %d signatures, and a bundle has one", ErrBundle, len(out.signatures))
	}
	out.hint = b.hint
	if b.leaf != nil {
		out.certificate, err = parseCertificate(b.leaf)
	}
	return out, err
}

// fulcioIssuers are the extensions in which Fulcio writes the OpenID Connect issuer: the present one, a DER
// string, and the older one, the bare text.
var (
	fulcioIssuer    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 8}
	fulcioIssuerOld = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 1}
)

func parseCertificate(text []byte) (*Certificate, error) {
	der, err := decodeBase64(text)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	k, err := NewPublicKey(x.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	c := &Certificate{Raw: der, NotBefore: x.NotBefore, NotAfter: x.NotAfter, key: k.Issuer()}
	c.Names = append(append(c.Names, x.EmailAddresses...), x.DNSNames...)
	for _, u := range x.URIs {
		c.Names = append(c.Names, u.String())
	}
	for _, ext := range x.Extensions {
		switch {
		case ext.Id.Equal(fulcioIssuer):
			_, _ = asn1.Unmarshal(ext.Value, &c.Authority) // a claim that cannot be read is no claim
		case ext.Id.Equal(fulcioIssuerOld) && c.Authority == "":
			c.Authority = string(ext.Value)
		}
	}
	return c, nil
}
