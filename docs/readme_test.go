package docs_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// moments are what differs from one run of the demo to the next.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?|\d{8}-\d{6}-[0-9a-f]{6}`)

// The first thing that a reader sees is what the program prints: each line, in
// this order.
func TestReadmeShowsWhatTheDemoPrints(t *testing.T) {
	t.Parallel()
	readme := the(t, "README.md")
	i := slices.IndexFunc(readme.blocks, func(b block) bool { return b.language == "text" })
	if i < 0 {
		t.Fatal("README.md shows no output")
	}
	output, code := holdfast(t, "demo")
	if code != 0 {
		t.Fatalf("holdfast demo ends with %d:\n%s", code, output)
	}
	printed := strings.Split(moments.ReplaceAllString(output, "…"), "\n")
	for n, line := range strings.Split(readme.blocks[i].text, "\n") {
		line = moments.ReplaceAllString(line, "…")
		if line == "" || line == "…" {
			continue
		}
		next := slices.IndexFunc(printed, func(p string) bool { return p == line || shortened(line, p) })
		if next < 0 {
			t.Fatalf("README.md:%d: the demo does not print this, or not here:\n%s", readme.blocks[i].line+n, line)
		}
		printed = printed[next+1:]
	}
}

// shortened reports whether a command stands for a longer one that is cut off
// with an ellipsis.
func shortened(line, printed string) bool {
	stem, cut := strings.CutSuffix(line, " …")
	return cut && strings.HasPrefix(line, "$ ") && strings.HasPrefix(printed, stem)
}
