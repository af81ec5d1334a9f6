package statement_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

// benchEnvelopes returns n envelopes whose signed text is 1,024 bytes long, of as many issuers as given.
func benchEnvelopes(b *testing.B, n, issuers int) [][]byte {
	b.Helper()
	signers := make([]statement.Signer, issuers)
	for i := range signers {
		var seed [32]byte
		binary.BigEndian.PutUint64(seed[:], uint64(i+1))
		s, err := statement.NewSigner(ed25519.NewKeyFromSeed(seed[:]))
		if err != nil {
			b.Fatal(err)
		}
		signers[i] = s
	}
	raws := make([][]byte, n)
	for i := range raws {
		raws[i] = benchEnvelope(b, i, signers[i%issuers])
	}
	return raws
}

func benchEnvelope(b *testing.B, i int, s statement.Signer) []byte {
	b.Helper()
	var text [8]byte
	binary.BigEndian.PutUint64(text[:], uint64(i))
	digest := statement.Sum(text[:])
	content := &statement.Content{
		Issuer: s.Issuer(), IssuedAt: time.Unix(1_800_000_000, 0).UTC(), MediaType: "image/jpeg", Size: 4_318_223,
		Title: "Harbour at dawn", DigitalSourceType: "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture",
		Fingerprints: []statement.Fingerprint{{Algorithm: "iscc", Value: "ISCC:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY"}},
	}
	for range 2 { // once to learn how much is missing, once to fill it up
		st, err := statement.New(content, statement.NewSubject(digest, "harbour.jpg"))
		if err != nil {
			b.Fatal(err)
		}
		raw, err := statement.Sign(st, s)
		if err != nil {
			b.Fatal(err)
		}
		e, err := statement.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		if missing := 1024 - len(e.Payload()); missing > 0 {
			content.Made = strings.Repeat("m", missing-len(`,"made":""`))
			continue
		}
		return raw
	}
	b.Fatal("the statement does not get 1,024 bytes long")
	return nil
}

func BenchmarkParse(b *testing.B) {
	raws := benchEnvelopes(b, 64, 1)
	b.SetBytes(int64(len(raws[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := statement.Parse(raws[i%len(raws)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, bm := range []struct {
		name    string
		issuers int
	}{{"one issuer", 1}, {"1,024 issuers", 1024}, {"new issuers only", 8192}} {
		b.Run(bm.name, func(b *testing.B) {
			raws := benchEnvelopes(b, bm.issuers, bm.issuers)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := statement.Open(raws[i%len(raws)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOpenBatch(b *testing.B) {
	for _, bm := range []struct {
		name          string
		size, issuers int
	}{
		{"64, one issuer", 64, 1},
		{"256, one issuer", 256, 1},
		{"64, 1,024 issuers", 64, 1024},
		{"256, 1,024 issuers", 256, 1024},
		{"64, new issuers only", 64, 8192},
		{"256, new issuers only", 256, 8192},
	} {
		b.Run(bm.name, func(b *testing.B) {
			raws := benchEnvelopes(b, max(bm.size, bm.issuers), bm.issuers)
			b.ReportAllocs()
			from := cpuTime()
			for i := 0; b.Loop(); i = (i + bm.size) % len(raws) {
				_, errs := statement.OpenBatch(raws[i : i+bm.size])
				for _, err := range errs {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			reportPerStatement(b, bm.size, from)
		})
	}
}

// BenchmarkOpenBatchWithABadSignature shows what one bad signature costs the 63 others in its batch.
func BenchmarkOpenBatchWithABadSignature(b *testing.B) {
	raws := benchEnvelopes(b, 64, 1)
	raws[32] = spoil(raws[32], "")
	from := cpuTime()
	for b.Loop() {
		if _, errs := statement.OpenBatch(raws); errs[32] == nil {
			b.Fatal("it opened")
		}
	}
	reportPerStatement(b, 64, from)
}

// reportPerStatement reports what one statement of a batch costs, in time and in work of the processor.
func reportPerStatement(b *testing.B, size int, from time.Duration) {
	b.Helper()
	n := float64(b.N * size)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/statement")
	b.ReportMetric(float64((cpuTime()-from).Nanoseconds())/n, "cpu-ns/statement")
}

// About 20 were measured. The bound leaves room for the race detector, under which pools forget, and for other
// versions of Go.
func TestOpeningAllocatesLittle(t *testing.T) {
	raw := statementtest.Content(alice, "hello")
	mustOpen(t, raw)
	if n := testing.AllocsPerRun(100, func() { _, _ = statement.Open(raw) }); n > 45 {
		t.Errorf("opening one statement allocates %v times", n)
	}
}
