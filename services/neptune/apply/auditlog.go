package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

const groupProperty = "DBClusterParameterGroupName"

// auditLog plans audit logs. Three things must come together before a line is
// written: the export to CloudWatch Logs, the parameter
// neptune_enable_audit_log, and a restart of every instance, since the
// parameter is read when an instance starts. The control looks at the export
// alone.
type auditLog struct{ options Options }

// Wants implements fix.Planner.
func (*auditLog) Wants(*control.Control) []string {
	return []string{logExports, "PendingLogExports", propAudit, groupProperty, "Members", "Writer", "Status", "AutomaticRestartTime", "GlobalClusterIdentifier"}
}

// Plan implements fix.Planner.
func (p *auditLog) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	if skipped := unreadable(task, task.Resource, propAudit, groupProperty, "Members", "Writer"); skipped != nil {
		return nil, skipped, nil
	}
	exports := clusterProperties()
	from := task.Resource.Get(logExports)
	to := resource.OfStrings(slices.Sorted(slices.Values(append(allOf(from), auditKind))))
	if from.Contains(resource.OfString(auditKind)) {
		to = from
	}
	task.Desired = map[string]resource.Value{logExports: to}
	if skipped := exports.Skip(task); skipped != nil {
		return nil, skipped, nil
	}
	d := &auditDraft{draft: newDraft(task), options: p.options}
	d.Undo.Impact = "" // unless a restart on the way back is added
	d.members, d.writer = membersOf(task.Resource)
	if !to.Equal(from) {
		d.Sets = append(d.Sets, exports.Setting(task, logExports, to))
		d.add(exports.Step(task, "", logExports, to))
	}
	skipped, err := d.parameter(ctx)
	if skipped != nil || err != nil {
		return nil, skipped, err
	}
	return d.Change, nil, nil
}

// auditKind is the kind of log that the control looks for.
const auditKind = "audit"

// membersOf lists the instances of a cluster and names its writer.
func membersOf(cluster *resource.Resource) (members []string, writer string) {
	writer, _ = cluster.Get("Writer").Text()
	return slices.Sorted(maps.Keys(cluster.Get("Members").Fields())), writer
}

type auditDraft struct {
	*draft
	options Options
	members []string
	writer  string
}

// parameter adds the steps that turn the parameter on, as far as they are
// needed.
func (d *auditDraft) parameter(ctx context.Context) (*fix.Skipped, error) {
	group, _ := d.task.Resource.Get(groupProperty).Text()
	value, _ := d.task.Resource.Get(propAudit).Text()
	switch {
	case value == "1":
		d.restarts(d.waiting())
		return nil, nil
	case d.task.Reader == nil:
		return offline(d.task, "the cluster's parameter group"), nil
	case isDefaultGroup(group):
		return d.newGroup(ctx, group)
	default:
		return d.ownGroup(ctx, group)
	}
}

// waiting lists the members that have not started with their parameters yet.
func (d *auditDraft) waiting() []string {
	var waiting []string
	for id, status := range d.task.Resource.Get("Members").Fields() {
		if text, _ := status.Text(); text != "in-sync" {
			waiting = append(waiting, id)
		}
	}
	slices.Sort(waiting)
	return waiting
}

// newGroup makes a parameter group for the cluster, since a default one cannot
// be edited.
func (d *auditDraft) newGroup(ctx context.Context, old string) (*fix.Skipped, error) {
	found, err := d.task.Reader.Read(ctx, d.ref(neptune.ParameterGroupType, old), []string{propFamily})
	if err != nil {
		return readFailed(ctx, d.task, err)
	}
	name, err := d.free(ctx, neptune.ParameterGroupType, d.Resource.ID, "audit")
	if err != nil {
		return readFailed(ctx, d.task, err)
	}
	family, _ := found.Get(propFamily).Text()
	group := d.ref(neptune.ParameterGroupType, name)
	d.Sets = append(d.Sets, fix.Setting{Property: groupProperty, Before: resource.OfString(old), After: resource.OfString(name)}, d.turnedOn())
	d.add(fix.Step{
		Title: fmt.Sprintf("create the cluster parameter group %s for %s: the default group cannot be edited", name, family),
		Call: d.task.Call("rds:CreateDBClusterParameterGroup", map[string]resource.Value{
			groupProperty:            resource.OfString(name),
			"DBParameterGroupFamily": resource.OfString(family),
			"Description":            resource.OfString("Parameters of " + d.Resource.ID + ": " + old + " with audit lines"),
			"Tags":                   d.tags(d.task.Resource.Get(resource.TagsProperty)),
		}),
		Before:   []fix.Condition{isGone(group)},
		Done:     append(d.made(group), equal(group, propFamily, resource.OfString(family))),
		Settle:   max(0, int(d.options.GroupSettle.Seconds())),
		Undo:     d.task.Call("rds:DeleteDBClusterParameterGroup", map[string]resource.Value{groupProperty: resource.OfString(name)}),
		UndoDone: []fix.Condition{isGone(group)},
	})
	d.restartsOfUndo(d.members)
	d.add(d.use(name, old))
	set := d.set(group, "1") // its undo is the deletion of the group
	set.Before = d.made(group)
	set.Done = append(set.Done, d.pending()...)
	d.add(set)
	d.restarts(d.members)
	return nil, nil
}

// ownGroup sets the parameter in the group that the cluster uses.
func (d *auditDraft) ownGroup(ctx context.Context, name string) (*fix.Skipped, error) {
	found, err := d.task.Reader.Read(ctx, d.ref(neptune.ParameterGroupType, name), []string{propUsedBy, propAudit})
	if err != nil {
		return readFailed(ctx, d.task, err)
	}
	if skipped := unreadable(d.task, found, propUsedBy, propAudit); skipped != nil {
		return skipped, nil
	}
	others := slices.DeleteFunc(allOf(found.Get(propUsedBy)), func(id string) bool { return id == d.Resource.ID })
	if len(others) > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf(
			"the parameter group %s is shared with %s: the parameter changes there too, and takes effect when their instances next start",
			name, strings.Join(others, ", ")))
	}
	group := d.ref(neptune.ParameterGroupType, name)
	d.Sets = append(d.Sets, d.turnedOn())
	d.restartsOfUndo(d.members)
	before, _ := found.Get(propAudit).Text()
	step, back := d.set(group, "1"), d.set(group, before)
	step.Before = []fix.Condition{there(group), equal(group, propAudit, resource.OfString(before))}
	step.Undo, step.UndoDone = back.Call, append(back.Done, d.pending()...)
	if len(others) > 0 {
		d.Undo.Impact = strings.TrimPrefix(d.Undo.Impact+"; the parameter is turned off for "+strings.Join(others, ", ")+" too", "; ")
	}
	d.add(step)
	if len(d.members) > 0 {
		proof := d.set(group, "1")
		proof.Title = "see that the instances have noticed"
		proof.Before, proof.Done = proof.Done, d.pending()
		d.add(proof)
	}
	d.restarts(d.members)
	return nil, nil
}

func (d *auditDraft) turnedOn() fix.Setting {
	return fix.Setting{Property: propAudit, Before: d.task.Resource.Get(propAudit), After: resource.OfString("1")}
}

// set changes the parameter in a group.
func (d *auditDraft) set(group resource.Ref, value string) fix.Step {
	return fix.Step{
		Title: fmt.Sprintf("set %s to %s in the parameter group %s", neptune.AuditParameter, value, group.ID),
		Call: d.task.Call("rds:ModifyDBClusterParameterGroup", map[string]resource.Value{
			groupProperty: resource.OfString(group.ID),
			"Parameters": resource.OfList(resource.OfMap(map[string]resource.Value{
				"ParameterName":  resource.OfString(neptune.AuditParameter),
				"ParameterValue": resource.OfString(value),
				"ApplyMethod":    resource.OfString("pending-reboot"),
			})),
		}),
		Done: []fix.Condition{equal(group, propAudit, resource.OfString(value))},
	}
}

// use makes the cluster use another parameter group.
func (d *auditDraft) use(name, old string) fix.Step {
	ready := []fix.Condition{d.task.Here(), settled(d.Resource)}
	call := func(group string) *fix.Call {
		return d.task.Call("rds:ModifyDBCluster", map[string]resource.Value{
			"DBClusterIdentifier": resource.OfString(d.Resource.ID), groupProperty: resource.OfString(group),
		})
	}
	is := func(group string) fix.Condition { return d.task.Equal(groupProperty, resource.OfString(group)) }
	return fix.Step{
		Title:    fmt.Sprintf("use the parameter group %s instead of %s", name, old),
		Call:     call(name),
		Before:   append(slices.Clone(ready), is(old)),
		Done:     append(slices.Clone(ready), is(name)),
		Impact:   "none until the instances reboot",
		Undo:     call(old),
		UndoDone: slices.Concat(ready, []fix.Condition{is(old)}, d.pending()),
	}
}

// pending proves that the members have noticed the change: they say that they
// wait for a restart. Without it a restart could be taken for done before its
// time. It stands in steps that are not undone, since it ends with the restart.
func (d *auditDraft) pending() []fix.Condition {
	if len(d.members) == 0 {
		return nil
	}
	return []fix.Condition{superset(d.Resource, propRestartPending, d.members)}
}

// restarts adds the restarts of members, readers first, or says that they are
// left out.
func (d *auditDraft) restarts(members []string) {
	if len(members) == 0 {
		d.Accept, d.Impact.Downtime = "", "none"
		return
	}
	if d.options.NoRestart {
		d.Accept, d.Impact.Downtime = "", "none"
		d.Warnings = append(d.Warnings, fmt.Sprintf("no audit line is written until each of these has been rebooted: %s", strings.Join(members, ", ")))
		return
	}
	d.Impact.Downtime = "each instance reboots once, the writer last; while the writer reboots, nothing can be written"
	d.Accept = fmt.Sprintf("it reboots %s: connections to an instance break while it is rebooted, and nothing can be written while the writer reboots", strings.Join(d.order(members), ", "))
	for _, id := range d.order(members) {
		d.add(d.restart(id))
	}
}

// restartsOfUndo adds steps that do nothing on the way there: on the way back,
// the members restart once the parameter is what it was.
func (d *auditDraft) restartsOfUndo(members []string) {
	if d.options.NoRestart || len(members) == 0 {
		return
	}
	order := d.order(members)
	d.Undo.Impact = fmt.Sprintf("it reboots %s once more: connections to an instance break while it is rebooted, and nothing can be written while the writer reboots", strings.Join(order, ", "))
	slices.Reverse(order) // undone newest first, so that the writer comes last again
	for _, id := range order {
		restart := d.restart(id)
		d.add(fix.Step{
			Title: "on the way back: " + restart.Title, Impact: restart.Impact, Timeout: restart.Timeout,
			Undo: restart.Call, UndoDone: restart.Done,
		})
	}
}

// order sorts members for a restart: readers by name, then the writer.
func (d *auditDraft) order(members []string) []string {
	readers := slices.DeleteFunc(slices.Clone(members), func(id string) bool { return id == d.writer })
	if len(readers) < len(members) {
		readers = append(readers, d.writer)
	}
	return readers
}

func (d *auditDraft) restart(id string) fix.Step {
	instance := d.ref(neptune.InstanceType, id)
	role, impact := "reader", "connections to this reader break while it reboots"
	if id == d.writer {
		role, impact = "writer", "nothing can be written while the writer reboots, and connections to it break"
	}
	return fix.Step{
		Title:   fmt.Sprintf("reboot the %s %s", role, id),
		Call:    d.task.Call("rds:RebootDBInstance", map[string]resource.Value{"DBInstanceIdentifier": resource.OfString(id)}),
		Before:  []fix.Condition{d.task.Here(), settled(d.Resource), settled(instance)},
		Done:    []fix.Condition{disjoint(d.Resource, propRestartPending, id), settled(instance)},
		Timeout: 30 * 60,
		Impact:  impact,
	}
}
