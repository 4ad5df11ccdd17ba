package terraform

import (
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Object is one resource instance as Terraform names it.
type Object struct {
	// Type is Terraform's name, for example aws_neptune_cluster.
	Type string
	// Address is the full address with modules and keys, for example
	// module.graph["eu"].aws_neptune_cluster.main[0]. Where the number of
	// instances is not known, the one object that stands for all of them has
	// [*] in place of the key.
	Address string
	// Region and Account come from the provider, as far as they are known.
	Region  string
	Account string
	// Origin is the block. Its address is that of the object.
	Origin resource.Origin
	// Attributes holds arguments by name; a nested block is a list of maps. An
	// attribute that is not there, or is absent, was not set.
	Attributes map[string]resource.Value
	// Where holds the origin of single attributes.
	Where map[string]resource.Origin
	// Refs tells, for an attribute that refers to other objects, their
	// addresses. An address without its key stands for any instance.
	Refs map[string][]string
	// DefaultTags are the tags that the provider adds to every resource.
	DefaultTags resource.Value
	// Remarks and FileRemarks are what somebody wrote at the object and in its
	// file, as a resource has them.
	Remarks, FileRemarks []resource.Remark
	// Uncertain is set when it is not known how many such objects there will
	// be, none included, and says why.
	Uncertain *resource.Missing
	// Existing tells an object that was read from a state: what it does not say
	// was not read, and is no default.
	Existing bool
}

// Get returns an argument; the zero Value when it was not set. A path of
// several names, joined by dots, goes into nested blocks, of which the first
// counts.
func (o *Object) Get(path string) resource.Value {
	name, rest, nested := strings.Cut(path, ".")
	value := o.Attributes[name]
	for nested {
		if items := value.List(); len(items) > 0 {
			value = items[0]
		}
		if value.Kind() == resource.Unknown {
			return value
		}
		name, rest, nested = strings.Cut(rest, ".")
		value = value.Fields()[name]
	}
	return value
}

// origin returns where an attribute stands; the zero Origin when that is not
// known better than by the block.
func (o *Object) origin(path string) resource.Origin {
	if at, ok := o.Where[path]; ok {
		return at
	}
	name, _, _ := strings.Cut(path, ".")
	return o.Where[name]
}

// withoutKey cuts the instance key from the end of an address. Brackets inside
// a quoted key do not count.
func withoutKey(address string) string {
	if !strings.HasSuffix(address, "]") {
		return address
	}
	open, quoted := -1, false
	for i := 0; i < len(address); i++ {
		switch c := address[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '[' && !quoted:
			open = i
		}
	}
	if open < 0 {
		return address
	}
	return address[:open]
}
