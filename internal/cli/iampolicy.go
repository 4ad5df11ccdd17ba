package cli

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/spf13/cobra"
)

func newIAMPolicyCommand(app *App) *cobra.Command {
	var fixes bool
	command := &cobra.Command{
		Use:   "iam-policy",
		Short: "Print the smallest IAM policy for the selected controls",
		Long: `Print an IAM policy with the calls that the selected controls need and no others:
for scanning, or with --fix also for planning, applying, verifying and undoing
their fixes. Keep the two apart: a role that scans has no need to write.`,
		Example: `  holdfast iam-policy --control 'Neptune.*' > scan-policy.json
  holdfast iam-policy --control Neptune.5 --fix`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			catalogue, chosen, params, err := app.selection()
			if err != nil {
				return err
			}
			judge, err := engine.New(catalogue, chosen, params)
			if err != nil {
				return err
			}
			wants := app.exceptions(catalogue).Wants(judge.Wants())
			document := policy{Version: "2012-10-17"}
			document.allow("HoldfastScan", scanActions(catalogue, wants, app.settings.regions))
			if fixes {
				document.allowFixes(app.fixActions(catalogue, chosen))
			}
			encoder := json.NewEncoder(app.Stdout)
			encoder.SetIndent("", "  ")
			encoder.SetEscapeHTML(false)
			return encoder.Encode(document)
		},
	}
	flags := command.Flags()
	app.settings.addSelection(flags)
	flags.StringSliceVarP(&app.settings.regions, "region", "r", nil, "regions that will be scanned; when all are named, the call that lists them is left out")
	flags.BoolVar(&fixes, "fix", false, "allow the fixes of the controls as well")
	return command
}

// policy is an IAM policy document.
type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

func (p *policy) allow(sid string, actions []string) {
	if len(actions) > 0 {
		p.Statement = append(p.Statement, statement{Sid: sid, Effect: "Allow", Action: actions, Resource: "*"})
	}
}

// allowFixes adds the actions of fixes. Keys may only be used through RDS.
func (p *policy) allowFixes(actions []string) {
	var keys, others []string
	for _, action := range actions {
		if strings.HasPrefix(action, "kms:") {
			keys = append(keys, action)
		} else {
			others = append(others, action)
		}
	}
	p.allow("HoldfastFix", others)
	if len(keys) > 0 {
		p.allow("HoldfastFixKeys", keys)
		p.Statement[len(p.Statement)-1].Condition = map[string]map[string]string{
			"StringLike": {"kms:ViaService": "rds.*"},
		}
	}
}

// scanActions lists the actions of a scan: those that yield the wanted
// properties, and the list of regions unless all regions are named.
// sts:GetCallerIdentity needs no permission.
func scanActions(catalogue *control.Catalogue, wants resource.Wants, regions []string) []string {
	var actions []string
	for name, properties := range wants {
		typ := catalogue.Types[name]
		actions = append(actions, typ.List)
		for _, property := range properties {
			actions = append(actions, typ.ReadsOf(property)...)
		}
	}
	for i, operation := range actions {
		actions[i] = awsconn.Action(operation)
	}
	if len(regions) == 0 || slices.Contains(regions, awsconn.AllRegions) {
		actions = append(actions, "ec2:DescribeRegions")
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

func (app *App) fixActions(catalogue *control.Catalogue, chosen []*control.Control) []string {
	var actions []string
	for _, c := range chosen {
		for _, typ := range c.Types() {
			actions = append(actions, app.Parts.FixActions(c, catalogue.Types[typ])...)
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}
