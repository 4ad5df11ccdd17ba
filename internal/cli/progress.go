package cli

import (
	"sync/atomic"

	"github.com/schollz/progressbar/v3"
)

// progress shows on a terminal how far a scan is. Elsewhere it is silent.
type progress struct {
	app       *App
	verb      string
	bar       *progressbar.ProgressBar
	resources atomic.Int64
}

func (app *App) progress(verb string) *progress { return &progress{app: app, verb: verb} }

// Start implements scan.Progress.
func (p *progress) Start(units int) {
	if !p.app.Terminal || p.app.Quiet || units == 0 {
		return
	}
	p.bar = progressbar.NewOptions(units,
		progressbar.OptionSetWriter(p.app.Stderr),
		progressbar.OptionSetDescription(p.verb),
		progressbar.OptionSetWidth(min(40, max(10, p.app.Width-40))),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionEnableColorCodes(p.app.ErrColor),
	)
}

// UnitDone implements scan.Progress.
func (p *progress) UnitDone() {
	if p.bar != nil {
		_ = p.bar.Add(1) // a terminal that cannot be written to needs no progress
	}
}

// Resources implements scan.Progress.
func (p *progress) Resources(n int) { p.resources.Add(int64(n)) }

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
