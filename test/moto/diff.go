package moto

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Difference is one setting of one resource that is not what it was. A resource that came or went has a single
// Difference with an empty Setting.
type Difference struct {
	ARN     string
	Setting string // its name in [Cluster], [Snapshot] or [ParameterGroup], for example "BackupRetentionPeriod"
	Before  string // as fmt prints it; empty where there was no resource
	After   string
}

func (d Difference) String() string {
	switch {
	case d.Setting != "":
		return fmt.Sprintf("%s %s: %s → %s", d.ARN, d.Setting, d.Before, d.After)
	case d.Before == "":
		return d.ARN + " is new"
	default:
		return d.ARN + " is gone"
	}
}

// Diff returns everything that differs between two readings, sorted by ARN and setting. An empty result proves
// that nothing moved; a list that holds just what a plan said proves that nothing else did.
func Diff(before, after Truth) []Difference {
	was, is := before.settings(), after.settings()
	arns := slices.AppendSeq(slices.Collect(maps.Keys(was)), maps.Keys(is))
	slices.Sort(arns)
	var diffs []Difference
	for _, arn := range slices.Compact(arns) {
		diffs = append(diffs, diffOne(arn, was[arn], is[arn])...)
	}
	return diffs
}

func diffOne(arn string, was, is map[string]string) []Difference {
	if was == nil || is == nil {
		return []Difference{{ARN: arn, Before: was["ID"], After: is["ID"]}}
	}
	var diffs []Difference
	for setting, value := range was {
		if is[setting] != value {
			diffs = append(diffs, Difference{ARN: arn, Setting: setting, Before: value, After: is[setting]})
		}
	}
	slices.SortFunc(diffs, func(a, b Difference) int { return cmp.Compare(a.Setting, b.Setting) })
	return diffs
}

// settings flattens the truth to one printed value per ARN and setting.
func (t Truth) settings() map[string]map[string]string {
	flat := map[string]map[string]string{}
	for _, c := range t.Clusters {
		flat[c.ARN] = fields(c)
	}
	for _, s := range t.Snapshots {
		flat[s.ARN] = fields(s)
	}
	for _, g := range t.ParameterGroups {
		flat[g.ARN] = fields(g)
	}
	return flat
}

func fields(resource any) map[string]string {
	v := reflect.ValueOf(resource)
	printed := make(map[string]string, v.NumField())
	for i := range v.NumField() {
		printed[v.Type().Field(i).Name] = fmt.Sprint(v.Field(i).Interface())
	}
	return printed
}
