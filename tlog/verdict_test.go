package tlog_test

import (
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

func TestMetSaysWhetherTheseWitnessesAreEnough(t *testing.T) {
	log := tlogtest.New("example.org/log")
	two := log.Policy(2, "a", "b", "c")
	switch {
	case two.Met():
		t.Error("two are asked for, and nobody is enough")
	case two.Met("w1", "unknown"):
		t.Error("one known witness is enough")
	case !two.Met("w3", "w1"):
		t.Error("two are not enough")
	case !log.Policy(0).Met():
		t.Error("a policy that asks for none asks for some")
	}
}
