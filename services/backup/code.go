package backup

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Named is how code names a kind of resource that a backup plan may take.
type Named struct {
	// Service is what AWS Backup calls the kind.
	Service string
	// ARN is the service in its ARNs and what stands before its name, as in
	// dynamodb and table/.
	ARN, Kind string
	// Type is the CloudFormation type, Terraform the Terraform one, and their
	// Name the attribute that names a resource; empty where AWS makes the name.
	Type, Name               string
	Terraform, TerraformName string
}

// hidden stands in an ARN for what nobody knows before the resource is made. No
// pattern but * matches it.
const hidden = "\x00"

// others stands for the name of some other resource.
const others = "\x01"

// arn is the ARN of a resource as far as it is known.
func (n Named) arn(region, account, name string) string {
	or := func(text string) string {
		if text == "" {
			return hidden
		}
		return text
	}
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return "arn:" + partition + ":" + n.ARN + ":" + or(region) + ":" + or(account) + ":" + n.Kind + or(name)
}

// written is a selection that stands in code.
type written struct {
	selection
	plan string
	open *resource.Missing // why it may take more than it says
}

// doubt keeps a selection open that takes out or may take what nobody can tell.
func (w *written) doubt() {
	if slices.Contains(w.except, hidden) {
		w.open = cmp.Or(w.open, &resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "a scan of the live account",
			Detail: w.plan + " leaves out resources that are not known before they are made",
		})
	}
}

// mayExcept says why an exception may mean a resource whose ARN is not wholly
// known: one of a region or account, say, that the code does not tell.
func (w *written) mayExcept(arn string) *resource.Missing {
	if w.excepts(arn) || !slices.ContainsFunc(w.except, func(pattern string) bool { return mayMatch(pattern, arn) }) {
		return nil
	}
	return &resource.Missing{
		Reason: resource.ReasonUnresolved, Settle: "a scan of the live account",
		Detail: w.plan + " leaves out resources of which this may be one",
	}
}

// mayMatch tells whether a pattern may match an ARN in which hidden stands for
// any text without colon and slash.
func mayMatch(pattern, arn string) bool {
	reached := make([]bool, len(arn)+1) // the beginnings of arn that what was read of pattern may match
	reached[0] = true
	through := func() {
		for i := range arn {
			reached[i+1] = reached[i+1] || reached[i] && arn[i] == hidden[0]
		}
	}
	through()
	for p := range len(pattern) {
		for i := len(arn); i >= 0; i-- {
			switch {
			case pattern[p] == '*':
				reached[i] = slices.Contains(reached[:i+1], true)
			case i > 0 && reached[i-1] && arn[i-1] == pattern[p]:
				reached[i] = true
			default: // what is hidden is one part of the ARN
				reached[i] = reached[i] && i > 0 && arn[i-1] == hidden[0] && pattern[p] != ':' && pattern[p] != '/'
			}
		}
		through()
	}
	return reached[len(arn)]
}

// lastInCode is when a resource was last backed up: code does not tell.
func lastInCode() resource.Value {
	return resource.OfUnknown(resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: "code does not tell of backups", Settle: "a scan of the live account",
	})
}

// plansInCode lists the plans whose selections take a resource for sure, and
// tells the first such selection. Where none does, others may stand elsewhere:
// unknown, and -1.
func plansInCode(list []written, arn, service string, tags func() (map[string]string, *resource.Missing)) (taken resource.Value, first int) {
	gate := &plans{optIn: map[string]bool{service: true}}
	if service == "Aurora" || service == "Neptune" || service == "DocumentDB" {
		gate = &plans{optInOpen: &resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "a scan of the live account",
			Detail: "code does not tell whether AWS Backup is turned on for " + service,
		}}
	}
	var names []string
	first = -1
	open := &resource.Missing{
		Reason: resource.ReasonUnresolved, Settle: "a scan of the live account",
		Detail: "no selection in this code takes it for sure, and a plan elsewhere may",
	}
	for i := range list {
		one := &list[i]
		answer, why := one.takes(arn, service, tags, gate)
		one.open = cmp.Or(one.open, one.mayExcept(arn))
		switch {
		case answer == yes && one.open == nil:
			names = append(names, one.plan)
			if first < 0 {
				first = i
			}
		case answer == yes:
			open = one.open
		case answer == unsure:
			open = why
		case slices.Contains(one.resources, hidden) || one.open != nil && len(one.anyTag)+len(one.conditions) > 0:
			open = cmp.Or(one.open, &resource.Missing{
				Reason: resource.ReasonUnresolved, Settle: "a scan of the live account",
				Detail: one.plan + " takes resources that are not known before they are made",
			})
		}
	}
	if len(names) == 0 {
		return resource.OfUnknown(*open), first
	}
	slices.Sort(names)
	return resource.OfStrings(slices.Compact(names)), first
}
