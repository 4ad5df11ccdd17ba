package pair

import (
	"regexp"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Stack is a CloudFormation stack.
type Stack struct {
	Name string
	// Template is the file of its template, as the origins of its resources name
	// it; empty where only the name is known.
	Template string
	// Account and Region are where it is deployed, as far as that is known.
	Account, Region string
}

// The tags that CloudFormation puts on what it makes.
const (
	stackTag   = "aws:cloudformation:stack-name"
	logicalTag = "aws:cloudformation:logical-id"
)

// may reports whether something live may belong to a stack of this place.
func (s *Stack) may(live *resource.Ref) bool {
	return (s.Account == "" || s.Account == live.Account) && (s.Region == "" || s.Region == live.Region)
}

// suffix is what CloudFormation adds to the name of a nested stack.
var suffix = regexp.MustCompile(`^-[0-9A-Z]{8,16}$`)

// nested reports whether a stack's name is one that CloudFormation makes up for
// the nested stack that the path of a resource leads through: for Data/Graph in
// the stack prod, prod-Data-1QXYZ8G4J2K7.
func (s *Stack) nested(name, address string) bool {
	path := strings.Split(address, "/")
	rest, ok := strings.CutPrefix(name, s.Name)
	for _, id := range path[:len(path)-1] {
		if rest, ok = strings.CutPrefix(rest, "-"+id); !ok {
			return false
		}
		end := strings.IndexByte(rest[min(1, len(rest)):], '-') + 1
		if end == 0 {
			end = len(rest)
		}
		if !suffix.MatchString(rest[:end]) {
			return false
		}
		rest = rest[end:]
	}
	return ok && rest == "" && len(path) > 1
}

// madeUp reports whether a name may be that of a stack nested in this one.
func (s *Stack) madeUp(name string) bool {
	rest, ok := strings.CutPrefix(name, s.Name+"-")
	last := strings.LastIndexByte(rest, '-')
	return ok && last > 0 && suffix.MatchString(rest[last:])
}
