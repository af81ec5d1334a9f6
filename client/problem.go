package client

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/go-json-experiment/json"
)

// Problem is an error that a server answered with (RFC 9457). A 404 is also [fs.ErrNotExist].
type Problem struct {
	Type   string `json:"type,omitzero"`
	Title  string `json:"title,omitzero"`  // what is wrong, in a few words
	Status int    `json:"status,omitzero"` // of HTTP
	Code   string `json:"code,omitzero"`   // stable name for programs, such as "busy"; empty if no server of ours answered
	Detail string `json:"detail,omitzero"` // what is wrong with this request
	Hint   string `json:"hint,omitzero"`   // what to do next

	Request    string        `json:"-"` // the request that failed
	RetryAfter time.Duration `json:"-"` // when to come back, if the server said so
}

// Error says what the server said.
func (p *Problem) Error() string {
	text := p.Title
	if p.Detail != "" {
		text = p.Detail
	}
	return fmt.Sprintf("%s: server answered %d: %s", p.Request, p.Status, text)
}

// Is makes errors.Is(err, fs.ErrNotExist) true for a 404.
func (p *Problem) Is(target error) bool { return target == fs.ErrNotExist && p.Status == 404 }

// ErrAnswer says that a server answered with something that is not in the API.
var ErrAnswer = errors.New("server gave an answer that is none")

func unmarshal(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return nil
}
