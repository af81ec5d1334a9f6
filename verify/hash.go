package verify

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/wherefrom-network/wherefrom/statement"
)

// hashBuffer is how many bytes are read at a time: enough that reading costs little beside
// hashing, few enough to answer a cancel at once.
const hashBuffer = 1 << 20

// HashReader reads r to its end and returns the digest and the number of its bytes, using the same
// small memory for any length. After each piece it calls progress, which may be nil, with the
// number of bytes so far, and stops with the context's error if ctx is done.
func HashReader(ctx context.Context, r io.Reader, progress func(n int64)) (statement.Digest, int64, error) {
	h := sha256.New()
	buf := make([]byte, hashBuffer)
	for total := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return statement.Digest{}, total, fmt.Errorf("hash: stopped after %d bytes: %w", total, err)
		}
		n, err := r.Read(buf)
		h.Write(buf[:n])
		total += int64(n)
		if n > 0 && progress != nil {
			progress(total)
		}
		if err == io.EOF { // and not io.ErrUnexpectedEOF, which says that something was cut off
			return statement.Digest(h.Sum(nil)), total, nil
		}
		if err != nil {
			return statement.Digest{}, total, fmt.Errorf("hash: read after %d bytes: %w", total, err)
		}
	}
}
