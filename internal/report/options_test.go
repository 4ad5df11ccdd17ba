package report_test

import (
	"testing"

	"github.com/holdfast-aws/holdfast/internal/report"
)

func TestPathsAreWrittenFromTheRootOfTheRepository(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options    report.Options
		file, want string
	}{
		"below the working directory":  {report.Options{Dir: "/srv/repo/live", Root: "/srv/repo"}, "eu/main.tf", "live/eu/main.tf"},
		"beside the working directory": {report.Options{Dir: "/srv/repo/live", Root: "/srv/repo"}, "../modules/main.tf", "modules/main.tf"},
		"absolute":                     {report.Options{Dir: "/srv/repo", Root: "/srv/repo"}, "/srv/repo/main.tf", "main.tf"},
		"outside the repository":       {report.Options{Dir: "/srv/repo", Root: "/srv/repo"}, "/elsewhere/plan.json", "/elsewhere/plan.json"},
		"no repository":                {report.Options{}, "./live/../main.tf", "main.tf"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.options.Path(test.file); got != test.want {
				t.Errorf("%s is %s, not %s", test.file, got, test.want)
			}
		})
	}
}

func TestLinksLeadToALine(t *testing.T) {
	t.Parallel()
	options := report.Options{Dir: "/srv/repo", Root: "/srv/repo", Blob: "https://forge.example/blob/4f1d/"}
	for name, test := range map[string]struct {
		file string
		line int
		want string
	}{
		"a line":                  {"main.tf", 7, "https://forge.example/blob/4f1d/main.tf#L7"},
		"a whole file":            {"main.tf", 0, "https://forge.example/blob/4f1d/main.tf"},
		"what would end the link": {"a b/(x) #1?.tf", 1, "https://forge.example/blob/4f1d/a%20b/%28x%29%20%231%3F.tf#L1"},
		"outside the repository":  {"/etc/hosts", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := options.Link(test.file, test.line); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
	if got := (&report.Options{}).Link("main.tf", 1); got != "" {
		t.Errorf("a link without a forge: %q", got)
	}
}
