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
	expired, unused := set.Unmatched()
	if len(expired) != 1 || expired[0].Source != "holdfast.yaml:3" {
		t.Errorf("expired %+v", expired)
	}
	if len(unused) != 1 || unused[0].Source != "holdfast.yaml:7" {
		t.Errorf("unused %+v", unused)
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
