package receipt

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// notHeader says why a text does not begin with a receipt's first line. Most such files were a
// receipt until a program that meant well changed them, and the person who holds one is helped
// only if we say so.
func notHeader(text []byte) error {
	line, _, whole := bytes.Cut(text, []byte("\n"))
	switch {
	case len(text) == 0:
		return fmt.Errorf("%w: it is empty", ErrNotReceipt)
	case bytes.Equal(line, []byte(Header+"\r")):
		return fmt.Errorf("%w: its lines end in CR LF, and a receipt's end in LF", ErrMangled)
	case bytes.Contains(line, []byte(Header)):
		return fmt.Errorf("%w: its first line is %.60q", ErrMangled, line)
	case bytes.Contains(bytes.ReplaceAll(line, []byte{0}, nil), []byte(Header)):
		return fmt.Errorf("%w: it was saved in UTF-16, and a receipt is UTF-8", ErrMangled)
	case bytes.HasPrefix(line, []byte(versions)) && whole:
		return fmt.Errorf("%w: it says %.60q, and this program reads %q", ErrVersion, line, Header)
	case !whole && bytes.HasPrefix([]byte(Header), line):
		return fmt.Errorf("%w in its first line", ErrTruncated)
	}
	return fmt.Errorf("%w: %s", ErrNotReceipt, guess(text))
}

// guess says what a file that is not a receipt seems to be.
func guess(text []byte) string {
	switch trimmed := bytes.TrimSpace(text); {
	case bytes.HasPrefix(text, []byte(proofHeader)):
		return "it is a bare log proof, without the statement"
	case bytes.HasPrefix(trimmed, []byte("{")):
		return "it is JSON, perhaps a bare statement, without the log's proof"
	case bytes.HasPrefix(text, []byte("\xd2\x84")):
		return "it is a COSE receipt, which does not carry the statement"
	case !utf8.Valid(text[:min(len(text), 4096)]) || bytes.IndexByte(text, 0) >= 0:
		return "it is not text"
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return fmt.Sprintf("its first line is %.60q", line)
}

// altered reports whether a line that should be a signature seems to have lost its dash (U+2014)
// to a change of character encoding, an editor that "corrects", or a mail program.
func altered(text []byte) bool {
	for _, mark := range []string{
		"=E2=80=94", // quoted-printable
		"\x97 ",     // Windows-1252
		"â€” ",      // UTF-8 read as Windows-1252 and saved again
		"- ", "-- ", "--- ", "– ", "? ", "&mdash; ", "> ", " —",
		"—\u00a0", "—  ",
	} {
		if bytes.HasPrefix(text, []byte(mark)) {
			return true
		}
	}
	return false
}
