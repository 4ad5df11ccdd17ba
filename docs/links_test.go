package docs_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	inlineLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	notInSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// links yields the targets of the links of a page with their lines.
func (p *page) links(yield func(line int, target string) bool) {
	for i, line := range p.prose {
		for _, m := range inlineLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, ""), -1) {
			if !yield(i+1, m[1]) {
				return
			}
		}
	}
}

// anchors lists what a link into the page may name, by GitHub's rule.
func (p *page) anchors() []string {
	var anchors []string
	seen := make(map[string]int)
	for _, line := range p.prose {
		heading := strings.TrimLeft(line, "#")
		if heading == line || !strings.HasPrefix(heading, " ") {
			continue
		}
		slug := strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), ""), " ", "-")
		if n := seen[slug]; n > 0 {
			anchors = append(anchors, fmt.Sprintf("%s-%d", slug, n))
		} else {
			anchors = append(anchors, slug)
		}
		seen[slug]++
	}
	return anchors
}

func TestLinksResolve(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for _, p := range all {
		for line, target := range p.links {
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			name, anchor, _ := strings.Cut(target, "#")
			file := p.path
			if name != "" {
				file = path.Join(path.Dir(p.path), name)
			}
			if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(file))); err != nil {
				t.Errorf("%s:%d: nothing is at %s", p.path, line, target)
				continue
			}
			i := slices.IndexFunc(all, func(q *page) bool { return q.path == file })
			if anchor != "" && (i < 0 || !slices.Contains(all[i].anchors(), anchor)) {
				t.Errorf("%s:%d: %s has no heading %s", p.path, line, file, anchor)
			}
		}
	}
}

func TestEveryPageCanBeFound(t *testing.T) {
	t.Parallel()
	linked := map[string]bool{"docs/README.md": true}
	for _, target := range the(t, "docs/README.md").links {
		linked[path.Join("docs", target)] = true
	}
	for _, p := range pages(t) {
		if strings.HasPrefix(p.path, "docs/") && !linked[p.path] {
			t.Errorf("docs/README.md does not link %s", p.path)
		}
	}
	for _, target := range the(t, "README.md").links {
		linked[target] = true
	}
	if !linked["docs/README.md"] && !linked["docs"] && !linked["docs/"] {
		t.Error("README.md does not link docs/README.md")
	}
}

// Files and folders that the documents name exist.
func TestNamedFilesExist(t *testing.T) {
	t.Parallel()
	ours := regexp.MustCompile(`^(cmd|docs|internal|services|test|testdata|tools|bench)/[\w./*-]*$|^[a-z_]+_test\.go$`)
	checked := 0
	for _, p := range pages(t) {
		for line, span := range p.spans {
			if !ours.MatchString(span) {
				continue
			}
			checked++
			if found, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(span))); err != nil || len(found) == 0 {
				t.Errorf("%s:%d: there is no %s", p.path, line, span)
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d names were checked", checked)
	}
}
