package docs_test

import (
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// A call is one simple command in an sh block.
type call struct {
	page  *page
	line  int
	words []string
}

func (c *call) String() string { return strings.Join(c.words, " ") }

// calls lists the simple commands of all sh blocks.
func calls(t *testing.T) []call {
	t.Helper()
	var found []call
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.language != "sh" {
				continue
			}
			script, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(b.text), "")
			if err != nil {
				t.Errorf("%s:%d: this is no shell script: %v", p.path, b.line, err)
				continue
			}
			syntax.Walk(script, func(node syntax.Node) bool {
				simple, ok := node.(*syntax.CallExpr)
				if !ok || len(simple.Args) == 0 {
					return true
				}
				c := call{page: p, line: b.line + int(simple.Pos().Line()) - 1}
				for _, word := range simple.Args {
					text, err := expand.Literal(&expand.Config{CmdSubst: nothing}, word)
					if err != nil {
						t.Errorf("%s:%d: %v", p.path, c.line, err)
					}
					c.words = append(c.words, text)
				}
				found = append(found, c)
				return true
			})
		}
	}
	return found
}

// nothing is what a command substitution comes to.
func nothing(io.Writer, *syntax.CmdSubst) error { return nil }

// Every command line in the documents is one that the program takes.
func TestCommandLinesParse(t *testing.T) {
	t.Parallel()
	known := commands(t)
	checked := 0
	for _, c := range calls(t) {
		arguments := c.words[1:]
		switch {
		case c.words[0] == "go" && len(c.words) > 3 && c.words[1] == "run" && c.words[2] == "./cmd/holdfast":
			arguments = c.words[3:]
		case !strings.HasSuffix(c.words[0], "holdfast"):
			continue
		}
		checked++
		output, code := holdfast(t, append(slices.Clone(arguments), "--help")...)
		if code != 0 {
			t.Errorf("%s:%d: %s\n%s", c.page.path, c.line, &c, output)
			continue
		}
		if word := unknownWord(known, arguments); word != "" {
			t.Errorf("%s:%d: %s: there is no command %q", c.page.path, c.line, &c, word)
		}
	}
	if checked < 20 {
		t.Errorf("only %d command lines were found", checked)
	}
}

// unknownWord returns the first word that stands in the place of a command and
// is none; "" when all are.
func unknownWord(known []command, arguments []string) string {
	here := known[0]
	for _, word := range arguments {
		if len(here.sub) == 0 || strings.HasPrefix(word, "-") {
			return ""
		}
		if !slices.Contains(here.sub, word) {
			return word
		}
		path := append(slices.Clone(here.words), word)
		here = known[slices.IndexFunc(known, func(c command) bool { return slices.Equal(c.words, path) })]
	}
	return ""
}

// Every flag and every command that the prose names exists.
func TestNamedFlagsAndCommandsExist(t *testing.T) {
	t.Parallel()
	known := commands(t)
	var flags []string
	for _, c := range known {
		flags = append(flags, c.flags...)
	}
	flags = append(flags, "endpoint-url") // the AWS CLI's
	flag := regexp.MustCompile(`(?:^|\s)--([a-z][a-z-]*)`)
	for _, p := range pages(t) {
		for line, span := range p.spans {
			if program, _, _ := strings.Cut(span, " "); slices.Contains([]string{"aws", "bash", "go"}, program) {
				continue
			}
			for _, m := range flag.FindAllStringSubmatch(span, -1) {
				if !slices.Contains(flags, m[1]) {
					t.Errorf("%s:%d: no command has a flag --%s", p.path, line, m[1])
				}
			}
			rest, ok := strings.CutPrefix(span, "holdfast ")
			if !ok || strings.Contains(span, "COMMAND") {
				continue
			}
			for _, arguments := range alternatives(strings.Fields(rest)) {
				if word := unknownWord(known, arguments); word != "" {
					t.Errorf("%s:%d: %s: there is no command %q", p.path, line, span, word)
				}
			}
		}
	}
}

// alternatives writes "fix plan|apply" out as "fix plan" and "fix apply".
func alternatives(words []string) [][]string {
	written := [][]string{nil}
	for _, word := range words {
		var longer [][]string
		for _, before := range written {
			for _, one := range strings.Split(word, "|") {
				longer = append(longer, append(slices.Clone(before), one))
			}
		}
		written = longer
	}
	return written
}

// Every make target in the documents exists.
func TestMakeTargetsExist(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls(t) {
		if c.words[0] != "make" {
			continue
		}
		for _, target := range c.words[1:] {
			if !strings.Contains(target, "=") && !strings.Contains(string(makefile), "\n"+target+":") {
				t.Errorf("%s:%d: make has no target %s", c.page.path, c.line, target)
			}
		}
	}
}
