package cli

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wherefrom-network/wherefrom/client"
	"github.com/wherefrom-network/wherefrom/internal/term"
)

// patient returns a recorder whose waiting takes no time, and what it says and how long it would have waited.
func patient(most time.Duration) (r *recorder, said *bytes.Buffer, waited *time.Duration) {
	said, waited = new(bytes.Buffer), new(time.Duration)
	a := &app{
		io:  &term.IO{Out: new(bytes.Buffer), Err: said, Now: time.Now},
		now: func() time.Time { return noon.Add(*waited) },
		pause: func(ctx context.Context, d time.Duration) error {
			*waited += d
			return ctx.Err()
		},
	}
	r = &recorder{a: a, options: recordOptions{retry: most}, progress: a.io.Progress("", 0)}
	return r, said, waited
}

var (
	errBusy     = &client.Problem{Status: 503, Code: "busy", Title: "the log is busy", RetryAfter: 7 * time.Second}
	errNotFinal = &client.Problem{Status: 503, Code: "not-final", Title: "witnesses have not cosigned yet"}
	errRefused  = &client.Problem{Status: 422, Code: "signature"}
	errGone     = &url.Error{Op: "Post", Err: syscall.ECONNREFUSED}
)

func TestABusyLogIsAskedAgainAfterItsOwnTimeAndWithWords(t *testing.T) {
	r, said, waited := patient(time.Minute)
	answers := []error{errBusy, errGone, nil}
	err := r.insist(t.Context(), func() error {
		err := answers[0]
		answers = answers[1:]
		return err
	})
	if err != nil || len(answers) != 0 || *waited != 12*time.Second {
		t.Errorf("err %v, %d answers left, waited %v", err, len(answers), *waited)
	}
	for _, words := range []string{"the log says: the log is busy; trying again in 7 s", "the log cannot be reached; trying again in 5 s", "nothing is lost"} {
		if !strings.Contains(said.String(), words) {
			t.Errorf("did not say %q:\n%s", words, said)
		}
	}
}

func TestPatienceEnds(t *testing.T) {
	r, _, waited := patient(20 * time.Second)
	err := r.insist(t.Context(), func() error { return errBusy })
	if !errors.Is(err, errBusy) || *waited != 14*time.Second {
		t.Errorf("err %v, waited %v", err, *waited)
	}
}

func TestTheTimeOfRequestsCounts(t *testing.T) {
	r, said, waited := patient(time.Minute)
	r.witnesses = []string{"w1", "w2"}
	calls := 0
	err := r.insist(t.Context(), func() error {
		calls++
		*waited += 20 * time.Second // as long as a server waits for its witnesses
		return errNotFinal
	})
	if !errors.Is(err, errNotFinal) || calls != 3 {
		t.Errorf("err %v after %d calls", err, calls)
	}
	if words := "recorded, but too few of the log's witnesses (w1, w2) have cosigned yet; trying again in 1 s"; !strings.Contains(said.String(), words) {
		t.Errorf("did not say %q:\n%s", words, said)
	}
}

func TestALogOutOfReachIsAskedOnceMoreAtTheEnd(t *testing.T) {
	r, _, waited := patient(2 * time.Second)
	calls := 0
	err := r.insist(t.Context(), func() error { calls++; return errGone })
	if !errors.Is(err, syscall.ECONNREFUSED) || calls != 2 || *waited != 2*time.Second {
		t.Errorf("err %v after %d calls and %v", err, calls, *waited)
	}
}

func TestARefusalIsNotAskedAgain(t *testing.T) {
	r, said, _ := patient(time.Hour)
	if err := r.insist(t.Context(), func() error { return errRefused }); !errors.Is(err, errRefused) {
		t.Errorf("err %v", err)
	}
	if said.Len() > 0 {
		t.Errorf("said %s", said)
	}
}

func TestCtrlCEndsTheWaiting(t *testing.T) {
	r, _, _ := patient(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err := r.insist(ctx, func() error {
		calls++
		cancel()
		return errBusy
	})
	if err == nil || calls != 1 {
		t.Errorf("err %v after %d calls", err, calls)
	}
	if err := pause(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("pause: %v", err)
	}
}

func TestOnlyALateLogIsAskedForWhatItHas(t *testing.T) {
	for err, want := range map[error]bool{
		errNotFinal: true, &client.Problem{Status: 504, Code: "timeout"}: true, errBusy: false, errRefused: false, errGone: false,
	} {
		if late(err) != want {
			t.Errorf("late(%v) is not %v", err, want)
		}
	}
}
