package cli

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/journal"
	"github.com/wherefrom-network/wherefrom/statement"
)

// The kinds of statements that record makes, after --as.
const (
	asContent  = "content"
	asRights   = "rights"
	asRevoke   = "revoke"
	asEnvelope = "envelope"
)

var recordKinds = []string{asContent, asRights, asRevoke, asEnvelope}

// fields is what --as and the flags that belong to it say about every file of a run.
type fields struct {
	as     string
	name   string
	noName bool

	title, made, sourceType, supersedes   string // content
	license, holder, terms, train, search string // rights
	reason, note, revokes                 string // revoke
	publicKey                             string // envelope
	sourceTypeURI                         string // sourceType in full
	supersedesID, revokesID               *statement.Digest
	trainAI, searchUse                    statement.Preference
}

// belongs says which flag has a meaning with which kind of statement.
var belongs = map[string]string{
	"title": asContent, "made": asContent, "source-type": asContent, "supersedes": asContent,
	"license": asRights, "holder": asRights, "terms": asRights, "train": asRights, "search": asRights,
	"reason": asRevoke, "note": asRevoke, "statement": asRevoke,
	"public-key": asEnvelope,
}

func (f *fields) flags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.as, "as", asContent, "what to state: "+strings.Join(recordKinds, ", "))
	fs.StringVar(&f.name, "name", "", "state this `NAME` instead of the file's (one file only)")
	fs.BoolVar(&f.noName, "no-name", false, "state no file name")
	fs.StringVar(&f.title, "title", "", "content: what you call it")
	fs.StringVar(&f.made, "made", "", "content: how it was made, in words")
	fs.StringVar(&f.sourceType, "source-type", "", "content: how it was made, as an IPTC digital source type such as digitalCapture")
	fs.StringVar(&f.supersedes, "supersedes", "", "content: the `ID` of an earlier statement that this one replaces")
	fs.StringVar(&f.license, "license", "", "rights: an SPDX expression or the address of a licence")
	fs.StringVar(&f.holder, "holder", "", "rights: who holds the rights")
	fs.StringVar(&f.terms, "terms", "", "rights: further terms, in words or as an address")
	fs.StringVar(&f.train, "train", "", "rights: may AI be trained on it, `yes|no`")
	fs.StringVar(&f.search, "search", "", "rights: may it be used for search, `yes|no`")
	fs.StringVar(&f.reason, "reason", "", "revoke: mistake, superseded, withdrawn, key-compromise or legal")
	fs.StringVar(&f.note, "note", "", "revoke: more about the reason, in words")
	fs.StringVar(&f.revokes, "statement", "", "revoke: the `ID` of the statement, if the receipt holds several of yours")
	fs.StringVar(&f.publicKey, "public-key", "", "envelope: the signer's key (PEM `FILE`), if the envelope does not say it in a way we know")
	complete(cmd, "as", cobra.FixedCompletions(recordKinds, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "source-type", cobra.FixedCompletions(sourceTypes, cobra.ShellCompDirectiveNoFileComp))
	complete(cmd, "reason", cobra.FixedCompletions(reasons, cobra.ShellCompDirectiveNoFileComp))
}

// check makes sure that the flags fit together and reads those that have a form.
func (f *fields) check(cmd *cobra.Command) (err error) {
	if !slices.Contains(recordKinds, f.as) {
		return wrongUse(cmd, "--as %s: it is one of %s", f.as, strings.Join(recordKinds, ", "))
	}
	for flag, kind := range belongs {
		if cmd.Flags().Changed(flag) && kind != f.as {
			return wrongUse(cmd, "--%s belongs to --as %s", flag, kind)
		}
	}
	if err := checkText(cmd); err != nil {
		return err
	}
	if f.trainAI, err = preference(cmd, "train", f.train); err != nil {
		return err
	}
	if f.searchUse, err = preference(cmd, "search", f.search); err != nil {
		return err
	}
	if f.supersedesID, err = optionalID(cmd, "supersedes", f.supersedes); err != nil {
		return err
	}
	if f.revokesID, err = optionalID(cmd, "statement", f.revokes); err != nil {
		return err
	}
	if f.sourceTypeURI, err = sourceTypeURI(cmd, f.sourceType); err != nil {
		return err
	}
	if f.as == asRevoke && !slices.Contains(reasons, f.reason) {
		return wrongUse(cmd, "--as revoke needs --reason, one of %s", strings.Join(reasons, ", "))
	}
	if f.as == asRights && f.license == "" && f.holder == "" && f.terms == "" && f.train == "" && f.search == "" {
		return wrongUse(cmd, "--as rights needs at least one of --train, --search, --license, --holder, --terms")
	}
	return nil
}

var reasons = []string{
	string(statement.Mistake), string(statement.Superseded), string(statement.Withdrawn),
	string(statement.KeyCompromise), string(statement.Legal),
}

// checkText makes sure that what the flags say is text.
func checkText(cmd *cobra.Command) error {
	for _, name := range append(slices.Sorted(maps.Keys(belongs)), "name") {
		if text := cmd.Flags().Lookup(name).Value.String(); !utf8.ValidString(text) {
			return wrongUse(cmd, "--%s %q is not text in UTF-8", name, text)
		}
	}
	return nil
}

func preference(cmd *cobra.Command, flag, value string) (statement.Preference, error) {
	switch value {
	case "yes", "y":
		return statement.Allow, nil
	case "no", "n":
		return statement.Disallow, nil
	case "":
		return statement.Unknown, nil
	}
	return "", wrongUse(cmd, "--%s %s: say yes or no", flag, value)
}

func optionalID(cmd *cobra.Command, flag, value string) (*statement.Digest, error) {
	if value == "" {
		return nil, nil
	}
	id, err := statement.ParseDigest(value)
	if err != nil || id == (statement.Digest{}) {
		e := wrongUse(cmd, "--%s %s is not the ID of a statement", flag, value)
		e.Hint = "a statement's ID stands in its receipt: wherefrom receipt show FILE" + receiptSuffix
		return nil, e
	}
	return &id, nil
}

// sourceTypes are the terms of IPTC's Digital Source Type NewsCodes that are in use.
var sourceTypes = []string{
	"digitalCapture", "computationalCapture", "negativeFilm", "positiveFilm", "print", "humanEdits",
	"algorithmicallyEnhanced", "digitalCreation", "dataDrivenMedia", "trainedAlgorithmicMedia", "algorithmicMedia",
	"compositeCapture", "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia", "composite",
	"screenCapture", "virtualRecording",
}

const sourceTypePrefix = "http://cv.iptc.org/newscodes/digitalsourcetype/"

var bareWord = regexp.MustCompile(`^[A-Za-z]+$`)

func sourceTypeURI(cmd *cobra.Command, term string) (string, error) {
	if !bareWord.MatchString(term) {
		return term, nil // empty, or an address that statement checks
	}
	if !slices.Contains(sourceTypes, term) {
		return "", wrongUse(cmd, "--source-type %s: it is one of %s, or an address", term, strings.Join(sourceTypes, ", "))
	}
	return sourceTypePrefix + term, nil
}

// subject returns how the statement names a file.
func (f *fields) subject(path string, digest statement.Digest) statement.Subject {
	return statement.NewSubject(digest, f.nameOf(path))
}

func (f *fields) nameOf(path string) string {
	switch {
	case f.noName:
		return ""
	case f.name != "":
		return f.name
	case path == stdinName:
		return ""
	}
	return filepath.Base(path)
}

// checkName makes sure that a file has a name that can be stated: file systems allow bytes that are no text.
func (f *fields) checkName(path string) error {
	if utf8.ValidString(f.nameOf(path)) {
		return nil
	}
	return &UserError{
		Code: codeStatement, Msg: "the name of " + strconv.QuoteToGraphic(path) + " is not text in UTF-8, and a statement is",
		Hint: "state another name with --name NAME, or none with --no-name",
	}
}

// predicate returns what is stated about a file whose content was read.
func (f *fields) predicate(path string, c content, by statement.Issuer, at time.Time) statement.Predicate {
	if f.as == asRights {
		r := &statement.Rights{
			Issuer: by, IssuedAt: seconds(at), TrainAI: f.trainAI, Search: f.searchUse,
			License: f.license, Holder: f.holder, Terms: f.terms,
		}
		if f.trainAI != "" || f.searchUse != "" {
			r.Vocabulary = statement.AIPREF
		}
		return r
	}
	name := path
	if f.name != "" {
		name = f.name
	}
	return &statement.Content{
		Issuer: by, IssuedAt: seconds(at), MediaType: mediaType(name, c.head), Size: c.size,
		Title: f.title, Made: f.made, DigitalSourceType: f.sourceTypeURI, Supersedes: f.supersedesID,
	}
}

// intent names what is stated, whenever it is stated: the same intent for the same log is recorded once.
func intent(log string, p statement.Predicate, subjects []statement.Subject) (journal.Key, error) {
	p = withoutTime(p)
	raw, err := json.Marshal(struct {
		Log       string
		Type      string
		Subjects  []statement.Subject
		Predicate statement.Predicate
	}{log, p.PredicateType(), subjects, p})
	if err != nil {
		return journal.Key{}, fmt.Errorf("name an intent: %w", err)
	}
	return sha256.Sum256(raw), nil
}

// withoutTime returns a copy of a predicate that does not say when it was issued.
func withoutTime(p statement.Predicate) statement.Predicate {
	switch p := p.(type) {
	case *statement.Content:
		c := *p
		c.IssuedAt = time.Time{}
		return &c
	case *statement.Rights:
		r := *p
		r.IssuedAt = time.Time{}
		return &r
	case *statement.Revoke:
		r := *p
		r.IssuedAt = time.Time{}
		return &r
	}
	return p
}
