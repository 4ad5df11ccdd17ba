package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	plane "github.com/holdfast-aws/holdfast/services/rdsplane/apply"
)

// instances plans the fixes that set properties of an instance of its own. From
// one retention to another it is online; the first automated backups ever
// restart the instance, and wait for the maintenance window unless they are
// taken at once. So does a standby, without the restart.
type instances struct{ now bool }

var _ fix.Vetter = (*instances)(nil)

func instanceProperties(now bool) *fix.PropertyPlanner {
	cluster := fix.OwnedBy{Property: memberOf, Says: "is its cluster, which has this setting for all of its instances: fix it there"}
	return &fix.PropertyPlanner{
		Status: "Status", Ready: "available", Identified: true, Restart: "AutomaticRestartTime",
		Pending:     map[string]string{retention: "PendingBackupRetentionPeriod", multiAZ: "PendingMultiAZ"},
		Protections: []string{retention, protection, copyTags, multiAZ},
		Owned: map[string][]fix.OwnedBy{
			retention:  {cluster, ownedByBackup()},
			protection: {cluster}, copyTags: {cluster}, multiAZ: {cluster},
		},
		Refine: func(step *fix.Step, task *fix.Task, property string, from, _ resource.Value) {
			if !isQueued(property, from) {
				return
			}
			step.Timeout = queued
			if now {
				step.Timeout = slow
				atOnce(step, task)
			}
			if property == retention {
				step.Impact = "the instance restarts"
				step.Undo, step.UndoDone = nil, nil
				step.Final = "without automated backups as before, every automated backup would be deleted and the instance restarted again: Holdfast does not do that"
			}
		},
	}
}

// isQueued reports whether a setting waits for the maintenance window unless it
// is applied at once.
func isQueued(property string, from resource.Value) bool {
	return property == multiAZ || property == retention && first(from)
}

// first reports whether there are no automated backups yet.
func first(from resource.Value) bool {
	days, ok := from.Int()
	return ok && days == 0
}

// Wants implements fix.Planner.
func (*instances) Wants(c *control.Control) []string {
	wants := append(instanceProperties(false).Wants(c), "Engine", "EngineVersion", replicaOf, plane.WaitingChanges,
		"PreferredMaintenanceWindow", "DBInstanceClass", "BackupTarget", retention)
	return slices.DeleteFunc(wants, func(name string) bool { return name == "GlobalClusterIdentifier" }) // clusters have it
}

// Plan implements fix.Planner.
func (p *instances) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	planner := instanceProperties(p.now)
	if skipped := planner.Skip(task); skipped != nil {
		return nil, skipped, nil
	}
	if skipped := p.skip(task); skipped != nil {
		return nil, skipped, nil
	}
	change, skipped, err := planner.Plan(ctx, task)
	if change == nil {
		return nil, skipped, err
	}
	if _, ok := task.Desired[retention]; ok {
		p.tellRetention(change, task)
	}
	if _, ok := task.Desired[multiAZ]; ok {
		p.tellStandby(change, task)
	}
	return change, nil, nil
}

// skip leaves alone what the instance cannot take, or not beside what else it
// waits for.
func (p *instances) skip(task *fix.Task) *fix.Skipped {
	engine, _ := task.Resource.Get("Engine").Text()
	from := task.Resource.Get(retention)
	_, keeps := task.Desired[retention]
	_, doubles := task.Desired[multiAZ]
	if keeps {
		if skipped := skipReplica(task, engine); skipped != nil {
			return skipped
		}
	}
	if doubles && strings.HasPrefix(engine, "sqlserver") && first(from) {
		return task.Skip(fix.SkipState, "SQL Server takes a standby only while automated backups are on: turn them on first (RDS.11)")
	}
	if p.now && (doubles || keeps && first(from)) {
		return notBeside(task, task.Resource.Get(plane.WaitingChanges))
	}
	return nil
}

// skipReplica leaves read replicas alone: some cannot have automated backups,
// and whether the others do is for their owners to say.
func skipReplica(task *fix.Task, engine string) *fix.Skipped {
	source := task.Resource.Get(replicaOf)
	switch {
	case source.Kind() == resource.Absent:
		return nil
	case source.Kind() == resource.Unknown:
		return task.Skip(fix.SkipUnread, "whether it is a read replica could not be read")
	case strings.HasPrefix(engine, "sqlserver"):
		return task.Skip(fix.SkipNoFix, "it is a read replica of %s, and SQL Server keeps no automated backups of replicas", source)
	case engine == "postgres" && before14(task):
		return task.Skip(fix.SkipNoFix, "it is a read replica of %s, and PostgreSQL keeps automated backups of replicas from version 14.1 on", source)
	default:
		return task.Skip(fix.SkipNoFix, "it is a read replica of %s: whether a replica keeps backups of its own is for its owners to decide", source)
	}
}

// before14 reports whether a version of PostgreSQL is older than 14.1.
func before14(task *fix.Task) bool {
	text, _ := task.Resource.Get("EngineVersion").Text()
	major, rest, _ := strings.Cut(text, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errMajor := strconv.Atoi(major)
	b, errMinor := strconv.Atoi(minor)
	return errMajor == nil && (a < 14 || a == 14 && errMinor == nil && b < 1)
}

// tellRetention says what a new retention does to the instance.
func (p *instances) tellRetention(change *fix.Change, task *fix.Task) {
	if target, ok := task.Resource.Get("BackupTarget").Text(); ok && target != "region" {
		change.Warnings = append(change.Warnings, "its backups are kept in "+target+", not in the region")
	}
	change.Impact.Downtime, change.Impact.Clients = "none", "none"
	if !first(task.Resource.Get(retention)) {
		return
	}
	when := "when the plan is applied"
	if !p.now {
		when = window(task)
		change.Warnings = append(change.Warnings,
			"until then there are no automated backups, and stopping the instance before drops the change; holdfast fix verify settles the run afterwards",
			"to restart it when the plan is applied instead, plan with --now")
	}
	change.Impact.Downtime = "the instance restarts once, " + when
	change.Impact.Clients = "connections break while it restarts"
	change.Accept = acceptRestart + when + ", and a first backup is taken"
	change.Warnings = append(change.Warnings, "with backups the engine begins to keep its log for them, which takes storage and I/O")
}

const acceptRestart = "turning automated backups on restarts the instance "

// tellStandby says when a standby is made, and what it costs.
func (p *instances) tellStandby(change *fix.Change, task *fix.Task) {
	class, _ := task.Resource.Get("DBInstanceClass").Text()
	change.Cost = &fix.Cost{Basis: fmt.Sprintf("the price of another %s and of its storage, day and night, which no list here has", class)}
	if !p.now {
		change.Warnings = append(change.Warnings, "the standby is made "+window(task)+"; to make it when the plan is applied instead, plan with --now")
	}
}

// Vet implements fix.Vetter.
func (*instances) Vet(c *fix.Change, typ *control.Type) error {
	for i := range c.Sets {
		if set := &c.Sets[i]; set.Property == retention && first(set.Before) && !strings.HasPrefix(c.Accept, acceptRestart) {
			return errors.New("it restarts the instance without asking to be accepted")
		}
	}
	return vetOne(c, typ, instanceProperties(false), instanceProperties(true))
}
