package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// errand is a command that changes something, and what it is about.
type errand struct {
	// command is what the user would type again.
	command   string
	resources []resource.Ref
	// manual holds the manual steps, as change/step.
	manual []string
}

func ofPlan(command string, p *fix.Plan) *errand {
	e := &errand{command: command}
	for i := range p.Changes {
		c := &p.Changes[i]
		e.resources = append(e.resources, c.Resource)
		for j := range c.Steps {
			if c.Steps[j].Manual != "" || c.Steps[j].UndoManual != "" {
				e.manual = append(e.manual, c.ID+"/"+c.Steps[j].ID)
			}
		}
	}
	return e
}

func ofRun(command string, status *fix.RunStatus) *errand {
	e := &errand{command: command}
	for i := range status.Changes {
		c := &status.Changes[i]
		e.resources = append(e.resources, c.Resource)
		for j := range c.Steps {
			e.manual = append(e.manual, c.ID+"/"+c.Steps[j].ID)
		}
	}
	return e
}

// checkConsent refuses an acceptance or a confirmation of what does not exist:
// it would be passed over in silence, and the user would think it was given.
func (app *App) checkConsent(r *running, e *errand) error {
	catalogue, err := app.Catalogue()
	if err != nil {
		return err
	}
	for _, id := range r.options.Accept {
		if catalogue.Find(id) == nil {
			return usage("holdfast controls list", "--accept: %q is not the id of a control; each is accepted by its own id, such as Neptune.7", id)
		}
	}
	for _, step := range r.options.Confirm {
		if !slices.Contains(e.manual, step) {
			return usage(e.command, "--confirm: %q is not a manual step of it, as CHANGE/STEP", step)
		}
	}
	return nil
}

// nameUnentered says which accounts of the errand these credentials do not
// enter, and how they would: their changes are going to be refused.
func (app *App) nameUnentered(session *awsconn.Session, e *errand) {
	count := make(map[string]int)
	var accounts, missing []string
	for i := range e.resources {
		ref := &e.resources[i]
		if count[ref.Account]++; count[ref.Account] > 1 {
			continue
		}
		accounts = append(accounts, ref.Account)
		if _, err := session.Place(ref.Account, ref.Region); err != nil {
			missing = append(missing, ref.Account)
		}
	}
	if len(missing) == 0 {
		return
	}
	slices.Sort(missing)
	for _, account := range missing {
		fmt.Fprintf(app.Stderr, "Note: %s in account %s, which these credentials do not enter, so nothing is done there\n",
			report.Plural(count[account], "change"), report.Clean(account))
	}
	slices.Sort(accounts)
	try := e.command
	for _, account := range accounts {
		try += " --role-arn " + app.roleIn(account)
	}
	fmt.Fprintln(app.Stderr, "Try:  "+report.Clean(try))
}

// roleIn is the role that was given for an account, or the form of one: with
// any role given, every account is entered by one.
func (app *App) roleIn(account string) string {
	for _, role := range app.settings.roleARNs {
		if strings.Contains(role, "::"+account+":") {
			return role
		}
	}
	return "arn:aws:iam::" + account + ":role/ROLE"
}

// undoImpacts lists, once each, what is noticed while the changes of a run are
// taken back.
func undoImpacts(status *fix.RunStatus) []string {
	var impacts []string
	for i := range status.Changes {
		c := &status.Changes[i]
		if c.UndoImpact != "" && c.State != fix.StateNotStarted && c.State != fix.StateRefused && c.State != fix.StateSkipped && c.Undo != fix.StateUndone {
			impacts = append(impacts, c.Resource.ID+": "+c.UndoImpact)
		}
	}
	slices.Sort(impacts)
	return slices.Compact(impacts)
}
