package fix_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func denied() resource.Value {
	return resource.OfUnknown(resource.Missing{Reason: resource.ReasonDenied, Permission: "test:ListThings"})
}

func TestAChangeIsOnlyPlannedWhereItCanBeMade(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties values
		reason     string // empty when it is planned
		detail     string
	}{
		"one day":                   {values{"Days": resource.OfInt(1)}, "", ""},
		"omitted, the default":      {nil, "", ""},
		"modifying":                 {values{"Days": resource.OfInt(1), "Status": resource.OfString("modifying")}, fix.SkipState, "takes changes only when it is available"},
		"stopped":                   {values{"Status": resource.OfString("stopped"), "AutomaticRestartTime": resource.OfString("2026-03-20T10:00:00Z")}, fix.SkipState, "starts by itself at 2026-03-20T10:00:00Z"},
		"status unread":             {values{"Status": denied()}, fix.SkipUnread, "test:ListThings is missing"},
		"the raise is pending":      {values{"PendingDays": resource.OfInt(7)}, fix.SkipPending, "a change of Days to 7 was already accepted"},
		"a higher raise is pending": {values{"PendingDays": resource.OfInt(30)}, fix.SkipPending, "to 30"},
		"a lowering is pending":     {values{"Days": resource.OfInt(3), "PendingDays": resource.OfInt(1)}, fix.SkipConflict, "queued a change of Days to 1"},
		"what is pending is unread": {values{"PendingDays": denied()}, fix.SkipUnread, "PendingDays could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := fixtest.NewBench(t)
			b.Cloud.Add("a", test.properties)
			plan := b.Plan(t, "Test.1")
			if test.reason == "" {
				if len(plan.Changes) != 1 || len(plan.Skipped) != 0 {
					t.Errorf("%d changes, skipped %+v", len(plan.Changes), plan.Skipped)
				}
				return
			}
			if len(plan.Changes) != 0 || len(plan.Skipped) != 1 {
				t.Fatalf("%d changes, skipped %+v", len(plan.Changes), plan.Skipped)
			}
			if s := plan.Skipped[0]; s.Reason != test.reason || !strings.Contains(s.Detail, test.detail) {
				t.Errorf("%s: %s", s.Reason, s.Detail)
			}
		})
	}
}

// task is a task that wants Days of the given number.
func task(t *testing.T, properties values, want int64) *fix.Task {
	t.Helper()
	catalogue, err := fixtest.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	r := &resource.Resource{Ref: fixtest.Ref(fixtest.ThingType, "a"), Properties: properties}
	return &fix.Task{
		Finding: &finding.Finding{ID: "f", Control: "Test.1", Status: finding.Failed}, Resource: r,
		Control: catalogue.Find("Test.1"), Type: catalogue.Types[fixtest.ThingType],
		Desired: days(want),
	}
}

func TestAProtectionIsNeverLowered(t *testing.T) {
	t.Parallel()
	properties := values{"Days": resource.OfInt(14), "Status": resource.OfString("available")}
	change, skipped, err := fixtest.Properties().Plan(context.Background(), task(t, properties, 7))
	if err != nil || change != nil || skipped.Reason != fix.SkipWeakens || !strings.Contains(skipped.Detail, "from 14 to 7") {
		t.Errorf("%+v %+v %v", change, skipped, err)
	}
}

func TestWhatWasBeforeAndHasNoValueIsFinal(t *testing.T) {
	t.Parallel()
	work := task(t, values{"Status": resource.OfString("available")}, 7)
	work.Desired = values{"Window": resource.OfString("03:00-04:00")}
	change, _, err := fixtest.Properties().Plan(context.Background(), work)
	if err != nil || change.Steps[0].Undo != nil || change.Steps[0].Final == "" {
		t.Errorf("%+v %v", change, err)
	}
}

func TestPlansKnowWhoElseSetsTheProperties(t *testing.T) {
	t.Parallel()
	tags := func(pairs ...string) values {
		fields := values{}
		for i := 0; i < len(pairs); i += 2 {
			fields[pairs[i]] = resource.OfString(pairs[i+1])
		}
		return values{"Tags": resource.OfMap(fields)}
	}
	for name, test := range map[string]struct {
		properties values
		want       []string
	}{
		"nobody":                {tags("env", "prod"), nil},
		"a stack":               {tags("aws:cloudformation:stack-name", "data"), []string{"cloudformation data"}},
		"a Terraform tag":       {tags("Terraform", "true"), []string{"terraform Terraform=true"}},
		"managed by Terraform":  {tags("managed-by", "OpenTofu"), []string{"terraform managed-by=OpenTofu"}},
		"not by Terraform":      {tags("terraform", "false", "ManagedBy", "hand"), nil},
		"a global cluster":      {values{"GlobalClusterIdentifier": resource.OfString("world")}, []string{"global-cluster world"}},
		"tags that were unread": {values{"Tags": denied()}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := fixtest.NewBench(t)
			b.Cloud.Add("a", test.properties)
			plan := b.Plan(t, "Test.1")
			var got []string
			for _, owner := range plan.Changes[0].Owners {
				got = append(got, owner.Kind+" "+owner.Name)
				if owner.Advice == "" {
					t.Error("an owner without advice")
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPlansAreOrderedAndGuidedChangesComeLast(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("b", nil)
	b.Cloud.Add("a", nil)
	plan := b.Plan(t, "Test.5", "Test.2", "Test.1")
	var got []string
	for i := range plan.Changes {
		got = append(got, plan.Changes[i].Resource.ID+" "+plan.Changes[i].Control)
	}
	want := []string{"a Test.1", "a Test.2", "a Test.5", "b Test.1", "b Test.2", "b Test.5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTotalsCountChangesCostAndWhatNeedsAcceptance(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", nil)
	b.Cloud.Add("b", values{"Days": resource.OfInt(7), "Status": resource.OfString("stopped")})
	plan := b.Plan(t, "Test.1", "Test.3", "Test.5")
	plan.Changes[0].Cost = &fix.Cost{Low: 1.5, High: 3, Known: true}
	plan.Changes[1].Cost = &fix.Cost{Basis: "the size is not known"}
	want := fix.Totals{
		Changes: 3, Resources: 1, Skipped: 2, Guided: 1, CostLow: 1.5, CostHigh: 3, CostUnknown: 1, Accept: []string{"Test.3"},
		ByControl: map[string]int{"Test.1": 1, "Test.3": 1, "Test.5": 1}, ByRisk: map[string]int{"low": 1, "high": 2},
	}
	if diff := cmp.Diff(want, plan.Totals()); diff != "" {
		t.Error(diff)
	}
}

func TestAControlWithoutAFixIsNamed(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", nil)
	planners := fixtest.Planners()
	planners.Types = nil
	c := b.Catalogue.Find("Test.1")
	builder := &fix.Builder{Catalogue: b.Catalogue, Chosen: []*control.Control{c}, Planners: planners, Now: b.Clock.Now()}
	f := &finding.Finding{ID: "f", Control: "Test.1", Status: finding.Failed}
	results := make(chan fix.Result, 1)
	results <- fix.Result{Finding: f, Resource: b.Cloud.Scan()[0]}
	close(results)
	if err := builder.Build(context.Background(), results, 4); err != nil {
		t.Fatal(err)
	}
	plan, err := builder.Plan()
	if err != nil || len(plan.Skipped) != 1 || plan.Skipped[0].Reason != fix.SkipNoFix {
		t.Errorf("%+v %v", plan, err)
	}
}

func TestProblemsSayWhatToDoNext(t *testing.T) {
	t.Parallel()
	for message, test := range map[string]struct{ code, class string }{
		"The backup window and maintenance window must not overlap.":                                                           {"InvalidParameterValue", fix.ClassWindow},
		"x is associated with the following AwsBackupRecoveryPointArn: arn:y. The BackupRetentionPeriod can be blank":          {"InvalidParameterValue", fix.ClassOwned},
		"The specified DB Instance is a member of a cluster. Modify backup retention for the DB Cluster using ModifyDbCluster": {"InvalidParameterCombination", fix.ClassMember},
		"You currently can't modify BackupWindow with Aurora Serverless.":                                                      {"InvalidParameterCombination", fix.ClassServerless},
		"Rate exceeded":             {"ThrottlingException", fix.ClassThrottled},
		"cluster is not available":  {"InvalidDBClusterStateFault", fix.ClassState},
		"instance is not available": {"InvalidDBInstanceState", fix.ClassState},
		"not authorized":            {"AccessDeniedException", fix.ClassDenied},
		"the token expired":         {"ExpiredTokenException", fix.ClassExpired},
		"no such cluster":           {"DBClusterNotFoundFault", fix.ClassGone},
		"it exists":                 {"DBClusterAlreadyExistsFault", fix.ClassExists},
		"too many instances":        {"InstanceQuotaExceeded", fix.ClassQuota},
		"no capacity":               {"InsufficientDBInstanceCapacity", fix.ClassQuota},
		"the key is not accessible": {"KMSKeyNotAccessibleFault", fix.ClassKey},
		"36 is no valid value":      {"InvalidParameterValue", fix.ClassInvalid},
	} {
		p := fix.NewProblem(&fix.CallError{Operation: "rds:ModifyDBCluster", Code: test.code, Message: message})
		if p.Class != test.class || p.Next == "" || p.Message != message {
			t.Errorf("%s: %s is %+v", test.code, message, p)
		}
	}
}

// owned plans for things whose days another one may own.
func owned() *fix.PropertyPlanner {
	p := fixtest.Properties()
	p.Owned = map[string][]fix.OwnedBy{"Days": {{Property: "Group", Says: "has the say: change it there"}}}
	return p
}

func TestWhatSomebodyElseOwnsIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties values
		reason     string // empty when it is planned
		detail     string
	}{
		"nobody owns it":        {nil, "", ""},
		"somebody owns it":      {values{"Group": resource.OfString("vault")}, fix.SkipOwned, "vault has the say: change it there"},
		"the owner is not read": {values{"Group": denied()}, fix.SkipUnread, "Group could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			planning := task(t, values{"Days": resource.OfInt(1), "Status": resource.OfString("available")}, 7)
			maps.Copy(planning.Resource.Properties, test.properties)
			change, skipped, err := owned().Plan(t.Context(), planning)
			switch {
			case err != nil:
				t.Fatal(err)
			case test.reason == "" && change == nil:
				t.Errorf("skipped %+v", skipped)
			case test.reason == "" && !demands(change, "Group"):
				t.Error("the owner is not looked for before the call")
			case test.reason != "" && (skipped == nil || skipped.Reason != test.reason || !strings.Contains(skipped.Detail, test.detail)):
				t.Errorf("skipped %+v", skipped)
			}
		})
	}
}

// demands reports whether the call of a change needs a property to be absent.
func demands(c *fix.Change, property string) bool {
	return slices.ContainsFunc(c.Steps[0].Before, func(d fix.Condition) bool {
		return d.Property == property && d.Is == fix.IsEqual && d.Value.Kind() == resource.Absent
	})
}
