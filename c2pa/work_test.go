package c2pa_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/c2pa"
	"github.com/wherefrom-network/wherefrom/c2pa/c2patest"
)

// patience is far more than any file here takes, and far less than the product of its lists would.
const patience = 10 * time.Second

// numbered makes n assertions of one kind.
func numbered(n int, label string, data any) []c2patest.Assertion {
	list := []c2patest.Assertion{c2patest.Created}
	for i := range n {
		list = append(list, c2patest.Assertion{Label: fmt.Sprintf("%s__%d", label, i+1), Data: data})
	}
	return list
}

func repeat(n int, e func(i int) any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = e(i)
	}
	return list
}

// TestWorkGrowsWithTheFileNotWithItsSquare judges files whose lists refer to each other, many times many.
func TestWorkGrowsWithTheFileNotWithItsSquare(t *testing.T) {
	if testing.Short() {
		t.Skip("large files")
	}
	a := c2patest.NewAuthority()
	marked := numbered(3000, "c2pa.soft-binding", c2patest.M{})
	marked[0] = c2patest.Assertion{Label: "c2pa.actions.v2", Data: c2patest.M{"actions": repeat(60_000, func(i int) any {
		if i == 0 {
			return created
		}
		return c2patest.M{"action": "c2pa.watermarked.bound"}
	})}}
	noisy := parent(a, func(m *c2patest.Manifest) { m.Assertions = append(m.Assertions, numbered(3000, "org.other", 1)[1:]...) })
	many := opened(noisy, nil)
	for i := range 3000 {
		in := ingredient(parentLabel, noisy)
		in.Label = fmt.Sprintf("c2pa.ingredient.v3__%d", i+1)
		many.Assertions = append(many.Assertions, in)
	}
	for name, c := range map[string]struct {
		carry c2patest.Carrier
		m     c2patest.Manifest
		state c2pa.State
	}{
		"actions and assertions":                      {c2patest.PNG, c2patest.Manifest{Assertions: marked}, c2pa.StateTrusted},
		"ingredients that are all the same large one": {c2patest.PNG, many, c2pa.StateInvalid},
		"redactions and assertions": {c2patest.PNG, c2patest.Manifest{Assertions: numbered(5000, "org.other", 1), Claim: func(c c2patest.M) {
			c["redacted_assertions"] = repeat(10_000, func(i int) any { return fmt.Sprintf("self#jumbf=/c2pa/m/c2pa.assertions/a%d", i) })
		}}, c2pa.StateTrusted},
		"too many references": {c2patest.PNG, claim(func(c c2patest.M) {
			c["created_assertions"] = repeat(10_001, func(i int) any {
				return c2patest.HashedURI(fmt.Sprintf("self#jumbf=c2pa.assertions/a%d", i), make([]byte, 8))
			})
		}), c2pa.StateInvalid},
		"exclusions and boxes": {manyBoxes, c2patest.Manifest{Binding: func(file []byte, _, _ int) c2patest.Assertion {
			return c2patest.Assertion{Label: "c2pa.hash.bmff.v3", Data: c2patest.M{"alg": "sha256", "hash": make([]byte, 32), "exclusions": repeat(200, func(i int) any {
				return c2patest.M{"xpath": "/free", "subset": []any{c2patest.M{"offset": 1, "length": 1}}}
			})}}
		}}, c2pa.StateInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			file := a.Embed(c.carry, c.m)
			start := time.Now()
			r := validate(t, file, trusting(t, a), c2patest.Now)
			if took := time.Since(start); took > patience || r.State != c.state {
				t.Errorf("%s after %v for %d KB, %d findings", r.State, took, len(file)>>10, len(r.Statuses))
			}
		})
	}
}

// manyBoxes is a film with very many boxes that say nothing.
func manyBoxes(store []byte) ([]byte, int, int) {
	file, start, length := c2patest.MP4(store)
	return slices.Concat(file, bytes.Repeat(c2patest.Box("free", []byte("12")), 100_000)), start, length
}

func TestAClaimListsAnAssertionOnce(t *testing.T) {
	a := c2patest.NewAuthority()
	for _, prefix := range []string{"self#jumbf=", "self#jumbf=/c2pa/" + c2patest.Label + "/"} {
		file := a.Embed(c2patest.PNG, claim(func(c c2patest.M) {
			refs := c["created_assertions"].([]any)
			again := c2patest.M{"url": prefix + "c2pa.assertions/c2pa.actions.v2", "hash": refs[0].(c2patest.M)["hash"]}
			c["gathered_assertions"] = []any{again}
		}))
		expect(t, validate(t, file, trusting(t, a), c2patest.Now), c2pa.StateInvalid, "claim.malformed")
	}
}
