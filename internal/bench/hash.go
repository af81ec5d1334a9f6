package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/wherefrom-network/wherefrom/verify"
)

const (
	hashShare  = 0.90     // of crypto/sha256's speed on one core
	hashMemory = 64 << 20 // bytes at most, for a file of any size
	hashRounds = 3        // of each, the best counts: the first one reads the file into the page cache
)

// benchHash measures how a large file is hashed, against crypto/sha256 over the same file.
func benchHash(ctx context.Context, s settings) ([]row, error) {
	dir, err := os.MkdirTemp("", "bench-hash-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "large")
	if err := writeNoise(file, int64(s.megabytes)<<20); err != nil {
		return nil, err
	}
	best := map[string]measured{}
	for range hashRounds {
		for _, name := range []string{"hash-ours", "hash-peer"} {
			m, err := inChild(ctx, 1, name, file)
			if err != nil {
				return nil, err
			}
			if best[name].CPU == 0 || m.speed() > best[name].speed() {
				best[name] = m
			}
		}
	}
	ours, peer := best["hash-ours"], best["hash-peer"]
	return []row{
		{
			what: fmt.Sprintf("hashing a file of %d MiB, one core", s.megabytes), measured: gbps(ours.speed()),
			bar: fmt.Sprintf("≥ %.0f %% of crypto/sha256", hashShare*100), kept: ours.speed() >= hashShare*peer.speed(),
			peer: "crypto/sha256, same file: " + gbps(peer.speed()), ratio: ratio(ours.speed(), peer.speed()),
		},
		{
			what: "peak memory of that process", measured: mib(ours.Peak),
			bar: fmt.Sprintf("constant (≤ %s)", mib(hashMemory)), kept: ours.Peak <= hashMemory,
			peer: mib(peer.Peak), ratio: ratio(float64(ours.Peak), float64(peer.Peak)),
		},
	}, nil
}

func gbps(bytesPerSecond float64) string { return fmt.Sprintf("%.2f GB per CPU-s", bytesPerSecond/1e9) }

func mib(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// hashOurs hashes as wherefrom verify and record do.
func hashOurs(ctx context.Context, args []string) (measured, error) {
	f, err := os.Open(args[0])
	if err != nil {
		return measured{}, err
	}
	defer f.Close()
	m := startMeter()
	_, n, err := verify.HashReader(ctx, f, func(int64) {})
	return m.stop(1, n), err
}

// hashPeer hashes as plainly as Go can.
func hashPeer(_ context.Context, args []string) (measured, error) {
	f, err := os.Open(args[0])
	if err != nil {
		return measured{}, err
	}
	defer f.Close()
	m := startMeter()
	h := sha256.New()
	n, err := io.CopyBuffer(h, io.LimitReader(f, 1<<62), make([]byte, 1<<20))
	return m.stop(1, n), err
}

// writeNoise writes n bytes that compress badly and are the same in every run.
func writeNoise(name string, n int64) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	noise := rand.NewChaCha8([32]byte{1})
	if _, err := io.CopyN(f, noise, n); err != nil {
		return err
	}
	return f.Sync()
}
