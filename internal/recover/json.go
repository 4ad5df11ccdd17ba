package recover

import (
	"io"

	"github.com/holdfast-aws/holdfast/internal/report"
)

// WriteJSON writes the inventory as one JSON document, with one item of each
// list per line.
func (v *Inventory) WriteJSON(out io.Writer) error {
	w := report.NewDocument(out)
	w.Field("tool", v.Tool)
	w.Field("version", v.Version)
	w.Field("asOf", v.AsOf)
	if !v.Moment.IsZero() {
		w.Field("moment", v.Moment)
	}
	report.List(w, "resources", v.Items)
	report.List(w, "left", v.Left)
	w.Field("leftOut", v.LeftOut)
	report.List(w, "gaps", v.Gaps)
	w.Field("coverage", v.Coverage)
	w.Field("summary", v.Summary())
	return w.Close()
}
