package server

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/wherefrom-network/wherefrom/statement"
)

// chunk is some lines of a batch, with memory of their own, so that one can be verified while the next is read.
type chunk struct {
	lines []line
	block []byte // the lines' bytes; when it is full another takes its place, and the lines keep the old one
	panic error  // if verifying them found a bug
}

// blockSize is how much memory for lines is taken at once.
const blockSize = 128 << 10

// keep copies a line's bytes to where they stay.
func (c *chunk) keep(b []byte) []byte {
	if cap(c.block)-len(c.block) < len(b) {
		c.block = make([]byte, 0, max(blockSize, len(b)))
	}
	start := len(c.block)
	c.block = append(c.block, b...)
	return c.block[start:len(c.block):len(c.block)]
}

// lineReader splits a body into lines. A line ends in LF or CRLF, which is not part of it. Blank lines are counted
// but not answered.
type lineReader struct {
	in    *bufio.Reader
	next  int // number of the next line
	count int // lines that are not blank
	long  []byte
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(r, 64<<10)}
}

// chunk returns the next lines, nil at the end.
func (r *lineReader) chunk() (*chunk, error) {
	c := &chunk{lines: make([]line, 0, chunkLines)}
	for len(c.lines) < chunkLines {
		text, tooLong, err := r.line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, bodyError(err)
		}
		l := line{number: r.next}
		r.next++
		if len(text) == 0 && !tooLong {
			continue
		}
		if r.count++; r.count > maxBatchLines {
			return nil, problemTooLarge.with("the batch has more than %d lines", maxBatchLines)
		}
		if tooLong {
			l.refused = fmt.Errorf("%w: more than %d bytes", statement.ErrTooLarge, maxEnvelope)
		} else {
			l.raw = c.keep(text)
		}
		c.lines = append(c.lines, l)
	}
	if len(c.lines) == 0 {
		return nil, nil
	}
	return c, nil
}

// line returns the next line without its end; it is good until the next call. Of one that is longer than an envelope
// may be, nothing is kept.
func (r *lineReader) line() (text []byte, tooLong bool, err error) {
	r.long = r.long[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		switch {
		case err == nil && len(r.long) == 0 && !tooLong:
			return trimEnd(part), len(part) > maxEnvelope+2, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull) && err != io.EOF:
			return nil, false, err
		case err == io.EOF && len(part) == 0 && len(r.long) == 0 && !tooLong:
			return nil, false, io.EOF
		}
		if !tooLong {
			r.long = append(slices.Grow(r.long, len(part)), part...)
			tooLong = len(r.long) > maxEnvelope+2
		}
		if err == nil || err == io.EOF {
			return trimEnd(r.long), tooLong, nil
		}
	}
}

func trimEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}
