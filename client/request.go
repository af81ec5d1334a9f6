package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrTooLarge says that a server answered with more than the client reads.
var ErrTooLarge = errors.New("answer is larger than allowed")

// request is one call of the API, from which each attempt is made anew.
type request struct {
	method      string
	path        string // from the base on, with its query
	body        []byte
	contentType string
	limit       int64 // the largest answer that is read
	accept      []int // statuses that are answers, not errors; 200 if empty
}

// answer is what a server said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request until it is answered, or for as often as it is worth it.
func (c *Client) do(ctx context.Context, r request) (*answer, error) {
	select {
	case c.slot <- struct{}{}:
		defer func() { <-c.slot }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for attempt := 1; ; attempt++ {
		a, err := c.attempt(ctx, r)
		if err == nil || ctx.Err() != nil || attempt == c.opts.Attempts || !passing(err) {
			return a, err
		}
		delay := backoff(attempt)
		if p, ok := errors.AsType[*Problem](err); ok && p.RetryAfter > 0 {
			delay = p.RetryAfter
		}
		if delay > c.opts.MaxDelay {
			return nil, err
		}
		if perr := c.opts.pause(ctx, delay); perr != nil {
			return nil, err
		}
	}
}

// backoff is a random time that doubles with each attempt, so that many clients do not come back together.
func backoff(attempt int) time.Duration {
	most := 400 * time.Millisecond << min(attempt-1, 5)
	return most/2 + rand.N(most/2)
}

// passing reports whether trying again may help.
func passing(err error) bool {
	if p, ok := errors.AsType[*Problem](err); ok {
		switch p.Status {
		case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	return !errors.Is(err, ErrTooLarge)
}

func (c *Client) attempt(ctx context.Context, r request) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.opts.UserAgent)
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	resp, err := c.opts.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := readLimited(resp.Body, r.limit)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.method, c.base+r.path, err)
	}
	if resp.StatusCode == http.StatusOK && len(r.accept) == 0 || slices.Contains(r.accept, resp.StatusCode) {
		return &answer{resp.StatusCode, resp.Header, body}, nil
	}
	return nil, problemOf(r, c.base, resp, body)
}

func readLimited(r io.Reader, limit int64) ([]byte, error) {
	var b bytes.Buffer
	n, err := io.Copy(&b, io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return b.Bytes(), nil
}

// problemOf makes an error of an answer that is none.
func problemOf(r request, base string, resp *http.Response, body []byte) error {
	p := &Problem{}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		_ = unmarshal(body, p) // what cannot be read stays empty
	}
	p.Status, p.Request = resp.StatusCode, r.method+" "+base+r.path
	if p.Title == "" {
		p.Title = http.StatusText(resp.StatusCode)
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds >= 0 {
		p.RetryAfter = time.Duration(seconds) * time.Second
	}
	return p
}
