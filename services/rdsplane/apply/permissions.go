package apply

import (
	"slices"

	"github.com/holdfast-aws/holdfast/internal/control"
)

// Permissions lists the IAM actions that applying and undoing a fix takes on a
// resource type, reads included, in alphabetical order. It holds for fixes that
// make no call but the one that changes the type; nil for a type that is not the
// service's, and for a control without a fix.
func (s *Service) Permissions(c *control.Control, typ *control.Type) []string {
	actions := s.ReadsOf(typ.Name)
	if c.Fix == nil || actions == nil {
		return nil
	}
	if slices.Contains(s.Operations(), typ.Write.Operation) {
		actions = append(actions, typ.Write.Operation)
	}
	slices.Sort(actions)
	return actions
}
