package fix

import (
	"fmt"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Rules judges with the controls and parameters of a plan. It is the Judge of
// the program.
type Rules struct {
	catalogue *control.Catalogue
	engine    *engine.Engine
	wants     resource.Wants
}

var _ Judge = (*Rules)(nil)

// UnknownControlError says that a plan needs a control that this program was
// not given.
type UnknownControlError struct{ ID string }

func (e *UnknownControlError) Error() string {
	return fmt.Sprintf("the plan changes something for control %s, which is not in the catalogue", e.ID)
}

// Hint names the flag that adds a user's own controls.
func (e *UnknownControlError) Hint() string {
	return "give the folder of your own controls with --controls DIR, as when the plan was made"
}

// NewRules compiles the controls of a plan with the plan's parameters.
func NewRules(catalogue *control.Catalogue, p *Plan) (*Rules, error) {
	params, err := catalogue.ParseParams(nil)
	if err != nil {
		return nil, err
	}
	var chosen []*control.Control
	seen := make(map[string]bool)
	for i := range p.Changes {
		id := p.Changes[i].Control
		if seen[id] {
			continue
		}
		seen[id] = true
		c := catalogue.Find(id)
		if c == nil {
			return nil, &UnknownControlError{ID: id}
		}
		chosen = append(chosen, c)
		if values := p.Params[id]; len(values) > 0 {
			params[c.ID] = values
		}
	}
	e, err := engine.New(catalogue, chosen, params)
	if err != nil {
		return nil, err
	}
	return &Rules{catalogue: catalogue, engine: e, wants: e.Wants()}, nil
}

// Reads implements Judge. Tags and restore times are read along: exceptions
// hang on the former, and the latter tell the retention that counts today.
func (r *Rules) Reads(id string) []string {
	c := r.catalogue.Find(id)
	if c == nil {
		return nil
	}
	var reads []string
	for _, typ := range c.Types() {
		reads = append(reads, r.wants[typ]...)
		for _, name := range []string{resource.TagsProperty, earliestRestorable, latestRestorable} {
			if r.catalogue.Types[typ].Properties[name] != nil {
				reads = append(reads, name)
			}
		}
	}
	return merge(reads)
}

// Watches implements Judge.
func (r *Rules) Watches(typ string) []string {
	t := r.catalogue.Types[typ]
	if t == nil {
		return nil
	}
	var names []string
	for _, name := range t.PropertyNames() {
		if p := t.Properties[name]; !p.ReadOnly && t.ReadBy(name) == t.List {
			names = append(names, name)
		}
	}
	return names
}

// Judge implements Judge.
func (r *Rules) Judge(id string, res *resource.Resource) (found *finding.Finding, err error) {
	err = r.engine.Evaluate(res, func(f *finding.Finding) error {
		if f.Control == id {
			found = f
		}
		return nil
	})
	return found, err
}
