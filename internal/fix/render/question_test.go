package render_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func sources() render.Sources {
	return render.Of([]render.Source{{
		Type: "Test::Cluster", Is: "Engine == 'neptune'", UID: "ResourceId",
		Read: render.Read{Operation: "rds:DescribeDBClusters", Identifier: "DBClusterIdentifier", Root: "DBClusters[0]"},
		Properties: map[string]render.Property{
			"Days": {Path: "BackupRetentionPeriod"}, "Logs": {Path: "(Logs[].Name)"}, "Created": {Path: "CreateTime", Moment: true},
			"Scaling": {Path: "Scaling"},
			"Mark":    {Path: "(TagList[0].Value)", Read: &render.Read{Operation: "rds:ListTagsForResource", Identifier: "ResourceName", ByARN: true, Root: "@"}},
		},
	}})
}

func ref(uid string) resource.Ref {
	return resource.Ref{Type: "Test::Cluster", ID: "graph", ARN: "arn:graph", UID: uid, Account: "111122223333", Region: "eu-west-1"}
}

func TestConditionsBecomeQueries(t *testing.T) {
	t.Parallel()
	const here = "type(@) == 'object' && Engine == 'neptune'"
	for name, test := range map[string]struct {
		condition fix.Condition
		want      string
	}{
		"there":        {fix.Condition{Is: fix.IsThere, Resource: ref("")}, here},
		"the same one": {fix.Condition{Is: fix.IsThere, Resource: ref("cluster-A")}, here + " && ResourceId == 'cluster-A'"},
		"number":       {fix.Condition{Is: fix.IsEqual, Property: "Days", Value: resource.OfInt(7)}, here + " && to_string(BackupRetentionPeriod) == '7'"},
		"truth":        {fix.Condition{Is: fix.IsEqual, Property: "Days", Value: resource.OfBool(true)}, here + " && to_string(BackupRetentionPeriod) == 'true'"},
		"absent":       {fix.Condition{Is: fix.IsEqual, Property: "Days"}, here + " && type(BackupRetentionPeriod) == 'null'"},
		"quote":        {fix.Condition{Is: fix.IsEqual, Property: "Days", Value: resource.OfString("it's")}, here + ` && to_string(BackupRetentionPeriod) == 'it\'s'`},
		"at least":     {fix.Condition{Is: fix.IsAtLeast, Property: "Days", Value: resource.OfInt(7)}, here + " && BackupRetentionPeriod >= to_number('7')"},
		"time":         {fix.Condition{Is: fix.IsEqual, Property: "Created", Value: resource.OfString("2026-01-02T03:04:05Z")}, here + " && starts_with(to_string(CreateTime), '2026-01-02T03:04:05')"},
		"holds all":    {fix.Condition{Is: fix.IsSuperset, Property: "Logs", Value: resource.OfStrings([]string{"a", "b"})}, here + " && ((Logs[].Name) | [?@ == 'a']) && ((Logs[].Name) | [?@ == 'b'])"},
		"holds none":   {fix.Condition{Is: fix.IsDisjoint, Property: "Logs", Value: resource.OfStrings([]string{"a", "b"})}, here + " && !((Logs[].Name) | [?@ == 'a' || @ == 'b'])"},
		"same list":    {fix.Condition{Is: fix.IsEqual, Property: "Logs", Value: resource.OfStrings([]string{"a"})}, here + " && ((Logs[].Name) | [?@ == 'a']) && !((Logs[].Name) | [?!(@ == 'a')])"},
		"empty list":   {fix.Condition{Is: fix.IsEqual, Property: "Logs", Value: resource.OfList()}, here + " && !((Logs[].Name))"},
		"structure":    {fix.Condition{Is: fix.IsEqual, Property: "Scaling", Value: resource.OfMap(map[string]resource.Value{"Max": resource.OfFloat(8), "Min": resource.OfFloat(2.5)})}, here + " && type(Scaling) == 'object' && to_string(Scaling.Max) == '8' && to_string(Scaling.Min) == '2.5'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.condition.Resource.Type == "" {
				test.condition.Resource = ref("")
			}
			got, err := sources().Questions([]fix.Condition{test.condition})
			if err != nil {
				t.Fatal(err)
			}
			if want := "DBClusters[0] | !(!(" + test.want + "))"; len(got) != 1 || got[0].Query != want {
				t.Errorf("%+v\nnot %s", got, want)
			}
		})
	}
}

func TestOneCallAnswersAllThatItCan(t *testing.T) {
	t.Parallel()
	days := fix.Condition{Resource: ref("u"), Is: fix.IsEqual, Property: "Days", Value: resource.OfInt(7)}
	got, err := sources().Questions([]fix.Condition{
		{Resource: ref("u"), Is: fix.IsThere}, days,
		{Resource: ref("u"), Is: fix.IsEqual, Property: "Mark", Value: resource.OfString("m")},
		days,
		{Resource: ref("u"), Is: fix.IsGone},
	})
	if err != nil {
		t.Fatal(err)
	}
	place := render.Question{Account: "111122223333", Region: "eu-west-1"}
	cluster, tags, gone := place, place, place
	cluster.Operation, cluster.Identifier, cluster.ID = "rds:DescribeDBClusters", "DBClusterIdentifier", "graph"
	gone = cluster
	gone.Gone = true
	cluster.Query = "DBClusters[0] | !(!(type(@) == 'object' && Engine == 'neptune' && ResourceId == 'u' && to_string(BackupRetentionPeriod) == '7'))"
	tags.Operation, tags.Identifier, tags.ID = "rds:ListTagsForResource", "ResourceName", "arn:graph"
	tags.Query = "@ | !(!(to_string((TagList[0].Value)) == 'm'))"
	if diff := cmp.Diff([]render.Question{cluster, tags, gone}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOneValueAtAPlainPathCanBeComparedPlainly(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		conditions []fix.Condition
		plain      bool
	}{
		"one value":      {[]fix.Condition{{Resource: ref(""), Is: fix.IsEqual, Property: "Days", Value: resource.OfInt(7)}}, true},
		"two conditions": {[]fix.Condition{{Resource: ref(""), Is: fix.IsThere}, {Resource: ref(""), Is: fix.IsEqual, Property: "Days", Value: resource.OfInt(7)}}, false},
		"a known one":    {[]fix.Condition{{Resource: ref("u"), Is: fix.IsEqual, Property: "Days", Value: resource.OfInt(7)}}, false},
		"its state":      {[]fix.Condition{{Resource: ref("u"), Is: fix.IsEqual, Property: "Days", Value: resource.OfInt(7), Settles: true}}, true},
		"at least":       {[]fix.Condition{{Resource: ref(""), Is: fix.IsAtLeast, Property: "Days", Value: resource.OfInt(7)}}, false},
		"a time":         {[]fix.Condition{{Resource: ref(""), Is: fix.IsEqual, Property: "Created", Value: resource.OfString("x")}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := sources().Questions(test.conditions)
			if err != nil {
				t.Fatal(err)
			}
			if (got[0].Plain != nil) != test.plain {
				t.Errorf("%+v", got[0].Plain)
			}
		})
	}
}

func TestWhatNoSourceTellsIsRefusedWithAWayOut(t *testing.T) {
	t.Parallel()
	other := ref("")
	other.Type = "Test::Other"
	for name, condition := range map[string]fix.Condition{
		"type":      {Resource: other, Is: fix.IsThere},
		"property":  {Resource: ref(""), Is: fix.IsEqual, Property: "Mystery", Value: resource.OfInt(1)},
		"structure": {Resource: ref(""), Is: fix.IsEqual, Property: "Scaling", Value: resource.OfMap(map[string]resource.Value{"a b": resource.OfInt(1)})},
		"operator":  {Resource: ref(""), Is: "like", Property: "Days", Value: resource.OfInt(1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := sources().Questions([]fix.Condition{condition})
			var hint interface{ Hint() string }
			if err == nil || !errors.As(err, &hint) || !strings.Contains(hint.Hint(), "holdfast fix apply") {
				t.Errorf("%v", err)
			}
		})
	}
}
