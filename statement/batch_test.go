package statement_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/statement/statementtest"
)

func TestBatchesOfEverySize(t *testing.T) {
	for _, n := range []int{0, 1, 2, 63, 64, 65, 128, 200} {
		raws := make([][]byte, n)
		for i := range raws {
			raws[i] = statementtest.Content(statementtest.Signer(fmt.Sprint(i%7)), fmt.Sprint(i))
		}
		sameVerdicts(t, raws)
		if n == 0 {
			continue
		}
		for _, at := range []int{0, n / 2, n - 1} {
			spoiled := slices.Clone(raws)
			spoiled[at] = spoil(raws[at], "")
			sameVerdicts(t, spoiled)
		}
	}
}

// spoil changes the first signature after the text.
func spoil(raw []byte, after string) []byte {
	out := slices.Clone(raw)
	from := 0
	if after != "" {
		from = slices.Index(out, after[0])
		for string(out[from:from+len(after)]) != after {
			from++
		}
	}
	for i := from; ; i++ {
		if string(out[i:i+7]) == `"sig":"` {
			digit := &out[i+7+20] // in R of an Ed25519 signature, and in r of a P-256 signature
			*digit = map[bool]byte{true: 'B', false: 'A'}[*digit == 'A']
			return out
		}
	}
}

// Envelopes with several signatures straddle the borders of batches, and their first bad signature is the one that is
// reported, whatever its kind.
func TestBatchesOfEnvelopesWithSeveralSignatures(t *testing.T) {
	signers := []statement.Signer{alice, carol, bob, statementtest.P256Signer("dave")}
	st := &statement.Statement{
		Subjects:      []statement.Subject{statementtest.Subject("hello", "")},
		PredicateType: "https://example.org/note/v1", Predicate: jsontext.Value(`{}`),
	}
	good, err := statement.Sign(st, signers...)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		raws := make([][]byte, rapid.IntRange(1, 60).Draw(t, "envelopes"))
		for i := range raws {
			raws[i] = good
			for _, bad := range rapid.SliceOfN(rapid.SampledFrom(signers), 0, 3).Draw(t, "bad") {
				raws[i] = spoil(raws[i], string(bad.Issuer()))
			}
		}
		envelopes, errs := statement.OpenBatch(raws)
		for i, raw := range raws {
			e, err := statement.Open(raw)
			if message(err) != message(errs[i]) || (e == nil) != (envelopes[i] == nil) {
				t.Fatalf("envelope %d: Open says %v, OpenBatch %v", i, err, errs[i])
			}
		}
	})
}
