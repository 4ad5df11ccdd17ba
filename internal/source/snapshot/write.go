package snapshot

import (
	"encoding/json"
	"io"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

// Writer saves a source to a stream. End must be called when all is read.
type Writer struct {
	encoder *json.Encoder
	version string
	taken   time.Time
	count   end
}

var _ scan.Visitor = (*Writer)(nil)

// NewWriter makes a writer. Version is the program's, taken the moment of the
// snapshot.
func NewWriter(to io.Writer, version string, taken time.Time) *Writer {
	encoder := json.NewEncoder(to)
	encoder.SetEscapeHTML(false)
	return &Writer{encoder: encoder, version: version, taken: taken}
}

// Begin implements scan.Visitor.
func (w *Writer) Begin(listing *scan.Listing, wants resource.Wants) error {
	return w.encoder.Encode(line{Snapshot: &header{
		Format: Format, Tool: "holdfast", Version: w.version, Taken: w.taken.UTC(), Wants: wants,
		PlaceName: listing.PlaceName, Places: listing.Places, NotOptedIn: listing.NotOptedIn,
	}})
}

// Resource implements scan.Visitor.
func (w *Writer) Resource(r *resource.Resource) error {
	w.count.Resources++
	return w.encoder.Encode(line{Resource: r})
}

// Gap implements scan.Visitor.
func (w *Writer) Gap(gap *finding.Gap) error {
	w.count.Gaps++
	return w.encoder.Encode(line{Gap: gap})
}

// End writes the end line and returns how many resources and gaps there are.
func (w *Writer) End() (resources, gaps int, err error) {
	return w.count.Resources, w.count.Gaps, w.encoder.Encode(line{End: &w.count})
}
