package ocsp_test

import (
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/ocsp"
	"github.com/wherefrom-network/wherefrom/c2pa/internal/pki"
)

func certificate(t testing.TB, der []byte) *pki.Certificate {
	t.Helper()
	c, err := pki.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAnswersAreForOneCertificateByOneIssuer(t *testing.T) {
	a, other := c2patest.NewAuthority(), c2patest.NewAuthority()
	answer := c2patest.Revocation{Produced: c2patest.Now, Next: c2patest.Now.Add(time.Hour)}
	r, err := ocsp.Parse(a.Responder().Answer(a.Leaf, a.Root, answer))
	if err != nil {
		t.Fatal(err)
	}
	leaf, root := certificate(t, a.Leaf.Raw), certificate(t, a.Root.Raw)
	got := r.For(leaf, root)
	if len(got) != 1 || got[0].Status != ocsp.Good || !got[0].NextUpdate.Equal(answer.Next) {
		t.Errorf("%+v", got)
	}
	if got := r.For(leaf, certificate(t, other.Root.Raw)); len(got) != 0 {
		t.Errorf("for another issuer: %+v", got)
	}
	if err := r.CheckSigner(root, c2patest.Now); err != nil {
		t.Error(err)
	}
	if err := r.CheckSigner(certificate(t, other.Root.Raw), c2patest.Now); err == nil {
		t.Error("taken from a responder of somebody else")
	}
	if err := r.CheckSigner(root, c2patest.NotAfter.Add(time.Hour)); err == nil {
		t.Error("taken from a responder whose certificate had ended")
	}
}

func TestASignerCannotAnswerForItself(t *testing.T) {
	a := c2patest.NewAuthority()
	r, err := ocsp.Parse(a.Answer(a.Leaf, a.Root, c2patest.Revocation{Produced: c2patest.Now}))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.CheckSigner(certificate(t, a.Root.Raw), c2patest.Now); err == nil {
		t.Error("taken from a certificate that is not for answers")
	}
}

func FuzzParse(f *testing.F) {
	a := c2patest.NewAuthority()
	leaf, root := certificate(f, a.Leaf.Raw), certificate(f, a.Root.Raw)
	f.Add(a.Responder().Answer(a.Leaf, a.Root, c2patest.Revocation{Produced: c2patest.Now, RevokedAt: c2patest.Now, Removed: true}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := ocsp.Parse(data); err == nil {
			r.For(leaf, root)
			r.CheckSigner(root, c2patest.Now)
		}
	})
}
