package code

import (
	"context"
	"fmt"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// maxScans bounds how often the code is scanned to prove one plan.
const maxScans = 24

// prove scans the code with the edits, drops those that do not bring what they
// should or that spoil something, and does so again until all that are left
// hold together.
func (d *draft) prove(ctx context.Context) (*Plan, error) {
	p := &prover{draft: d, ctx: ctx}
	plan := &Plan{Edits: []Edit{}, Left: []Left{}, Patches: []Patch{}}
	for len(d.edits) > 0 {
		one, err := p.try(d.keys())
		if err != nil {
			return nil, err
		}
		dropped := d.dropUnproven(one.after)
		if dropped == 0 && len(one.losses) == 0 {
			plan.Patches = one.patches
			break
		}
		if dropped == 0 {
			if err := p.dropGuilty(one.losses); err != nil {
				return nil, err
			}
		}
	}
	for _, key := range d.keys() {
		d.edits[key].tell()
		plan.Edits = append(plan.Edits, *d.edits[key])
	}
	plan.Left = append(plan.Left, d.left...)
	plan.sort()
	return plan, nil
}

type prover struct {
	*draft
	ctx   context.Context
	scans int
}

// A trial is what a scan finds with some of the edits in place.
type trial struct {
	patches []Patch
	after   *results
	losses  []loss
}

func (p *prover) try(keys []place) (*trial, error) {
	if p.scans++; p.scans > maxScans {
		for _, key := range p.keys() {
			p.drop(key, LeftNotProven, fmt.Sprintf("%d scans did not tell which of the changes hold together", maxScans))
		}
		return &trial{after: &results{}}, nil
	}
	patches, err := p.patches(keys)
	if err != nil {
		return nil, err
	}
	overlay := make(map[string][]byte)
	for i := range patches {
		for _, name := range patches[i].names {
			overlay[name] = patches[i].After
		}
	}
	one := &trial{patches: patches, after: &results{}}
	err = p.planner.Prove(p.ctx, overlay, func(f *finding.Finding, r *resource.Resource) error {
		one.after.add(f, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("scan the changed code: %w", err)
	}
	var wants []*Want
	for _, key := range keys {
		wants = append(wants, p.edits[key].wants...)
	}
	one.losses = one.after.losses(&p.planner.results, wants)
	return one, nil
}

// patches makes the new contents of all files that the edits are in.
func (d *draft) patches(keys []place) ([]Patch, error) {
	settings := make(map[string][]Setting)
	languages := make(map[string]Language)
	var files []string
	for _, key := range keys {
		e := d.edits[key]
		if settings[e.File] == nil {
			files = append(files, e.File)
			languages[e.File] = d.language(e.wants[0].Resource.Origin.File)
		}
		settings[e.File] = append(settings[e.File], Setting{Spot: e.spot, Value: e.After})
	}
	patches := make([]Patch, 0, len(files))
	for _, file := range files {
		t := d.targets[file]
		after, err := languages[file].Write(file, t.content, settings[file])
		if err != nil {
			return nil, fmt.Errorf("change %s: %w", file, err)
		}
		patches = append(patches, newPatch(t, after))
	}
	return patches, nil
}

// dropUnproven leaves the wants whose findings do not pass, and drops edits
// that have no others. It returns how many it dropped.
func (d *draft) dropUnproven(after *results) int {
	dropped := 0
	for _, key := range d.keys() {
		e := d.edits[key]
		proven := slices.ContainsFunc(e.wants, after.passed)
		if !proven {
			d.drop(key, LeftNotProven, fmt.Sprintf("with %s = %s the control would still not pass", e.Name, e.After))
			dropped++
			continue
		}
		e.wants = slices.DeleteFunc(e.wants, func(w *Want) bool {
			if after.passed(w) {
				return false
			}
			d.leave(w, at(&e.spot, LeftNotProven, fmt.Sprintf("%s becomes %s for others too, but more is needed here", e.Name, e.After)))
			return true
		})
	}
	return dropped
}

// dropGuilty drops the edits that make something worse: those whose place
// decided it, or else those that do it alone.
func (p *prover) dropGuilty(losses []loss) error {
	guilty := make(map[place]string)
	for _, l := range losses {
		for _, key := range p.keys() {
			if p.edits[key].decided(l.origins) {
				guilty[key] = l.detail
			}
		}
	}
	if len(guilty) == 0 {
		if err := p.blame(p.keys(), losses, guilty); err != nil {
			return err
		}
	}
	for _, key := range p.keys() {
		if detail, found := guilty[key]; found {
			p.drop(key, LeftNotProven, "the same place decides more: "+detail)
		}
	}
	return nil
}

// decided reports whether one of the origins is the place of the edit.
func (e *Edit) decided(origins []resource.Origin) bool {
	is := func(o *resource.Origin) bool { return o.File == e.File && o.Line == e.Line }
	return slices.ContainsFunc(origins, func(o resource.Origin) bool { return is(&o) || o.Defined != nil && is(o.Defined) })
}

// blame finds the edits that cause a loss, by trying halves.
func (p *prover) blame(keys []place, losses []loss, guilty map[place]string) error {
	if len(keys) == 1 {
		guilty[keys[0]] = losses[0].detail
		return nil
	}
	found := false
	for _, half := range [][]place{keys[:len(keys)/2], keys[len(keys)/2:]} {
		one, err := p.try(half)
		if err != nil || len(p.edits) == 0 {
			return err
		}
		if len(one.losses) > 0 {
			found = true
			if err := p.blame(half, one.losses, guilty); err != nil {
				return err
			}
		}
	}
	if !found { // it takes both
		for _, key := range keys {
			guilty[key] = losses[0].detail
		}
	}
	return nil
}
