package exception

import (
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func day(text string) time.Time {
	at, err := time.Parse(Day, text)
	if err != nil {
		panic(err)
	}
	return at
}

func sandbox() (*finding.Finding, *resource.Resource) {
	ref := resource.Ref{
		ARN:     "arn:aws:rds:eu-west-1:111122223333:cluster:sandbox/graph",
		Account: "111122223333", Region: "eu-west-1",
	}
	r := &resource.Resource{Ref: ref, Properties: map[string]resource.Value{
		"Tags": resource.OfMap(map[string]resource.Value{"env": resource.OfString("sandbox")}),
	}}
	return &finding.Finding{Control: "Neptune.4", Resource: ref}, r
}

func TestEveryScopeThatIsSetMustMatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule Rule
		want bool
	}{
		"control alone":               {Rule{Control: "Neptune.4"}, true},
		"control in another case":     {Rule{Control: "neptune.4"}, true},
		"control glob":                {Rule{Control: "Neptune.*"}, true},
		"another control":             {Rule{Control: "Neptune.5"}, false},
		"arn glob crosses slashes":    {Rule{Control: "*", ARN: "arn:aws:rds:*:cluster:sandbox*"}, true},
		"another arn":                 {Rule{Control: "*", ARN: "arn:aws:rds:*:cluster:prod*"}, false},
		"tag with its value":          {Rule{Control: "*", Tag: "env=sandbox"}, true},
		"tag glob":                    {Rule{Control: "*", Tag: "env=sand*"}, true},
		"tag key alone":               {Rule{Control: "*", Tag: "env"}, true},
		"tag with another value":      {Rule{Control: "*", Tag: "env=prod"}, false},
		"tag that is not there":       {Rule{Control: "*", Tag: "team=graph"}, false},
		"account":                     {Rule{Control: "*", Account: "111122223333"}, true},
		"another account":             {Rule{Control: "*", Account: "444455556666"}, false},
		"region glob":                 {Rule{Control: "*", Region: "eu-*"}, true},
		"account but another region":  {Rule{Control: "*", Account: "111122223333", Region: "us-*"}, false},
		"last day is today":           {Rule{Control: "*", Until: day("2026-11-22")}, true},
		"last day was yesterday":      {Rule{Control: "*", Until: day("2026-11-21")}, false},
		"a path does not match cloud": {Rule{Control: "*", Path: "modules/*"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, r := sandbox()
			test.rule.Reason = "agreed"
			if got := New([]Rule{test.rule}, today).Match(f, r) != nil; got != test.want {
				t.Errorf("covered: %v, want %v", got, test.want)
			}
		})
	}
}

func TestUnreadTagsMatchNothing(t *testing.T) {
	t.Parallel()
	f, r := sandbox()
	r.Properties["Tags"] = resource.OfUnknown(resource.Missing{Reason: resource.ReasonDenied})
	if New([]Rule{{Control: "*", Tag: "env"}}, today).Match(f, r) != nil {
		t.Error("a tag that could not be read excuses a failure")
	}
}

func TestExpiredAndUnusedExceptionsAreNamed(t *testing.T) {
	t.Parallel()
	f, r := sandbox()
	set := New([]Rule{
		{Control: "Neptune.4", Reason: "a", Source: "holdfast.yaml:3", Until: day("2026-01-01")},
		{Control: "Neptune.9", Reason: "b", Source: "holdfast.yaml:7"},
		{Control: "Neptune.4", Reason: "c", Source: "holdfast.yaml:9"},
	}, today)
	if e := set.Match(f, r); e == nil || e.Reason != "c" {
		t.Errorf("matched %+v", e)
	}
	var footer finding.Footer
	set.Review(&footer, &finding.Extent{
		Known: []string{"Neptune.4", "Neptune.9"}, Judged: []string{"Neptune.4", "Neptune.9"},
		Read: []finding.Place{{Account: "111122223333", Region: "eu-west-1"}},
	})
	if len(footer.Expired) != 1 || footer.Expired[0].Source != "holdfast.yaml:3" {
		t.Errorf("expired %+v", footer.Expired)
	}
	if len(footer.Unused) != 1 || footer.Unused[0].Source != "holdfast.yaml:7" {
		t.Errorf("unused %+v", footer.Unused)
	}
}

func TestAnExceptionIsUnusedOnlyWhereTheScanHasLooked(t *testing.T) {
	t.Parallel()
	const ours, other = "111122223333", "444455556666"
	extent := &finding.Extent{
		Known: []string{"Neptune.4", "Neptune.5", "Neptune.9"}, Judged: []string{"Neptune.4", "Neptune.9"},
		Read:   []finding.Place{{Account: ours, Region: "eu-west-1"}, {Account: ours, Region: "us-east-1"}},
		Unread: []finding.Place{{Account: ours, Region: "eu-west-2"}, {Account: other}},
	}
	for name, test := range map[string]struct {
		rule Rule
		want bool
	}{
		"in a region that was read":                {Rule{Control: "Neptune.4", Account: ours, Region: "eu-west-1"}, true},
		"in regions that were read":                {Rule{Control: "Neptune.4", Account: ours, Region: "us-*"}, true},
		"on a resource in a region read":           {Rule{Control: "Neptune.4", ARN: "arn:aws:rds:eu-west-1:" + ours + ":cluster:graph"}, true},
		"for a control that does not exist":        {Rule{Control: "Neptun.4", Region: "eu-west-2"}, true},
		"for several controls, all of them judged": {Rule{Control: "Neptune.[49]", Account: ours, Region: "eu-west-1"}, true},
		"for a control that was not chosen":        {Rule{Control: "Neptune.5", Region: "eu-west-1"}, false},
		"for several, one of them not chosen":      {Rule{Control: "Neptune.*", Region: "eu-west-1"}, false},
		"in a region that was not scanned":         {Rule{Control: "Neptune.4", Region: "ap-southeast-2"}, false},
		"in a region that could not be read":       {Rule{Control: "Neptune.4", Region: "eu-west-2"}, false},
		"in regions of which one was not read":     {Rule{Control: "Neptune.4", Account: ours, Region: "eu-*"}, false},
		"in an account that could not be entered":  {Rule{Control: "Neptune.4", Account: other, Region: "eu-west-1"}, false},
		"in an account that was not scanned":       {Rule{Control: "Neptune.4", Account: "777788889999"}, false},
		"on a resource that was not read":          {Rule{Control: "Neptune.4", ARN: "arn:aws:rds:eu-west-2:" + ours + ":cluster:*"}, false},
		"anywhere, and something was not read":     {Rule{Control: "Neptune.4", Tag: "env=sandbox"}, false},
		"in code, and the scan was of accounts":    {Rule{Control: "Neptune.4", Path: "*.tf"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var footer finding.Footer
			New([]Rule{test.rule}, today).Review(&footer, extent)
			if got := len(footer.Unused) == 1; got != test.want {
				t.Errorf("called unused: %v, want %v", got, test.want)
			}
		})
	}
}

func TestAnExceptionWhoseTagCouldNotBeReadIsNamed(t *testing.T) {
	t.Parallel()
	f, r := sandbox()
	rules := []Rule{{Control: "Neptune.9", Tag: "env", Reason: "a"}, {Control: "Neptune.4", Tag: "env", Reason: "b"}}
	if e := New(rules, today).Unsure(f, r); e != nil {
		t.Errorf("the tags were read, and %+v is unsure", e)
	}
	r.Properties["Tags"] = resource.OfUnknown(resource.Missing{Reason: resource.ReasonNotRead})
	if e := New(rules, today).Unsure(f, r); e == nil || e.Reason != "b" {
		t.Errorf("got %+v", e)
	}
}

func TestAnExceptionCountsToTheEndOfItsLastDayInUTC(t *testing.T) {
	t.Parallel()
	f, r := sandbox()
	rule := Rule{Control: "Neptune.4", Reason: "x", Until: day("2026-11-22")}
	for moment, want := range map[string]bool{
		"2026-11-22T00:00:00Z":      true,
		"2026-11-22T23:59:59Z":      true,
		"2026-11-23T00:00:00Z":      false,
		"2026-11-23T08:59:59+09:00": true,
		"2026-11-22T19:00:00-05:00": false,
	} {
		now, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := New([]Rule{rule}, now).Match(f, r) != nil; got != want {
			t.Errorf("at %s it counts: %v, want %v", moment, got, want)
		}
	}
}

func TestTagsAreOnlyReadWhenARuleAsks(t *testing.T) {
	t.Parallel()
	wants := resource.Wants{"AWS::Neptune::DBCluster": {"BackupRetentionPeriod"}}
	if got := New([]Rule{{Control: "*"}}, today).Wants(wants); got.Has("AWS::Neptune::DBCluster", "Tags") {
		t.Error("tags are read for a rule without a tag")
	}
	if got := New([]Rule{{Control: "*", Tag: "env"}}, today).Wants(wants); !got.Has("AWS::Neptune::DBCluster", "Tags") {
		t.Error("tags are not read for a rule with a tag")
	}
}

func TestInvalidRulesNameTheField(t *testing.T) {
	t.Parallel()
	for field, rule := range map[string]Rule{
		"control": {Reason: "x"},
		"reason":  {Control: "Neptune.4", Reason: "  "},
		"arn":     {Control: "Neptune.4", Reason: "x", ARN: "[a"},
	} {
		if err := rule.Validate(); err == nil || !strings.HasPrefix(err.Error(), field+":") {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
