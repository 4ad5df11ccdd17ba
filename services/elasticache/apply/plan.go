package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/elasticache"
)

// EnableBackups is the procedure that makes automatic backups.
const EnableBackups = "enable-cache-backups"

const (
	retention = "SnapshotRetentionLimit"
	status    = "Status"
	engine    = "Engine"
	memberOf  = "MemberOf"
	nodeType  = "NodeType"
	sharded   = "ClusterMode"
	available = "available"
	// smallest is the node type that has no backups without cluster mode.
	smallest = "cache.t1.micro"
)

// Planners returns the planners of ElastiCache's fixes.
func Planners() fix.Planners {
	return fix.Planners{Procedures: map[string]fix.Planner{EnableBackups: backedUp{}}}
}

// backedUp plans for groups and clusters whose backups are kept too short.
type backedUp struct{}

// Wants implements fix.Planner.
func (backedUp) Wants(*control.Control) []string {
	return []string{retention, status, engine, memberOf, nodeType, sharded}
}

// states decides what every property planner decides.
func states() *fix.PropertyPlanner {
	return &fix.PropertyPlanner{Status: status, Ready: available, Protections: []string{retention}}
}

// Plan implements fix.Planner.
func (backedUp) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	if skipped := states().Skip(task); skipped != nil {
		return nil, skipped, nil
	}
	if kind, _ := task.Resource.Get(nodeType).Text(); kind == smallest && !split(task.Resource) {
		return nil, task.Skip(fix.SkipState, "nodes of the type %s cannot make backups without cluster mode; choose another node type", smallest), nil
	}
	if task.Reader == nil {
		return nil, task.Skip(fix.SkipUnread, "planning this needs to know when it was created and which nodes it has, which only the account can tell; plan against it instead of saved data"), nil
	}
	now, err := task.Reader.Read(ctx, task.Resource.Ref, []string{elasticache.CreateTime, elasticache.BackupNode, elasticache.Nodes, retention})
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case err != nil:
		return nil, task.Skip(fix.SkipUnread, "%v", err), nil
	case !now.Get(elasticache.CreateTime).Known():
		return nil, task.Skip(fix.SkipUnread, "when it was created could not be read: %s", action.Because(now.Get(elasticache.CreateTime))), nil
	}
	before := now.Get(retention)
	node, skipped := maker(task, now)
	if skipped != nil {
		return nil, skipped, nil
	}
	return planned(task, raise{before: before, to: task.Desired[retention], created: now.Get(elasticache.CreateTime), node: node})
}

func split(r *resource.Resource) bool {
	on, _ := r.Get(sharded).Bool()
	return on
}

// maker chooses the node that makes the backups, where that is asked for: in a
// group without cluster mode for which none was chosen yet. A replica goes
// before the primary, since a backup takes memory.
func maker(task *fix.Task, now *resource.Resource) (resource.Value, *fix.Skipped) {
	chosen := now.Get(elasticache.BackupNode)
	if task.Resource.Type != elasticache.GroupType || split(task.Resource) || chosen.Known() {
		return resource.Value{}, nil
	}
	nodes, _ := now.Get(elasticache.Nodes).Strings()
	if len(nodes) == 0 {
		return resource.Value{}, task.Skip(fix.SkipUnread, "which nodes it has could not be read")
	}
	return resource.OfString(nodes[0]), nil
}

func planned(task *fix.Task, r raise) (*fix.Change, *fix.Skipped, error) {
	change := task.Change()
	change.Sets = []fix.Setting{{Property: retention, Before: r.before, After: r.to, Unit: "days"}}
	if node, ok := r.node.Text(); ok {
		change.Sets = append(change.Sets, fix.Setting{Property: elasticache.BackupNode, After: r.node})
		change.Warnings = append(change.Warnings, fmt.Sprintf("%s makes the backups from now on; it stays chosen after a rollback, which has no effect without backups", node))
	}
	change.Steps = []fix.Step{r.step(task)}
	return change, nil, nil
}

// raise is a retention before and after; node is set where it must be chosen.
type raise struct{ before, to, created, node resource.Value }

// step keeps backups longer. The window stays what it is.
func (r raise) step(task *fix.Task) fix.Step {
	ref := task.Resource.Ref
	same := []fix.Condition{task.Here(), task.Equal(elasticache.CreateTime, r.created), action.Settled(ref, status, available)}
	is := func(days resource.Value) []fix.Condition {
		return append(slices.Clone(same), task.Equal(retention, days))
	}
	call := func(days, node resource.Value) *fix.Call {
		operation, identifier := modifyGroup, groupID
		if ref.Type == elasticache.ClusterType {
			operation, identifier = modifyCluster, clusterID
		}
		params := map[string]resource.Value{identifier: resource.OfString(ref.ID), retention: days}
		if node.Known() {
			params[elasticache.BackupNode] = node
		}
		return task.Call(operation, params)
	}
	return fix.Step{
		ID: "1", Title: "keep automatic backups for " + r.to.String() + " days",
		Call: call(r.to, r.node), Before: is(r.before), Done: is(r.to),
		Undo: call(r.before, resource.Value{}), UndoDone: is(r.before),
	}
}

// Vet implements fix.Vetter.
func (backedUp) Vet(c *fix.Change, _ *control.Type) error {
	if len(c.Steps) != 1 {
		return errors.New("keeping backups takes one step")
	}
	step := &c.Steps[0]
	before, _ := action.Asked(step.Before, c.Resource, retention)
	to, _ := action.Asked(step.Done, c.Resource, retention)
	created, _ := action.Asked(step.Before, c.Resource, elasticache.CreateTime)
	was, read := before.Int()
	is, set := to.Int()
	if !read || !set || is < was || !created.Known() {
		return fmt.Errorf("it brings the retention from %s to %s", before, to)
	}
	var node resource.Value
	if step.Call != nil {
		node = step.Call.Parameters[elasticache.BackupNode]
	}
	r := raise{before: before, to: to, created: created, node: node}
	return action.Same(c.Steps, []fix.Step{r.step(&fix.Task{Resource: &resource.Resource{Ref: c.Resource}})})
}
