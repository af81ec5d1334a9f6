package term

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	quiet = time.Second            // nothing moves before this: short work needs no bar
	every = 100 * time.Millisecond // a line is rewritten at most this often
)

// Progress is one line that tells how far long work is: bytes done, of how many, and the time left.
// It is shown on terminals only, after a second. It may be used from several goroutines.
type Progress struct {
	io    *IO
	total int64
	start time.Time

	mu    sync.Mutex
	label string    // guarded by mu
	done  int64     // guarded by mu
	last  time.Time // guarded by mu; when the line was last written, zero if never
	width int       // guarded by mu; of the line on the screen
}

// Progress begins work of total bytes; zero or less means that nobody knows how many.
func (t *IO) Progress(label string, total int64) *Progress {
	return &Progress{io: t, label: label, total: total, start: t.Now()}
}

// Label changes the words before the numbers.
func (p *Progress) Label(label string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.label = label
	p.show()
}

// Add says that n more bytes are done.
func (p *Progress) Add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	p.show()
}

// Close takes the line off the screen.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
}

// Note writes a line above the progress.
func (p *Progress) Note(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	p.io.Note(format, args...)
}

// erase is called with mu held.
func (p *Progress) erase() {
	if p.width > 0 {
		fmt.Fprintf(p.io.Err, "\r%s\r", strings.Repeat(" ", p.width))
		p.width = 0
	}
}

// show is called with mu held.
func (p *Progress) show() {
	if !p.io.ErrTerminal || p.io.Dumb {
		return
	}
	now := p.io.Now()
	if now.Sub(p.start) < quiet || now.Sub(p.last) < every {
		return
	}
	p.last = now
	line := fit(p.line(now), p.io.Columns-1)
	width := utf8.RuneCountInString(line)
	fmt.Fprintf(p.io.Err, "\r%s%s", line, strings.Repeat(" ", max(0, p.width-width)))
	p.width = width
}

// line is called with mu held.
func (p *Progress) line(now time.Time) string {
	if p.total <= 0 {
		return fmt.Sprintf("%s  %s", p.label, Bytes(p.done))
	}
	line := fmt.Sprintf("%s  %s of %s", p.label, Bytes(p.done), Bytes(p.total))
	if left, ok := p.left(now); ok {
		line += ", " + Duration(left) + " left"
	}
	return line
}

// left estimates the time to go by the mean speed so far. It is called with mu held.
func (p *Progress) left(now time.Time) (time.Duration, bool) {
	if p.done <= 0 || p.done >= p.total {
		return 0, false
	}
	spent := now.Sub(p.start).Seconds()
	return time.Duration(spent * float64(p.total-p.done) / float64(p.done) * float64(time.Second)), true
}

// fit shortens a line from its front, where the name is, so that the numbers stay.
func fit(line string, columns int) string {
	runes := []rune(line)
	if columns < 4 || len(runes) <= columns {
		return line
	}
	return "..." + string(runes[len(runes)-columns+3:])
}

// Bytes writes a number of bytes as people say it: 999 B, 1.2 kB, 34 MB.
func Bytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	value, unit := float64(n), 0
	for value >= 999.5 && unit < 6 {
		value /= 1000
		unit++
	}
	if value < 9.95 {
		return fmt.Sprintf("%.1f %cB", value, "BkMGTPE"[unit])
	}
	return fmt.Sprintf("%.0f %cB", value, "BkMGTPE"[unit])
}

// Duration writes a length of time in its two largest units: 8 s, 3 min 20 s, 2 h 05 min.
func Duration(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", max(s, 1))
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	case s < 48*3600:
		return fmt.Sprintf("%d h %02d min", s/3600, s%3600/60)
	default:
		return fmt.Sprintf("%d days", s/(24*3600))
	}
}
