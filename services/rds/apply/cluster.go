package apply

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	plane "github.com/holdfast-aws/holdfast/services/rdsplane/apply"
)

// clusters plans the fixes that set properties of a cluster. Aurora takes all of
// them at once and online, also the first kind of Aurora Serverless, as long as
// no window is sent along. A Multi-AZ DB cluster keeps a new retention for its
// maintenance window.
type clusters struct{ now bool }

var _ fix.Vetter = (*clusters)(nil)

// variant is how a cluster takes a new retention.
type variant int

const (
	online    variant = iota
	waits             // for the maintenance window
	atOnceToo         // would wait, and is not to
)

func clusterProperties(how variant) *fix.PropertyPlanner {
	return &fix.PropertyPlanner{
		Status: "Status", Ready: "available", Identified: true, Restart: "AutomaticRestartTime",
		Pending:     map[string]string{retention: "PendingBackupRetentionPeriod"},
		Protections: []string{retention, protection, copyTags},
		Owned:       map[string][]fix.OwnedBy{retention: {ownedByBackup()}},
		Refine: func(step *fix.Step, task *fix.Task, property string, _, _ resource.Value) {
			switch {
			case property != retention || how == online:
			case how == atOnceToo:
				atOnce(step, task)
			default:
				step.Timeout = queued
			}
		},
	}
}

// Wants implements fix.Planner.
func (*clusters) Wants(c *control.Control) []string {
	return append(clusterProperties(online).Wants(c), "Engine", "PreferredMaintenanceWindow")
}

// Plan implements fix.Planner.
func (p *clusters) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	engine, ok := task.Resource.Get("Engine").Text()
	if !ok {
		return nil, task.Skip(fix.SkipUnread, "its engine could not be read"), nil
	}
	_, keeps := task.Desired[retention]
	if !keeps || strings.HasPrefix(engine, "aurora") {
		return clusterProperties(online).Plan(ctx, task)
	}
	if !p.now {
		change, skipped, err := clusterProperties(waits).Plan(ctx, task)
		if change != nil {
			change.Warnings = append(change.Warnings, "a Multi-AZ DB cluster takes the new retention "+window(task)+", without downtime; --now takes it when the plan is applied")
		}
		return change, skipped, err
	}
	if skipped := clusterProperties(atOnceToo).Skip(task); skipped != nil {
		return nil, skipped, nil
	}
	if skipped, err := p.alone(ctx, task); skipped != nil || err != nil {
		return nil, skipped, err
	}
	return clusterProperties(atOnceToo).Plan(ctx, task)
}

// alone reads whether anything else waits for the window of the cluster, which
// a scan does not tell.
func (*clusters) alone(ctx context.Context, task *fix.Task) (*fix.Skipped, error) {
	if task.Reader == nil {
		return task.Skip(fix.SkipUnread, "planning this needs to know what waits for the maintenance window, which only the account can tell; plan against it instead of saved data"), nil
	}
	found, err := task.Reader.Read(ctx, task.Resource.Ref, []string{plane.WaitingChanges})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return task.Skip(fix.SkipUnread, "%v", err), nil
	}
	return notBeside(task, found.Get(plane.WaitingChanges)), nil
}

// Vet implements fix.Vetter.
func (*clusters) Vet(c *fix.Change, typ *control.Type) error {
	return vetOne(c, typ, clusterProperties(online), clusterProperties(waits), clusterProperties(atOnceToo))
}

// vetOne holds a change against the ways in which it may be planned.
func vetOne(c *fix.Change, typ *control.Type, ways ...*fix.PropertyPlanner) error {
	faults := make([]error, len(ways))
	for i, way := range ways {
		faults[i] = way.Vet(c, typ)
	}
	if slices.Contains(faults, nil) {
		return nil
	}
	return errors.Join(faults[0])
}
