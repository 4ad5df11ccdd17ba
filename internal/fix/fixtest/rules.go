package fixtest

import (
	"context"
	"testing/fstest"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const thingYAML = `
type: AWS::Test::Thing
title: thing
plural: things
list: test:ListThings
write: {operation: test:ModifyThing, identifier: Id}
properties:
  Days: {type: int, unit: days, default: 1, write: Days}
  PendingDays: {type: int, unit: days, readOnly: true}
  On: {type: bool, default: false, write: On}
  Signed: {type: bool, default: false, write: Signed}
  Public: {type: "list(string)", default: [], write: Public}
  Window: {type: string, write: Window}
  Group: {type: string, default: default, write: Group}
  GroupState: {type: string, readOnly: true}
  Encrypted: {type: bool, default: false, createOnly: true}
  Retired: {type: bool, default: false, write: Retired}
  Status: {type: string, readOnly: true}
  AutomaticRestartTime: {type: time, readOnly: true}
  EarliestRestorableTime: {type: time, readOnly: true}
  LatestRestorableTime: {type: time, readOnly: true}
  GlobalClusterIdentifier: {type: string, readOnly: true}
  Tags: {type: map(string), default: {}}
`

// controlYAML begins every control; its check and fix follow.
const controlYAML = `
resource: AWS::Test::Thing
severity: MEDIUM
category: Test
checks: The thing is as it should be.
why: Because it is a test.
cases:
  - {name: nothing, given: {}, want: FAILED}
`

// Catalogue holds a type and five controls: Test.1 wants Days of 7, and its
// undo loses something; Test.2 wants On; Test.3 wants Signed and must be
// accepted by name; Test.4 wants a group of its own, in four steps; Test.5
// wants a thing that is encrypted, which takes another thing and a person;
// Test.6 wants nothing public, and its undo exposes something.
func Catalogue() (*control.Catalogue, error) {
	files := fstest.MapFS{"Thing.yaml": {Data: []byte(thingYAML)}}
	for name, text := range map[string]string{
		"Test.1": "check: resource.Days >= params.days\n" +
			"parameters: {days: {type: int, unit: days, about: the least, default: 7, min: 7, max: 35}}\n" +
			"fix: {summary: \"Keep {days} days\", set: {Days: \"max(resource.Days, params.days)\"}, risk: low, impact: {downtime: none}, undo: {loses: restore points}}\n",
		"Test.2": "check: resource.On\nfix: {summary: Turn it on, set: {On: \"true\"}, risk: low, impact: {downtime: none}}\n",
		"Test.3": "check: resource.Signed\nfix: {summary: Demand signatures, set: {Signed: \"true\"}, risk: high, impact: {downtime: none}, accept: unsigned clients are cut off at once}\n",
		"Test.4": "check: resource.Group != \"default\"\nfix: {summary: Give it a group of its own, procedure: test-group, risk: medium, impact: {downtime: a restart}}\n",
		"Test.5": "check: resource.Encrypted\nfix: {summary: Replace it by an encrypted one, procedure: test-copy, risk: high, guided: true, impact: {downtime: the cut-over, replaces: true}}\n",
		"Test.6": "check: \"!('all' in resource.Public)\"\nfix: {summary: Share it with nobody, set: {Public: \"resource.Public.filter(a, a != 'all')\"}, risk: medium, impact: {downtime: none}, undo: {exposes: it to everybody}}\n",
	} {
		files[name+".yaml"] = &fstest.MapFile{Data: []byte("id: " + name + "\ntitle: " + name + controlYAML + text)}
	}
	return control.Load(files)
}

// Planners are those of the test controls.
func Planners() *fix.Planners {
	return &fix.Planners{
		Types: map[string]fix.Planner{ThingType: Properties()},
		Procedures: map[string]fix.Planner{
			"test-group": procedure(planGroup),
			"test-copy":  procedure(planCopy),
		},
	}
}

// Properties is the property planner of things.
func Properties() *fix.PropertyPlanner {
	return &fix.PropertyPlanner{
		Status: "Status", Ready: "available", Restart: "AutomaticRestartTime",
		Pending: map[string]string{"Days": "PendingDays"}, Protections: []string{"Days", "On"},
	}
}

type procedure func(*fix.Task) *fix.Change

func (procedure) Wants(*control.Control) []string { return []string{"Status"} }

func (p procedure) Plan(_ context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	if skipped := Properties().Skip(task); skipped != nil {
		return nil, skipped, nil
	}
	return p(task), nil, nil
}

func of(ref resource.Ref, property string, value resource.Value) fix.Condition {
	return fix.Condition{Resource: ref, Property: property, Is: fix.IsEqual, Value: value}
}

func available(ref resource.Ref) fix.Condition {
	c := of(ref, "Status", resource.OfString("available"))
	c.Settles = true
	return c
}

func text(s string) resource.Value { return resource.OfString(s) }

// planGroup makes a group, attaches it and restarts the thing. Taking it back,
// the restart comes last.
func planGroup(task *fix.Task) *fix.Change {
	ref := task.Resource.Ref
	group := Ref(GroupType, ref.ID+"-group")
	id := map[string]resource.Value{"Id": text(ref.ID)}
	attach := func(name string) *fix.Call {
		return task.Call("test:ModifyThing", map[string]resource.Value{"Id": text(ref.ID), "Group": text(name)})
	}
	settled := []fix.Condition{task.Here(), of(ref, "GroupState", text("in-sync")), available(ref)}
	c := task.Change()
	c.Sets = []fix.Setting{{Property: "Group", Before: text("default"), After: text(group.ID)}}
	c.Steps = []fix.Step{
		{ID: "1", Title: "restart on the way back", Undo: task.Call("test:RebootThing", id), UndoDone: settled},
		{
			ID: "2", Title: "create the group " + group.ID, Settle: 300,
			Call:   task.Call("test:CreateGroup", map[string]resource.Value{"Id": text(group.ID), "Family": text("f1")}),
			Before: []fix.Condition{task.Here(), of(ref, "Group", text("default")), {Resource: group, Is: fix.IsGone}},
			Done:   []fix.Condition{{Resource: group, Is: fix.IsThere}, available(group)},
			Undo:   task.Call("test:DeleteGroup", map[string]resource.Value{"Id": text(group.ID)}), UndoDone: []fix.Condition{{Resource: group, Is: fix.IsGone}},
		},
		{
			ID: "3", Title: "attach it", Call: attach(group.ID), Undo: attach("default"),
			Before:   []fix.Condition{task.Here(), of(ref, "Group", text("default")), available(ref)},
			Done:     []fix.Condition{task.Here(), of(ref, "Group", text(group.ID)), available(ref)},
			UndoDone: []fix.Condition{task.Here(), of(ref, "Group", text("default")), available(ref)},
		},
		{
			ID: "4", Title: "restart", Call: task.Call("test:RebootThing", id),
			Before: []fix.Condition{task.Here(), of(ref, "GroupState", text("pending-reboot")), available(ref)},
			Done:   settled,
		},
	}
	return c
}

// planCopy makes an encrypted thing beside the old one and leaves the move to
// a person.
func planCopy(task *fix.Task) *fix.Change {
	old := task.Resource.Ref
	fresh := Ref(ThingType, old.ID+"-new")
	c := task.Change()
	c.Result = &fresh
	c.Steps = []fix.Step{
		{
			ID: "1", Title: "create the encrypted " + fresh.ID,
			Call:   task.Call("test:CreateThing", map[string]resource.Value{"Id": text(fresh.ID), "Encrypted": resource.OfBool(true)}),
			Before: []fix.Condition{task.Here(), available(old), {Resource: fresh, Is: fix.IsGone}},
			Done:   []fix.Condition{{Resource: fresh, Is: fix.IsThere}, available(fresh)},
			Undo:   task.Call("test:DeleteThing", map[string]resource.Value{"Id": text(fresh.ID)}), UndoDone: []fix.Condition{{Resource: fresh, Is: fix.IsGone}},
		},
		{ID: "2", Title: "stop the writers", Manual: "Stop everything that writes to " + old.ID + "."},
		{
			ID: "3", Title: "move the clients", Manual: "Move the clients to " + fresh.ID + " and retire " + old.ID + ".",
			Done:       []fix.Condition{of(old, "Retired", resource.OfBool(true))},
			UndoManual: "Move the clients back and set Retired to false.", UndoDone: []fix.Condition{of(old, "Retired", resource.OfBool(false))},
		},
		{
			ID: "4", Title: "keep the days",
			Call:   task.Call("test:ModifyThing", map[string]resource.Value{"Id": text(fresh.ID), "Days": resource.OfInt(7)}),
			Before: []fix.Condition{{Resource: fresh, Is: fix.IsThere}, available(fresh)},
			Done:   []fix.Condition{of(fresh, "Days", resource.OfInt(7)), available(fresh)},
		},
	}
	return c
}
