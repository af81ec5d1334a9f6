package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// listed is what these tests read of go list's output.
type listed struct {
	ImportPath, Name string
	DepOnly          bool
	Module           *struct {
		Path, Dir string
		Main      bool
	}
}

func goList(t *testing.T, args ...string) []listed {
	t.Helper()
	out := goCommand(t, append([]string{"list", "-json=ImportPath,Name,DepOnly,Module"}, args...)...)
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = load(t).Root
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, exit.Stderr)
		}
		t.Fatal(err)
	}
	return out
}

// A library two steps away can bring in the network as well as an import line can.
func TestVerifierLinksNoNetwork(t *testing.T) {
	for _, p := range goList(t, "-deps", "./statement", "./tlog", "./receipt", "./verify") {
		switch {
		case p.ImportPath == "net/http", p.ImportPath == "os/exec", p.ImportPath == "os/signal":
			t.Errorf("the offline verifier links %s", p.ImportPath)
		case strings.HasPrefix(p.ImportPath, "github.com/cosmos/"), strings.HasPrefix(p.ImportPath, "github.com/cometbft/"):
			t.Errorf("the offline verifier links %s: it must know no chain", p.ImportPath)
		}
	}
}

// licences are the texts we may link, by words that stand in each and in no other.
var licences = []struct{ name, words string }{
	{"Apache-2.0", "Apache License"},
	{"MPL-2.0", "Mozilla Public License"},
	{"BSD", "Redistribution and use in source and binary forms"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"ISC", "Permission to use, copy, modify, and/or distribute this software"},
	{"ISC", "Permission to use, copy, modify, and distribute this software"},
	{"CC0-1.0", "CC0 1.0 Universal"},
	{"Unlicense", "This is free and unencumbered software"},
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([.-].*)?$`)

func TestLicencesFitTogether(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range goList(t, "-deps", "-test", "./...") {
		if p.Module == nil || p.Module.Main || p.Module.Dir == "" || seen[p.Module.Path] {
			continue
		}
		seen[p.Module.Path] = true
		if licenceOf(t, p.Module.Dir) == "" {
			t.Errorf("%s has no licence that we know may be linked into an Apache-2.0 program", p.Module.Path)
		}
	}
	t.Logf("%d modules are linked into the tool or its tests", len(seen))
}

// licenceOf names the licence of the module in dir, "" if there is none or an unknown one.
func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Join(strings.Fields(string(text)), " ")
		for _, l := range licences {
			if strings.Contains(words, l.words) {
				return l.name
			}
		}
	}
	return ""
}

// Where one machine gets its modules from must not stand in what everybody clones.
func TestNoModuleProxyIsNamed(t *testing.T) {
	proxies := strings.TrimSpace(string(goCommand(t, "env", "GOPROXY")))
	for _, p := range strings.FieldsFunc(proxies, func(r rune) bool { return r == ',' || r == '|' }) {
		_, rest, isURL := strings.Cut(p, "://")
		host, _, _ := strings.Cut(rest, "/")
		if !isURL {
			continue
		}
		load(t).EachText(func(name string, data []byte) {
			if bytes.Contains(data, []byte(host)) {
				t.Errorf("%s names the module proxy %s", name, host)
			}
		})
	}
}
