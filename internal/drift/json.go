package drift

import (
	"io"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

// Summary counts a drift.
type Summary struct {
	Pairs     int `json:"pairs"`
	Same      int `json:"sameProperties"`
	Different int `json:"differentProperties"`
	Missing   int `json:"missing"`
	Lost      int `json:"lost"`
	Unsettled int `json:"unsettledProperties"`
	Undecided int `json:"undecided"`
	Unclaimed int `json:"unclaimed"`
	Gaps      int `json:"gaps"`
}

// Summary counts.
func (d *Drift) Summary() Summary {
	s := Summary{
		Pairs: d.Pairs, Same: d.Same, Missing: len(d.Missing), Lost: len(d.Lost),
		Undecided: len(d.Undecided), Unclaimed: d.Unclaimed, Gaps: len(d.Gaps),
	}
	for i := range d.Different {
		s.Different += len(d.Different[i].Properties)
	}
	for i := range d.Unsettled {
		s.Unsettled += len(d.Unsettled[i].Properties)
	}
	return s
}

// WriteJSON writes the drift as one JSON document, with one item of each list per
// line.
func (d *Drift) WriteJSON(out io.Writer) error {
	w := report.NewDocument(out)
	w.Field("tool", d.Tool)
	w.Field("version", d.Version)
	w.Field("started", d.Started)
	report.List(w, "different", d.Different)
	report.List(w, "missing", d.Missing)
	report.List(w, "lost", d.Lost)
	report.List(w, "unsettled", d.Unsettled)
	report.List(w, "undecided", d.Undecided)
	report.List(w, "gaps", d.Gaps)
	w.Field("coverage", map[string]finding.Coverage{"code": d.Code, "account": d.Account})
	w.Field("summary", d.Summary())
	return w.Close()
}
