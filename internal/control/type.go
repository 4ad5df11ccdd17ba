package control

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// Type describes one resource type: its properties, the names they have
// elsewhere, and the operations that read and write them.
type Type struct {
	// Name is the CloudFormation name, for example AWS::Neptune::DBCluster.
	Name   string `yaml:"type"`
	Title  string `yaml:"title"`
	Plural string `yaml:"plural"`
	// ASFF is the resource type that Security Hub findings carry.
	ASFF string `yaml:"asff"`
	// Terraform is the name of the Terraform resource, if there is one.
	Terraform string `yaml:"terraform"`
	// TerraformAlso are further Terraform resources that are of this type, by
	// the same names of attributes.
	TerraformAlso []string `yaml:"terraformAlso"`
	// CloudFormation is the name of the CloudFormation resource where one
	// exists; some types, such as cluster snapshots, have none.
	CloudFormation string `yaml:"cloudformation"`
	// CloudFormationAlso are further CloudFormation resources that are of this
	// type, completed by the joiners of its service.
	CloudFormationAlso []string `yaml:"cloudformationAlso"`
	// List is the paged operation that finds the resources of this type. It
	// yields every property that names no other operation.
	List       string               `yaml:"list"`
	Write      TypeWrite            `yaml:"write"`
	Properties map[string]*Property `yaml:"properties"`

	File string `yaml:"-"`
}

// TypeWrite is the operation that changes single properties of a type.
type TypeWrite struct {
	Operation  string `yaml:"operation"`
	Identifier string `yaml:"identifier"` // the parameter that names the resource
}

// Property describes one property of a resource type.
type Property struct {
	// Type is bool, int, float, string, time, list(string) or map(string).
	Type  string `yaml:"type"`
	About string `yaml:"about"`
	Unit  string `yaml:"unit"`
	// Default is what the service takes when the property is omitted.
	Default resource.Value `yaml:"-"`
	// Required properties are always there.
	Required   bool   `yaml:"required"`
	Min        *int64 `yaml:"min"`
	Max        *int64 `yaml:"max"`
	CreateOnly bool   `yaml:"createOnly"`
	ReadOnly   bool   `yaml:"readOnly"`
	// Read is the operation that yields the property, where it is not the
	// type's list operation.
	Read string `yaml:"read"`
	// With are further operations that reading the property takes.
	With []string `yaml:"with"`
	// Write is the parameter of the type's write operation that sets it.
	Write          string `yaml:"write"`
	Terraform      string `yaml:"terraform"`
	CloudFormation string `yaml:"cloudformation"`
	CLI            string `yaml:"cli"`

	DefaultNode yaml.Node `yaml:"default"`
}

// Optional reports whether the property may be absent, so that an expression
// must ask for it with ".?".
func (p *Property) Optional() bool { return !p.Required && p.Default.Kind() == resource.Absent }

// ReadBy is the operation that yields a property of the type.
func (t *Type) ReadBy(property string) string {
	if p := t.Properties[property]; p != nil && p.Read != "" {
		return p.Read
	}
	return t.List
}

// ReadsOf lists every operation that yielding a property takes.
func (t *Type) ReadsOf(property string) []string {
	reads := []string{t.ReadBy(property)}
	if p := t.Properties[property]; p != nil {
		reads = append(reads, p.With...)
	}
	return reads
}

// PropertyNames lists the properties in alphabetical order.
func (t *Type) PropertyNames() []string { return sortedKeys(t.Properties) }

var (
	typeName      = regexp.MustCompile(`^[A-Z][A-Za-z0-9]+::[A-Z][A-Za-z0-9]+::[A-Z][A-Za-z0-9]+$`)
	operationName = regexp.MustCompile(`^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$`)
	propertyTypes = []string{"bool", "int", "float", "string", "time", "list(string)", "map(string)"}
)

// check reports what is wrong with the type as such, in the file's order.
func (t *Type) check(report func(field, format string, args ...any)) {
	if !typeName.MatchString(t.Name) {
		report("type", "%q is no CloudFormation type name such as AWS::Neptune::DBCluster", t.Name)
	}
	for _, required := range []struct{ field, value string }{{"title", t.Title}, {"plural", t.Plural}} {
		if required.value == "" {
			report(required.field, "is missing")
		}
	}
	if !operationName.MatchString(t.List) {
		report("list", "%q is no operation such as rds:DescribeDBClusters", t.List)
	}
	if len(t.Properties) == 0 {
		report("properties", "a type needs at least one property")
	}
	for _, name := range t.PropertyNames() {
		if t.Properties[name] == nil {
			report("properties."+name, "is empty")
			delete(t.Properties, name)
			continue
		}
		if !simpleName.MatchString(name) {
			report("properties."+name, "%q is no name of letters and digits", name)
		}
		t.Properties[name].check(t, func(field, format string, args ...any) {
			report("properties."+name+"."+field, format, args...)
		})
	}
}

func (p *Property) check(t *Type, report func(field, format string, args ...any)) {
	if !slices.Contains(propertyTypes, p.Type) {
		report("type", "%q is none of %s", p.Type, strings.Join(propertyTypes, ", "))
		return
	}
	if p.Read != "" && !operationName.MatchString(p.Read) {
		report("read", "%q is no operation such as rds:DescribeDBClusters", p.Read)
	}
	for _, operation := range p.With {
		if !operationName.MatchString(operation) {
			report("with", "%q is no operation such as rds:DescribeDBClusters", operation)
		}
	}
	if p.Min != nil && p.Max != nil && *p.Min > *p.Max {
		report("min", "%d is above max, %d", *p.Min, *p.Max)
	}
	if p.Write != "" && t.Write.Operation == "" {
		report("write", "the type names no write operation")
	}
	if p.Write != "" && (p.ReadOnly || p.CreateOnly) {
		report("write", "a read-only or create-only property cannot be written")
	}
	if p.DefaultNode.IsZero() {
		return
	}
	value, err := decodeValue(&p.DefaultNode)
	if err == nil {
		err = p.Accepts(value)
	}
	if err != nil {
		report("default", "%v", err)
	}
	p.Default = value
}

// Accepts reports whether a value has the property's type and lies in its
// range. Absent and unknown values are accepted: they are not of any type.
func (p *Property) Accepts(v resource.Value) error {
	if !v.Known() {
		return nil
	}
	ok := false
	switch p.Type {
	case "bool":
		_, ok = v.Bool()
	case "int":
		_, ok = v.Int()
	case "float":
		ok = v.Kind() == resource.Float || v.Kind() == resource.Int
	case "string", "time":
		_, ok = v.Text()
	case "list(string)":
		_, ok = v.Strings()
	case "map(string)":
		ok = v.Kind() == resource.Map
	}
	if !ok {
		return fmt.Errorf("%s (%s) is no %s", v, v.Kind(), p.Type)
	}
	if n, isInt := v.Int(); isInt && (p.Min != nil && n < *p.Min || p.Max != nil && n > *p.Max) {
		return fmt.Errorf("%d is outside %s", n, rangeText(p.Min, p.Max))
	}
	return nil
}

func rangeText(low, high *int64) string {
	switch {
	case low != nil && high != nil:
		return fmt.Sprintf("%d to %d", *low, *high)
	case low != nil:
		return fmt.Sprintf("%d and above", *low)
	default:
		return fmt.Sprintf("%d and below", *high)
	}
}
