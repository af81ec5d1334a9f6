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

// bundle is what a Sigstore bundle has besides its DSSE envelope.
type bundle struct {
	is       bool   // whether the media type says that the document is a bundle
	parts    bool   // whether any member of a bundle was there
	envelope bool   // whether dsseEnvelope was there
	leaf     []byte // base64 of the signer's certificate
	hint     []byte // the name of the signer's bare public key
	keys     int    // how many ways of naming the key there were
}

// wire is the JSON of an envelope of either form before anything in it is believed.
type wire struct {
	dsse
	bundle
}

// readWire reads a DSSE envelope, or a Sigstore bundle that holds one.
func readWire(raw []byte) (*wire, error) {
	var out wire
	var inner dsse
	err := walk(raw, func(w *walker) error {
		return w.object(func(name []byte) error {
			switch string(name) {
			case "mediaType":
				return out.readMediaType(w)
			case "verificationMaterial":
				out.parts = true
				return out.readMaterial(w)
			case "dsseEnvelope":
				out.parts, out.envelope = true, true
				return inner.read(w)
			case "messageSignature":
				out.parts = true
				return w.skip()
			default:
				return out.dsse.member(w, name)
			}
		})
	})
	if err != nil {
		return nil, err
	}
	if out.is || out.parts {
		if err := out.checkBundle(); err != nil {
			return nil, err
		}
		out.dsse = inner
	}
	return &out, out.dsse.check()
}

// checkBundle makes sure that there is one way only to read a bundle.
func (w *wire) checkBundle() error {
	switch {
	case !w.is:
		return fmt.Errorf("%w: it has parts of a bundle, but its mediaType is not that of one", ErrBundle)
	case w.payload || w.payloadType || w.signatures:
		return fmt.Errorf("%w: it is a DSSE envelope and a bundle at the same time", ErrBundle)
	case !w.envelope:
		return fmt.Errorf("%w: it has no dsseEnvelope", ErrBundle)
	case w.keys > 1:
		return fmt.Errorf("%w: it names its key in more than one way", ErrBundle)
	}
	return nil
}

func (b *bundle) readMediaType(w *walker) error {
	if w.dec.PeekKind() != '"' {
		return w.skip()
	}
	text, err := w.string()
	b.is = strings.HasPrefix(text, bundlePrefix)
	return err
}

// readMaterial finds the signer's key: a certificate, the first of a chain of certificates, or the name of a key.
// Log entries and timestamps are left alone.
func (b *bundle) readMaterial(w *walker) error {
	return w.object(func(name []byte) error {
		switch string(name) {
		case "certificate":
			b.keys++
			return b.readCertificate(w)
		case "x509CertificateChain":
			b.keys++
			return w.object(func(name []byte) error {
				if string(name) != "certificates" {
					return w.skip()
				}
				return b.readChain(w)
			})
		case "publicKey":
			b.keys++
			return w.object(func(name []byte) (err error) {
				if string(name) != "hint" {
					return w.skip()
				}
				b.hint, err = w.bytes()
				return err
			})
		default:
			return w.skip()
		}
	})
}

func (b *bundle) readChain(w *walker) error {
	return w.array(func(i int) error {
		if i > 0 {
			return w.skip()
		}
		return b.readCertificate(w)
	})
}

func (b *bundle) readCertificate(w *walker) error {
	return w.object(func(name []byte) (err error) {
		if string(name) != "rawBytes" {
			return w.skip()
		}
		b.leaf, err = w.bytes()
		return err
	})
}

// Certificate is the certificate whose key signed a Sigstore bundle. Nobody here has checked what it says: that needs
// the roots of whoever issued it, and the time of signing.
type Certificate struct {
	// Raw is the certificate in DER form.
	Raw []byte
	// Names are the identities that the certificate claims: e-mail addresses, host names and URIs.
	Names []string
	// Authority is the OpenID Connect issuer that a Fulcio certificate says has vouched for the names.
	Authority string
	// NotBefore and NotAfter bound the certificate's life.
	NotBefore, NotAfter time.Time
}

// Fulcio writes the OpenID Connect issuer into one of these extensions: now as a DER string, formerly as bare text.
var (
	fulcioIssuer    = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 8}
	fulcioIssuerOld = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, 1}
)

// parseCertificate reads a certificate and its key.
func parseCertificate(text []byte) (*Certificate, keyRef, error) {
	der, err := decodeBase64(text)
	if err != nil {
		return nil, keyRef{}, fmt.Errorf("certificate: %w", err)
	}
	x, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, keyRef{}, fmt.Errorf("%w: %w", ErrCertificate, err)
	}
	public, err := NewPublicKey(x.PublicKey)
	if err != nil {
		return nil, keyRef{}, fmt.Errorf("certificate: %w", err)
	}
	c := &Certificate{Raw: der, NotBefore: x.NotBefore, NotAfter: x.NotAfter}
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
	return c, keyRef{issuer: public.Issuer(), key: public.k}, nil
}
