package drift

import (
	"bufio"
	"errors"
	"io"
	"strconv"

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
	w := &jsonWriter{Writer: bufio.NewWriter(out)}
	w.WriteString("{\n\"format\":" + strconv.Itoa(report.Format))
	w.field("tool", d.Tool)
	w.field("version", d.Version)
	w.field("started", d.Started)
	list(w, "different", d.Different)
	list(w, "missing", d.Missing)
	list(w, "lost", d.Lost)
	list(w, "unsettled", d.Unsettled)
	list(w, "undecided", d.Undecided)
	list(w, "gaps", d.Gaps)
	w.field("coverage", map[string]finding.Coverage{"code": d.Code, "account": d.Account})
	w.field("summary", d.Summary())
	w.WriteString("\n}\n")
	return errors.Join(append(w.faults, w.Flush())...)
}

type jsonWriter struct {
	*bufio.Writer // keeps the first write error
	faults        []error
}

func (w *jsonWriter) field(key string, value any) {
	text, err := report.Marshal(value)
	w.faults = append(w.faults, err)
	w.WriteString(",\n\"" + key + "\":")
	w.Write(text)
}

func list[T any](w *jsonWriter, key string, items []T) {
	w.WriteString(",\n\"" + key + "\":[")
	rows := report.Array{Out: w.Writer}
	for i := range items {
		w.faults = append(w.faults, rows.Add(&items[i]))
	}
	if len(items) > 0 {
		w.WriteByte('\n')
	}
	w.WriteByte(']')
}
