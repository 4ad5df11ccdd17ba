package pair

import (
	"fmt"
	"strings"
	"sync"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// The languages of code.
const (
	Terraform      = "terraform"
	CloudFormation = "cloudformation"
)

// Matcher knows claims, stacks and code. Once all of them are added it may be
// asked by many goroutines.
type Matcher struct {
	types  map[string]*control.Type
	claims claims
	stacks []Stack
	code   code
	moves  []Move

	once   sync.Once
	states map[string]bool // state files, true for those of the code given
}

// New makes a matcher over the resource types of a catalogue.
func New(types map[string]*control.Type) *Matcher {
	return &Matcher{types: types, code: code{
		given: make(map[string]bool), modules: make(map[string][]*resource.Resource), open: make(map[string][]located), templates: make(map[string][]*resource.Resource),
	}}
}

// Claim adds what a state says.
func (m *Matcher) Claim(one Claim) { m.claims.add(&one) }

// Stack adds a stack.
func (m *Matcher) Stack(one Stack) { m.stacks = append(m.stacks, one) }

// Given says that there is code in a language, whether or not it holds resources.
func (m *Matcher) Given(language string) { m.code.given[language] = true }

// Partial says that the code of Terraform given is only a part of its module, so
// that what is not there may stand beside it.
func (m *Matcher) Partial() { m.code.partial = true }

// Code adds a resource in code.
func (m *Matcher) Code(language string, r *resource.Resource) {
	m.Given(language)
	m.code.add(language, r)
}

// Standing is how a live resource stands to the code.
type Standing string

// The standings.
const (
	Paired    Standing = "paired"    // its code is known
	Owned     Standing = "owned"     // its owner is known, and no code of the owner was given
	Lost      Standing = "lost"      // its owner is known, and the code given has no such resource
	Ambiguous Standing = "ambiguous" // it cannot be told which of several places is meant
	Open      Standing = "open"      // whether somebody owns it cannot be told
	Unclaimed Standing = "unclaimed" // neither a state nor a stack says that it is theirs
)

// Owner is who has made a live resource.
type Owner struct {
	// Language is that of the owner's code.
	Language string `json:"language"`
	// Name is a Terraform address, or the name of a stack and the logical id in
	// it: graph-prod/Data/Cluster.
	Name string `json:"name"`
	// State is the place in the Terraform state that says so.
	State resource.Origin `json:"state,omitzero"`
}

// Match is what is known of one live resource.
type Match struct {
	Standing Standing
	Live     *resource.Resource
	// Owner is nil where nobody is known, or where several are.
	Owner *Owner
	// Code is set for a paired resource alone.
	Code *resource.Resource
	// Rivals are those that could be meant where it cannot be told.
	Rivals []Rival
	// Why explains every standing but paired and unclaimed, in words.
	Why string
}

// Rival is one of those that could be meant. It has no code where none is known.
type Rival struct {
	Owner Owner
	Code  *resource.Resource
}

// Match tells who owns a live resource, and where its code is. Its Tags have to
// be among its properties for stacks to be told.
func (m *Matcher) Match(live *resource.Resource) *Match {
	var rivals []*Match
	for _, claim := range m.claims.find(&live.Ref) {
		rivals = append(rivals, m.claimed(live, claim))
	}
	rivals = append(rivals, m.stacked(live)...)
	switch len(rivals) {
	case 0:
		return m.unclaimed(live)
	case 1:
		return rivals[0]
	default:
		return merged(live, rivals)
	}
}

// unclaimed is the match of a resource that nobody claims, as far as its tags
// can be read.
func (m *Matcher) unclaimed(live *resource.Resource) *Match {
	tags := live.Get(resource.TagsProperty)
	if len(m.stacks) > 0 && tags.Kind() == resource.Unknown {
		return &Match{Standing: Open, Live: live, Why: "its tags could not be read, which name the stack"}
	}
	return &Match{Standing: Unclaimed, Live: live}
}

// merged is the match of a resource that several claim.
func merged(live *resource.Resource, rivals []*Match) *Match {
	match := &Match{Standing: Ambiguous, Live: live}
	for _, one := range rivals {
		if len(one.Rivals) > 0 {
			match.Rivals = append(match.Rivals, one.Rivals...)
		} else {
			match.Rivals = append(match.Rivals, Rival{*one.Owner, one.Code})
		}
	}
	match.Why = "several claim it"
	return match
}

// Explain is Why, with the names and places of all that could be meant.
func (m *Match) Explain() string {
	names := make([]string, len(m.Rivals))
	for i := range m.Rivals {
		names[i] = m.Rivals[i].String()
	}
	if len(names) == 0 {
		return m.Why
	}
	return m.Why + ": " + strings.Join(names, ", ")
}

// String names a rival with its place.
func (r *Rival) String() string {
	at := r.Owner.State
	if r.Code != nil {
		at = r.Code.Origin
	}
	if at.File == "" {
		return r.Owner.Name
	}
	return r.Owner.Name + " (" + report.Line(at) + ")"
}

// claimed is the match of a resource that a state claims.
func (m *Matcher) claimed(live *resource.Resource, claim *Claim) *Match {
	owner := Owner{Language: Terraform, Name: claim.Address, State: claim.State}
	match := m.settle(live, owner, m.code.at(m.moved(claim)), m.code.given[Terraform])
	if match.Standing != Lost {
		return match
	}
	switch {
	case m.code.partial:
		match.Standing, match.Why = Owned, "the code given has no such resource, and is only a part of its module"
	case claim.Root == "" && !m.about(claim.State.File):
		match.Standing, match.Why = Owned, "nothing in its state has code here: this may be the state of other code"
	}
	return match
}

// about reports whether a state is that of the code given: whether anything that
// it claims is there.
func (m *Matcher) about(state string) bool {
	m.once.Do(func() {
		m.states = make(map[string]bool)
		for _, one := range m.claims.all {
			m.states[one.State.File] = m.states[one.State.File] || len(m.code.at(m.moved(one))) > 0
		}
	})
	return m.states[state]
}

// stacked lists the matches of a resource by the tags of CloudFormation: none
// where it has none, or belongs to a stack that nobody named.
func (m *Matcher) stacked(live *resource.Resource) []*Match {
	name, tagged := live.Tag(stackTag)
	id, _ := live.Tag(logicalTag)
	if !tagged {
		return nil
	}
	var found []*Match
	for i := range m.stacks {
		if s := &m.stacks[i]; s.Name == name && s.may(&live.Ref) {
			found = append(found, m.inStack(live, s, id))
		}
	}
	if len(found) > 0 {
		return found
	}
	for i := range m.stacks {
		if s := &m.stacks[i]; s.may(&live.Ref) {
			if match := m.inNested(live, s, name, id); match != nil {
				found = append(found, match)
			}
		}
	}
	return found
}

// inStack is the match of a resource of the stack itself.
func (m *Matcher) inStack(live *resource.Resource, s *Stack, id string) *Match {
	var found []*resource.Resource
	for _, r := range m.code.templates[s.Template] {
		if r.Origin.Address == id {
			found = append(found, r)
		}
	}
	return m.settle(live, Owner{Language: CloudFormation, Name: s.Name + "/" + id}, found, s.Template != "")
}

// inNested is the match of a resource of a stack that is nested in this one; nil
// when its name is not one that CloudFormation makes up for such stacks.
func (m *Matcher) inNested(live *resource.Resource, s *Stack, name, id string) *Match {
	var found, maybe []*resource.Resource
	for _, r := range m.code.templates[s.Template] {
		switch {
		case logicalID(r.Origin.Address) != id || r.Origin.Address == id:
		case s.nested(name, r.Origin.Address):
			found = append(found, r)
		default:
			maybe = append(maybe, r)
		}
	}
	owner := Owner{Language: CloudFormation, Name: name + "/" + id}
	switch {
	case len(found) == 1:
		owner.Name = s.Name + "/" + found[0].Origin.Address
	case len(found) == 0 && !s.madeUp(name):
		return nil
	case len(found) == 0:
		match := &Match{Standing: Open, Live: live, Why: "its stack " + name + " may be nested in " + s.Name + ", and the template does not tell where"}
		for _, r := range maybe {
			match.Rivals = append(match.Rivals, Rival{Owner{Language: CloudFormation, Name: s.Name + "/" + r.Origin.Address}, r})
		}
		return match
	}
	return m.settle(live, owner, found, s.Template != "")
}

// settle picks the code of a resource whose owner is known.
func (m *Matcher) settle(live *resource.Resource, owner Owner, found []*resource.Resource, given bool) *Match {
	match := &Match{Live: live, Owner: &owner}
	near := deployed(found, &live.Ref)
	switch {
	case len(near) == 1 && near[0].Type == live.Type:
		match.Standing, match.Code = Paired, near[0]
	case len(near) == 1:
		match.Standing, match.Why = Owned, "the code has it as another type, "+near[0].Type
	case len(near) > 1:
		match.Standing = Ambiguous
		for _, r := range near {
			match.Rivals = append(match.Rivals, Rival{owner, r})
		}
		match.Why = "the code has it in several places"
	case len(found) > 0:
		match.Standing = Open
		match.Rivals = []Rival{{owner, found[0]}}
		match.Why = fmt.Sprintf("the code, as it was evaluated, puts it in %s (%s): its variables are not those of this deployment",
			where(found[0]), report.Line(found[0].Origin))
	case !given:
		match.Standing, match.Why = Owned, "no code of its owner was given"
	default:
		match.Standing, match.Why = Lost, "the code has no such resource"
	}
	return match
}

// where is the account and region that code is meant for, as far as it tells.
func where(r *resource.Resource) string {
	return strings.TrimSpace(r.Account + " " + r.Region)
}
