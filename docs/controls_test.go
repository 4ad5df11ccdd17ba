package docs_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/services"
)

var update = flag.Bool("update", false, "write docs/controls.md anew from the controls")

const controlsHead = `# Controls

What Holdfast judges, and what it does about it. ` + "`holdfast explain ID`" + ` says more: why it matters, and how a person fixes it.
Ids, titles, severities, parameters and requirements are Security Hub's.

"Account" means that ` + "`fix plan`" + ` plans the change for live accounts, "code" that it writes it into Terraform or CloudFormation.
A dash is for a person. This page is made from the controls: ` + "`go test ./docs -update`" + `.
`

// The page of controls is what the controls say.
func TestThePageOfControlsIsCurrent(t *testing.T) {
	t.Parallel()
	catalogue := catalogue(t)
	planners := services.Planners(fix.Choices{})
	var b strings.Builder
	b.WriteString(controlsHead)
	family := ""
	for _, c := range catalogue.Controls {
		if service := serviceOf(c.ID); service != family {
			family = service
			fmt.Fprintf(&b, "\n## %s\n\n| Control | Severity | Title | Fix | Where | Downtime | Clients notice | Asks for |\n|---|---|---|---|---|---|---|---|\n", family)
		}
		cells := []string{c.ID, string(c.Severity), c.Title, "-", "-", "", "", ""}
		if f := c.Fix; f != nil {
			cells = []string{
				c.ID, string(c.Severity), c.Title, defaults(c, f.Summary), where(catalogue, c, &planners),
				f.Impact.Downtime, f.Impact.Clients, asks(c),
			}
		}
		for i := range cells {
			cells[i] = strings.Join(strings.Fields(strings.ReplaceAll(cells[i], "|", `\|`)), " ")
		}
		b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
	}
	const file = "controls.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(b.String(), string(have)); diff != "" {
		t.Errorf("docs/controls.md is not current; go test ./docs -update writes it (-want +have):\n%s", diff)
	}
}

func serviceOf(id string) string {
	service, _, _ := strings.Cut(id, ".")
	return service
}

// where tells which fixes Holdfast makes by itself.
func where(catalogue *control.Catalogue, c *control.Control, planners *fix.Planners) string {
	var places []string
	if planners.For(c, c.Resource) != nil {
		places = append(places, "account")
	}
	for property := range c.Fix.Set {
		if p := catalogue.Types[c.Resource].Properties[property]; p != nil && cmp.Or(p.Terraform, p.CloudFormation) != "" {
			places = append(places, "code")
			break
		}
	}
	return cmp.Or(strings.Join(places, ", "), "-")
}

// defaults shows the parameters of a text with their defaults.
func defaults(c *control.Control, text string) string {
	for name, p := range c.Parameters {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(p.Native(p.Default)))
	}
	return text
}

// asks lists the flags without which a change is not made or not taken back.
func asks(c *control.Control) string {
	var flags []string
	if c.Fix.Accept != "" {
		flags = append(flags, "`--accept "+c.ID+"`")
	}
	switch {
	case c.Fix.Undo.Exposes != "" && c.Fix.Accept == "":
		flags = append(flags, "`--accept "+c.ID+"` to take it back")
	case c.Fix.Undo.Loses != "":
		flags = append(flags, "`--accept-loss` to take it back")
	}
	return strings.Join(flags, "; ")
}
