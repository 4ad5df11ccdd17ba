package html_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	stdhtml "html"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/html"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func format(b *bytes.Buffer) finding.Handler {
	return html.New(report.Options{Now: reporttest.Now()}, b)
}

func streams() map[string]func(finding.Handler) error {
	return map[string]func(finding.Handler) error{
		"rich.html": reporttest.Rich, "empty.html": reporttest.Empty, "dark.html": reporttest.Dark, "passing.html": reporttest.Passing,
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, stream := range streams() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name, reporttest.Write(t, stream, format))
		})
	}
}

// elements parses a page and fails unless every element is closed in order.
func elements(t *testing.T, page []byte) []xml.StartElement {
	t.Helper()
	// The style and the script are not markup.
	page = regexp.MustCompile(`(?s)(<style>|<script>).*?(</style>|</script>)`).ReplaceAll(page, nil)
	page = bytes.ReplaceAll(page, []byte(" hidden>"), []byte(` hidden="">`))
	page = bytes.ReplaceAll(page, []byte("<!DOCTYPE html>"), nil)
	page = regexp.MustCompile(`<(meta|input)( [^>]*)>`).ReplaceAll(page, []byte("<$1$2/>"))
	decoder := xml.NewDecoder(bytes.NewReader(page))
	decoder.Entity = xml.HTMLEntity
	var found []xml.StartElement
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			found = append(found, start.Copy())
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestPagesAreWellFormedAccessibleAndAlone(t *testing.T) {
	t.Parallel()
	for name, stream := range streams() {
		page := reporttest.Write(t, stream, format)
		count, ids, level := make(map[string]int), make(map[string]bool), 1
		found := elements(t, page)
		for _, e := range found {
			tag := e.Name.Local
			count[tag]++
			if id := attribute(e, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: two elements have the id %s", name, id)
				}
				ids[id] = true
			}
			if len(tag) == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6' {
				if n := int(tag[1] - '0'); n > level+1 {
					t.Errorf("%s: %s follows h%d", name, tag, level)
				}
				level = int(tag[1] - '0')
			}
			if tag == "th" && attribute(e, "scope") == "" {
				t.Errorf("%s: a table header without scope", name)
			}
			for _, a := range e.Attr {
				if a.Name.Local == "src" || strings.HasPrefix(a.Name.Local, "on") || (tag == "link") {
					t.Errorf("%s: <%s %s> loads or runs something", name, tag, a.Name.Local)
				}
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") && !strings.HasPrefix(a.Value, "https://docs.aws.amazon.com/") {
					t.Errorf("%s: a link to %s", name, a.Value)
				}
			}
		}
		for tag, want := range map[string]int{"header": 1, "main": 1, "footer": 1, "h1": 1, "title": 1, "html": 1} {
			if count[tag] != want {
				t.Errorf("%s: %d <%s>", name, count[tag], tag)
			}
		}
		for _, e := range found {
			if target, ok := strings.CutPrefix(attribute(e, "href"), "#"); ok && !ids[target] {
				t.Errorf("%s: a link to #%s leads nowhere", name, target)
			}
			if target := attribute(e, "aria-labelledby"); target != "" && !ids[target] {
				t.Errorf("%s: labelled by %s, which is not there", name, target)
			}
		}
	}
}

func TestHostileTextIsOnlyText(t *testing.T) {
	t.Parallel()
	page := string(reporttest.Write(t, reporttest.Rich, format))
	if strings.Contains(page, "<script>alert") || strings.Count(page, "<script") != 1 {
		t.Error("a script from a tag came through")
	}
	for _, r := range page {
		if r != '\n' && (r < ' ' || r == 0x7f || r == 0x9b || r == 0x202e || r == 0x2028) {
			t.Fatalf("the character %U came through", r)
		}
	}
}

// The digests in the policy must be those of what the browser sees.
func TestThePolicyAllowsThePagesOwnScriptAndStyle(t *testing.T) {
	t.Parallel()
	page := reporttest.Write(t, reporttest.Empty, format)
	for _, tag := range []string{"style", "script"} {
		inner := regexp.MustCompile(`(?s)<` + tag + `>(.*)</` + tag + `>`).FindSubmatch(page)
		if inner == nil || !strings.Contains(stdhtml.UnescapeString(string(page)), html.Digest(string(inner[1]))) {
			t.Errorf("the policy would block the %s", tag)
		}
	}
}

func TestGapsComeBeforeControlsAndFailuresAreCounted(t *testing.T) {
	t.Parallel()
	page := string(reporttest.Write(t, reporttest.Rich, format))
	gaps, controls := strings.Index(page, `id="gaps"`), strings.Index(page, `id="controls"`)
	if gaps < 0 || gaps > controls {
		t.Errorf("gaps at %d, controls at %d", gaps, controls)
	}
	for _, want := range []string{"<h1>4 failures</h1>", "3 places could not be read", "EXCEPTED", "NOT_AVAILABLE", "Expired on 2026-01-31", "Unused: covers nothing"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestALongPageSaysWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	page := string(reporttest.Write(t, reporttest.Many(3000), format))
	for _, want := range []string{"… and 1,500 more (--format ndjson shows all)", "… and 800 more"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}
