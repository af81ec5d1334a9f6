// Package bad depends on everything but its input.
package bad

import (
	"crypto/rand" // want `imports crypto/rand: randomness`
	"maps"
	"math"
	randv2 "math/rand/v2" // want `imports math/rand/v2: randomness`
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"
	"unsafe" // want `imports unsafe: memory`
)

var (
	_ = rand.Reader
	_ = randv2.Int
	_ unsafe.Pointer
)

func order(m map[string]int) (keys []string) {
	for k := range m { // want `ranges over a map`
		keys = append(keys, k)
	}
	for _, v := range m { // want `ranges over a map`
		keys = append(keys, strconv.Itoa(v))
	}
	keys = append(keys, slices.Collect(maps.Keys(m))...) // want `maps.Keys gives keys or values in a random order`
	for k := range maps.All(m) {                         // want `maps.All gives keys or values in a random order`
		keys = append(keys, k)
	}
	reflect.ValueOf(m).MapKeys() // want `MapKeys has no fixed order`
	var s sync.Map
	s.Range(func(k, v any) bool { return true }) // want `Range has no fixed order`
	return keys
}

type set map[string]bool

func generic[M ~map[K]V, K comparable, V any](s set, m M) (n int) {
	for range s {
		n++
	}
	for k := range s { // want `ranges over a map`
		n += len(k)
	}
	for k := range m { // want `ranges over a map`
		_ = k
	}
	return n
}

func race(a, b chan int) int {
	go func() { a <- 1 }() // want `starts a goroutine`
	var wg sync.WaitGroup
	wg.Go(func() { b <- 2 }) // want `starts a goroutine`
	select {                 // want `select takes a random one`
	case x := <-a:
		return x
	case x := <-b:
		return x
	}
}

func clock(then time.Time) (string, time.Duration) {
	now := time.Now()                        // want `time.Now reads the clock`
	time.Sleep(1)                            // want `time.Sleep waits`
	_ = time.Unix(0, 0).String()             // want `time.Unix is in the machine's time zone`
	_ = then.In(time.Local)                  // want `time.Local is the machine's time zone`
	return now.Local().String(), time.Since(then) // want `Local depends on the machine's time zone` `time.Since reads the clock`
}

func share(part, whole int64) int64 {
	ratio := float64(part) / float64(whole) // want `float64 may round` `float64 may round`
	ratio *= 0.5                            // want `floating point may round`
	ratio += math.Sqrt(2)                   // want `math.Sqrt gives a floating-point number`
	ratio *= math.Pi                        // want `math.Pi is a floating-point number`
	return int64(ratio)
}

func machine() (string, int) {
	return os.Getenv("HOME"), runtime.NumCPU() // want `os.Getenv reads` `runtime.NumCPU differs`
}

func noReason(m map[string]int) (n int) {
	//determinism:ok // want `without a reason`
	for _, v := range m { // want `ranges over a map`
		n += v
	}
	return n //determinism:ok nothing is wrong here // want `excuses nothing`
}
