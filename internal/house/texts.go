package house

import (
	"bytes"
	"path"
	"regexp"
	"strings"
)

var textRules = []Rule{
	{"nothing names one machine", "a path that exists on one computer helps nobody and tells on its owner", machinePaths},
	{"the readme is a door", "who has to scroll has left", longReadme},
	{"links lead somewhere", "a dead link ends the reading", deadLinks},
	{"nobody is lost on the tour", "a newcomer looks for the names that the page gives", lostOnTour},
}

const (
	maxReadme = 120     // lines
	maxText   = 4 << 20 // bytes; a larger file is data
)

// ownMachine matches an absolute path below a home or work directory.
var ownMachine = regexp.MustCompile(`(?m)(?:^|[\s"'` + "`" + `(=:,])(/(?:root|home|Users|work)/[A-Za-z0-9_.+-]+)`)

func machinePaths(t *Tree) (found []string) {
	t.EachText(func(name string, data []byte) {
		if m := ownMachine.FindSubmatch(data); m != nil {
			add(&found, "%s names %s", name, m[1])
		}
	})
	return found
}

// EachText calls do with every text file of the tree, Go or not, but for go.sum.
func (t *Tree) EachText(do func(name string, data []byte)) {
	names := append([]string(nil), t.Texts...)
	for _, p := range t.Sorted() {
		for _, f := range p.Files {
			names = append(names, f.Path)
		}
	}
	for _, name := range names {
		if path.Base(name) == "go.sum" {
			continue
		}
		data, err := t.Read(name)
		if err == nil && len(data) <= maxText && !bytes.ContainsRune(data, 0) {
			do(name, data)
		}
	}
}

func longReadme(t *Tree) (found []string) {
	data, err := t.Read("README.md")
	if err != nil {
		return []string{err.Error()}
	}
	if n := bytes.Count(data, []byte("\n")); n > maxReadme {
		add(&found, "README.md has %d lines, at most %d", n, maxReadme)
	}
	return found
}

func deadLinks(t *Tree) (found []string) {
	pages := map[string]string{}
	for _, name := range t.Texts {
		if path.Ext(name) != ".md" {
			continue
		}
		data, err := t.Read(name)
		if err != nil {
			return []string{err.Error()}
		}
		pages[name] = string(data)
	}
	for _, name := range t.Texts {
		for _, target := range links(pages[name]) {
			if why := dead(t, pages, name, target); why != "" {
				add(&found, "%s links to %s: %s", name, target, why)
			}
		}
	}
	return found
}

// dead says why a link from a page leads nowhere, "" if it leads somewhere. Links to other places on
// the network are not followed.
func dead(t *Tree, pages map[string]string, page, target string) string {
	if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
		return ""
	}
	file, anchor, _ := strings.Cut(target, "#")
	to := page
	if file != "" {
		to = path.Join(path.Dir(page), file)
		if !t.Has(to) {
			return "no such file"
		}
	}
	if text, isPage := pages[to]; anchor != "" && isPage && !anchors(text)[anchor] {
		return "no such heading"
	}
	return ""
}

var (
	fencedBlock = regexp.MustCompile("(?ms)^```.*?^```")
	codeSpan    = regexp.MustCompile("`[^`\n]*`")
	linkTarget  = regexp.MustCompile(`\]\(([^)\s]+)(?:\s+"[^"]*")?\)`)
	headingLine = regexp.MustCompile(`(?m)^#{1,6}\s+(.*?)\s*#*$`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
)

// links lists the targets of a page's links, code left out.
func links(text string) []string {
	text = codeSpan.ReplaceAllString(fencedBlock.ReplaceAllString(text, ""), "")
	var targets []string
	for _, m := range linkTarget.FindAllStringSubmatch(text, -1) {
		targets = append(targets, m[1])
	}
	return targets
}

// anchors lists the names that a page's headings can be linked by.
func anchors(text string) map[string]bool {
	names := map[string]bool{}
	for _, m := range headingLine.FindAllStringSubmatch(fencedBlock.ReplaceAllString(text, ""), -1) {
		name := strings.ToLower(notInAnchor.ReplaceAllString(m[1], ""))
		names[strings.ReplaceAll(name, " ", "-")] = true
	}
	return names
}

// tourPage leads through the code by the names of files and functions.
const tourPage = "docs/tour.md"

var (
	tourStep = regexp.MustCompile(`(?m)^(?:\d+\.|-) `)
	tourName = regexp.MustCompile("`([A-Za-z0-9_]+)\\(\\)`")
)

// A function that a step of the tour names stands in one of the Go files that the step, or one before
// it, links to.
func lostOnTour(t *Tree) (found []string) {
	page, err := t.Read(tourPage)
	if err != nil {
		return []string{err.Error()}
	}
	source := ""
	for _, step := range tourStep.Split(string(page), -1) {
		for _, target := range links(step) {
			if data, err := t.Read(path.Join(path.Dir(tourPage), target)); err == nil && path.Ext(target) == ".go" {
				source += string(data)
			}
		}
		for _, name := range tourName.FindAllStringSubmatch(step, -1) {
			if !regexp.MustCompile(`(?m)^func (?:\([^)]*\) )?` + name[1] + `[(\[]`).MatchString(source) {
				add(&found, "%s names %s(), which no file has that it led to so far", tourPage, name[1])
			}
		}
	}
	return found
}
