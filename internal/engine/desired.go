package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// UnreadError says that a fix needs properties that could not be read.
type UnreadError struct {
	Control, Resource string
	Missing           []resource.Missing
}

func (e *UnreadError) Error() string {
	parts := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		parts[i] = fmt.Sprintf("%s (%s)", m.Property, m.Reason)
		if m.Operation != "" { // code has none
			parts[i] = fmt.Sprintf("%s (%s, %s)", m.Property, m.Operation, m.Reason)
		}
	}
	return fmt.Sprintf("%s: the fix of %s needs what could not be read: %s", e.Control, e.Resource, strings.Join(parts, ", "))
}

// Desired returns the property values with which the control's fix would make
// the resource pass. It is an *UnreadError if one of them cannot be told, or if
// what it would replace is not known: nothing is ever changed on unread data,
// and what was not known cannot be put back.
func (e *Engine) Desired(controlID string, r *resource.Resource) (map[string]resource.Value, error) {
	c := e.over(controlID, r.Type)
	if c == nil {
		return nil, fmt.Errorf("control %s was not chosen", controlID)
	}
	s := &scope{resource: &object{typ: c.face, resource: r}, params: c.params}
	desired := make(map[string]resource.Value, len(c.desired))
	for _, name := range slices.Sorted(maps.Keys(c.desired)) {
		if r.Properties[name].Kind() == resource.Unknown {
			return nil, &UnreadError{Control: controlID, Resource: r.ID, Missing: []resource.Missing{c.missingProperty(r, name)}}
		}
		result := run(c.desired[name], s)
		if types.IsUnknown(result) {
			return nil, &UnreadError{Control: controlID, Resource: r.ID, Missing: c.missing(r, result)}
		}
		value, err := fromCEL(result)
		if err != nil {
			return nil, fmt.Errorf("%s: desired %s of %s: %w", controlID, name, r.ID, err)
		}
		if err := c.typ.Properties[name].Accepts(value); err != nil {
			return nil, fmt.Errorf("%s: desired %s of %s: %w", controlID, name, r.ID, err)
		}
		desired[name] = value
	}
	return desired, nil
}

func fromCEL(value ref.Val) (resource.Value, error) {
	switch value := value.(type) {
	case types.Bool:
		return resource.OfBool(bool(value)), nil
	case types.Int:
		return resource.OfInt(int64(value)), nil
	case types.Double:
		return resource.OfFloat(float64(value)), nil
	case types.String:
		return resource.OfString(string(value)), nil
	case *types.Err:
		return resource.Value{}, value
	}
	native, err := value.ConvertToNative(stringSlice)
	if err != nil {
		return resource.Value{}, err
	}
	return resource.OfStrings(native.([]string)), nil
}
