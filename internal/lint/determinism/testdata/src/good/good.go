// Package good depends on its input alone.
package good

import (
	"crypto/rand" //determinism:ok only keys are made with it, and consensus makes none
	"maps"
	"slices"
	"time"
)

// Key makes a key.
func Key() (k [32]byte) {
	rand.Read(k[:])
	return k
}

func sum(m map[string]int, now time.Time) (n int, text string) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		n += m[k]
	}
	for range m {
		n++
	}
	for _, v := range m { //determinism:ok a sum is the same in any order
		n += v
	}
	//determinism:ok a sum is the same in any order
	for _, v := range m {
		n += v
	}
	return n / 2, now.UTC().String() + time.Unix(1e9, 0).UTC().String()
}

// each calls do with every value.
//
//determinism:ok callers sort what they collect
func each(m map[string]int, do func(int)) {
	for _, v := range m {
		do(v)
	}
	for k := range m {
		do(m[k])
	}
}

func one(c chan int) int {
	select {
	case x := <-c:
		return x
	}
}
