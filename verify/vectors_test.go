package verify_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/verify"
)

// vector is a story of spec/testdata/verify.json. They are told in verify/vectors.
type vector struct {
	Name  string `json:"name"`
	Input struct {
		Digest   statement.Digest              `json:"digest"`
		Size     int64                         `json:"size"`
		File     string                        `json:"file"`
		Receipts string                        `json:"receipts"`
		Policies []struct{ Name, Text string } `json:"policies"`
		People   []struct {
			Issuer       statement.Issuer
			Name, Source string
			Own          bool
		} `json:"people"`
		Signer  statement.Issuer `json:"require_signer"`
		Policy  string           `json:"require_policy"`
		Unheard bool             `json:"unheard"`
		At      time.Time        `json:"at"`
		AsOf    time.Time        `json:"as_of"`
	} `json:"input"`
	Answer json.RawMessage `json:"answer"`
}

func readVectors(t *testing.T) []vector {
	t.Helper()
	text, err := os.ReadFile("../spec/testdata/verify.json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct{ Stories []vector }
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f.Stories
}

func (v *vector) answer(t *testing.T) verify.Answer {
	t.Helper()
	in := verify.Input{
		Digest: v.Input.Digest, Size: v.Input.Size, Name: v.Input.File, Unheard: v.Input.Unheard, At: v.Input.At, AsOf: v.Input.AsOf,
		Require: verify.Require{Signer: v.Input.Signer, Policy: v.Input.Policy},
		Trust:   verify.Trust{People: map[statement.Issuer]verify.Person{}},
	}
	for _, p := range v.Input.Policies {
		policy, err := tlog.ParsePolicy([]byte(p.Text))
		if err != nil {
			t.Fatal(err)
		}
		in.Trust.Policies = append(in.Trust.Policies, verify.NamedPolicy{Name: p.Name, Policy: policy})
	}
	for _, p := range v.Input.People {
		in.Trust.People[p.Issuer] = verify.Person{Name: p.Name, Source: p.Source, Own: p.Own}
	}
	if v.Input.Receipts == "" {
		return verify.Check(in)
	}
	return ask(in, []byte(v.Input.Receipts))
}

func TestVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		got, err := json.Marshal(v.answer(t))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(decode(t, v.Answer), decode(t, got)); diff != "" {
			t.Errorf("%s:\n%s", v.Name, diff)
		}
	}
}

// TestAnswersFollowTheSchema checks every answer of the vectors against spec/verify.schema.json,
// once as it stands and once with every field forbidden that it does not name.
func TestAnswersFollowTheSchema(t *testing.T) {
	text, err := os.ReadFile("../spec/verify.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	lax, strict := schema(t, string(text)), schema(t, strings.ReplaceAll(string(text), `"type": "object"`, `"type": "object", "additionalProperties": false`))
	for _, v := range readVectors(t) {
		answer := decode(t, v.Answer)
		for name, s := range map[string]*openapi3.Schema{"lax": lax, "strict": strict} {
			if err := s.VisitJSON(answer, openapi3.EnableJSONSchema2020()); err != nil {
				t.Errorf("%s: %s: %v", v.Name, name, err)
			}
		}
	}
	for _, bad := range []string{`{}`, `[]`, `{"schema":"wherefrom.network/verify/v2"}`} {
		if err := lax.VisitJSON(decode(t, []byte(bad)), openapi3.EnableJSONSchema2020()); err == nil {
			t.Errorf("the schema accepts %s", bad)
		}
	}
	answer := decode(t, readVectors(t)[0].Answer).(map[string]any)
	answer["verdict"] = "fake"
	if err := lax.VisitJSON(answer, openapi3.EnableJSONSchema2020()); err == nil {
		t.Error("the schema accepts a verdict that there is not")
	}
}

func schema(t *testing.T, text string) *openapi3.Schema {
	t.Helper()
	s := new(openapi3.Schema)
	if err := json.Unmarshal([]byte(text), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
