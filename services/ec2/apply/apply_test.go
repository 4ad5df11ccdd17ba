package apply_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

const (
	enable  = "ec2:EnableSnapshotBlockPublicAccess"
	disable = "ec2:DisableSnapshotBlockPublicAccess"
	modify  = "ec2:ModifySnapshotAttribute"

	monday, tuesday, private = "snap-0a1b2c3d4e5f60718", "snap-0b1b2c3d4e5f60718", "snap-0c1b2c3d4e5f60718"
	friend                   = "444455556666"
)

// state is everything that a call could change.
type state struct {
	Block  lab.SharingBlock
	Shared map[string][]string
}

func now(b *applytest.Bench) any {
	s := state{Block: b.Region.SharingBlock(), Shared: make(map[string][]string)}
	for _, id := range []string{monday, tuesday, private} {
		if snapshot, ok := b.Region.EBSSnapshot(id); ok {
			s.Shared[id] = slices.Sorted(slices.Values(snapshot.SharedWith))
		}
	}
	return s
}

func given(b *applytest.Bench) {
	b.Region.AddEBSSnapshot(lab.EBSSnapshot{ID: monday, SharedWith: []string{friend, "all"}}).
		AddEBSSnapshot(lab.EBSSnapshot{ID: tuesday, SharedWith: []string{"all"}}).
		AddEBSSnapshot(lab.EBSSnapshot{ID: private, SharedWith: []string{friend}})
}

func after(change func(*state)) func(*applytest.Bench) any {
	return func(*applytest.Bench) any {
		s := state{Block: lab.SharingBlock{State: "unblocked", ManagedBy: "account"}, Shared: map[string][]string{
			monday: {friend, "all"}, tuesday: {"all"}, private: {friend},
		}}
		change(&s)
		return s
	}
}

func TestTheBlockKeepsTheContract(t *testing.T) {
	t.Parallel()
	applytest.ContractAndExport(t, applytest.Case{
		Control: "EC2.182", Given: given, State: now, Other: []string{enable, disable},
		Calls: map[string]int{enable: 1}, UndoCalls: map[string]int{disable: 1},
		Fixed: after(func(s *state) { s.Block.State = "block-all-sharing" }),
		Moved: func(b *applytest.Bench) { b.Region.BlockSharing(lab.SharingBlock{State: "block-new-sharing"}) },
	})
}

func TestUnsharingKeepsTheContract(t *testing.T) {
	t.Parallel()
	applytest.ContractAndExport(t, applytest.Case{
		Control: "EC2.1", Given: given, State: now, Beside: []string{"ec2:GetSnapshotBlockPublicAccessState", "ec2:DescribeSnapshots"},
		Calls: map[string]int{modify: 2}, UndoCalls: map[string]int{modify: 2},
		Fixed: after(func(s *state) { s.Shared[monday], s.Shared[tuesday] = []string{friend}, nil }),
		Moved: func(b *applytest.Bench) {
			b.Region.ChangeEBSSnapshot(monday, func(s *lab.EBSSnapshot) { s.SharedWith = []string{"777788889999", friend, "all"} })
		},
	})
}

func TestThePlanSaysWhatIsSharedTodayAndWhatWouldComeBack(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	change := b.Change(b.Plan("EC2.182"))
	said := strings.Join(change.Warnings, "\n")
	for _, want := range []string{monday, tuesday, "a rollback too, makes them public again"} {
		if !strings.Contains(said, want) {
			t.Errorf("nothing says %q: %s", want, said)
		}
	}
	if strings.Contains(said, private) || change.Undo.Exposes == "" || !strings.Contains(change.Accept, "2 snapshots") {
		t.Errorf("warnings %q, accept %q, the undo exposes %q", said, change.Accept, change.Undo.Exposes)
	}
	quiet := applytest.New(t)
	if change := quiet.Change(quiet.Plan("EC2.182")); change.Accept != "" {
		t.Errorf("a Region without public snapshots asks: %s", change.Accept)
	}
}

func TestTheFormerStateIsRestoredAndIsAnExposure(t *testing.T) {
	t.Parallel()
	for former, undo := range map[string]map[string]int{
		"unblocked":         {enable: 1, disable: 1},
		"block-new-sharing": {enable: 2},
	} {
		b := applytest.New(t)
		given(b)
		b.Region.BlockSharing(lab.SharingBlock{State: former})
		run := b.Applied(b.Plan("EC2.182"))
		accepted := b.Options.Accept
		b.Options.Accept = nil
		status, err := b.Runner().Rollback(t.Context(), run)
		if err != nil || status.Changes[0].Undo != fix.StateSkipped {
			t.Errorf("unaccepted, the undo is %s: %v", status.Changes[0].Undo, err)
		}
		b.Options.Accept = accepted
		b.Undone(run)
		if got := b.Region.SharingBlock().State; got != former {
			t.Errorf("it is %s after the rollback and was %s", got, former)
		}
		if diff := cmp.Diff(undo, b.Writes()); diff != "" {
			t.Errorf("%s (-want +made):\n%s", former, diff)
		}
	}
}

func TestNoPlanLowersTheBlock(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	b.Region.BlockSharing(lab.SharingBlock{State: "block-all-sharing"})
	if p := b.Plan("EC2.182"); len(p.Changes)+len(p.Skipped) != 0 {
		t.Errorf("it plans %+v", p.Changes)
	}
	b.Region.BlockSharing(lab.SharingBlock{State: "unblocked"})
	p := b.Plan("EC2.182")
	step := &p.Changes[0].Steps[0]
	step.Call.Parameters["State"] = resource.OfString("block-new-sharing")
	step.Done[1].Value = resource.OfString("block-new-sharing")
	if err := b.Vet(p); err == nil {
		t.Error("a plan that blocks less passes")
	}
}

func TestTheOrganisationsSwitchIsLeftToIt(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	p := b.Plan("EC2.182")
	b.Region.BlockSharing(lab.SharingBlock{State: "unblocked", ManagedBy: "declarative-policy"})
	if got := b.Skipped(b.Plan("EC2.182")); got.Reason != fix.SkipOwned || !strings.Contains(got.Detail, "declarative policy") {
		t.Errorf("%s: %s", got.Reason, got.Detail)
	}
	if _, status := b.Apply(p); status.State != fix.StateRefused {
		t.Errorf("a policy that came after the plan: %s", status.State)
	}
	err := b.Applier.Call(t.Context(), p.Changes[0].Steps[0].Call)
	if err == nil || !strings.Contains(err.Error(), "declarative policy of the organisation") || len(b.Writes()) != 0 {
		t.Errorf("the call itself: %v, %v", err, b.Writes())
	}
}

func TestWhatIsPublicMustBeKnown(t *testing.T) {
	t.Parallel()
	for id, denied := range map[string]string{"EC2.182": "DescribeSnapshots", "EC2.1": "DescribeSnapshotAttribute"} {
		b := applytest.New(t)
		given(b)
		offline := b.Skipped(b.PlanOffline(id))
		if offline.Reason != fix.SkipUnread || !strings.Contains(offline.Detail, "plan against it instead of saved data") {
			t.Errorf("%s offline: %s: %s", id, offline.Reason, offline.Detail)
		}
		b.Lab.Inject(lab.Fault{Match: lab.Match{Operation: denied}, Effect: lab.Denied})
		if p := b.Plan(id); len(p.Changes) != 0 {
			t.Errorf("%s is planned without %s", id, denied)
		}
	}
}

func TestASnapshotThatIsPrivateAlreadyTakesNoCall(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	p := b.Plan("EC2.1")
	step := p.Changes[0].Steps[0]
	if step.Before[0].Resource.ID != monday {
		t.Fatalf("the first step is about %s", step.Before[0].Resource.ID)
	}
	b.Region.ChangeEBSSnapshot(monday, func(s *lab.EBSSnapshot) { s.SharedWith = []string{friend} })
	_, status := b.Apply(p)
	b.WantState(status, status.State, fix.StateVerified)
	if n := b.Writes()[modify]; n != 1 {
		t.Errorf("%d calls where one snapshot was private already", n)
	}
}

func TestCallsThatNoFixMakesNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	text := resource.OfString
	type parameters = map[string]resource.Value
	entry := func(name, value string) resource.Value {
		return resource.OfList(resource.OfMap(parameters{name: text(value)}))
	}
	share := func(id string, fields parameters) parameters {
		return parameters{"SnapshotId": text(id), "Attribute": text("createVolumePermission"), "CreateVolumePermission": resource.OfMap(fields)}
	}
	for name, test := range map[string]struct {
		operation  string
		parameters parameters
		want       string
	}{
		"an account is taken off":     {modify, share(monday, parameters{"Remove": entry("UserId", friend)}), "more of the snapshot's permission"},
		"added and removed":           {modify, share(monday, parameters{"Add": entry("Group", "all"), "Remove": entry("Group", "all")}), "more of the snapshot's permission"},
		"no snapshot":                 {modify, share("vol-1", parameters{"Remove": entry("Group", "all")}), "is no id of a snapshot"},
		"a parameter too many":        {enable, parameters{"State": text("block-all-sharing"), "DryRun": resource.OfBool(false)}, "DryRun"},
		"a call that is none of them": {"ec2:DeleteSnapshot", parameters{"SnapshotId": text(monday)}, "no service makes this call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			given(b)
			err := b.Applier.Call(t.Context(), &fix.Call{Operation: test.operation, Account: applytest.Account, Region: applytest.Region, Parameters: test.parameters})
			if err == nil || !strings.Contains(err.Error(), test.want) || len(b.Writes()) != 0 {
				t.Errorf("not refused for %q: %v, %v", test.want, err, b.Writes())
			}
		})
	}
}
