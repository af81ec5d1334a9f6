package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// receiptSuffix names the file of receipts that stands beside a file.
const receiptSuffix = ".receipt"

// stdinName is the argument that means standard input.
const stdinName = "-"

// source is one file that a command was asked to work on.
type source struct {
	path string
	info fs.FileInfo // nil for standard input
}

func (s source) size() int64 {
	if s.info == nil {
		return 0
	}
	return s.info.Size()
}

// sources is what the arguments of a command lead to.
type sources struct {
	files    []source
	problems []*UserError // files that were named or met, and cannot be worked on
	hidden   int          // files in folders that were left out because their names begin with a dot
	links    []string     // symbolic links in folders, which are not followed
	seen     map[string]bool
}

// findSources expands files, folders and patterns, in the order of the arguments and sorted inside folders.
// In folders it leaves out receipts, hidden files and symbolic links; what is named itself is always taken.
func findSources(cmd *cobra.Command, args []string) (*sources, error) {
	s := &sources{seen: map[string]bool{}}
	for _, arg := range args {
		if arg == stdinName {
			if len(args) > 1 {
				return nil, wrongUse(cmd, "- (standard input) stands alone")
			}
			s.files = append(s.files, source{path: stdinName})
			continue
		}
		paths, err := expand(arg)
		if err != nil {
			s.problems = append(s.problems, explain(err))
		}
		for _, path := range paths {
			s.add(path)
		}
	}
	return s, nil
}

// expand resolves a pattern that the shell has left as it is, because it was quoted or there is no shell that does.
func expand(arg string) ([]string, error) {
	if _, err := os.Lstat(arg); err == nil || !strings.ContainsAny(arg, "*?[") {
		return []string{arg}, nil
	}
	paths, err := filepath.Glob(arg)
	if err != nil {
		return nil, &UserError{Code: codeUsage, Msg: "not a pattern: " + arg, Err: err, Hint: "put a backslash before a [ that is part of the name"}
	}
	if len(paths) == 0 {
		return nil, &UserError{Code: codeFileMissing, Msg: "no file matches " + arg, Hint: "check the pattern"}
	}
	return paths, nil
}

// add takes a path that was named on the command line.
func (s *sources) add(path string) {
	info, err := os.Stat(path)
	if err != nil {
		if link, lerr := os.Readlink(path); lerr == nil {
			err = &UserError{
				Code: codeFileMissing, Msg: fmt.Sprintf("%s is a symbolic link to %s, which is not there", path, link),
				Hint: "name the file itself",
			}
		}
		s.problems = append(s.problems, explain(err))
		return
	}
	if info.IsDir() {
		s.walk(path)
		return
	}
	s.take(path, info)
}

func (s *sources) take(path string, info fs.FileInfo) {
	if clean := filepath.Clean(path); !s.seen[clean] {
		s.seen[clean] = true
		if !info.Mode().IsRegular() {
			s.problems = append(s.problems, specialFile(path, info))
			return
		}
		s.files = append(s.files, source{path, info})
	}
}

func (s *sources) walk(root string) {
	// The function never returns an error but SkipDir: what cannot be read is a problem of its own, and the rest goes on.
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			s.problems = append(s.problems, explain(err))
			return nil
		}
		if path != root && strings.HasPrefix(d.Name(), ".") {
			s.hidden++
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.IsDir() || strings.HasSuffix(path, receiptSuffix) {
			return nil
		}
		if d.Type()&fs.ModeSymlink != 0 {
			s.links = append(s.links, path)
			return nil
		}
		info, err := d.Info()
		if err != nil {
			s.problems = append(s.problems, explain(err))
			return nil
		}
		s.take(path, info)
		return nil
	})
}

func specialFile(path string, info fs.FileInfo) *UserError {
	kind := "not a regular file"
	switch mode := info.Mode(); {
	case mode&fs.ModeNamedPipe != 0:
		kind = "a pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	}
	return &UserError{
		Code: codeFileSpecial, Msg: fmt.Sprintf("%s is %s and has no bytes that stay", path, kind),
		Hint: "send its bytes to standard input: … | wherefrom record - --out NAME" + receiptSuffix,
	}
}

// total returns the number of bytes in all files.
func (s *sources) total() (sum int64) {
	for _, f := range s.files {
		sum += f.size()
	}
	return sum
}

// noteLeftOut says what was met in folders and not taken.
func (a *app) noteLeftOut(s *sources) {
	if s.hidden > 0 {
		a.io.Note("left out %s, hidden by a dot at the start; what is named is taken", count(s.hidden, "file or folder", "files and folders"))
	}
	for _, link := range s.links {
		a.io.Note("left out %s: a symbolic link; name it to take what it points to", link)
	}
}

// count puts a number before the right form of a word.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
