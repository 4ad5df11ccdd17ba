package scan

import (
	"slices"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

func TestASettingIsCountedOnceUnlessTheTwoFindingsDiffer(t *testing.T) {
	t.Parallel()
	excepted := &finding.Exception{Source: "holdfast.yaml:3"}
	for name, test := range map[string]struct {
		findings []finding.Finding
		want     []string // control and the one it repeats
		failed   int
	}{
		"the same outcome": {
			[]finding.Finding{
				{Control: "Neptune.5", Severity: finding.Medium, Status: finding.Failed},
				{Control: "RDS.50", Severity: finding.Medium, Status: finding.Failed, Same: "Neptune.5"},
			}, []string{"RDS.50 Neptune.5"}, 1,
		},
		"the more severe one is counted": {
			[]finding.Finding{
				{Control: "Neptune.4", Severity: finding.Low, Status: finding.Failed},
				{Control: "RDS.7", Severity: finding.Medium, Status: finding.Failed, Same: "Neptune.4"},
			}, []string{"Neptune.4 RDS.7"}, 1,
		},
		"both pass": {
			[]finding.Finding{
				{Control: "Neptune.5", Severity: finding.Medium, Status: finding.Passed},
				{Control: "RDS.50", Severity: finding.Medium, Status: finding.Passed, Same: "Neptune.5"},
			}, []string{"RDS.50 Neptune.5"}, 0,
		},
		"one has a stricter parameter": {
			[]finding.Finding{
				{Control: "Neptune.5", Severity: finding.Medium, Status: finding.Passed},
				{Control: "RDS.50", Severity: finding.Medium, Status: finding.Failed, Same: "Neptune.5"},
			}, nil, 1,
		},
		"one is excepted": {
			[]finding.Finding{
				{Control: "Neptune.5", Severity: finding.Medium, Status: finding.Failed, Exception: excepted},
				{Control: "RDS.50", Severity: finding.Medium, Status: finding.Failed, Same: "Neptune.5"},
			}, nil, 1,
		},
		"the other control was not chosen": {
			[]finding.Finding{{Control: "RDS.50", Severity: finding.Medium, Status: finding.Failed, Same: "Neptune.5"}}, nil, 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var all []*finding.Finding
			for i := range test.findings {
				all = append(all, &test.findings[i])
			}
			countOnce(all)
			var got []string
			var tally finding.Tally
			for _, f := range all {
				tally.Add(f)
				if f.Same != "" {
					got = append(got, f.Control+" "+f.Same)
				}
			}
			if !slices.Equal(got, test.want) || tally.Failed != test.failed {
				t.Errorf("repeats %v, want %v; %d failed, want %d", got, test.want, tally.Failed, test.failed)
			}
		})
	}
}
