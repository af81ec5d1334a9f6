package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/wherefrom-network/wherefrom/internal/term"
)

// readList reads a trust list from a file, from standard input, or from the log at an address.
func (a *app) readList(ctx context.Context, path string) ([]byte, error) {
	if !strings.HasPrefix(path, "http://") && !strings.HasPrefix(path, "https://") {
		return a.readInput(path)
	}
	address, err := serverURL(path)
	if err != nil {
		return nil, err
	}
	service, err := a.connect(address)
	if err != nil {
		return nil, err
	}
	policy, err := fetchPolicy(ctx, service)
	if err != nil {
		return nil, err
	}
	return []byte(policy.String()), nil
}

// readInput reads a small file, or standard input if path is a hyphen.
func (a *app) readInput(path string) ([]byte, error) {
	if path == "-" {
		return readBounded(a.io.In, "standard input")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, &UserError{Code: codeFileSpecial, Msg: path + " is not a regular file", Hint: "give the path of a file, or - for standard input"}
	}
	return readBounded(f, path)
}

func readBounded(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(text) > maxInput {
		err = &UserError{
			Code: codeFileLarge, Msg: fmt.Sprintf("%s has more than %s", name, term.Bytes(maxInput)),
			Hint: "check that it is the file you mean",
		}
	}
	return text, err
}

// maxInput bounds what is read whole: policies, envelopes, receipts.
const maxInput = 4 << 20
