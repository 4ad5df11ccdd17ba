package fix

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Seal validates the plan and sets its digest. A sealed plan must not be
// changed.
func Seal(p *Plan) error {
	p.Format = PlanFormat
	if err := p.validate(); err != nil {
		return err
	}
	digest, err := p.digest()
	p.Digest = digest
	return err
}

// digest is the SHA-256 over the canonical JSON of the plan without its
// digest. Go writes struct fields in their order and maps sorted, so that the
// same plan always gives the same bytes.
func (p *Plan) digest() (string, error) {
	bare := *p
	bare.Digest = ""
	data, err := json.Marshal(&bare)
	if err != nil {
		return "", fmt.Errorf("digest of the plan: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// validate reports every fault that would make the plan impossible to apply,
// to resume or to undo.
func (p *Plan) validate() error {
	var faults []error
	seen := make(map[string]bool)
	for i := range p.Changes {
		c := &p.Changes[i]
		report := func(field, format string, args ...any) {
			faults = append(faults, fmt.Errorf("changes[%d]%s: %s", i, field, fmt.Sprintf(format, args...)))
		}
		if c.ID == "" || seen[c.ID] {
			report(".id", "%q is no id of its own", c.ID)
		}
		seen[c.ID] = true
		c.validate(report)
	}
	return errors.Join(faults...)
}

func (c *Change) validate(report func(field, format string, args ...any)) {
	if c.Control == "" {
		report(".control", "is missing")
	}
	validateRef(&c.Resource, ".resource", report)
	if c.Result != nil {
		validateRef(c.Result, ".result", report)
	}
	if len(c.Steps) == 0 {
		report(".steps", "a change needs at least one step")
	}
	seen := make(map[string]bool)
	for i := range c.Steps {
		step := &c.Steps[i]
		here := func(field, format string, args ...any) {
			report(fmt.Sprintf(".steps[%d]%s", i, field), format, args...)
		}
		if step.ID == "" || seen[step.ID] {
			here(".id", "%q is no id of its own", step.ID)
		}
		seen[step.ID] = true
		step.validate(here)
	}
}

func (s *Step) validate(report func(field, format string, args ...any)) {
	switch {
	case s.Call != nil && s.Manual != "":
		report("", "a step is either a call or manual")
	case s.Call == nil && s.Manual == "" && s.Undo == nil:
		report("", "the step does nothing, neither forward nor back")
	case s.Call != nil && len(s.Done) == 0:
		report(".done", "nothing would prove that the step took effect")
	case s.Call != nil && !proves(s.Done, s.Before):
		report(".done", "all of it holds before the step too, so that the call would never be made")
	case s.Undo != nil && len(s.Done) > 0 && !proves(s.UndoDone, s.Done):
		report(".undoDone", "all of it holds before the undo too, so that the call would never be made")
	}
	if s.Timeout < 0 || s.Settle < 0 {
		report(".timeoutSeconds", "a wait cannot be negative")
	}
	if s.Undo != nil && len(s.UndoDone) == 0 {
		report(".undoDone", "nothing would prove that the undo took effect")
	}
	for field, call := range map[string]*Call{".call": s.Call, ".undo": s.Undo} {
		if call != nil && (call.Operation == "" || call.Region == "") {
			report(field, "a call needs an operation and a region")
		}
	}
	for _, list := range []struct {
		field      string
		conditions []Condition
	}{{".before", s.Before}, {".done", s.Done}, {".pending", s.Pending}, {".undoDone", s.UndoDone}} {
		for i := range list.conditions {
			list.conditions[i].validate(func(format string, args ...any) {
				report(fmt.Sprintf("%s[%d]", list.field, i), format, args...)
			})
		}
	}
}

// proves reports whether something lasting in done does not stand in before.
func proves(done, before []Condition) bool {
	return slices.ContainsFunc(done, func(d Condition) bool {
		return !d.Settles && !slices.ContainsFunc(before, func(b Condition) bool {
			return b.Resource == d.Resource && b.Property == d.Property && b.Is == d.Is && equal(b.Value, d.Value)
		})
	})
}

func (c *Condition) validate(report func(format string, args ...any)) {
	if !slices.Contains(operators(), c.Is) {
		report("%q is none of %v", c.Is, operators())
	}
	if (c.Is == IsThere || c.Is == IsGone) != (c.Property == "") {
		report("%s and property %q do not go together", c.Is, c.Property)
	}
	if c.Value.Kind() == resource.Unknown {
		report("a condition cannot be held against an unknown value")
	}
	if c.Resource.Type == "" || c.Resource.ID == "" {
		report("the resource needs a type and an id")
	}
}

func validateRef(ref *resource.Ref, field string, report func(field, format string, args ...any)) {
	if ref.Type == "" || ref.ID == "" {
		report(field, "needs a type and an id")
	}
}
