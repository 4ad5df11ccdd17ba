package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	fixcode "github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/spf13/pflag"
)

// owning holds the flags by which a plan for an account learns whose code each
// resource is.
type owning struct {
	pairing
	code
}

func (o *owning) addFlags(flags *pflag.FlagSet) {
	o.pairing.addFlags(flags)
	o.code.addFlags(flags)
}

// owners returns what names the owner of each change and warns of what the
// owner's next deployment would undo. What the plan changes in the code as well
// is undone by none.
func (app *App) owners(ctx context.Context, o *owning, c *judgement, paths []string, edits *fixcode.Plan) (func(*fix.Change, *resource.Resource), error) {
	held, err := app.pairUp(ctx, &o.pairing, &o.code, c.catalogue, paths, everything(c.catalogue, c.controls))
	if err != nil {
		return nil, err
	}
	app.nameUnreadCode(held)
	edited := editedPlaces(edits)
	return func(change *fix.Change, live *resource.Resource) {
		match := held.matcher.Match(live)
		warnings := len(change.Warnings)
		held.matcher.Own(change, match)
		if match.Code == nil {
			return
		}
		places := edited[finding.NewID(change.Control, &match.Code.Ref)]
		if len(places) < max(len(change.Sets), 1) {
			return
		}
		change.Warnings = change.Warnings[:warnings]
		change.Owners[0].Advice = "this plan changes " + strings.Join(places, " and ") + " as well: apply both, then deploy the code"
	}, nil
}

// editedPlaces lists the places of the edits by the findings that they are for.
func editedPlaces(edits *fixcode.Plan) map[string][]string {
	places := make(map[string][]string)
	if edits == nil {
		return places
	}
	for i := range edits.Edits {
		e := &edits.Edits[i]
		for j := range e.Resources {
			for _, id := range e.Controls {
				key := finding.NewID(id, &e.Resources[j])
				places[key] = append(places[key], fmt.Sprintf("%s:%d", e.File, e.Line))
			}
		}
	}
	return places
}

// nameUnreadCode tells on standard error what of the code could not be read:
// owners may then stand without their code.
func (app *App) nameUnreadCode(held *paired) {
	for _, code := range held.code {
		for i := range code.Gaps {
			app.note(&code.Gaps[i])
		}
	}
}

func (app *App) note(gap *finding.Gap) {
	fmt.Fprintf(app.Stderr, "Note: %s: %s\n", report.GapPlace(gap), report.Cause(gap))
}
