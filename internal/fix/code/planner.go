package code

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Planner plans for the failed findings of a scan of source code. It is given
// every result of the scan, those that passed too: what a change would do to
// them decides whether it may be made.
type Planner struct {
	Catalogue *control.Catalogue
	// Desired gives the property values with which a control would pass.
	Desired func(control string, r *resource.Resource) (map[string]resource.Value, error)
	// Language returns what finds and writes values for resources that were
	// read from a file; nil when the file is no source code.
	Language func(file string) Language
	// Accept lists the controls whose changes are accepted by name: those that
	// ask for it, and those that replace a resource.
	Accept []string
	// Prove scans once more with other contents in place of files, which are
	// named as origins name them, and hands over every result.
	Prove func(ctx context.Context, overlay map[string][]byte, result func(*finding.Finding, *resource.Resource) error) error

	mu      sync.Mutex
	results results
}

// Add takes one result of the scan. It may be called from many goroutines.
func (p *Planner) Add(f *finding.Finding, r *resource.Resource) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.results.add(f, r)
	return nil
}

// Plan makes and proves the plan.
func (p *Planner) Plan(ctx context.Context) (*Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := &draft{
		planner: p, files: NewFiles(), targets: make(map[string]*target), edits: make(map[place]*Edit), languages: make(map[string]Language),
	}
	for _, key := range p.results.order {
		if err := d.add(p.results.by[key]); err != nil {
			return nil, err
		}
	}
	d.settle()
	return d.prove(ctx)
}

// A draft is a plan that is being made.
type draft struct {
	planner *Planner
	files   *Files
	targets map[string]*target // by the name that an origin gives
	edits   map[place]*Edit
	left    []Left

	languages map[string]Language // by file
}

// language asks once what a file is written in.
func (d *draft) language(file string) Language {
	l, known := d.languages[file]
	if !known {
		l = d.planner.Language(file)
		d.languages[file] = l
	}
	return l
}

// A place is a spot whatever its file is called.
type place struct{ file, key string }

// add plans for one result.
func (d *draft) add(one *result) error {
	if one.finding.Status != finding.Failed {
		return nil
	}
	f, r := one.finding, one.resource
	leave := func(reason, detail string) error {
		d.left = append(d.left, Left{
			Control: f.Control, Resource: r.Ref, Reason: reason, Detail: detail, File: r.Origin.File, Line: r.Origin.Line,
		})
		return nil
	}
	c := d.planner.Catalogue.Find(f.Control)
	switch {
	case c == nil:
		return fmt.Errorf("plan %s for %s: the control is not in the catalogue", f.Control, r.ID)
	case f.Exception != nil:
		return leave(LeftExcepted, "accepted in "+f.Exception.Source+": "+f.Exception.Reason)
	case c.Fix == nil || len(c.Fix.Set) == 0:
		return leave(LeftNoFix, "no setting makes it pass; holdfast explain "+c.ID+" tells how a person does it")
	}
	desired, err := d.planner.Desired(c.ID, r)
	if unread := new(engine.UnreadError); errors.As(err, &unread) {
		return leave(LeftUnread, err.Error())
	}
	if err != nil {
		return fmt.Errorf("plan %s for %s: %w", f.Control, r.ID, err)
	}
	for _, property := range slices.Sorted(maps.Keys(desired)) {
		w := &Want{
			Control: c.ID, Type: d.planner.Catalogue.Types[r.Type], Resource: r.Ref, Property: property,
			Before: r.Get(property), After: desired[property], At: r.Where[property],
		}
		if w.Before.Kind() == resource.Absent {
			w.Before = w.Type.Properties[property].Default
		}
		if w.Before.Equal(w.After) {
			continue
		}
		if err := d.want(c, w); err != nil {
			return fmt.Errorf("plan %s for %s: %w", f.Control, r.ID, err)
		}
	}
	return nil
}

// want finds the spot of a want and puts it to the others there.
func (d *draft) want(c *control.Control, w *Want) error {
	language := d.language(w.Resource.Origin.File)
	if language == nil {
		d.leave(w, &Left{Reason: LeftOutside, Detail: w.Resource.Origin.File + " is made from source code and is none"})
		return nil
	}
	spot, left, err := language.Place(d.files, w)
	if err != nil {
		return err
	}
	if left == nil {
		left = d.guard(c, w, spot)
	}
	if left != nil {
		d.leave(w, left)
		return nil
	}
	t, err := d.target(spot.File)
	if err != nil {
		return err
	}
	if detail := upstream(spot.File, t.path, t.content); detail != "" {
		d.leave(w, at(spot, LeftUpstream, fmt.Sprintf("%s is %s; set %s of %s to %s at its source", spot.File, detail, spot.Name, spot.Address, w.After)))
		return nil
	}
	key := place{file: t.path, key: spot.Key}
	e := d.edits[key]
	if e == nil {
		e = &Edit{
			File: t.name, Line: spot.Line, Address: spot.Address, Name: spot.Name, Insert: spot.Insert,
			Before: w.Before, After: w.After, Property: w.Property, spot: *spot,
		}
		e.spot.File = t.name
		d.edits[key] = e
	}
	e.wants = append(e.wants, w)
	return nil
}

// guard holds back what is not made without being accepted by name.
func (d *draft) guard(c *control.Control, w *Want, spot *Spot) *Left {
	if slices.Contains(d.planner.Accept, c.ID) {
		return nil
	}
	switch property := w.Type.Properties[w.Property]; {
	case property.CreateOnly || c.Fix.Impact.Replaces:
		return at(spot, LeftReplaces, fmt.Sprintf("%s can only be set at creation: deploying %s = %s would replace the resource, with its data. Accept %s by name to have it written",
			w.Property, spot.Name, w.After, c.ID))
	case c.Fix.Accept != "":
		return at(spot, LeftAccept, strings.TrimSpace(c.Fix.Accept)+" Accept "+c.ID+" by name to have it written")
	}
	return nil
}

func at(spot *Spot, reason, detail string) *Left {
	return &Left{Reason: reason, Detail: detail, File: spot.File, Line: spot.Line}
}

func (d *draft) leave(w *Want, left *Left) {
	left.Control, left.Resource, left.Property = w.Control, w.Resource, w.Property
	if left.File == "" {
		left.File, left.Line = w.Resource.Origin.File, w.Resource.Origin.Line
	}
	d.left = append(d.left, *left)
}

// drop leaves all wants of an edit.
func (d *draft) drop(key place, reason, detail string) {
	e := d.edits[key]
	for _, w := range e.wants {
		d.leave(w, at(&e.spot, reason, detail))
	}
	delete(d.edits, key)
}

// keys lists the edits in the order of files and spots.
func (d *draft) keys() []place {
	return slices.SortedFunc(maps.Keys(d.edits), func(a, b place) int {
		return strings.Compare(a.file+"\x00"+a.key, b.file+"\x00"+b.key)
	})
}

// settle drops edits whose wants disagree.
func (d *draft) settle() {
	for _, key := range d.keys() {
		if detail := disagreement(d.edits[key]); detail != "" {
			d.drop(key, LeftConflict, detail)
		}
	}
}

// tell says for whom an edit is made.
func (e *Edit) tell() {
	seen := make(map[string]bool)
	for _, w := range e.wants {
		if !slices.Contains(e.Controls, w.Control) {
			e.Controls = append(e.Controls, w.Control)
		}
		if !seen[w.Resource.Key()] {
			seen[w.Resource.Key()] = true
			e.Resources = append(e.Resources, w.Resource)
		}
	}
	slices.SortFunc(e.Controls, control.CompareIDs)
}

// disagreement names the values that the wants of an edit would set, and for
// whom; "" when they agree.
func disagreement(e *Edit) string {
	var values []string
	by := make(map[string][]string)
	for _, w := range e.wants {
		value := w.After.String()
		if by[value] == nil {
			values = append(values, value)
		}
		if who := w.Resource.Origin.Address + " (" + w.Control + ")"; !slices.Contains(by[value], who) {
			by[value] = append(by[value], who)
		}
	}
	if len(values) < 2 {
		return ""
	}
	parts := make([]string, len(values))
	for i, value := range values {
		parts[i] = value + " for " + shorten(by[value])
	}
	return fmt.Sprintf("%s %s at %s:%d would have to be %s", e.Address, e.Name, e.File, e.Line, strings.Join(parts, ", and "))
}

// shorten joins names, of which the first five are enough to find the others.
func shorten(names []string) string {
	if len(names) > 6 {
		return strings.Join(names[:5], ", ") + fmt.Sprintf(" and %d more", len(names)-5)
	}
	return strings.Join(names, ", ")
}

func slashed(file string) string { return strings.TrimPrefix(filepath.ToSlash(file), "/") }
