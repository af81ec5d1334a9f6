package verify

import (
	"strings"

	"github.com/wherefrom-network/wherefrom/statement"
)

// said puts a statement into words. It tells what was stated, and never that it is true.
func said(st *statement.Statement, p statement.Predicate) Said {
	s := Said{PredicateType: st.PredicateType}
	switch p := p.(type) {
	case *statement.Content:
		s.Facts = contentFacts(p)
	case *statement.Rights:
		s.Facts = rightsFacts(p)
	case *statement.Revoke:
		s.Facts = revokeFacts(st, p)
	default:
		s.Part = Part{Shown, CodeOK, wordsOtherPredicate(st.PredicateType)}
		return s
	}
	s.Part = Part{Shown, CodeOK, wordsSaid(s.Facts)}
	return s
}

// freeText are the labels of facts that are in the issuer's own words, and so stand in quotation
// marks within a sentence.
var freeText = map[string]bool{"title": true, "made": true, "rights holder": true, "terms": true, "note": true}

// add appends a fact unless there is nothing to say.
func add(facts []Fact, label, value string) []Fact {
	if value == "" {
		return facts
	}
	return append(facts, Fact{label, value})
}

func contentFacts(c *statement.Content) []Fact {
	var f []Fact
	f = add(f, "title", printable(c.Title))
	f = add(f, "media type", printable(c.MediaType))
	f = add(f, "size", count(uint64(c.Size), "byte"))
	f = add(f, "source", sourceWords(c.DigitalSourceType))
	f = add(f, "made", printable(c.Made))
	for _, p := range c.Fingerprints {
		f = add(f, "fingerprint", printable(p.Algorithm+" "+p.Value))
	}
	if c.Credential != nil {
		f = add(f, "content credential", c.Credential.String())
	}
	if c.Supersedes != nil {
		f = add(f, "replaces statement", c.Supersedes.String())
	}
	return f
}

func rightsFacts(r *statement.Rights) []Fact {
	var f []Fact
	f = add(f, "training AI with it", preferenceWords(r.TrainAI))
	f = add(f, "search", preferenceWords(r.Search))
	f = add(f, "vocabulary", printable(r.Vocabulary))
	f = add(f, "licence", printable(r.License))
	f = add(f, "rights holder", printable(r.Holder))
	return add(f, "terms", printable(r.Terms))
}

func revokeFacts(st *statement.Statement, r *statement.Revoke) []Fact {
	var f []Fact
	for _, s := range st.Subjects {
		if digest, ok := s.SHA256(); ok {
			f = add(f, "revokes statement", digest.String())
		}
	}
	f = add(f, "reason", reasonWords(r.Reason))
	return add(f, "note", printable(r.Note))
}

func preferenceWords(p statement.Preference) string {
	switch p {
	case statement.Allow:
		return "allowed"
	case statement.Disallow:
		return "not allowed"
	}
	return ""
}

func reasonWords(r statement.Reason) string {
	switch r {
	case statement.Mistake:
		return "it was a mistake"
	case statement.Superseded:
		return "a newer statement replaces it"
	case statement.Withdrawn:
		return "it was withdrawn"
	case statement.KeyCompromise:
		return "somebody else may have had the key"
	case statement.Legal:
		return "for a legal reason"
	}
	return printable(string(r))
}

// sourceVocabulary is where IPTC's terms for digital source types live.
const sourceVocabulary = "http://cv.iptc.org/newscodes/digitalsourcetype/"

// sources says in words what the terms of IPTC's vocabulary mean.
var sources = map[string]string{
	"digitalCapture":                       "captured from life by a camera or recorder",
	"computationalCapture":                 "captured from life, with several shots computed into one",
	"negativeFilm":                         "digitised from a negative",
	"positiveFilm":                         "digitised from a transparency",
	"print":                                "digitised from a print or other surface",
	"humanEdits":                           "edited by a person with digital tools",
	"minorHumanEdits":                      "edited a little by a person",
	"digitalCreation":                      "made by a person with digital tools",
	"digitalArt":                           "made by a person with digital tools",
	"composite":                            "put together from several sources",
	"compositeCapture":                     "put together from several captures of life",
	"compositeSynthetic":                   "put together from captured and synthetic parts",
	"compositeWithTrainedAlgorithmicMedia": "put together with parts made by AI",
	"trainedAlgorithmicMedia":              "made by AI",
	"algorithmicMedia":                     "made by an algorithm that was not trained",
	"algorithmicallyEnhanced":              "changed by an algorithm",
	"dataDrivenMedia":                      "made from data",
	"screenCapture":                        "captured from a screen",
	"virtualRecording":                     "recorded from a virtual scene",
}

func sourceWords(uri string) string {
	term := strings.TrimPrefix(strings.Replace(uri, "https://", "http://", 1), sourceVocabulary)
	if words, ok := sources[term]; ok {
		return words
	}
	return printable(uri)
}
