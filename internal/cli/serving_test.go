package cli

import (
	"errors"
	"testing"
)

// An address that is none is wrong use; one that cannot be had is a failure.
func TestListenAddress(t *testing.T) {
	for address, code := range map[string]Code{
		"nonsense":        codeUsage,
		"127.0.0.1":       codeUsage,
		"127.0.0.1:70000": codeUsage,
		"127.0.0.1:-1":    codeUsage,
		"192.0.2.1:1":     codeListen,
	} {
		var user *UserError
		if _, err := listen(t.Context(), address); !errors.As(err, &user) || user.Code != code {
			t.Errorf("%s: %v, want %s", address, err, code)
		}
	}
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
