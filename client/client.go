package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Wait says how long a submission or a receipt should wait.
type Wait string

// A receipt is fast when the log has signed the tree with the statement in it, and final when the log's witnesses
// have cosigned too. Empty, it is up to the server, which waits for the final one.
const (
	Fast  Wait = "fast"
	Final Wait = "final"
)

// Options say how to talk to a server. The zero value is good.
type Options struct {
	// HTTP sends the requests; if nil, a client of its own with timeouts for connecting and for the first byte.
	HTTP *http.Client
	// Timeout bounds one attempt from the first byte sent to the last one read; 60 seconds if zero.
	Timeout time.Duration
	// Attempts is how often a request is sent in all; 4 if zero.
	Attempts int
	// MaxDelay bounds the time between two attempts, 30 seconds if zero. A server that asks for more time than
	// this is not asked again.
	MaxDelay time.Duration
	// Concurrency is how many requests may be on their way at the same time; 16 if zero. Others wait.
	Concurrency int
	// UserAgent names the program.
	UserAgent string

	pause func(ctx context.Context, d time.Duration) error // waits; tests count instead
}

func (o Options) withDefaults() Options {
	if o.HTTP == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.ResponseHeaderTimeout = 60 * time.Second
		t.MaxIdleConnsPerHost = 16
		o.HTTP = &http.Client{Transport: t}
	}
	if o.Timeout <= 0 {
		o.Timeout = 60 * time.Second
	}
	if o.Attempts <= 0 {
		o.Attempts = 4
	}
	if o.MaxDelay <= 0 {
		o.MaxDelay = 30 * time.Second
	}
	if o.Concurrency <= 0 {
		o.Concurrency = 16
	}
	if o.UserAgent == "" {
		o.UserAgent = "wherefrom"
	}
	if o.pause == nil {
		o.pause = pause
	}
	return o
}

// Client talks to one server. It is safe for concurrent use.
type Client struct {
	opts Options
	base string        // without a slash at the end
	slot chan struct{} // one for each request on its way
}

// ErrURL says that the address of a server cannot be used.
var ErrURL = errors.New("address of a server must be http://… or https://… without a query")

// New returns a client of the server at base, such as "https://log.example.org" or "http://127.0.0.1:8080/log".
func New(base string, opts Options) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("%.200q: %w", base, ErrURL)
	}
	opts = opts.withDefaults()
	return &Client{opts: opts, base: strings.TrimRight(u.String(), "/"), slot: make(chan struct{}, opts.Concurrency)}, nil
}

// URL returns the server's address.
func (c *Client) URL() string { return c.base }

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
