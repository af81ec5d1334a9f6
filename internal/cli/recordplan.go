package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/wherefrom-network/wherefrom/statement"
)

// planJSON is what --dry-run shows: everything that would become public for ever, and what would not.
type planJSON struct {
	Schema  string           `json:"schema"`
	Log     string           `json:"log,omitempty"`
	Key     string           `json:"key,omitempty"`
	Issuer  statement.Issuer `json:"issuer,omitempty"`
	Public  []planFileJSON   `json:"public"`
	Private []string         `json:"private"`
	Skipped []string         `json:"skipped,omitempty"`
	Failed  []errorJSON      `json:"failed,omitempty"`
}

// planFileJSON is what would become public about one file: the statement, word for word but for its time.
type planFileJSON struct {
	File          string              `json:"file"`
	PredicateType string              `json:"predicate_type"`
	Subjects      []statement.Subject `json:"subjects"`
	Predicate     json.RawMessage     `json:"predicate"`
}

// plan reads the files and shows what would be sent. It talks to nobody, unlocks no key and writes nothing.
func (r *recorder) plan(ctx context.Context, found *sources) error {
	out := planJSON{
		Schema: "wherefrom.network/record-plan/v1", Log: r.log, Key: r.keyName, Issuer: r.issuer,
		Public: []planFileJSON{}, Private: []string{"the bytes of the files", "their folders", "your private key and its name here"},
	}
	if r.fields.noName {
		out.Private = append(out.Private, "the names of the files")
	}
	r.progress = r.a.io.Progress("reading", found.total())
	defer r.progress.Close()
	for _, s := range found.files {
		r.progress.Label(s.path)
		t, err := r.prepare(ctx, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err != nil:
			r.failFile(s.path, explain(err))
		case t.done != nil:
			out.Skipped = append(out.Skipped, s.path)
		default:
			out.Public = append(out.Public, planOf(t))
		}
	}
	r.progress.Close()
	for _, e := range r.failed {
		out.Failed = append(out.Failed, errorJSON{"wherefrom.network/error/v1", e.Code, e.Exit(), e.Error(), e.Hint})
	}
	if r.a.json {
		if err := r.a.print(out); err != nil {
			return err
		}
	} else {
		r.showPlan(out)
	}
	return r.failure()
}

func planOf(t *task) planFileJSON {
	st := t.unsigned
	if st == nil {
		// The envelope of another maker: it was opened before, so it opens again.
		e, err := statement.Parse(t.envelope)
		if err != nil {
			return planFileJSON{File: t.source.path}
		}
		st = e.Statement()
	}
	return planFileJSON{t.source.path, st.PredicateType, st.Subjects, json.RawMessage(st.Predicate)}
}

func (r *recorder) showPlan(out planJSON) {
	p := r.a.io.Printf
	if len(out.Public) == 0 {
		p("nothing would become public")
	} else {
		p("These statements would become public for ever:")
	}
	for _, f := range out.Public {
		p("")
		p("%s", cleanLine(f.File))
		for _, s := range f.Subjects {
			p("  about       %s", s.Digest["sha256"])
			if s.Name != "" {
				p("  named       %s", cleanLine(s.Name))
			}
		}
		p("  kind        %s", cleanLine(f.PredicateType))
		p("  says        %s", cleanLine(string(f.Predicate)))
	}
	p("")
	if out.Issuer != "" {
		p("signed with   %s (your key %s)", out.Issuer, out.Key)
	}
	if out.Log != "" {
		p("recorded by   %s", out.Log)
	}
	for _, what := range out.Private {
		p("not sent      %s", what)
	}
	if n := len(out.Skipped); n > 0 {
		p("skipped       %s with a receipt that says the same", count(n, "file", "files"))
	}
	r.a.io.Note("nothing was sent; leave out --dry-run to record")
}

// refusal is the error for something that a server does not take, with the server's own words.
func refusal(code, msg, hint string) *UserError {
	e := &UserError{Code: Code(code), Msg: msg, Hint: hint}
	if topicOf(e.Code).Title == "" {
		e.Code = codeRefused
		e.Msg = fmt.Sprintf("%s (%s)", msg, code)
	}
	return e
}
