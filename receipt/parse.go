package receipt

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"

	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/tlog"
)

const (
	versions       = "wherefrom.network/receipt/" // how the first line of any version begins
	logField       = "log "
	statementField = "statement "
	proofHeader    = "c2sp.org/tlog-proof@v1\n"
	signatureMark  = "— " // begins each signature line (signed-note)
)

// Parse reads a file of one or more receipts. It is strict: what it accepts, [Marshal] gives back
// byte for byte. It checks the form only; nothing in the result is verified.
func Parse(text []byte) ([]*Receipt, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("%w: %d bytes, and %d are allowed", ErrTooLarge, len(text), MaxFile)
	}
	var receipts []*Receipt
	for p := (parser{rest: text}); ; {
		if len(receipts) == MaxReceipts {
			return nil, fmt.Errorf("%w: more than %d receipts in one file", ErrTooLarge, MaxReceipts)
		}
		r, err := p.receipt()
		if err != nil {
			return nil, fmt.Errorf("receipt %d: %w", len(receipts)+1, err)
		}
		receipts = append(receipts, r)
		if len(p.rest) == 0 {
			return receipts, nil
		}
		if err := p.separator(); err != nil {
			return nil, fmt.Errorf("after receipt %d: %w", len(receipts), err)
		}
	}
}

// parser holds what is still to be read.
type parser struct{ rest []byte }

func (p *parser) receipt() (*Receipt, error) {
	if err := p.header(); err != nil {
		return nil, err
	}
	r := new(Receipt)
	var err error
	if bytes.HasPrefix(p.rest, []byte(logField)) {
		if r.Log, err = p.log(); err != nil {
			return nil, err
		}
	}
	if r.Envelope, err = p.statement(); err != nil {
		return nil, err
	}
	proof, err := p.proof()
	if err != nil {
		return nil, err
	}
	r.Proof = *proof
	return r, nil
}

// line takes the next line, without its newline.
func (p *parser) line() (string, error) {
	line, rest, ok := bytes.Cut(p.rest, []byte("\n"))
	if !ok {
		return "", fmt.Errorf("%w in the line %.60q", ErrTruncated, p.rest)
	}
	p.rest = rest
	return string(line), nil
}

func (p *parser) header() error {
	if rest, ok := bytes.CutPrefix(p.rest, []byte(Header+"\n")); ok {
		p.rest = rest
		return nil
	}
	return notHeader(p.rest)
}

func (p *parser) log() (tlog.Key, error) {
	line, err := p.line()
	if err != nil {
		return tlog.Key{}, err
	}
	vkey := line[len(logField):]
	key, err := tlog.ParseKey(vkey)
	switch {
	case err != nil:
		return tlog.Key{}, fmt.Errorf("log line: %w: %w", ErrField, err)
	case key.Alg() != tlog.AlgEd25519:
		return tlog.Key{}, fmt.Errorf("log line: %w: a key of type 0x%02x is no log's", ErrField, byte(key.Alg()))
	case key.String() != vkey:
		return tlog.Key{}, fmt.Errorf("log line: %w: key is not in canonical form", ErrField)
	}
	return key, nil
}

// statement takes the line that gives the envelope's length, and the envelope.
func (p *parser) statement() ([]byte, error) {
	line, err := p.line()
	if err != nil {
		return nil, err
	}
	digits, ok := bytes.CutPrefix([]byte(line), []byte(statementField))
	n, err := strconv.Atoi(string(digits))
	if !ok || err != nil || n < 1 || strconv.Itoa(n) != string(digits) {
		return nil, fmt.Errorf("%w: %.60q is not \"statement LENGTH\"", ErrField, line)
	}
	if n > statement.MaxEnvelope {
		return nil, fmt.Errorf("%w: statement of %d bytes, and %d are allowed", ErrTooLarge, n, statement.MaxEnvelope)
	}
	end := append([]byte("\n"), proofHeader...)
	if len(p.rest) > n && bytes.HasPrefix(p.rest[n:], end) {
		envelope := bytes.Clone(p.rest[:n])
		p.rest = p.rest[n+1:]
		return envelope, nil
	}
	if m := bytes.Index(p.rest, end); m >= 0 {
		return nil, fmt.Errorf("%w: it says %d bytes, but %d stand before the proof", ErrLength, n, m)
	}
	if len(p.rest) < n+len(end) {
		return nil, fmt.Errorf("%w: the statement should have %d bytes, and only %d follow", ErrTruncated, n, len(p.rest))
	}
	return nil, fmt.Errorf("%w: no line %q after the statement's %d bytes", ErrProof, proofHeader[:len(proofHeader)-1], n)
}

// proof takes everything up to the last signature line of the checkpoint.
func (p *parser) proof() (*tlog.Proof, error) {
	n, err := proofLength(p.rest)
	if err != nil {
		return nil, err
	}
	proof, err := tlog.ParseProof(p.rest[:n])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProof, err)
	}
	if !canonicalSignatures(proof.Checkpoint) {
		return nil, fmt.Errorf("%w: a signature is not in canonical base64", ErrProof)
	}
	if proof.Extra != nil {
		return nil, fmt.Errorf("%w: it has an extra line, which a receipt does not", ErrProof)
	}
	p.rest = p.rest[n:]
	return proof, nil
}

// proofLength returns how many bytes of text the proof at its beginning takes. Neither the hashes
// nor a checkpoint's text has an empty line in it, so the second one begins the signatures.
func proofLength(text []byte) (int, error) {
	n := 0
	for _, part := range []string{"the proof's hashes", "the checkpoint"} {
		i := bytes.Index(text[n:], []byte("\n\n"))
		if i < 0 {
			return 0, fmt.Errorf("%w in or after %s", ErrTruncated, part)
		}
		n += i + 2
	}
	signatures := n
	for bytes.HasPrefix(text[n:], []byte(signatureMark)) {
		i := bytes.IndexByte(text[n:], '\n')
		if i < 0 {
			return 0, fmt.Errorf("%w in a signature", ErrTruncated)
		}
		n += i + 1
	}
	if n < len(text) && text[n] != '\n' {
		if altered(text[n:]) {
			return 0, fmt.Errorf("%w: the dash before a signature was replaced by other characters", ErrMangled)
		}
		if n > signatures {
			return n, nil // Parse says that something follows
		}
	}
	switch {
	case n > signatures:
		return n, nil
	case n == len(text):
		return 0, fmt.Errorf("%w before the checkpoint's signatures", ErrTruncated)
	}
	return 0, fmt.Errorf("%w: no signature follows the checkpoint", ErrProof)
}

// canonicalSignatures reports whether each signature line has the one base64 form of its bytes.
// signed-note leaves that open, and then a receipt could be changed without changing what it says.
func canonicalSignatures(checkpoint []byte) bool {
	_, lines, _ := bytes.Cut(checkpoint, []byte("\n\n"))
	for line := range bytes.Lines(lines) {
		signature := bytes.TrimSuffix(line[bytes.LastIndexByte(line, ' ')+1:], []byte("\n"))
		if _, err := base64.StdEncoding.Strict().AppendDecode(nil, signature); err != nil {
			return false
		}
	}
	return true
}

// separator takes the empty line between two receipts.
func (p *parser) separator() error {
	rest, ok := bytes.CutPrefix(p.rest, []byte("\n"))
	switch {
	case !ok:
		return fmt.Errorf("%w: %.40q", ErrTrailing, p.rest)
	case len(rest) == 0:
		return fmt.Errorf("%w: an empty line", ErrTrailing)
	case !bytes.HasPrefix(rest, []byte(versions)) && !bytes.HasPrefix([]byte(versions), rest):
		return fmt.Errorf("%w: %.40q", ErrTrailing, rest)
	}
	p.rest = rest
	return nil
}
