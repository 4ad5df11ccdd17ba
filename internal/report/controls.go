package report

import "github.com/holdfast-aws/holdfast/internal/finding"

// Controls holds the controls of a scan by their ids.
type Controls map[string]*finding.Control

// ControlsOf takes the controls that the header of a scan names.
func ControlsOf(h *finding.Header) Controls {
	controls := make(Controls, len(h.Controls))
	for i := range h.Controls {
		control := h.Controls[i]
		controls[control.ID] = &control
	}
	return controls
}

// Of returns the control that a finding was judged by. One that the header
// does not name has only what the finding tells of it.
func (c Controls) Of(f *finding.Finding) *finding.Control {
	if control := c[f.Control]; control != nil {
		return control
	}
	return &finding.Control{ID: f.Control, Title: f.Title, Severity: f.Severity}
}
