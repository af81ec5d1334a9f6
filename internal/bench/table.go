package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// row is one measured promise.
type row struct {
	what     string
	measured string
	bar      string // what was promised, "" if nothing was
	kept     bool   // whether measured keeps the bar
	peer     string // the nearest peer, and its number in the same run
	ratio    string // ours to the peer's
}

// writeTable writes the rows as a Markdown table.
func writeTable(out io.Writer, rows []row) {
	fmt.Fprintln(out, "| what | measured | bar | | peer, same run | ratio |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|")
	for _, r := range rows {
		verdict := ""
		if r.bar != "" {
			verdict = "**missed**"
			if r.kept {
				verdict = "kept"
			}
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join([]string{r.what, r.measured, r.bar, verdict, r.peer, r.ratio}, " | "))
	}
}

// ratio writes ours as a multiple of theirs.
func ratio(ours, theirs float64) string {
	if theirs == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", ours/theirs)
}

// micros writes a duration in microseconds.
func micros(d time.Duration) string {
	return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
}

// millis writes a duration in milliseconds.
func millis(d time.Duration) string {
	return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
}

// grouped writes a whole number with thin groups of three digits.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, groups...), ",")
}
