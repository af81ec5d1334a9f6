package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wherefrom-network/wherefrom/internal/home"
	"github.com/wherefrom-network/wherefrom/internal/keystore"
	"github.com/wherefrom-network/wherefrom/tlog"
)

// whole makes a directory with make, all of it or nothing: beside its place, and then moved there.
func (u *upNetwork) whole(dir string, make func(dir string) error) error {
	if exists(dir) {
		return nil
	}
	if err := os.MkdirAll(u.options.dir, 0o700); err != nil {
		return err
	}
	temp := filepath.Join(u.options.dir, ".new-"+strings.ToLower(rand.Text()))
	if err := make(temp); err != nil {
		return errors.Join(err, os.RemoveAll(temp))
	}
	return os.Rename(temp, dir)
}

// randomOrigin names a log on this machine as no other log is named.
func randomOrigin() tlog.Origin {
	return tlog.Origin("localhost/" + strings.ToLower(rand.Text()[:10]))
}

// upState remembers under which names `up` has entered the user's home, so that it renews its own entries and
// never touches others.
type upState struct {
	Schema string `json:"schema"`
	Key    string `json:"key"`
	Name   string `json:"name"` // of context and trust list
}

const upSchema = "wherefrom.network/up/v1"

func (u *upNetwork) statePath() string { return filepath.Join(u.options.dir, "up.json") }

func (u *upNetwork) readState() (upState, error) {
	s := upState{Schema: upSchema}
	raw, err := os.ReadFile(u.statePath())
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &s)
	}
	if err != nil {
		return s, fmt.Errorf("%s: %w: %w", u.statePath(), home.ErrDamaged, err)
	}
	return s, nil
}

// settle enters the network into the user's home and shows what it does.
func (u *upNetwork) settle(ctx context.Context, cmd *cobra.Command, address string) error {
	state, err := u.readState()
	if err != nil {
		return err
	}
	if err := u.enter(&state, address); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	if err := home.WriteFile(u.statePath(), append(raw, '\n'), 0o600); err != nil {
		return err
	}
	u.tell(state)
	cmd.SetContext(ctx)
	return u.demonstrate(cmd, state)
}

// enter makes key, trust list and context, under names that are free.
func (u *upNetwork) enter(state *upState, address string) error {
	if err := u.enterKey(state); err != nil {
		return err
	}
	contexts, err := u.a.home.Contexts()
	if err != nil {
		return err
	}
	trust := u.a.home.Trust()
	if state.Name == "" {
		state.Name = freeName("local", func(name string) bool {
			_, taken := contexts.Named[name]
			return taken || exists(trust.Path(name))
		})
	}
	if err := trust.Set(state.Name, []byte(u.node.log.Policy().String())); err != nil {
		return err
	}
	return contexts.Set(state.Name, home.Context{Log: address, Key: state.Key, Trust: []string{state.Name}})
}

func (u *upNetwork) enterKey(state *upState) error {
	keys := u.a.keys()
	if state.Key != "" {
		if _, err := keys.Show(state.Key); err == nil || !errors.Is(err, keystore.ErrNotFound) {
			return err
		}
	}
	state.Key = freeName("demo", func(name string) bool { return exists(keys.Path(name)) })
	_, err := keys.Create(keystore.NewKey{Name: state.Key, Created: u.a.now()})
	return err
}

// freeName returns a name that is not taken: name, name-2, name-3 …
func freeName(name string, taken func(string) bool) string {
	for i := 2; ; i++ {
		if !taken(name) {
			return name
		}
		name = fmt.Sprintf("%s-%d", strings.TrimSuffix(name, fmt.Sprintf("-%d", i-1)), i)
	}
}

func (u *upNetwork) tell(state upState) {
	note := u.a.io.Note
	note("log       %s, in %s", u.node.log.Origin(), u.options.dir)
	note("witness   on this machine too: it shows how witnessing works and protects nobody")
	note("key       %s, without a passphrase: for trying only", state.Key)
	contexts, err := u.a.home.Contexts()
	if err == nil && contexts.Current != state.Name {
		note("context   %s; use it: wherefrom context use %s", state.Name, state.Name)
	} else {
		note("context   %s, in use", state.Name)
	}
}

// demonstrate records and verifies a picture that it draws.
func (u *upNetwork) demonstrate(cmd *cobra.Command, state upState) error {
	path := filepath.Join(u.options.dir, "demo", "sunrise.png")
	if !exists(path) {
		picture, err := drawSunrise()
		if err != nil {
			return err
		}
		if err := home.WriteFile(path, picture, 0o644); err != nil {
			return err
		}
	}
	a := *u.a
	a.contextName = state.Name
	quiet := *u.a.io
	quiet.Out = u.a.io.Err
	quiet.OutTerminal = u.a.io.ErrTerminal
	a.io = &quiet
	a.io.Note("")
	a.io.Note("$ wherefrom record %s", quoteShell(path))
	err := a.record(cmd, []string{path}, recordOptions{wait: "final"}, fields{
		as: asContent, title: "Sunrise, drawn by wherefrom up", sourceTypeURI: sourceTypePrefix + "algorithmicMedia",
	})
	if err != nil {
		return err
	}
	a.io.Note("")
	a.io.Note("$ wherefrom verify %s", quoteShell(path))
	if err := a.verify(cmd, []string{path}, verifyOptions{}); err != nil {
		return err
	}
	u.a.io.Note("")
	u.a.io.Note("now try it with a file of yours, in another terminal: wherefrom record FILE; Ctrl-C here stops the network")
	return nil
}

// drawSunrise draws the demonstration picture, always the same.
func drawSunrise() ([]byte, error) {
	const width, height, sea = 320, 200, 130
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{uint8(250 - y/2), uint8(120 + y/2), uint8(90 + y), 255}
			if dx, dy := x-width/2, y-sea; dx*dx+dy*dy < 45*45 {
				c = color.RGBA{255, 220, 90, 255}
			}
			if y >= sea {
				c = color.RGBA{20, uint8(60 + (y-sea)/2), uint8(110 + (x+3*y)%23), 255}
			}
			img.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
