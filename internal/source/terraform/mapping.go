package terraform

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Joiner completes the resources of one Terraform type.
type Joiner interface {
	// Owner is the Terraform type whose resources are completed, and the
	// attributes of it that Join reads.
	Owner() (typ string, attributes []string)
	// Satellites lists the Terraform types that Join looks for among the other
	// objects, each with the attributes that it reads.
	Satellites() map[string][]string
	// Join sets properties that Terraform keeps elsewhere than in the object,
	// or that follow from other objects: known, absent or unknown. It is called
	// after the object's own attributes are set.
	Join(r *resource.Resource, own *Object, others *Objects)
}

// Omitter is a Joiner that knows arguments which are not there where code leaves
// them out, although a plan calls them known only after apply.
type Omitter interface {
	// Omits lists such arguments by Terraform type.
	Omits() map[string][]string
}

// Mapping is the way from Terraform's names to those of the catalogue.
type Mapping struct {
	types   map[string]*control.Type // by Terraform name
	joiners []Joiner
}

// NewMapping takes the resource types that have a Terraform name, and what
// completes them.
func NewMapping(types map[string]*control.Type, joiners []Joiner) *Mapping {
	m := &Mapping{types: make(map[string]*control.Type), joiners: joiners}
	for _, t := range types {
		if t.Terraform != "" {
			m.types[t.Terraform] = t
		}
		for _, name := range t.TerraformAlso {
			m.types[name] = t
		}
	}
	return m
}

// Names maps the Terraform types to the resource types that they stand for.
func (m *Mapping) Names() map[string]string {
	names := make(map[string]string, len(m.types))
	for name, t := range m.types {
		names[name] = t.Name
	}
	return names
}

// Selection is the part of a mapping that one scan needs.
type Selection struct {
	mapping *Mapping
	wants   resource.Wants
	needs   map[string][]string // Terraform type → attributes, sorted
	joins   map[string][]string // the part of them that is read of others' satellites
	joiners map[string][]Joiner // by the Terraform type of the owner
}

// Select narrows the mapping to what is wanted.
func (m *Mapping) Select(wants resource.Wants) *Selection {
	s := &Selection{
		mapping: m, wants: wants,
		needs: make(map[string][]string), joins: make(map[string][]string), joiners: make(map[string][]Joiner),
	}
	for name, t := range m.types {
		properties, wanted := wants[t.Name]
		if !wanted {
			continue
		}
		add(s.needs, name, "tags_all")
		for _, property := range properties {
			add(s.needs, name, rootOf(attributeOf(t, property)))
		}
	}
	for _, joiner := range m.joiners {
		owner, attributes := joiner.Owner()
		if !s.Owner(owner) {
			continue
		}
		s.joiners[owner] = append(s.joiners[owner], joiner)
		add(s.needs, owner, attributes...)
		for satellite, attributes := range joiner.Satellites() {
			add(s.needs, satellite, attributes...)
			add(s.joins, satellite, attributes...)
		}
	}
	return s
}

// add puts attributes into a sorted list without doubles.
func add(to map[string][]string, typ string, attributes ...string) {
	list := to[typ]
	for _, attribute := range attributes {
		if at, found := slices.BinarySearch(list, attribute); attribute != "" && !found {
			list = slices.Insert(list, at, attribute)
		}
	}
	to[typ] = list
}

// TypeOf returns the wanted resource type that objects of a Terraform type
// become; ok is false when they become none.
func (s *Selection) TypeOf(typ string) (name string, ok bool) {
	t := s.mapping.types[typ]
	if t == nil {
		return "", false
	}
	_, ok = s.wants[t.Name]
	return t.Name, ok
}

// Joins lists the attributes, in alphabetical order, that are read of objects
// of a Terraform type as satellites of others; ok is false when nobody looks
// for them, so that they need not be added to Objects.
func (s *Selection) Joins(typ string) (attributes []string, ok bool) {
	attributes, ok = s.joins[typ]
	return attributes, ok
}

// Owner reports whether objects of a Terraform type become resources.
func (s *Selection) Owner(typ string) bool {
	_, ok := s.TypeOf(typ)
	return ok
}

// Known returns the resource type that objects of a Terraform type become in
// scans that want them, which this one need not; "" when they become none.
func (s *Selection) Known(typ string) string {
	if t := s.mapping.types[typ]; t != nil {
		return t.Name
	}
	return ""
}

// Needs lists the attributes and nested blocks, in alphabetical order, that an
// object of a Terraform type must carry; ok is false when such objects are not
// looked at at all.
func (s *Selection) Needs(typ string) (attributes []string, ok bool) {
	attributes, ok = s.needs[typ]
	return attributes, ok
}

// Defaulted reports whether the service has a default for a number or a switch
// that an argument of a Terraform type sets, or the argument means nothing where
// it is left out.
func (s *Selection) Defaulted(typ, attribute string) bool {
	for _, joiner := range s.mapping.joiners {
		if o, ok := joiner.(Omitter); ok && slices.Contains(o.Omits()[typ], attribute) {
			return true
		}
	}
	t := s.mapping.types[typ]
	if t == nil {
		return false
	}
	for name, property := range t.Properties {
		plain := property.Type == "bool" || property.Type == "int"
		if plain && property.Default.Kind() != resource.Absent && rootOf(attributeOf(t, name)) == attribute {
			return true
		}
	}
	return false
}

// Types lists the Terraform types that are looked at, in alphabetical order.
func (s *Selection) Types() []string { return slices.Sorted(maps.Keys(s.needs)) }

// Resource turns an object of an Owner type into a resource. Others holds every
// object that joins may look for, the object itself included or not.
func (s *Selection) Resource(own *Object, others *Objects) *resource.Resource {
	t := s.mapping.types[own.Type]
	r := &resource.Resource{
		Ref: resource.Ref{
			Type: t.Name, ID: own.Address, Region: own.Region, Account: own.Account,
			Origin: own.Origin,
		},
		Properties: make(map[string]resource.Value),
		Uncertain:  own.Uncertain,
		Remarks:    own.Remarks, FileRemarks: own.FileRemarks,
	}
	r.Origin.Address = cmp.Or(r.Origin.Address, own.Address)
	for _, name := range s.wants[t.Name] {
		s.property(r, own, t, name)
	}
	for _, joiner := range s.joiners[own.Type] {
		joiner.Join(r, own, others)
	}
	s.drop(r)
	return r
}

func (s *Selection) property(r *resource.Resource, own *Object, t *control.Type, name string) {
	property := t.Properties[name]
	if property == nil {
		return
	}
	attribute := attributeOf(t, name)
	value := Convert(own.Get(attribute), property.Type)
	if name == resource.TagsProperty {
		value = tagsOf(own, value)
	}
	if value.Kind() == resource.Absent && (own.Existing || property.Required) {
		value = unread(own, attribute, property)
	}
	if value.Kind() != resource.Absent {
		r.Properties[name] = value
	}
	if at := own.origin(attribute); at != (resource.Origin{}) {
		setWhere(r, name, at)
	}
}

// unread is the value of a property that an object does not tell. For one that
// exists, an attribute that Terraform has and that is empty is not set; one
// that Terraform does not have was not read.
func unread(own *Object, attribute string, property *control.Property) resource.Value {
	if own.Existing && attribute != "" && !property.Required {
		return resource.Value{}
	}
	missing := resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: "Terraform code does not say it",
		Settle: "a scan of the live account",
	}
	if own.Existing {
		missing.Reason, missing.Detail = resource.ReasonNotRead, "a Terraform state does not hold it"
	}
	return resource.OfUnknown(missing)
}

// drop removes what a joiner set and nobody wants.
func (s *Selection) drop(r *resource.Resource) {
	for name, value := range r.Properties {
		if !s.wants.Has(r.Type, name) || value.Kind() == resource.Absent {
			delete(r.Properties, name)
		}
	}
}

// SetFrom sets a property to a value that another object decides, with that
// object's attribute as its origin.
func SetFrom(r *resource.Resource, property string, value resource.Value, from *Object, attribute string) {
	r.Properties[property] = value
	at := from.origin(attribute)
	if at == (resource.Origin{}) {
		at = from.Origin
	}
	setWhere(r, property, at)
}

func setWhere(r *resource.Resource, property string, at resource.Origin) {
	if r.Where == nil {
		r.Where = make(map[string]resource.Origin)
	}
	r.Where[property] = at
}

func attributeOf(t *control.Type, property string) string {
	if p := t.Properties[property]; p != nil {
		return p.Terraform
	}
	return ""
}

func rootOf(path string) string {
	root, _, _ := strings.Cut(path, ".")
	return root
}
