package verify

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxQuoted is how many characters of a stranger's text stand in a sentence.
const maxQuoted = 160

// clean makes a stranger's text safe to stand in a sentence: [printable], and not long.
func clean(s string) string {
	s = printable(s)
	n := 0
	for i := range s {
		if n == maxQuoted {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// printable makes a stranger's text safe to print: one line, without control characters, direction
// marks or anything else that does not show.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !strconv.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, s)
}

// quote is [clean] in quotation marks, or nothing for an empty text.
func quote(s string) string {
	if s == "" {
		return ""
	}
	return `"` + strings.ReplaceAll(clean(s), `"`, "'") + `"`
}

// theFile names the file in question within a sentence.
func theFile(name string) string {
	if name == "" {
		return "the file"
	}
	return clean(name)
}

// atStart is [theFile] at the beginning of a sentence.
func atStart(name string) string {
	if name == "" {
		return "The file"
	}
	return clean(name)
}

// list joins names as a sentence does.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// count says how many of something there are.
func count(n uint64, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "y"):
		return number(n) + " " + strings.TrimSuffix(thing, "y") + "ies"
	case strings.HasSuffix(thing, "s"):
		return number(n) + " " + thing + "es"
	}
	return number(n) + " " + thing + "s"
}

// number writes thousands apart.
func number(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// stamp writes a time for people.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// shellQuote writes a file's name as a shell takes it.
func shellQuote(name string) string {
	plain := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-/+:@%,", r))
	}
	if strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0 && !strings.HasPrefix(name, "-") {
		return name
	}
	return fmt.Sprintf("'%s'", strings.ReplaceAll(clean(name), "'", `'\''`))
}
