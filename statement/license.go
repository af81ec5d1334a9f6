package statement

import (
	"fmt"
	"strings"
)

// checkLicense checks that text, if there is any, has the shape of an SPDX licence expression or of a web address.
// Whether SPDX knows the licence is not checked: its list grows faster than programs are replaced.
func checkLicense(text string) error {
	if strings.Contains(text, "://") {
		return checkURL("license", text)
	}
	if text == "" {
		return nil
	}
	p := licenseParser{words: splitLicense(text)}
	if len(text) > maxCode || !isGraphic(strings.ReplaceAll(text, " ", "")) || !p.expression(0) || len(p.words) > 0 {
		return fmt.Errorf("%w: license is %.80q, neither an SPDX licence expression nor a web address", ErrPredicate, text)
	}
	return nil
}

// splitLicense cuts an expression at spaces, and makes each parenthesis a word of its own.
func splitLicense(text string) []string {
	return strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text))
}

// licenseParser reads the grammar of SPDX 3.0.1, annex B, word by word.
type licenseParser struct{ words []string }

// expression reads licences joined by AND and OR.
func (p *licenseParser) expression(depth int) bool {
	for {
		if !p.licence(depth) {
			return false
		}
		if !p.take("AND") && !p.take("OR") {
			return true
		}
	}
}

// licence reads one licence, with its exception if it has one, or an expression in parentheses.
func (p *licenseParser) licence(depth int) bool {
	if depth < MaxDepth && p.take("(") {
		return p.expression(depth+1) && p.take(")")
	}
	return p.id() && (!p.take("WITH") || p.id())
}

func (p *licenseParser) take(word string) bool {
	if len(p.words) == 0 || p.words[0] != word {
		return false
	}
	p.words = p.words[1:]
	return true
}

// id reads the short name of a licence or exception, such as "GPL-2.0+" or "DocumentRef-x:LicenseRef-y".
func (p *licenseParser) id() bool {
	if len(p.words) == 0 {
		return false
	}
	word := p.words[0]
	p.words = p.words[1:]
	if word == "AND" || word == "OR" || word == "WITH" {
		return false
	}
	for _, r := range strings.TrimSuffix(word, "+") {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '.' && r != ':' {
			return false
		}
	}
	return word != "+"
}
