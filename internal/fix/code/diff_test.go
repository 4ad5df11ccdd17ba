package code

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

func TestADifferenceHasNoLineThatDoesNotChange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, after, want string }{
		"braces between": {
			"a {\n  x = 1\n}\nb {\n  x = 1\n}\n",
			"a {\n  x = 7\n}\nb {\n  x = 7\n}\n",
			" a {\n-  x = 1\n+  x = 7\n }\n b {\n-  x = 1\n+  x = 7\n }\n",
		},
		"lines added between": {
			"a {\n}\nb {\n  y\n}\n",
			"a {\n  x\n}\nb {\n  y\n  x\n}\n",
			" a {\n+  x\n }\n b {\n   y\n+  x\n }\n",
		},
		"no line end":         {"x = 1\n}\nx = 1", "x = 7\n}\nx = 7", ""},
		"everything":          {"a\nb\n", "c\nd\n", "-a\n-b\n+c\n+d\n"},
		"one line":            {"a\n", "b\n", "-a\n+b\n"},
		"looks like a header": {"-- a\n}\n-- a\n}\n", "-- b\n}\n-- b\n}\n", "--- a\n+-- b\n }\n--- a\n+-- b\n }\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := tightened(diff.Diff("a/f", []byte(test.before), "b/f", []byte(test.after)))
			_, lines, _ := strings.Cut(string(text), "@@\n")
			if test.want != "" && lines != test.want {
				t.Errorf("got\n%s\nwant\n%s", lines, test.want)
			}
			before, after := sides(text)
			if strings.TrimRight(before, "\n") != strings.TrimRight(test.before, "\n") || strings.TrimRight(after, "\n") != strings.TrimRight(test.after, "\n") {
				t.Errorf("it tells of %q and %q:\n%s", before, after, text)
			}
		})
	}
}

// sides are the two texts that the hunks of a difference tell of.
func sides(text []byte) (before, after string) {
	_, hunks, _ := strings.Cut(string(text), "@@\n")
	var old, changed strings.Builder
	for line := range strings.Lines(hunks) {
		if line[0] == ' ' || line[0] == '-' {
			old.WriteString(line[1:])
		}
		if line[0] == ' ' || line[0] == '+' {
			changed.WriteString(line[1:])
		}
	}
	return old.String(), changed.String()
}
