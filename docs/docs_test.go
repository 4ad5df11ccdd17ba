package docs_test

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/cli"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/services"
)

// The tests of this folder hold the documents to the program: links resolve, commands parse, examples load, and every
// list stands in the documents as it stands in the code.

// A page is one Markdown file of the repository.
type page struct {
	path   string // from the root
	blocks []block
	prose  []string // its lines, with those of blocks empty
}

// A block is fenced code.
type block struct {
	language string
	line     int // of its first line of code
	text     string
}

// pages reads every Markdown file, in the order of their paths.
func pages(t *testing.T) []*page {
	t.Helper()
	var found []*page
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || name == "bin"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		found = append(found, parsePage(name, string(text)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 5 {
		t.Fatalf("only %d pages were found: the tests would prove nothing", len(found))
	}
	return found
}

func parsePage(name, text string) *page {
	p := &page{path: name}
	var open *block
	for i, line := range strings.Split(text, "\n") {
		fence := strings.TrimSpace(line)
		switch {
		case open == nil && strings.HasPrefix(fence, "```"):
			open = &block{language: strings.TrimPrefix(fence, "```"), line: i + 2}
			line = ""
		case open != nil && fence == "```":
			p.blocks = append(p.blocks, *open)
			open, line = nil, ""
		case open != nil:
			open.text += line + "\n"
			line = ""
		}
		p.prose = append(p.prose, line)
	}
	return p
}

// the returns the page with a path.
func the(t *testing.T, name string) *page {
	t.Helper()
	all := pages(t)
	i := slices.IndexFunc(all, func(p *page) bool { return p.path == name })
	if i < 0 {
		t.Fatalf("there is no page %s", name)
	}
	return all[i]
}

// rows returns the cells of all table rows, code marks taken off.
func (p *page) rows() [][]string {
	var rows [][]string
	for _, line := range p.prose {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|--") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "`", "")
		}
		rows = append(rows, cells)
	}
	return rows
}

// row returns the cells of the first row that begins with a text, or nil.
func (p *page) row(first string) []string {
	for _, cells := range p.rows() {
		if cells[0] == first {
			return cells
		}
	}
	return nil
}

var codeSpan = regexp.MustCompile("`[^`]*`")

// spans yields the code spans of the prose with their lines.
func (p *page) spans(yield func(line int, text string) bool) {
	for i, line := range p.prose {
		for _, span := range codeSpan.FindAllString(line, -1) {
			if !yield(i+1, strings.Trim(span, "`")) {
				return
			}
		}
	}
}

// holdfast runs the program, with arguments that reach no account, as main
// does.
func holdfast(t *testing.T, arguments ...string) (output string, code int) {
	t.Helper()
	var out bytes.Buffer
	app := &cli.App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Env: func(string) string { return "" }, Now: func() time.Time { return time.Unix(0, 0) },
		Dir: t.TempDir(), Version: "test", Width: 80, Parts: parts(),
	}
	code = cli.Main(t.Context(), app, arguments)
	return out.String(), code
}

func parts() cli.Parts {
	return cli.Parts{
		Controls: services.Controls(), Prevention: services.Prevention(), Readers: services.Readers(), Writers: services.Writers(),
		Planners: services.Planners, Sources: services.Sources(), FixActions: services.FixActions,
	}
}

// A command is one command of the program as its help shows it.
type command struct {
	words []string // without holdfast
	flags []string // names without dashes, those of its parents included
	sub   []string
}

var (
	helpFlag = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`)
	helpSub  = regexp.MustCompile(`(?m)^  ([a-z-]+) +\S`)
)

// commands walks the help of every command.
func commands(t *testing.T) []command {
	t.Helper()
	var found []command
	for queue := [][]string{nil}; len(queue) > 0; queue = queue[1:] {
		help, code := holdfast(t, append(slices.Clone(queue[0]), "--help")...)
		if code != 0 {
			t.Fatalf("holdfast %s --help ends with %d:\n%s", strings.Join(queue[0], " "), code, help)
		}
		c := command{words: queue[0]}
		for _, m := range helpFlag.FindAllStringSubmatch(help, -1) {
			c.flags = append(c.flags, m[1])
		}
		c.sub = subcommands(help)
		for _, name := range c.sub {
			queue = append(queue, append(slices.Clone(queue[0]), name))
		}
		found = append(found, c)
	}
	return found
}

// subcommands lists the commands that a help lists, in whatever groups.
func subcommands(help string) []string {
	var names []string
	_, help, _ = strings.Cut(help, "Usage:\n")
	for _, paragraph := range strings.Split(help, "\n\n") {
		title, list, _ := strings.Cut(strings.TrimSpace(paragraph), "\n")
		if slices.Contains([]string{"Examples:", "Flags:", "Global Flags:", "Additional help topics:"}, title) || !strings.HasSuffix(title, ":") {
			continue
		}
		for _, m := range helpSub.FindAllStringSubmatch(list, -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// catalogue loads the built-in controls.
func catalogue(t *testing.T) *control.Catalogue {
	t.Helper()
	loaded, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
