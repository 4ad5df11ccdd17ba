package answer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// kept is a sink that keeps everything.
type kept struct {
	resources []*resource.Resource
	gaps      []finding.Gap
}

func (k *kept) Resources(page []*resource.Resource) error {
	k.resources = append(k.resources, page...)
	return nil
}

func (k *kept) Gap(gap finding.Gap) error {
	k.gaps = append(k.gaps, gap)
	return nil
}

func reading(sink *kept, wants ...string) *Reading {
	return &Reading{
		Place: awsconn.Place{Account: "111122223333", Region: "eu-west-1", Partition: "aws"}, Type: "AWS::Test::Thing", Sink: sink,
		Wants: resource.Wants{"AWS::Test::Thing": wants},
	}
}

func TestWalkTurnsEveryPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		pages map[string]Page[int] // by the marker that leads to them
		fault error
		want  []int
		gap   string
	}{
		{"one page", map[string]Page[int]{"": {Items: []int{1, 2}}}, nil, []int{1, 2}, ""},
		{"nothing there", map[string]Page[int]{"": {Items: []int{}}}, nil, nil, ""},
		{"three pages", map[string]Page[int]{"": {[]int{1}, aws.String("a")}, "a": {[]int{2}, aws.String("b")}, "b": {[]int{3}, aws.String("")}}, nil, []int{1, 2, 3}, ""},
		{"a short page that leads on", map[string]Page[int]{"": {[]int{}, aws.String("a")}, "a": {Items: []int{3}}}, nil, []int{3}, ""},
		{"no list at all", map[string]Page[int]{"": {}}, nil, nil, finding.GapMalformed},
		{"a marker that never moves", map[string]Page[int]{"": {[]int{1}, aws.String("a")}, "a": {[]int{2}, aws.String("a")}}, nil, []int{1, 2}, finding.GapMalformed},
		{"the second page fails", map[string]Page[int]{"": {[]int{1}, aws.String("a")}}, errors.New("broken"), []int{1}, finding.GapFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sink := &kept{}
			var got []int
			err := Walk(reading(sink), "test:ListThings", func(next *string) (Page[int], error) {
				page, ok := test.pages[aws.ToString(next)]
				if !ok {
					return Page[int]{}, test.fault
				}
				return page, nil
			}, func(items []int) error {
				got = append(got, items...)
				return nil
			})
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("read %v, error %v", got, err)
			}
			if len(sink.gaps) == 0 != (test.gap == "") || test.gap != "" && sink.gaps[0].Reason != test.gap {
				t.Errorf("gaps %+v, want %q", sink.gaps, test.gap)
			}
		})
	}
}

func TestAnErrorOfTheSinkEndsTheWalk(t *testing.T) {
	t.Parallel()
	full, calls := errors.New("no room"), 0
	err := Walk(reading(&kept{}), "test:ListThings", func(*string) (Page[int], error) {
		calls++
		return Page[int]{Items: []int{1}, Next: aws.String(fmt.Sprint(calls))}, nil
	}, func([]int) error { return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

func TestEachKeepsTheOrderAndLosesNoNeighbour(t *testing.T) {
	t.Parallel()
	sink := &kept{}
	r := reading(sink, "On")
	var page []*resource.Resource
	for _, id := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		page = append(page, &resource.Resource{Ref: r.Ref(id, r.ARN("test", id)), Properties: map[string]resource.Value{}})
	}
	left, err := r.Each(t.Context(), page, func(_ context.Context, one *resource.Resource) (bool, []finding.Gap) {
		switch one.ID {
		case "c":
			return true, nil
		case "f", "x":
			return false, []finding.Gap{r.Fault(one, "test:DescribeThing", errors.New("broken"), "On", "Unasked")}
		}
		one.Properties["On"] = resource.OfBool(true)
		return false, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids string
	for _, one := range left {
		ids += one.ID
		if unknown := one.Get("On").Kind() == resource.Unknown; unknown != (one.ID == "f" || one.ID == "x") {
			t.Errorf("%s: On is %s", one.ID, one.Get("On"))
		}
		if _, told := one.Properties["Unasked"]; told {
			t.Errorf("%s has a property that nobody wanted", one.ID)
		}
	}
	if ids != "abdefghijklmnopqrstuvwxyz" || len(sink.gaps) != 2 || sink.gaps[0].Resource != "arn:aws:test:eu-west-1:111122223333:f" {
		t.Errorf("left %s, gaps %+v", ids, sink.gaps)
	}
}

func TestWhatIsLeftOutIsUnknownOrAbsentButNeverADefault(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]resource.Value{
		"number": Int((*int32)(nil)), "flag": Bool(nil), "text that is always there": String((*string)(nil)), "enum": String(aws.String("")),
	} {
		if missing := value.Missing(); missing == nil || missing.Reason != resource.ReasonOmitted {
			t.Errorf("%s is %s", name, value)
		}
	}
	for name, value := range map[string]resource.Value{"text": Text(nil), "time": Time(nil)} {
		if value.Kind() != resource.Absent {
			t.Errorf("%s is %s", name, value)
		}
	}
	if missing := Unread(finding.Gap{Reason: finding.GapPolicy, Permission: "a:B"}).Missing(); missing.Reason != resource.ReasonDenied || missing.Permission != "a:B" {
		t.Errorf("a denied read is %+v", missing)
	}
}

func TestAListThatMovesOnRepeatsNothing(t *testing.T) {
	t.Parallel()
	var once Once
	var got string
	for _, page := range []string{"abc", "cde", "exf"} {
		once.Turn()
		for _, id := range strings.Split(page, "") {
			if !once.Again(id) {
				got += id
			}
		}
	}
	if got != "abcdexf" {
		t.Errorf("got %s", got)
	}
}
