package main

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocs runs every ```console block of the README and of docs/, so that what they show is what happens.
//
// A line that begins with "$ " is run by sh; the lines below it are what it prints, and … stands for anything: part of
// a line, or any number of lines. The blocks of one file run one after another in one directory, in which photo.jpg
// lies, with a home of its own. If the file has told the reader to run `make up`, that runs meanwhile. A command whose
// line ends in " &" goes on running, and is ready when it has printed the lines below it.
func TestDocs(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(files, filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if steps := stepsOf(string(text)); len(steps) > 0 {
			t.Run(filepath.Base(path), func(t *testing.T) { newReader(t, string(text)).follow(steps) })
		}
	}
}

// step is one command of a document, and what it says that it prints.
type step struct{ command, want string }

var fence = regexp.MustCompile("(?ms)^```console\n(.*?)^```")

func stepsOf(text string) (steps []step) {
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		for _, line := range strings.SplitAfter(block[1], "\n") {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				steps = append(steps, step{command: strings.TrimSpace(command)})
			} else if len(steps) > 0 {
				steps[len(steps)-1].want += line
			}
		}
	}
	return steps
}

// reader does what a document says.
type reader struct {
	*testing.T
	dir string
}

func newReader(t *testing.T, document string) *reader {
	r := &reader{t, t.TempDir()}
	tool, err := exec.LookPath("wherefrom")
	if err != nil {
		t.Fatal(err)
	}
	r.put("photo.jpg", photo(t))
	if err := os.MkdirAll(filepath.Join(r.dir, "bin"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(tool, filepath.Join(r.dir, "bin", "wherefrom")); err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?m)^make up\b`).MatchString(document) {
		r.background("wherefrom up --listen 127.0.0.1:0", regexp.MustCompile("now try it with a file of yours"))
	}
	return r
}

func (r *reader) put(name string, data []byte) {
	if err := os.WriteFile(filepath.Join(r.dir, name), data, 0o666); err != nil {
		r.Fatal(err)
	}
}

// photo is a small JPEG file.
func photo(t *testing.T) []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 16, 16)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (r *reader) command(line string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "WHEREFROM_HOME="+filepath.Join(r.dir, "home"), "NO_COLOR=1")
	return cmd
}

// background starts a command that goes on, and waits until it has said something.
func (r *reader) background(line string, ready *regexp.Regexp) {
	p, err := run(r.command("exec " + line))
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = p.end(os.Interrupt) })
	if m, said := p.said.wait(ready); m == nil {
		r.Fatalf("%s ended:\n%s", line, said)
	}
}

func (r *reader) follow(steps []step) {
	for _, s := range steps {
		if line, ok := strings.CutSuffix(s.command, " &"); ok {
			r.background(line, pattern(s.want, ""))
			continue
		}
		cmd := r.command(s.command)
		var out bytes.Buffer
		all := newSpoken()
		cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, all), all
		err := cmd.Run()
		said := all.text.String()
		if s.want == "" && err != nil {
			r.Errorf("$ %s\n%s%v", s.command, said, err)
		}
		// What goes to standard error may be shown or left out.
		want := pattern(s.want, `\z`)
		if s.want != "" && !want.MatchString(out.String()) && !want.MatchString(said) {
			r.Errorf("$ %s\ngot:\n%s\nwant:\n%s", s.command, said, s.want)
		}
	}
}

// pattern makes a regular expression of what a document shows.
func pattern(want, end string) *regexp.Regexp {
	var re strings.Builder
	re.WriteString(`\A`)
	for _, line := range strings.SplitAfter(want, "\n") {
		if strings.TrimSpace(line) == "…" {
			re.WriteString(`(?:.*\n)*?`)
			continue
		}
		re.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"))
	}
	return regexp.MustCompile(re.String() + end)
}

func TestWhatDocumentsShow(t *testing.T) {
	for _, tt := range []struct {
		want, got string
		ok        bool
	}{
		{"a\n", "a\n", true},
		{"a\n", "a\nb\n", false},
		{"a …\n", "a 12\n", true},
		{"a\n…\nd\n", "a\nb\nc\nd\n", true},
		{"a\n…\n", "a\n", true},
		{"a.c\n", "abc\n", false},
	} {
		if got := pattern(tt.want, `\z`).MatchString(tt.got); got != tt.ok {
			t.Errorf("%q and %q: %v", tt.want, tt.got, got)
		}
	}
}
