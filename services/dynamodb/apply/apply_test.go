package apply_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/applytest"
	"github.com/holdfast-aws/holdfast/services/dynamodb"
)

const backups, table, listTags = "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable", "dynamodb:ListTagsOfResource"

// tables is everything that a call could change.
func tables(b *applytest.Bench) any {
	var all []lab.Table
	for _, name := range []string{"orders", "sound"} {
		if t, ok := b.Region.Table(name); ok {
			all = append(all, t)
		}
	}
	return all
}

func given(b *applytest.Bench) {
	b.Region.AddTable(lab.Table{Name: "orders", Tags: lab.Tags{"team": "shop"}}).
		AddTable(lab.Table{Name: "sound", Recovery: true, RecoveryDays: 7, DeletionProtection: true, RecoverySince: b.Clock.Now()})
}

// with is what tables are after a change of orders.
func with(change func(*lab.Table, *applytest.Bench)) func(*applytest.Bench) any {
	return func(b *applytest.Bench) any {
		all := tables(b).([]lab.Table)
		all[0] = lab.Table{Name: "orders", RecoveryDays: 35, Status: "ACTIVE", Tags: lab.Tags{"team": "shop"}}
		change(&all[0], b)
		return all
	}
}

func TestRecoveryKeepsTheContract(t *testing.T) {
	t.Parallel()
	applytest.ContractAndExport(t, applytest.Case{
		Control: "DynamoDB.2", Given: given, State: tables,
		Beside: []string{listTags},
		Calls:  map[string]int{backups: 1}, UndoCalls: map[string]int{backups: 1},
		Fixed:  with(func(o *lab.Table, b *applytest.Bench) { o.Recovery, o.RecoverySince = true, since(b) }),
		Undone: with(func(o *lab.Table, b *applytest.Bench) { o.RecoverySince = since(b) }),
		Moved:  func(b *applytest.Bench) { b.Region.ChangeTable("orders", func(o *lab.Table) { o.Status = "DELETING" }) },
	})
}

// since is when recovery was turned on: when that was, the clock decides.
func since(b *applytest.Bench) time.Time {
	o, _ := b.Region.Table("orders")
	return o.RecoverySince
}

func TestDeletionProtectionKeepsTheContract(t *testing.T) {
	t.Parallel()
	applytest.ContractAndExport(t, applytest.Case{
		Control: "DynamoDB.6", Given: given, State: tables,
		Beside: []string{listTags, "dynamodb:DescribeContinuousBackups"},
		Calls:  map[string]int{table: 1}, UndoCalls: map[string]int{table: 1},
		Fixed: with(func(o *lab.Table, _ *applytest.Bench) { o.DeletionProtection = true }),
		Moved: func(b *applytest.Bench) { b.Region.ChangeTable("orders", func(o *lab.Table) { o.Status = "DELETING" }) },
	})
}

func TestThePeriodIsAlwaysSent(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	run := b.Applied(b.Plan("DynamoDB.2"))
	var sent []string
	for _, call := range b.Lab.Calls() {
		if call.Operation == "UpdateContinuousBackups" {
			sent = append(sent, call.Params["PointInTimeRecoverySpecification"])
		}
	}
	if diff := cmp.Diff([]string{"map[PointInTimeRecoveryEnabled:true RecoveryPeriodInDays:35]"}, sent); diff != "" {
		t.Error(diff)
	}
	b.Undone(run)
}

func TestTurningRecoveryOffAgainAsksForTheLoss(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	run := b.Applied(b.Plan("DynamoDB.2"))
	b.Options.AcceptLoss = false
	status, err := b.Runner().Rollback(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if o, _ := b.Region.Table("orders"); !o.Recovery || status.Changes[0].Undo != fix.StateSkipped {
		t.Errorf("the undo is %s, recovery is %t", status.Changes[0].Undo, o.Recovery)
	}
}

func TestTablesThatTakeNoChangesAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, state := range []string{"CREATING", "UPDATING", "DELETING", "ARCHIVED", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"} {
		for _, id := range []string{"DynamoDB.2", "DynamoDB.6"} {
			b := applytest.New(t)
			b.Region.AddTable(lab.Table{Name: "orders", Status: state})
			if got := b.Skipped(b.Plan(id)); got.Reason != fix.SkipState || !strings.Contains(got.Detail, state) {
				t.Errorf("%s on a table that is %s: %s: %s", id, state, got.Reason, got.Detail)
			}
		}
	}
}

func TestATableMadeAnewUnderTheNameIsAnotherOne(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	p := b.Plan("DynamoDB.6")
	if p.Changes[0].Resource.UID == "" {
		t.Fatal("the plan does not name the table's id")
	}
	p.Changes[0].Resource.UID = "00000000-0000-4000-8000-000000000000"
	if err := b.Vet(p); err == nil {
		t.Error("the steps are about another id than the change, and that passes")
	}
}

func TestATableWithoutAnIDIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"DynamoDB.2", "DynamoDB.6"} {
		b := applytest.New(t)
		given(b)
		b.Lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeTable"}, Effect: lab.OddResource, Odd: &lab.Odd{Omit: []string{"TableId"}}})
		if got := b.Skipped(b.Plan(id)); got.Reason != fix.SkipUnread || !strings.Contains(got.Detail, "did not tell its id") {
			t.Errorf("%s: %s: %s", id, got.Reason, got.Detail)
		}
	}
}

func TestCallsThatNoFixMakesNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	text, yes := resource.OfString, resource.OfBool(true)
	type parameters = map[string]resource.Value
	on := resource.OfMap(parameters{"PointInTimeRecoveryEnabled": yes})
	for name, test := range map[string]struct {
		operation  string
		parameters parameters
		want       string
	}{
		"without the period":       {backups, parameters{"TableName": text("orders"), "PointInTimeRecoverySpecification": on}, "would take it for 35"},
		"a table by its ARN":       {backups, parameters{"TableName": text("arn:aws:dynamodb:eu-west-1:444455556666:table/x"), "PointInTimeRecoverySpecification": on}, "is no name of a table"},
		"nothing named":            {table, parameters{"DeletionProtectionEnabled": yes}, "TableName is missing"},
		"more than the protection": {table, parameters{"TableName": text("orders"), "DeletionProtectionEnabled": yes, "BillingMode": text("PAY_PER_REQUEST")}, "BillingMode"},
		"nothing set":              {table, parameters{"TableName": text("orders")}, "DeletionProtectionEnabled is missing"},
		"a field that is not one":  {table, parameters{"TableName": text("orders"), "Protected": yes}, "Protected"},
		"another call":             {"dynamodb:DeleteTable", parameters{"TableName": text("orders")}, "no service makes this call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			given(b)
			err := b.Applier.Call(t.Context(), &fix.Call{Operation: test.operation, Account: applytest.Account, Region: applytest.Region, Parameters: test.parameters})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "nothing was sent") {
				t.Errorf("not refused for %q: %v", test.want, err)
			}
			if len(b.Writes()) != 0 {
				t.Errorf("sent: %v", b.Writes())
			}
		})
	}
}

func TestReadingTellsGoneFromUnread(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	if _, err := b.Applier.Read(t.Context(), b.Ref(dynamodb.TableType, "none"), nil); !strings.Contains(err.Error(), fix.ErrGone.Error()) {
		t.Errorf("a table that is not there: %v", err)
	}
	b.Lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeContinuousBackups"}, Effect: lab.Denied})
	r, err := b.Applier.Read(t.Context(), b.Ref(dynamodb.TableType, "orders"), []string{"PointInTimeRecovery", "Status"})
	if err != nil || r.Get("PointInTimeRecovery").Kind() != resource.Unknown || r.UID == "" {
		t.Errorf("a table whose backups may not be read: %+v, %v", r, err)
	}
}
