package cloudformation

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestBrokenFilesAreRefusedWithTheLine(t *testing.T) {
	t.Parallel()
	chain := func() string {
		var b strings.Builder
		b.WriteString("Resources: {}\nM:\n  a0: &a0 {k0: 0}\n")
		for i := 1; i < 1000; i++ {
			fmt.Fprintf(&b, "  a%d: &a%d {<<: *a%d, k%d: 0}\n", i, i, i-1, i)
		}
		return b.String()
	}
	for _, test := range []struct {
		name, file, text string
		line             int
		cause            string
	}{
		{"empty", "t.yaml", "", 1, "the file is empty"},
		{"only a comment", "t.yaml", "# nothing\n", 1, "the file is empty"},
		{"no mapping", "t.yaml", "- a\n", 1, "a template is a set of sections"},
		{"no resources", "t.yaml", "Parameters: {}\n", 1, "there is no Resources section"},
		{"resources that are a list", "t.yaml", "Resources: [a]\n", 1, "there is no Resources section"},
		{"an indent that does not fit", "t.yaml", "Resources:\n  A:\n    Type: T\n   B: 1\n", 4, "did not find expected key"},
		{"a tab", "t.yaml", "Resources:\n\tA: 1\n", 2, "found character that cannot start any token"},
		{"an open bracket", "t.yaml", "Resources:\n  A: [1, 2\n  B: 3\n", 2, "did not find expected ',' or ']'"},
		{"an open quote", "t.yaml", "Resources: {}\nA: \"x\nB: 1\n", 2, "found unexpected end of stream"},
		{"an alias of nothing", "t.yaml", "Resources: {}\nA: *b\n", 2, "unknown anchor 'b' referenced"},
		{"two documents", "t.yaml", "Resources: {}\n---\nResources: {}\n", 2, "a second document begins"},
		{"a name twice", "t.yaml", "Resources:\n  A: {Type: T}\n  \"A\": {Type: T}\n", 3, `"A" was set before, in line 2`},
		{"a name twice, deep down", "t.yaml", "Resources:\n  A:\n    Properties:\n      P: 1\n      Q: [{x: 1, x: 2}]\n", 5, `"x" was set before, in line 5`},
		{"a name that is a list", "t.yaml", "Resources:\n  ? [a]\n  : b\n", 2, "the name of a field is a text"},
		{"a value within itself", "t.yaml", "Resources: &r\n  A: *r\n", 1, "a value contains itself"},
		{"a merge of itself", "t.yaml", "Resources: &r\n  A: &a {<<: *a}\n", 2, "a value contains itself"},
		{"a merge of a text", "t.yaml", "Resources:\n  A: {<<: x}\n", 2, "a merge key (<<) takes fields"},
		{"merges without end", "t.yaml", chain(), 450, "merge keys (<<) add more than 100000 fields"},
		{"nested too deeply", "t.yaml", "Resources: " + strings.Repeat("[", 500) + strings.Repeat("]", 500), 1, "nested deeper than 100 levels"},
		{"bytes", "t.yaml", "Resources: \x00\x01", 1, "bytes that are no text"},

		{"JSON that is cut off", "t.json", "{\n\"Resources\": {\n", 2, "the file ends too early"},
		{"JSON with a comma too many", "t.json", "{\n\"Resources\": {},\n}", 3, "invalid character '}'"},
		{"JSON with a comment", "t.json", "{\n// no\n\"Resources\": {}}", 2, "invalid character '/'"},
		{"JSON with something behind it", "t.json", "{\"Resources\": {}}\n{}", 2, "something follows the end"},
		{"JSON with a name twice", "t.json", "{\"Resources\": {\n\"A\": {},\n\"A\": {}}}", 3, `"A" was set before, in line 2`},
		{"JSON nested too deeply", "t.json", `{"Resources": ` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + "}", 1, "nested deeper than 100 levels"},
		{"JSON in a file of another name", "t.template", "{\n\"Resources\": {},\n]", 3, "invalid character ']'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d, err := parse(test.file, []byte(test.text))
			if err == nil {
				_, err = newTemplate(d)
			}
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("got %v", err)
			}
			if syntax.Line != test.line || !strings.Contains(syntax.Cause, test.cause) || syntax.File != test.file {
				t.Errorf("got %v, want line %d: %s", syntax, test.line, test.cause)
			}
		})
	}
}

func TestFormsOfOneFile(t *testing.T) {
	t.Parallel()
	const text = "Resources:\n  R:\n    Type: T\n    Properties:\n      P: |\n        one\n        two\n      Q: [a,\n        b]\n"
	for name, form := range map[string]string{
		"as it is":         text,
		"with a BOM":       "\xef\xbb\xbf" + text,
		"with CRLF":        strings.ReplaceAll(text, "\n", "\r\n"),
		"no final newline": strings.TrimSuffix(text, "\n"),
		"with a marker":    "---\n" + text,
		"with an end":      text + "...\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := parse("t.yaml", []byte(form))
			if err != nil {
				t.Fatal(err)
			}
			properties := field(field(field(d.root, "Resources"), "R"), "Properties")
			first := field(d.root, "Resources").Line
			p, q := field(properties, "P"), field(properties, "Q")
			if p.Line-first != 3 || d.lastLine(p)-first != 5 || d.lastLine(q)-first != 7 {
				t.Errorf("P stands in %d to %d, Q ends in %d, from %d", p.Line, d.lastLine(p), d.lastLine(q), first)
			}
		})
	}
}
