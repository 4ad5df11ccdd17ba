package engine

import (
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// The two variables that an expression sees.
const (
	resourceVariable = "resource"
	paramsVariable   = "params"
)

// newObjectType prepares the typed face of a resource type.
func newObjectType(t *control.Type) *objectType {
	face := &objectType{
		cel:        types.NewObjectType(celName(t.Name)),
		properties: make(map[string]*slot, len(t.Properties)),
	}
	for name, property := range t.Properties {
		s := &slot{property: property, unknown: types.NewUnknown(0, types.NewAttributeTrail(name))}
		if property.Default.Known() {
			s.fallback = s.convert(property.Default)
		}
		face.properties[name] = s
	}
	return face
}

// celName turns AWS::Neptune::DBCluster into a name that CEL accepts.
func celName(typeName string) string { return strings.ReplaceAll(typeName, "::", ".") }

// newEnvironment makes the world in which one control's expressions are
// compiled: its resource type and its parameters, and CEL's optional values,
// strings, lists and max/min.
func newEnvironment(face *objectType, c *control.Control) (*cel.Env, error) {
	paramsType := types.NewObjectType("params." + c.ID)
	env, err := cel.NewEnv(
		cel.OptionalTypes(),
		// Of fixed versions: what a later one adds must be looked at first, see
		// amplifying.
		ext.Strings(ext.StringsVersion(4)), ext.Lists(ext.ListsVersion(3)),
		cel.Function("max", cel.Overload("max_int_int", []*cel.Type{cel.IntType, cel.IntType}, cel.IntType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val { return max(a.(types.Int), b.(types.Int)) }))),
		cel.Variable(resourceVariable, face.cel),
		cel.Variable(paramsVariable, paramsType),
	)
	if err != nil {
		return nil, err
	}
	provider := &typeProvider{Provider: env.CELTypeProvider(), faces: map[string]map[string]*types.FieldType{
		face.cel.TypeName():   face.fields(),
		paramsType.TypeName(): parameterFields(c),
	}, names: map[string]*types.Type{face.cel.TypeName(): face.cel, paramsType.TypeName(): paramsType}}
	return env.Extend(cel.CustomTypeProvider(provider))
}

// fields lists the properties with their CEL types.
func (t *objectType) fields() map[string]*types.FieldType {
	fields := make(map[string]*types.FieldType, len(t.properties))
	for name, s := range t.properties {
		fields[name] = &types.FieldType{Type: celType(s.property.Type)}
	}
	return fields
}

func parameterFields(c *control.Control) map[string]*types.FieldType {
	fields := make(map[string]*types.FieldType, len(c.Parameters))
	for name, parameter := range c.Parameters {
		fields[name] = &types.FieldType{Type: celType(propertyOf(parameter))}
	}
	return fields
}

func celType(property string) *types.Type {
	switch property {
	case "bool":
		return types.BoolType
	case "int":
		return types.IntType
	case "float":
		return types.DoubleType
	case "time":
		return types.TimestampType
	case "list(string)":
		return types.NewListType(types.StringType)
	case "map(string)":
		return types.NewMapType(types.StringType, types.StringType)
	default:
		return types.StringType
	}
}

// typeProvider adds the two object types to CEL's own.
type typeProvider struct {
	types.Provider
	faces map[string]map[string]*types.FieldType
	names map[string]*types.Type
}

// FindStructType implements types.Provider.
func (p *typeProvider) FindStructType(name string) (*types.Type, bool) {
	if t, ok := p.names[name]; ok {
		return types.NewTypeTypeWithParam(t), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames implements types.Provider.
func (p *typeProvider) FindStructFieldNames(name string) ([]string, bool) {
	if fields, ok := p.faces[name]; ok {
		return slices.Sorted(maps.Keys(fields)), true
	}
	return p.Provider.FindStructFieldNames(name)
}

// FindStructFieldType implements types.Provider.
func (p *typeProvider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if fields, ok := p.faces[name]; ok {
		found, ok := fields[field]
		return found, ok
	}
	return p.Provider.FindStructFieldType(name, field)
}

// parameterObject shows a control's parameters to CEL.
func parameterObject(c *control.Control, values map[string]int64) *object {
	face := &objectType{cel: types.NewObjectType("params." + c.ID), properties: make(map[string]*slot, len(values))}
	held := &resource.Resource{Properties: make(map[string]resource.Value, len(values))}
	for name, value := range values {
		parameter := c.Parameters[name]
		face.properties[name] = &slot{property: &control.Property{Type: propertyOf(parameter)}}
		switch native := parameter.Native(value).(type) {
		case bool:
			held.Properties[name] = resource.OfBool(native)
		case string:
			held.Properties[name] = resource.OfString(native)
		default:
			held.Properties[name] = resource.OfInt(value)
		}
	}
	return &object{typ: face, resource: held}
}

// propertyOf is the property type that a parameter's values have.
func propertyOf(p *control.Parameter) string {
	if p.Type == "enum" {
		return "string"
	}
	return p.Type
}
