package backup

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
	"golang.org/x/sync/errgroup"
)

type protectedResource = types.ProtectedResource

const (
	// pageSize is the most that AWS Backup returns in one answer.
	pageSize = 1000
	// sideBySide is how many plans or selections are read at a time.
	sideBySide = 8
)

// plans are the backup plans of a region with what they select.
type plans struct {
	list []*plan
	// optIn tells for which kinds of resource AWS Backup is turned on.
	optIn     map[string]bool
	optInOpen *resource.Missing // why optIn is not known
	open      *resource.Missing // why there may be other plans
	gaps      []finding.Gap
}

// plan is one backup plan.
type plan struct {
	id, name   string
	selections []*selection
	open       *resource.Missing // why there may be other selections
	gaps       []finding.Gap
}

// readPlans reads the plans, their selections, and the opt-in of the region.
func readPlans(ctx context.Context, client *backup.Client, place *awsconn.Place) *plans {
	p := &plans{}
	broken, _ := answer.Pages(func(next *string) (answer.Page[types.BackupPlansListMember], error) {
		out, err := client.ListBackupPlans(ctx, &backup.ListBackupPlansInput{MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return answer.Page[types.BackupPlansListMember]{}, err
		}
		return answer.Page[types.BackupPlansListMember]{Items: out.BackupPlansList, Next: out.NextToken}, nil
	}, func(items []types.BackupPlansListMember) error {
		for _, item := range items {
			p.list = append(p.list, &plan{id: aws.ToString(item.BackupPlanId), name: aws.ToString(item.BackupPlanName)})
		}
		return nil
	})
	if broken != nil {
		p.open = p.fault(place.Gap("", listPlans, broken))
	}
	group := new(errgroup.Group)
	group.SetLimit(sideBySide)
	for _, one := range p.list {
		group.Go(func() error {
			one.read(ctx, client, place)
			return nil
		})
	}
	_ = group.Wait() // every fault is kept with its plan
	for _, one := range p.list {
		p.gaps = append(p.gaps, one.gaps...)
	}
	if slices.ContainsFunc(p.list, func(one *plan) bool { return len(one.selections) > 0 }) {
		p.readOptIn(ctx, client, place)
	}
	return p
}

func (p *plans) fault(gap finding.Gap) *resource.Missing {
	p.gaps = append(p.gaps, gap)
	return answer.Missing(gap)
}

func (p *plans) readOptIn(ctx context.Context, client *backup.Client, place *awsconn.Place) {
	out, err := client.DescribeRegionSettings(ctx, &backup.DescribeRegionSettingsInput{})
	if err != nil {
		p.optInOpen = p.fault(place.Gap("", regionSettings, err))
		return
	}
	p.optIn = out.ResourceTypeOptInPreference
}

// read reads the selections of a plan.
func (p *plan) read(ctx context.Context, client *backup.Client, place *awsconn.Place) {
	broken, _ := answer.Pages(func(next *string) (answer.Page[types.BackupSelectionsListMember], error) {
		out, err := client.ListBackupSelections(ctx, &backup.ListBackupSelectionsInput{
			BackupPlanId: aws.String(p.id), MaxResults: aws.Int32(pageSize), NextToken: next,
		})
		if err != nil {
			return answer.Page[types.BackupSelectionsListMember]{}, err
		}
		return answer.Page[types.BackupSelectionsListMember]{Items: out.BackupSelectionsList, Next: out.NextToken}, nil
	}, func(items []types.BackupSelectionsListMember) error {
		for _, item := range items {
			p.readSelection(ctx, client, place, aws.ToString(item.SelectionId))
		}
		return nil
	})
	if broken != nil {
		p.fault(place.Gap("", listSelections, broken))
	}
}

func (p *plan) readSelection(ctx context.Context, client *backup.Client, place *awsconn.Place, id string) {
	out, err := client.GetBackupSelection(ctx, &backup.GetBackupSelectionInput{
		BackupPlanId: aws.String(p.id), SelectionId: aws.String(id),
	})
	if err == nil && out.BackupSelection == nil {
		err = awsconn.OddAnswerError("the answer holds no selection")
	}
	if err != nil {
		p.fault(place.Gap("", getSelection, err))
		return
	}
	p.selections = append(p.selections, selectionOf(out.BackupSelection))
}

func (p *plan) fault(gap finding.Gap) {
	gap.Detail = "backup plan " + p.name + ": " + gap.Detail
	p.gaps = append(p.gaps, gap)
	if p.open == nil {
		p.open = answer.Missing(gap)
	}
}

func listProtectedPage(ctx context.Context, client *backup.Client, next *string) (answer.Page[protectedResource], error) {
	out, err := client.ListProtectedResources(ctx, &backup.ListProtectedResourcesInput{MaxResults: aws.Int32(pageSize), NextToken: next})
	if err != nil {
		return answer.Page[protectedResource]{}, err
	}
	return answer.Page[protectedResource]{Items: out.Results, Next: out.NextToken}, nil
}

// matches are the plans that take a resource.
type matches struct {
	plans []*plan
	open  *resource.Missing // why another may
}

// taking finds the plans that take a resource.
func (p *plans) taking(arn string, target Target) matches {
	found := matches{open: p.open}
	tags := target.lazyTags()
	for _, one := range p.list {
		taken, open := no, one.open
		for _, s := range one.selections {
			answer, why := s.takes(arn, target.Service, tags, p)
			if answer == yes {
				taken = yes
				break
			}
			if answer == unsure {
				open = why
			}
		}
		switch {
		case taken == yes:
			found.plans = append(found.plans, one)
		case open != nil:
			found.open = open
		}
	}
	return found
}

// lazyTags asks for the tags at most once.
func (t Target) lazyTags() func() (map[string]string, *resource.Missing) {
	var tags map[string]string
	var open *resource.Missing
	asked := false
	return func() (map[string]string, *resource.Missing) {
		if !asked && t.Tags != nil {
			tags, open = t.Tags()
		}
		asked = true
		return tags, open
	}
}

// property lists the names of the plans. Where none takes the resource and one
// may, nobody can tell.
func (m matches) property() resource.Value {
	if len(m.plans) == 0 && m.open != nil {
		return resource.OfUnknown(*m.open)
	}
	names := make([]string, len(m.plans))
	for i, one := range m.plans {
		names[i] = one.name
	}
	slices.Sort(names)
	return resource.OfStrings(slices.Compact(names))
}
