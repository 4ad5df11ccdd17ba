package inline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const cluster = "AWS::Neptune::DBCluster"

func catalogue() *control.Catalogue {
	return &control.Catalogue{
		Controls: []*control.Control{
			{ID: "Neptune.1", Elsewhere: map[string][]string{
				control.Checkov: {"CKV_AWS_44"}, control.Trivy: {"AVD-AWS-0076", "aws-neptune-enable-storage-encryption"},
			}},
			{ID: "Neptune.2", Elsewhere: map[string][]string{
				control.Checkov: {"CKV_AWS_101"}, control.Trivy: {"AVD-AWS-0075", "aws-neptune-enable-log-export"},
			}},
			{ID: "Neptune.4", Resource: cluster}, {ID: "Neptune.5"},
		},
		Types: map[string]*control.Type{cluster: {
			Name: cluster, List: "rds:DescribeDBClusters", Properties: map[string]*control.Property{
				"DeletionProtection": {Terraform: "deletion_protection", CloudFormation: "DeletionProtection"},
				"StorageEncrypted":   {Terraform: "storage_encrypted", CloudFormation: "StorageEncrypted"},
				"Tags":               {Terraform: "tags"},
			},
		}},
	}
}

func extent() *finding.Extent {
	ids := []string{"Neptune.1", "Neptune.2", "Neptune.4", "Neptune.5"}
	return &finding.Extent{Known: ids, Judged: ids, Read: []finding.Place{{File: "main.tf"}}}
}

// graph is a cluster with comments at it, the first of which stands in line 3.
func graph(comments ...string) *resource.Resource {
	r := &resource.Resource{Ref: resource.Ref{Type: cluster, ID: "main", Origin: resource.Origin{File: "main.tf", Line: 3, Address: "main"}}}
	for i, text := range comments {
		r.Remarks = append(r.Remarks, resource.Remark{Text: text, Origin: resource.Origin{File: "main.tf", Line: 3 + i}})
	}
	r.FileRemarks = slices.Clone(r.Remarks)
	return r
}

// failures are findings on a resource: every control fails.
func failures(r *resource.Resource) []*finding.Finding {
	var all []*finding.Finding
	for _, id := range extent().Known {
		all = append(all, &finding.Finding{Control: id, Status: finding.Failed, Resource: r.Ref, Evidence: []finding.Evidence{
			{Property: "StorageEncrypted", Actual: resource.OfBool(false)},
		}})
	}
	return all
}

// outcome tells what a set makes of a resource on which every control fails.
func outcome(s *Set, r *resource.Resource) string {
	var out []string
	all := failures(r)
	for _, f := range all {
		if e := s.Match(f, r); e != nil {
			text := fmt.Sprintf("%s: %s", f.Control, e.Reason)
			if e.Until != "" {
				text += " until " + e.Until
			}
			if e.Owner != "" {
				text += " by " + e.Owner
			}
			out = append(out, text+" ["+e.Source+"]")
		}
	}
	s.Look(r, all)
	var footer finding.Footer
	s.Review(&footer, extent())
	for _, f := range footer.Faulty {
		out = append(out, "faulty "+f.Cause+" ["+f.Source+"]")
	}
	for _, e := range footer.Expired {
		out = append(out, "expired "+e.Scope+" ["+e.Source+"]")
	}
	for _, e := range footer.Unused {
		out = append(out, "unused "+e.Scope+" ["+e.Source+"]")
	}
	return strings.Join(out, "\n")
}

func TestWhatCommentsSay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"prose":                       {"Holdfast: the tool that reads this", ""},
		"another tool":                {"nosec kics-scan ignore-line", ""},
		"one control":                 {`holdfast:ignore Neptune.4 reason="rebuilt every night"`, "Neptune.4: rebuilt every night [main.tf:3]"},
		"in any letter case":          {`Holdfast:Ignore neptune.4 Reason=x`, "Neptune.4: x [main.tf:3]"},
		"several":                     {`holdfast:ignore Neptune.4,Neptune.5 reason='a "b"'`, "Neptune.4: a \"b\" [main.tf:3]\nNeptune.5: a \"b\" [main.tf:3]"},
		"several, apart":              {`holdfast:ignore Neptune.4, Neptune.5 reason=x`, "Neptune.4: x [main.tf:3]\nNeptune.5: x [main.tf:3]"},
		"a glob":                      {`holdfast:ignore Neptune.[45] reason="a \" b"`, "Neptune.4: a \" b [main.tf:3]\nNeptune.5: a \" b [main.tf:3]"},
		"all fields":                  {`holdfast:ignore Neptune.4 until=2027-01-31 owner="graph guild" reason="x y"`, "Neptune.4: x y until 2027-01-31 by graph guild [main.tf:3]"},
		"words without marks":         {`holdfast:ignore Neptune.4 reason=until the move is over until=2027-01-31`, "Neptune.4: until the move is over until 2027-01-31 [main.tf:3]"},
		"its last day":                {`holdfast:ignore Neptune.4 reason=x until=2026-11-22`, "Neptune.4: x until 2026-11-22 [main.tf:3]"},
		"over":                        {`holdfast:ignore Neptune.4 reason=x until=2026-11-21`, "expired Neptune.4 [main.tf:3]"},
		"in the second line":          {"kept small\n holdfast:ignore Neptune.4 reason=x\n", "Neptune.4: x [main.tf:4]"},
		"two in a line":               {`holdfast:ignore Neptune.4 reason="x" checkov:skip=CKV_AWS_44:y`, "Neptune.1: y [main.tf:3]\nNeptune.4: x [main.tf:3]"},
		"by the id of another tool":   {`holdfast:ignore CKV_AWS_44 AVD-AWS-0075 reason=x`, "Neptune.1: x [main.tf:3]\nNeptune.2: x [main.tf:3]"},
		"no reason":                   {`holdfast:ignore Neptune.4`, "faulty it gives no reason [main.tf:3]"},
		"an empty reason":             {`holdfast:ignore Neptune.4 reason=" "`, "faulty it gives no reason [main.tf:3]"},
		"no control":                  {`holdfast:ignore reason=x`, "faulty it names no control [main.tf:3]"},
		"nothing":                     {`holdfast:ignore`, "faulty it names no control [main.tf:3]"},
		"no such control":             {`holdfast:ignore Neptun.4 reason=x`, `faulty no control matches "Neptun.4"; the nearest: Neptune.4, Neptune.1, Neptune.2 [main.tf:3]`},
		"no such foreign id":          {`holdfast:ignore CKV_AWS_99999 reason=x`, `faulty no control matches "CKV_AWS_99999" [main.tf:3]`},
		"no such day":                 {`holdfast:ignore Neptune.4 reason=x until=31.1.2027`, `faulty "31.1.2027" is no day such as 2027-01-31 [main.tf:3]`},
		"no such field":               {`holdfast:ignore Neptune.4 reason=x expires=2027-01-31`, "faulty expires= is none of reason=, until=, owner= [main.tf:3]"},
		"a field twice":               {`holdfast:ignore Neptune.4 reason=x reason=y`, "faulty reason= stands here twice [main.tf:3]"},
		"an open quotation mark":      {`holdfast:ignore Neptune.4 reason="x`, "faulty a quotation mark is not closed on its line [main.tf:3]"},
		"words behind the reason":     {`holdfast:ignore Neptune.4 reason="x" y`, `faulty "y" does not belong here: a value of several words stands in quotation marks [main.tf:3]`},
		"another verb":                {`holdfast:skip Neptune.4 reason=x`, "faulty there is no holdfast:skip; there are holdfast:ignore and holdfast:ignore-file [main.tf:3]"},
		"a colon":                     {`holdfast:ignore:Neptune.4 reason=x`, "faulty after holdfast:ignore comes a space and the ids of controls [main.tf:3]"},
		"the whole file":              {`holdfast:ignore-file Neptune.4 reason=x`, "Neptune.4: x [main.tf:3]"},
		"Checkov":                     {`checkov:skip=CKV_AWS_44:"public data"`, "Neptune.1: public data [main.tf:3]"},
		"Checkov, no comment":         {`checkov:skip=CKV_AWS_44`, "Neptune.1: Checkov skip CKV_AWS_44 without a comment [main.tf:3]"},
		"Checkov, several":            {`checkov:skip=CKV_AWS_44,CKV_AWS_101: both`, "Neptune.1: both [main.tf:3]\nNeptune.2: both [main.tf:3]"},
		"Checkov, twice in a line":    {`checkov:skip=CKV_AWS_44:a bridgecrew:skip=CKV_AWS_101:b`, "Neptune.1: a [main.tf:3]\nNeptune.2: b [main.tf:3]"},
		"Checkov, its own affair":     {`checkov:skip=CKV_AWS_347:no own key`, ""},
		"Trivy, short":                {`trivy:ignore:AVD-AWS-0075`, "Neptune.2: Trivy ignore AVD-AWS-0075 without a comment [main.tf:3]"},
		"Trivy, shorter":              {`trivy:ignore:AWS-0075 not needed`, "Neptune.2: not needed [main.tf:3]"},
		"Trivy, long":                 {`trivy:ignore:aws-neptune-enable-log-export`, "Neptune.2: Trivy ignore aws-neptune-enable-log-export without a comment [main.tf:3]"},
		"Trivy, a star":               {`trivy:ignore:aws-neptune-*`, "Neptune.1: Trivy ignore aws-neptune-* without a comment [main.tf:3]\nNeptune.2: Trivy ignore aws-neptune-* without a comment [main.tf:3]"},
		"Trivy, two":                  {`trivy:ignore:AWS-0075 trivy:ignore:AWS-0076`, "Neptune.1: Trivy ignore AWS-0076 without a comment [main.tf:3]\nNeptune.2: Trivy ignore AWS-0075 without a comment [main.tf:3]"},
		"Trivy, its own affair":       {`trivy:ignore:AVD-AWS-0128:exp:never`, ""},
		"Trivy, not yet over":         {`trivy:ignore:AWS-0075:exp:2027-01-31`, "Neptune.2: Trivy ignore AWS-0075 without a comment until 2027-01-31 [main.tf:3]"},
		"Trivy, over":                 {`trivy:ignore:AWS-0075:exp:2026-01-31`, "expired Neptune.2 (as AWS-0075) [main.tf:3]"},
		"Trivy, no day":               {`trivy:ignore:AWS-0075:exp:soon`, `faulty "soon" is no day such as 2027-01-31 [main.tf:3]`},
		"Trivy, a day missing":        {`trivy:ignore:AWS-0075:exp`, `faulty "exp" has no value [main.tf:3]`},
		"Trivy, one workspace":        {`trivy:ignore:AWS-0075:ws:dev`, `faulty it is for the workspace "dev", and which one the code is for is not known [main.tf:3]`},
		"Trivy, every workspace":      {`trivy:ignore:AWS-0075:ws:*`, "Neptune.2: Trivy ignore AWS-0075 without a comment [main.tf:3]"},
		"Trivy, a condition":          {`trivy:ignore:AWS-0076[storage_encrypted=false]`, "Neptune.1: Trivy ignore AWS-0076 without a comment [main.tf:3]"},
		"Trivy, another value":        {`trivy:ignore:AWS-0076[storage_encrypted=true]`, "unused Neptune.1 (as AWS-0076) [main.tf:3]"},
		"Trivy, a value nobody read":  {`trivy:ignore:AWS-0076[deletion_protection=false]`, "unused Neptune.1 (as AWS-0076) [main.tf:3]"},
		"Trivy, no such attribute":    {`trivy:ignore:AWS-0076[colour=red]`, "unused Neptune.1 (as AWS-0076) [main.tf:3]"},
		"tfsec":                       {`tfsec:ignore:aws-neptune-enable-log-export:exp:2027-01-31`, "Neptune.2: Trivy ignore aws-neptune-enable-log-export without a comment until 2027-01-31 [main.tf:3]"},
		"a reason that speaks of one": {`holdfast:ignore Neptune.4 reason="was checkov:skip=CKV_AWS_44"`, "Neptune.4: was checkov:skip=CKV_AWS_44 [main.tf:3]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, outcome(New(catalogue(), today, true), graph(test.text))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatStandsElsewhereInTheFile(t *testing.T) {
	t.Parallel()
	at := func(text string, stray bool) *resource.Resource {
		r := graph()
		r.FileRemarks = []resource.Remark{{Text: text, Origin: resource.Origin{File: "main.tf", Line: 1}, Stray: stray}}
		return r
	}
	for name, test := range map[string]struct {
		r    *resource.Resource
		want string
	}{
		"for the file":                       {at("holdfast:ignore-file Neptune.4 reason=x", true), "Neptune.4: x [main.tf:1]"},
		"for the file, at a neighbour":       {at("holdfast:ignore-file Neptune.4 reason=x", false), "Neptune.4: x [main.tf:1]"},
		"for the file, faulty":               {at("holdfast:ignore-file Neptune.4", true), "faulty it gives no reason [main.tf:1]"},
		"for a neighbour":                    {at("holdfast:ignore Neptune.4 reason=x", false), ""},
		"for a neighbour, whose fault it is": {at("holdfast:ignore Neptune.4", false), ""},
		"for nothing":                        {at("holdfast:ignore Neptune.4 reason=x", true), "faulty it stands at nothing that a control judges: put it into the block of a resource or module or directly above one, or write holdfast:ignore-file [main.tf:1]"},
		"for nothing, and another tool's":    {at("checkov:skip=CKV_AWS_44", true), ""},
		"for a neighbour that no control judges": {func() *resource.Resource {
			r := at("holdfast:ignore Neptune.4 reason=x", false)
			r.FileRemarks[0].At = "AWS::Neptune::DBInstance"
			return r
		}(), "faulty it stands at nothing that a control judges: put it into the block of a resource or module or directly above one, or write holdfast:ignore-file [main.tf:1]"},
		"for a neighbour that one judges": {func() *resource.Resource {
			r := at("holdfast:ignore Neptune.4 reason=x", false)
			r.FileRemarks[0].At = cluster
			return r
		}(), ""},
		"for something that can never be here": {at("trivy:ignore:AWS-0075", false), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, outcome(New(catalogue(), today, true), test.r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatMetadataSays(t *testing.T) {
	t.Parallel()
	text := resource.OfString
	for name, test := range map[string]struct {
		name  string
		value resource.Value
		want  string
	}{
		"a control": {"holdfast.ignore", resource.OfMap(map[string]resource.Value{
			"control": text("Neptune.4"), "reason": text("x"), "until": text("2027-01-31"), "owner": text("me"),
		}), "Neptune.4: x until 2027-01-31 by me [t.yaml:9]"},
		"several": {"holdfast.ignore", resource.OfMap(map[string]resource.Value{
			"control": resource.OfStrings([]string{"Neptune.4", "Neptune.5"}), "reason": text("x"),
		}), "Neptune.4: x [t.yaml:9]\nNeptune.5: x [t.yaml:9]"},
		"no reason":           {"holdfast.ignore", resource.OfMap(map[string]resource.Value{"control": text("*")}), "faulty it gives no reason [t.yaml:9]"},
		"no such field":       {"holdfast.ignore", resource.OfMap(map[string]resource.Value{"control": text("*"), "why": text("x")}), "faulty why is none of control, reason, until, owner [t.yaml:9]"},
		"a list for a reason": {"holdfast.ignore", resource.OfMap(map[string]resource.Value{"control": text("*"), "reason": resource.OfList()}), "faulty reason is no text [t.yaml:9]"},
		"no map":              {"holdfast.ignore", text("Neptune.4"), "faulty it has no control and no reason: it is no map [t.yaml:9]"},
		"another verb":        {"holdfast.skip", text("Neptune.4"), "faulty there is no holdfast.skip in metadata; there is holdfast.ignore [t.yaml:9]"},
		"no verb":             {"holdfast", resource.OfList(), "faulty there is no holdfast in metadata; there is holdfast.ignore [t.yaml:9]"},
		"Checkov":             {"checkov.skip", resource.OfMap(map[string]resource.Value{"id": text("CKV_AWS_44"), "comment": text("x")}), "Neptune.1: x [t.yaml:9]"},
		"Checkov, no comment": {"checkov.skip", resource.OfMap(map[string]resource.Value{"id": text("CKV_AWS_44")}), "Neptune.1: Checkov skip CKV_AWS_44 without a comment [t.yaml:9]"},
		"Checkov, unknown":    {"checkov.skip", resource.OfMap(map[string]resource.Value{"id": text("CKV_AWS_347")}), ""},
		"Checkov, broken":     {"checkov.skip", text("CKV_AWS_44"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := graph()
			r.Remarks = []resource.Remark{{Name: test.name, Value: test.value, Origin: resource.Origin{File: "t.yaml", Line: 9}}}
			if diff := cmp.Diff(test.want, outcome(New(catalogue(), today, true), r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatATagSays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ value, want string }{
		"a control":   {"Neptune.4 until=2027-01-31 reason=agreed-with-data", "Neptune.4: agreed-with-data until 2027-01-31 [tag holdfast:ignore of arn:x]"},
		"words":       {"Neptune.4 Neptune.5 reason=agreed with data owner=graph guild", "Neptune.4: agreed with data by graph guild [tag holdfast:ignore of arn:x]\nNeptune.5: agreed with data by graph guild [tag holdfast:ignore of arn:x]"},
		"all":         {"all reason=x", "Neptune.1: x [tag holdfast:ignore of arn:x]\nNeptune.2: x [tag holdfast:ignore of arn:x]\nNeptune.4: x [tag holdfast:ignore of arn:x]\nNeptune.5: x [tag holdfast:ignore of arn:x]"},
		"no reason":   {"Neptune.4", "faulty it gives no reason [tag holdfast:ignore of arn:x]"},
		"empty":       {"", "faulty it names no control [tag holdfast:ignore of arn:x]"},
		"another use": {"true", `faulty no control matches "true" [tag holdfast:ignore of arn:x]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &resource.Resource{Ref: resource.Ref{Type: cluster, ARN: "arn:x"}, Properties: map[string]resource.Value{
				"Tags": resource.OfMap(map[string]resource.Value{Tag: resource.OfString(test.value)}),
			}}
			if diff := cmp.Diff(test.want, outcome(New(catalogue(), today, true), r)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatAnotherToolSkipsIsSkippedUnderEveryControlOfTheSetting(t *testing.T) {
	t.Parallel()
	all := catalogue()
	all.Controls = append(all.Controls, &control.Control{ID: "RDS.27", Same: map[string]string{cluster: "Neptune.1"}})
	for text, want := range map[string]bool{"checkov:skip=CKV_AWS_44": true, "holdfast:ignore Neptune.1 reason=x": false} {
		r := graph(text)
		f := &finding.Finding{Control: "RDS.27", Status: finding.Failed, Resource: r.Ref}
		if got := New(all, today, true).Match(f, r) != nil; got != want {
			t.Errorf("%s covers it: %t", text, got)
		}
		if f.Resource.Type, r.Type = "AWS::RDS::DBCluster", "AWS::RDS::DBCluster"; New(all, today, true).Match(f, r) != nil {
			t.Errorf("%s covers another type", text)
		}
	}
}

func TestTagsAreReadWhereTheyCostNothing(t *testing.T) {
	t.Parallel()
	types := catalogue().Types
	types["Dear"] = &control.Type{Name: "Dear", List: "x:List", Properties: map[string]*control.Property{
		"Tags": {Read: "x:ListTags"}, "Policy": {Read: "x:ListTags"}, "Name": {},
	}}
	for name, test := range map[string]struct {
		wants resource.Wants
		want  resource.Wants
	}{
		"with the list":             {resource.Wants{cluster: {"StorageEncrypted"}}, resource.Wants{cluster: {"StorageEncrypted", "Tags"}}},
		"not with a call of theirs": {resource.Wants{"Dear": {"Name"}}, resource.Wants{"Dear": {"Name"}}},
		"with a call that is made":  {resource.Wants{"Dear": {"Policy"}}, resource.Wants{"Dear": {"Policy", "Tags"}}},
		"not of an unknown type":    {resource.Wants{"Other": {"Name"}}, resource.Wants{"Other": {"Name"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, wantTags(test.wants, types)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNotHonouredIsTold(t *testing.T) {
	t.Parallel()
	s := New(catalogue(), today, false)
	r := graph(`holdfast:ignore Neptune.4 reason=x`, `holdfast:ignore Neptune.5`)
	if got := outcome(s, r); got != "" {
		t.Errorf("it counts: %s", got)
	}
	for _, f := range failures(r) {
		notes := s.Notes(f, r)
		told := len(notes) == 1 && strings.Contains(notes[0], "main.tf:3 and is not honoured")
		if told != (f.Control == "Neptune.4") {
			t.Errorf("%s: %q", f.Control, notes)
		}
	}
}

func TestNotesSayWhyAnExceptionDoesNotCount(t *testing.T) {
	t.Parallel()
	s := New(catalogue(), today, true)
	r := graph(`holdfast:ignore Neptune.4 reason=x until=2026-01-31`, `holdfast:ignore Neptune.5`)
	want := map[string]string{
		"Neptune.4": "The exception in main.tf:3 ended on 2026-01-31.",
		"Neptune.5": "The exception in main.tf:4 does not count: it gives no reason.",
	}
	for _, f := range failures(r) {
		if got := strings.Join(s.Notes(f, r), " "); got != want[f.Control] {
			t.Errorf("%s: %q", f.Control, got)
		}
	}
}

func TestWhatCouldNotBeJudgedKeepsItsException(t *testing.T) {
	t.Parallel()
	for status, want := range map[finding.Status]int{finding.NotAvailable: 0, finding.Passed: 1} {
		s := New(catalogue(), today, true)
		r := graph(`holdfast:ignore Neptune.4 reason=x`)
		s.Look(r, []*finding.Finding{{Control: "Neptune.4", Status: status, Resource: r.Ref}})
		var footer finding.Footer
		s.Review(&footer, extent())
		if len(footer.Unused) != want {
			t.Errorf("%s: unused %+v", status, footer.Unused)
		}
	}
}

func TestAnExceptionIsUnusedOnlyWhereItsControlWasChosen(t *testing.T) {
	t.Parallel()
	s := New(catalogue(), today, true)
	s.Look(graph(`holdfast:ignore Neptune.* reason=x`), nil)
	var footer finding.Footer
	narrow := extent()
	narrow.Judged = []string{"Neptune.4"}
	if s.Review(&footer, narrow); len(footer.Unused) != 0 {
		t.Errorf("unused %+v", footer.Unused)
	}
	if s.Review(&footer, extent()); len(footer.Unused) != 1 {
		t.Errorf("unused %+v", footer.Unused)
	}
}

func TestOneCommentOverManyResourcesIsOneException(t *testing.T) {
	t.Parallel()
	s := New(catalogue(), today, true)
	shared := graph(`holdfast:ignore Neptune.4,Neptune.5 reason=x`)
	for i := range 100 {
		r := *shared
		r.Origin.Address = fmt.Sprintf("main[%d]", i)
		s.Look(&r, nil)
	}
	r := *shared
	if s.Match(&finding.Finding{Control: "Neptune.4", Status: finding.Failed}, &r) == nil {
		t.Error("it covers nothing")
	}
	var footer finding.Footer
	if s.Review(&footer, extent()); len(footer.Unused) != 1 || footer.Unused[0].Scope != "Neptune.5" {
		t.Errorf("unused %+v", footer.Unused)
	}
}

func FuzzComments(f *testing.F) {
	f.Add("holdfast:ignore Neptune.4,Neptune.5 reason=\"a \\\" b\" until=2027-01-31 owner=me")
	f.Add("checkov:skip=CKV_AWS_44,CKV_AWS_101:x trivy:ignore:aws-*[a=b,c]:exp:2027-01-31:ws:dev tfsec:ignore:AWS-0075")
	f.Add("Holdfast: prose\nholdfast:ignore-file [ reason='")
	f.Fuzz(func(t *testing.T, text string) {
		s := New(catalogue(), today, true)
		r := graph(text)
		r.Properties = map[string]resource.Value{"Tags": resource.OfMap(map[string]resource.Value{Tag: resource.OfString(text)})}
		outcome(s, r)
		for _, e := range s.entries {
			switch {
			case e.cause == "" && (e.rule.Validate() != nil || strings.TrimSpace(e.rule.Reason) == ""):
				t.Errorf("%q makes the rule %+v: %v", text, e.rule, e.rule.Validate())
			case e.foreign == "" && strings.Count(e.text, "\n") > 0 && e.at.File == "main.tf" && e.at.Address == "":
				t.Errorf("%q spans lines", e.text)
			}
		}
	})
}
