package cli

import (
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/exception/inline"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/spf13/pflag"
)

// acceptance is all that somebody has accepted: in the configuration file, then
// at the resources themselves, then in what is added.
type acceptance struct {
	exception.Registers
	file *exception.Set
}

// Unsure returns the exception that may cover a failed finding, which cannot be
// told because of what could not be read, or nil.
func (a *acceptance) Unsure(f *finding.Finding, r *resource.Resource) *finding.Exception {
	return a.file.Unsure(f, r)
}

// exceptions returns the exceptions of one run.
func (app *App) exceptions(catalogue *control.Catalogue, more ...exception.Register) *acceptance {
	var rules []exception.Rule
	if app.settings.config != nil {
		rules = app.settings.config.Rules
	}
	a := &acceptance{file: exception.New(rules, app.Now())}
	a.Registers = append(exception.Registers{a.file, inline.New(catalogue, app.Now(), !app.settings.noInline)}, more...)
	return a
}

// addExceptions adds the flag that turns off what stands at the resources.
func (s *settings) addExceptions(flags *pflag.FlagSet) {
	flags.BoolVar(&s.noInline, "no-inline-exceptions", false, "do not honour exceptions in comments, metadata and tags")
}
