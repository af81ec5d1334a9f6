package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/wherefrom-network/wherefrom/internal/term"
	"github.com/wherefrom-network/wherefrom/statement"
	"github.com/wherefrom-network/wherefrom/verify"
)

// content is what reading a file to its end tells.
type content struct {
	digest statement.Digest
	size   int64
	head   []byte // its first bytes, for the media type
}

// readContent reads a source to its end in constant memory, and notices if it changes meanwhile.
func (a *app) readContent(ctx context.Context, s source, p *term.Progress) (content, error) {
	if s.info == nil {
		return hashStream(ctx, a.io.In, p)
	}
	f, err := os.Open(s.path)
	if err != nil {
		return content{}, err
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return content{}, err
	}
	if !before.Mode().IsRegular() {
		return content{}, specialFile(s.path, before)
	}
	c, err := hashStream(ctx, f, p)
	if err != nil {
		return content{}, fmt.Errorf("read %s: %w", s.path, err)
	}
	after, err := f.Stat()
	if err != nil {
		return content{}, err
	}
	if changed(before, after) || c.size != after.Size() {
		return content{}, &UserError{
			Code: codeFileChanged, Msg: s.path + " changed while it was read",
			Hint: "run the command again when nothing writes to it",
		}
	}
	return c, nil
}

func changed(before, after fs.FileInfo) bool {
	return before.Size() != after.Size() || !before.ModTime().Equal(after.ModTime())
}

// hashStream hashes r and keeps its first bytes.
func hashStream(ctx context.Context, r io.Reader, p *term.Progress) (content, error) {
	head := make([]byte, sniffLength)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return content{}, err
	}
	head = head[:n]
	var last int64
	digest, size, err := verify.HashReader(ctx, io.MultiReader(bytes.NewReader(head), r), func(n int64) {
		p.Add(n - last)
		last = n
	})
	return content{digest, size, head}, err
}

// seconds drops what a statement's time does not carry.
func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
