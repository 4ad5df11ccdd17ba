package engine

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// object shows a resource to CEL. Its properties are found by name; one that
// is absent takes the documented default of the service, and one that is
// unknown is a CEL unknown that carries the property's name. So is one that is
// absent although it is always there: an odd answer must not be judged.
//
// It stands as a CEL map because that is the only road on which "is it there?"
// may itself be answered with "unknown".
type object struct {
	typ      *objectType
	resource *resource.Resource
	// reveal lets a verdict rest on sensitive values. Nothing else may: what is
	// made of them would show them.
	reveal bool
	// members are the lists of which is asked nothing but whether they hold
	// something. Known items may answer that beside others that are not known.
	members map[string]bool
}

var _ traits.Mapper = (*object)(nil)

// objectType is the typed face of a resource type, or of a control's
// parameters.
type objectType struct {
	cel        *types.Type
	properties map[string]*slot
}

// slot holds what does not change from one resource to the next.
type slot struct {
	property *control.Property
	fallback ref.Val // the default, or nil
	unknown  *types.Unknown
}

var errNoMap = errors.New("a resource can only be asked for its properties")

// Find implements traits.Mapper.
func (o *object) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return types.NewErr("a property name is a string, not %s", key.Type()), false
	}
	s := o.typ.properties[string(name)]
	if s == nil {
		return nil, false
	}
	value := o.resource.Properties[string(name)]
	if o.reveal {
		value = revealed(value)
	}
	switch value.Kind() {
	case resource.Absent:
		if s.property.Required {
			return s.unknown, true
		}
		return s.fallback, s.fallback != nil
	case resource.Unknown:
		return s.unknown, true
	case resource.List:
		if o.members[string(name)] && openItem(value) != nil {
			return s.newPartialList(value.List()), true
		}
		return s.convert(value), true
	default:
		return s.convert(value), true
	}
}

// revealed returns what a sensitive value holds, or a map of which some fields
// are sensitive.
func revealed(value resource.Value) resource.Value {
	if secret, ok := value.Secret(); ok {
		return secret
	}
	isSecret := func(field resource.Value) bool { _, ok := field.Secret(); return ok }
	if value.Kind() != resource.Map || !slices.ContainsFunc(slices.Collect(maps.Values(value.Fields())), isSecret) {
		return value
	}
	fields := make(map[string]resource.Value, len(value.Fields()))
	for name, field := range value.Fields() {
		fields[name] = revealed(field)
	}
	return resource.OfMap(fields)
}

// convert turns a known value into CEL. A value of another type than the
// property's is unknown: something odd was read and must not be judged.
func (s *slot) convert(value resource.Value) ref.Val {
	switch s.property.Type {
	case "bool":
		if b, ok := value.Bool(); ok {
			return types.Bool(b)
		}
	case "int":
		if n, ok := value.Int(); ok {
			return types.Int(n)
		}
	case "float":
		if f, ok := value.Float(); ok {
			return types.Double(f)
		}
		if n, ok := value.Int(); ok {
			return types.Double(n)
		}
	case "string":
		if text, ok := value.Text(); ok {
			return types.String(text)
		}
	case "time":
		if text, ok := value.Text(); ok {
			if at, err := time.Parse(time.RFC3339, text); err == nil {
				return types.Timestamp{Time: at}
			}
		}
	case "list(string)":
		return s.convertList(value)
	case "map(string)":
		return s.convertMap(value)
	}
	return s.unknown
}

func (s *slot) convertList(value resource.Value) ref.Val {
	if items, ok := value.Strings(); ok {
		return types.NewStringList(types.DefaultTypeAdapter, items)
	}
	return s.unknown
}

func (s *slot) convertMap(value resource.Value) ref.Val {
	if value.Kind() != resource.Map {
		return s.unknown
	}
	fields := make(map[string]string, len(value.Fields()))
	for key, item := range value.Fields() {
		text, ok := item.Text()
		if !ok {
			return s.unknown
		}
		fields[key] = text
	}
	return types.NewStringStringMap(types.DefaultTypeAdapter, fields)
}

// Get implements traits.Indexer.
func (o *object) Get(key ref.Val) ref.Val {
	if value, ok := o.Find(key); ok {
		return value
	}
	return types.NewErr("%v is not there", key)
}

// Contains implements traits.Container.
func (o *object) Contains(key ref.Val) ref.Val {
	_, ok := o.Find(key)
	return types.Bool(ok)
}

// Iterator implements traits.Iterable. The type checker never lets an
// expression get here.
func (o *object) Iterator() traits.Iterator { return nil }

// Size implements traits.Sizer.
func (o *object) Size() ref.Val { return types.NewErr("%w", errNoMap) }

// ConvertToNative implements ref.Val.
func (o *object) ConvertToNative(want reflect.Type) (any, error) {
	return nil, fmt.Errorf("to %s: %w", want, errNoMap)
}

// ConvertToType implements ref.Val.
func (o *object) ConvertToType(want ref.Type) ref.Val {
	if want == types.TypeType {
		return o.typ.cel
	}
	return types.NewErr("%w", errNoMap)
}

// Equal implements ref.Val.
func (o *object) Equal(other ref.Val) ref.Val { return types.Bool(other == ref.Val(o)) }

// Type implements ref.Val.
func (o *object) Type() ref.Type { return o.typ.cel }

// Value implements ref.Val.
func (o *object) Value() any { return o.resource }

var stringSlice = reflect.TypeFor[[]string]()
