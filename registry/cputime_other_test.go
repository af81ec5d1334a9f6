//go:build !unix

package registry_test

import (
	"testing"
	"time"
)

func cpuTime(testing.TB) time.Duration { return 0 }
