package tlog_test

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/wherefrom-network/wherefrom/tlog"
	"github.com/wherefrom-network/wherefrom/tlog/tlogtest"
)

// The examples that the C2SP documents print.

// signed-note, "Example".
func TestPublishedNote(t *testing.T) {
	key := mustKey(t, "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
	line := "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
	sig, err := base64.StdEncoding.DecodeString(line)
	if err != nil {
		t.Fatal(err)
	}
	if !key.Verify([]byte("This is an example message.\n"), sig[4:]) {
		t.Error("the published signature does not verify")
	}
	if key.Verify([]byte("This is an example message!\n"), sig[4:]) {
		t.Error("the published signature verifies another text")
	}
}

// The request that tlog-witness prints under "add-checkpoint".
const publishedRequest = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`

func TestPublishedRequest(t *testing.T) {
	a, err := tlog.ParseAddCheckpoint([]byte(publishedRequest))
	if err != nil {
		t.Fatal(err)
	}
	c, err := tlog.UnverifiedCheckpoint(a.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	if a.OldSize != 20852014 || len(a.Proof) != 4 || c.Size != 20852163 || c.Origin != "example.com/behind-the-sofa" {
		t.Errorf("read as %+v, %+v", a, c)
	}
	if string(a.Marshal()) != publishedRequest {
		t.Errorf("prints as %s", a.Marshal())
	}
}

// tlog-cosignature prints a checkpoint with a cosignature at 2023-03-20 12:32:27 UTC, without the
// key it verifies under.
func TestPublishedCosignature(t *testing.T) {
	const raw = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`
	c, err := tlog.UnverifiedCheckpoint([]byte(raw))
	if err != nil || !strings.HasPrefix(raw, c.Text()) {
		t.Fatalf("%+v, %v", c, err)
	}
	_, _, err = tlog.OpenCheckpoint([]byte(raw), tlogtest.New("example.com/behind-the-sofa").Key())
	if !errors.Is(err, tlog.ErrLogUnsigned) {
		t.Errorf("under another key: %v", err)
	}
}

// tlog-tiles, "Partial Tiles": which tiles represent trees of 70,000 and of 256 entries.
func TestPublishedTiles(t *testing.T) {
	for size, want := range map[uint64][]string{
		70000: {"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"},
		256:   {"tile/1/000.p/1"},
	} {
		r := &recording{TileReader: newSparse(5)}
		if _, err := tlog.NewProver(r, 0).Root(context.Background(), size); err != nil {
			t.Fatal(err)
		}
		slices.Sort(r.paths)
		if got := slices.Compact(r.paths); !slices.Equal(got, want) {
			t.Errorf("%d entries: reads %v, want %v", size, got, want)
		}
	}
	if got := tlog.TilePath(0, 1234067, 0); got != "tile/0/x001/x234/067" {
		t.Error(got)
	}
}

type recording struct {
	tlog.TileReader
	paths []string
}

func (r *recording) ReadTile(ctx context.Context, level, index uint64, partial uint8) ([]byte, error) {
	r.paths = append(r.paths, tlog.TilePath(level, index, partial))
	return r.TileReader.ReadTile(ctx, level, index, partial)
}
