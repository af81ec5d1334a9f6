package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/registry/registrytest"
)

// listen serves s until stop is called, which returns what Serve did.
func listen(t *testing.T, s *Server) (url string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	stop = func() error {
		cancel()
		return <-ended
	}
	return "http://" + l.Addr().String(), stop
}

func TestServeLetsRequestsFinish(t *testing.T) {
	b := &stub{block: make(chan struct{})}
	url, stop := listen(t, newStub(t, b, Options{}))
	answered := make(chan int)
	go func() {
		resp, err := http.Post(url+"/v1/statements", jsonType, strings.NewReader(string(registrytest.Content("alice", "hello"))))
		if err != nil {
			answered <- 0
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	<-b.block
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	b.block <- struct{}{}
	if status := <-answered; status != 201 {
		t.Errorf("status %d", status)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("still serving")
	}
}

func TestServeSaysWhyItEnded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := newStub(t, &stub{}, Options{}).Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

func TestEveryTimeoutIsSet(t *testing.T) {
	h := newStub(t, &stub{}, Options{}).httpServer()
	if h.ReadHeaderTimeout == 0 || h.ReadTimeout == 0 || h.WriteTimeout == 0 || h.IdleTimeout == 0 || h.MaxHeaderBytes == 0 {
		t.Errorf("%+v", h)
	}
}

// The third connection is taken when one of the first two ends.
func TestConnectionsAreLimited(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(inner, 2)
	accepted := make(chan net.Conn)
	ended := make(chan error, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first, second := <-accepted, <-accepted
	select {
	case <-accepted:
		t.Error("a third connection was accepted")
	default:
	}
	first.Close()
	first.Close() // closing twice makes room once
	third := <-accepted
	if err := l.Close(); err != nil { // while Accept waits for room
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	second.Close()
	third.Close()
}

func TestOptionsThatMakeNoServer(t *testing.T) {
	r := newStub(t, &stub{}, Options{})
	for name, o := range map[string]Options{"nothing": {}, "no log": {Registry: r.registry}} {
		if _, err := New(o); !errors.Is(err, ErrOptions) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
