package apply

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// fence is what the calls of a procedure may be about: the resource of the
// change, and what the change makes itself.
type fence struct {
	change     *fix.Change
	operations []string
	made       []resource.Ref
}

// Vet implements fix.Vetter.
func (*auditLog) Vet(c *fix.Change, typ *control.Type) error {
	f := &fence{change: c, operations: Operations(EnableAuditLog)}
	return f.vet(func(step *fix.Step) error {
		if step.Call != nil && step.Call.Parameters["CloudwatchLogsExportConfiguration"].Known() {
			return clusterProperties().VetStep(step, c.Resource, typ, logExports)
		}
		if step.Call != nil && step.Call.Operation == "rds:RebootDBInstance" && c.Accept == "" {
			return errors.New("it reboots without asking to be accepted")
		}
		return f.step(step, groupProperty)
	})
}

// Vet implements fix.Vetter.
func (addReader) Vet(c *fix.Change, _ *control.Type) error {
	f := &fence{change: c, operations: Operations(AddReader)}
	return f.vet(func(step *fix.Step) error { return f.step(step) })
}

// Vet implements fix.Vetter.
func (*encryptCluster) Vet(c *fix.Change, _ *control.Type) error {
	f := &fence{change: c, operations: Operations(EncryptCluster)}
	return f.vet(func(step *fix.Step) error { return f.step(step) })
}

// Vet implements fix.Vetter.
func (*encryptSnapshot) Vet(c *fix.Change, _ *control.Type) error {
	f := &fence{change: c, operations: Operations(EncryptSnapshot)}
	return f.vet(func(step *fix.Step) error { return f.step(step) })
}

// vet checks each step in turn, so that a step may be about what one before it
// makes.
func (f *fence) vet(step func(*fix.Step) error) error {
	if f.change.Resource.Type == neptune.ClusterType && f.change.Resource.UID == "" {
		return fix.ErrUnidentified
	}
	for i := range f.change.Steps {
		s := &f.change.Steps[i]
		for _, call := range []*fix.Call{s.Call, s.Undo} {
			if call != nil && !slices.Contains(f.operations, call.Operation) {
				return fmt.Errorf("step %q: %q is no call of this fix", s.ID, call.Operation)
			}
		}
		if err := step(s); err != nil {
			return fmt.Errorf("step %q: %w", s.ID, err)
		}
	}
	return nil
}

// step checks the calls of one step. own are the parameters with which the
// resource of the change itself may be modified.
func (f *fence) step(s *fix.Step, own ...string) error {
	if s.Call != nil {
		if err := f.forward(s, own); err != nil {
			return err
		}
	}
	if s.Undo == nil {
		return nil
	}
	if strings.HasPrefix(operationName(s.Undo), "Delete") {
		return f.deletes(s.Undo)
	}
	return f.call(s.Undo, s.UndoDone, own, f.before(s))
}

// before is the value of the audit parameter that an undo may go back to.
func (f *fence) before(s *fix.Step) string {
	for i := range s.Before {
		if s.Before[i].Property == propAudit && s.Before[i].Is == fix.IsEqual {
			value, _ := s.Before[i].Value.Text()
			return value
		}
	}
	return ""
}

func (f *fence) forward(s *fix.Step, own []string) error {
	name := operationName(s.Call)
	if typ, parameter := makes(s.Call.Operation); typ != "" {
		return f.makes(s, typ, parameter)
	}
	if strings.HasPrefix(name, "Delete") {
		return f.deletes(s.Call)
	}
	return f.call(s.Call, s.Done, own, "1")
}

func operationName(call *fix.Call) string {
	_, name, _ := strings.Cut(call.Operation, ":")
	return name
}

// makes tells what a call makes, and which parameter names it.
func makes(operation string) (typ, parameter string) {
	switch operation {
	case "rds:CreateDBInstance":
		return neptune.InstanceType, "DBInstanceIdentifier"
	case "rds:CreateDBClusterSnapshot":
		return neptune.SnapshotType, "DBClusterSnapshotIdentifier"
	case "rds:RestoreDBClusterFromSnapshot":
		return neptune.ClusterType, "DBClusterIdentifier"
	case "rds:CreateDBClusterParameterGroup":
		return neptune.ParameterGroupType, groupProperty
	default:
		return "", ""
	}
}

// makes checks a step that makes something: it must not be there before, must
// carry the mark of the change, and must come from what the change is about.
func (f *fence) makes(s *fix.Step, typ, parameter string) error {
	id, err := named(s.Call.Parameters, parameter)
	if err != nil {
		return err
	}
	ref := (&draft{task: &fix.Task{Resource: &resource.Resource{Ref: f.change.Resource}}}).ref(typ, id)
	if !slices.ContainsFunc(s.Before, func(c fix.Condition) bool { return c.Resource == ref && c.Is == fix.IsGone }) {
		return fmt.Errorf("it makes %q without seeing whether it is there", id)
	}
	if !asks(s.Done, ref, propMadeBy) {
		return fmt.Errorf("it does not prove that %q is its own", id)
	}
	for parameter, typ := range map[string]string{"DBClusterIdentifier": neptune.ClusterType, "SnapshotIdentifier": neptune.SnapshotType} {
		from, given := s.Call.Parameters[parameter].Text()
		if given && from != id && !f.about(typ, from) {
			return fmt.Errorf("it is made from %q, which the change is not about", from)
		}
	}
	f.made = append(f.made, ref)
	return nil
}

// about reports whether the change is about something: its resource, or what
// it made.
func (f *fence) about(typ, id string) bool {
	return f.change.Resource.Type == typ && f.change.Resource.ID == id || f.ours(typ, id)
}

func (f *fence) ours(typ, id string) bool {
	return slices.ContainsFunc(f.made, func(ref resource.Ref) bool { return ref.Type == typ && ref.ID == id })
}

// deletes checks a deletion: nothing but what the change itself made.
func (f *fence) deletes(call *fix.Call) error {
	typ, parameter := makes(map[string]string{
		"rds:DeleteDBInstance": "rds:CreateDBInstance", "rds:DeleteDBClusterSnapshot": "rds:CreateDBClusterSnapshot",
		"rds:DeleteDBCluster": "rds:RestoreDBClusterFromSnapshot", "rds:DeleteDBClusterParameterGroup": "rds:CreateDBClusterParameterGroup",
	}[call.Operation])
	id, err := named(call.Parameters, parameter)
	if err == nil && !f.ours(typ, id) {
		err = fmt.Errorf("it deletes %q, which the change does not make", id)
	}
	return err
}

// call checks a call that modifies or restarts something that is there.
func (f *fence) call(call *fix.Call, done []fix.Condition, own []string, audit string) error {
	switch operationName(call) {
	case "ModifyDBCluster":
		return f.modifies(call, own)
	case "ModifyDBClusterParameterGroup":
		return auditOnly(call, audit)
	case "RebootDBInstance":
		id, err := named(call.Parameters, "DBInstanceIdentifier")
		waits := disjoint(f.change.Resource, propRestartPending, id)
		if err == nil && !slices.ContainsFunc(done, func(c fix.Condition) bool {
			return c.Resource == waits.Resource && c.Property == waits.Property && c.Is == waits.Is && c.Value.Equal(waits.Value)
		}) {
			err = fmt.Errorf("it reboots %q without seeing that the cluster of the change waits for that", id)
		}
		return err
	default:
		return fmt.Errorf("%q has no place there", call.Operation)
	}
}

// modifies checks which parameters a cluster gets: those of a new cluster of
// the change are more than those of somebody's.
func (f *fence) modifies(call *fix.Call, own []string) error {
	id, err := named(call.Parameters, "DBClusterIdentifier")
	if err != nil {
		return err
	}
	allowed := append(slices.Clone(own), "DBClusterIdentifier")
	switch {
	case f.ours(neptune.ClusterType, id):
		allowed = append(allowed, slices.Concat(afterwards(), []string{"DeletionProtection"})...)
	case id != f.change.Resource.ID || f.change.Resource.Type != neptune.ClusterType:
		return fmt.Errorf("it modifies %q, which the change is not about", id)
	}
	for name := range call.Parameters {
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("it sets %s, which the fix does not", name)
		}
	}
	return nil
}

// auditOnly checks that nothing but the audit parameter is set in a group.
func auditOnly(call *fix.Call, value string) error {
	list := call.Parameters["Parameters"].List()
	if len(list) != 1 {
		return errors.New("it sets other parameters than that of the audit log")
	}
	fields := list[0].Fields()
	name, _ := fields["ParameterName"].Text()
	if set, _ := fields["ParameterValue"].Text(); name != neptune.AuditParameter || set != value {
		return fmt.Errorf("it sets %q to %q in the parameter group", name, set)
	}
	return nil
}

// asks reports whether a property is among what conditions ask for.
func asks(conditions []fix.Condition, ref resource.Ref, property string) bool {
	return slices.ContainsFunc(conditions, func(c fix.Condition) bool {
		return c.Resource == ref && c.Property == property && c.Is == fix.IsEqual && c.Value.Known()
	})
}
