package bash

import (
	_ "embed"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
)

// engine is the part of the script that is the same for every plan.
//
//go:embed engine.bash
var engine string

// defaultTimeout is how long a step without a timeout is waited for, in
// seconds; the same as when Holdfast applies the plan.
const defaultTimeout = 15 * 60

// Render writes a plan as a bash script. It fails on a plan that holds a
// condition or a value which a script cannot express, and then the text
// written so far must be thrown away.
func Render(w io.Writer, p *fix.Plan, sources render.Sources) error {
	s := &script{sources: sources}
	s.head(p)
	s.line("%s", strings.TrimSuffix(engine, "\n"))
	for i := range p.Changes {
		if err := s.change(i+1, &p.Changes[i]); err != nil {
			return fmt.Errorf("write %s on %s as bash: %w", p.Changes[i].Control, p.Changes[i].Resource.ID, err)
		}
	}
	s.tail(p)
	if _, err := io.WriteString(w, s.text.String()); err != nil {
		return fmt.Errorf("write bash script: %w", err)
	}
	return nil
}

var stepID = regexp.MustCompile(`^[1-9][0-9]*$`)

// script is a text in the making, indented with tabs as shfmt does.
type script struct {
	sources render.Sources
	text    strings.Builder
}

func (s *script) line(format string, args ...any) {
	fmt.Fprintf(&s.text, format+"\n", args...)
}

func (s *script) head(p *fix.Plan) {
	s.line("#!/usr/bin/env bash")
	s.line("#")
	s.line("# %s %s wrote this from the plan %s", comment(p.Tool), comment(p.Version), comment(p.Digest))
	s.line("# of %s. It needs bash 4 and the AWS CLI, and nothing else.", p.Created.UTC().Format("2006-01-02 15:04 MST"))
	s.line("# Without --apply it changes nothing. It was not written to be edited: make a new plan instead.")
	s.line("#")
	s.line("# shellcheck disable=SC2317,SC2329 # not every plan needs every function")
	s.line("")
	s.line("state=${HOLDFAST_STATE:-%s}", quote("holdfast-"+short(p.Digest)))
}

func short(digest string) string { return digest[:min(12, len(digest))] }

// tail dispatches to the changes and runs them.
func (s *script) tail(p *fix.Plan) {
	s.line("")
	s.line("# change runs one part of a change.")
	s.line("change() {")
	s.line("\tlocal number=$1")
	s.line("\tshift")
	s.line("\tcase $number in")
	for i := range p.Changes {
		s.line("\t%d) change_%d \"$@\" ;;", i+1, i+1)
	}
	s.line("\t*) fail \"there is no change $number\" ;;")
	s.line("\tesac")
	s.line("}")
	s.line("")
	region := "us-east-1"
	if len(p.Changes) > 0 {
		region = p.Changes[0].Resource.Region
	}
	s.line("account=$(aws sts get-caller-identity --region %s --query Account --output text)", quote(region))
	s.line("if [[ $mode == undo ]]; then")
	if len(p.Changes) == 0 {
		s.line("\t:")
	}
	for i := len(p.Changes) - 1; i >= 0; i-- {
		s.line("\t%s", work(i+1, &p.Changes[i]))
	}
	s.line("else")
	if len(p.Changes) == 0 {
		s.line("\t:")
	}
	for i := range p.Changes {
		s.line("\t%s", work(i+1, &p.Changes[i]))
	}
	s.line("fi")
	s.line("finish")
}

func work(number int, c *fix.Change) string {
	title := fmt.Sprintf("%s on %s in %s: %s", c.Control, c.Resource.ID, c.Resource.Region, c.Summary)
	return fmt.Sprintf("work %d %s %s", number, quote(c.Resource.Account), quote(title))
}

// change writes the function of one change: its modes, and the parts of its
// steps.
func (s *script) change(number int, c *fix.Change) error {
	s.line("")
	s.line("# %s on %s, account %s, %s: %s.", comment(c.Control), comment(c.Resource.ID), comment(c.Resource.Account), comment(c.Resource.Region), comment(c.Summary))
	s.about(c)
	s.line("change_%d() {", number)
	s.line("\tcase $1 in")
	if err := s.modes(number, c); err != nil {
		return err
	}
	for i := range c.Steps {
		// Ids become patterns and numbers of the shell.
		if !stepID.MatchString(c.Steps[i].ID) {
			return fmt.Errorf("%q is no id of a step", c.Steps[i].ID)
		}
		if err := s.step(&c.Steps[i]); err != nil {
			return fmt.Errorf("step %s: %w", c.Steps[i].ID, err)
		}
	}
	s.line("\t*) fail \"change %d has no part $1\" ;;", number)
	s.line("\tesac")
	s.line("}")
	return nil
}

// about says in comments what a reader must know before running the change.
func (s *script) about(c *fix.Change) {
	for _, set := range c.Sets {
		s.line("#   %s: %s -> %s", comment(set.Property), comment(set.Before.String()), comment(set.After.String()))
	}
	if c.Impact.Downtime != "" {
		s.line("#   Downtime: %s", comment(c.Impact.Downtime))
	}
	if c.Cost != nil && c.Cost.Known {
		s.line("#   Cost: %.2f to %.2f USD a month: %s", c.Cost.Low, c.Cost.High, comment(c.Cost.Basis))
	}
	for _, owner := range c.Owners {
		s.line("#   Also set by %s %s: %s", comment(owner.Kind), comment(owner.Name), comment(owner.Advice))
	}
	for _, warning := range c.Warnings {
		s.line("#   Beware: %s", comment(warning))
	}
}

func (s *script) modes(number int, c *fix.Change) error {
	s.line("\tshow)")
	for i := range c.Steps {
		if line := showLine(number, &c.Steps[i]); line != "" {
			s.line("\t\t%s", line)
		}
	}
	s.line("\t\t;;")
	s.line("\tapply)")
	if c.Accept != "" {
		s.line("\t\taccept %s %s", quote(c.Control), quote(c.Accept))
	}
	prior, err := s.sources.Questions([]fix.Condition{{Resource: c.Resource, Is: fix.IsThere}})
	if err != nil {
		return err
	}
	words, err := reading(&prior[0])
	if err != nil {
		return err
	}
	s.line("\t\tkeep %d %s %s", number, quote(prior[0].Region), words)
	for i := range c.Steps {
		s.line("\t\t%s", applyLine(number, &c.Steps[i]))
	}
	s.line("\t\t;;")
	s.line("\tundo)")
	if c.Undo.Exposes != "" {
		s.line("\t\taccept_undo %d %s %s", number, quote(c.Control), quote(c.Undo.Exposes))
	}
	if c.Undo.Loses != "" {
		s.line("\t\taccept_loss %d %s", number, quote(c.Undo.Loses))
	}
	for i := len(c.Steps) - 1; i >= 0; i-- {
		if line := undoLine(number, &c.Steps[i]); line != "" {
			s.line("\t\t%s", line)
		}
	}
	s.line("\t\tsay '  undone'")
	s.line("\t\t;;")
	return nil
}

func showLine(number int, step *fix.Step) string {
	switch {
	case step.Manual != "":
		return "say " + quote("  "+step.ID+". "+step.Title+": for you to do")
	case step.Call == nil:
		return ""
	default:
		return fmt.Sprintf("show %d %s %s", number, quote(step.ID), quote(step.Title))
	}
}

func applyLine(number int, step *fix.Step) string {
	id, title := quote(step.ID), quote(step.Title)
	switch {
	case step.Manual != "" && len(step.Done) > 0:
		return fmt.Sprintf("person %d %s %s %s", number, id, title, quote(step.Manual))
	case step.Manual != "":
		return fmt.Sprintf("confirm %d %s %s %s", number, id, title, quote(step.Manual))
	case step.Call == nil:
		return fmt.Sprintf("pass %d %s", number, id)
	default:
		return fmt.Sprintf("act %d %s %s %s %d", number, id, title, timeout(step), step.Settle)
	}
}

func undoLine(number int, step *fix.Step) string {
	id, title := quote(step.ID), quote(step.Title)
	switch {
	case step.Undo != nil:
		return fmt.Sprintf("revert %d %s %s %s", number, id, title, timeout(step))
	case step.UndoManual != "" && len(step.UndoDone) == 0:
		return fmt.Sprintf("confirm_undo %d %s %s %s", number, id, title, quote(step.UndoManual))
	case step.UndoManual != "":
		return fmt.Sprintf("revert_by_hand %d %s %s %s", number, id, title, quote(step.UndoManual))
	case step.Final != "":
		return fmt.Sprintf("remains %d %s %s %s", number, id, title, quote(step.Final))
	default:
		return ""
	}
}

func timeout(step *fix.Step) string {
	if step.Timeout > 0 {
		return strconv.Itoa(step.Timeout)
	}
	return strconv.Itoa(defaultTimeout)
}
