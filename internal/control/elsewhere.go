package control

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The tools whose ids a control may list as its own elsewhere.
const (
	Checkov = "checkov"
	Trivy   = "trivy" // and tfsec, which became part of it
)

// foreignID holds the form of an id, by tool. Trivy has short ids, with or
// without AVD- before them, and long ones.
func foreignID() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		Checkov: regexp.MustCompile(`^CKV2?_[A-Z0-9]+_[0-9]+$`),
		Trivy:   regexp.MustCompile(`^(AVD-[A-Z]+-[0-9]{4}|[a-z0-9]+(-[a-z0-9]+)+)$`),
	}
}

func (c *Control) checkElsewhere(report func(field, format string, args ...any)) {
	forms := foreignID()
	for _, tool := range sortedKeys(c.Elsewhere) {
		field := "elsewhere." + tool
		form := forms[tool]
		if form == nil {
			report(field, "%q is none of %s", tool, strings.Join(sortedKeys(forms), ", "))
			continue
		}
		for i, id := range c.Elsewhere[tool] {
			at := fmt.Sprintf("%s[%d]", field, i)
			switch {
			case !form.MatchString(id):
				report(at, "%q is no id of %s", id, tool)
			case slices.Index(c.Elsewhere[tool], id) < i:
				report(at, "%q stands here twice", id)
			}
		}
	}
}
