package drift

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/pair"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// missing tells of the code that no live resource was matched with: whether the
// account lacks it, or why that cannot be told.
func (f *finder) missing() {
	m := &searching{finder: f, claimed: f.Matcher.Claimed(), roots: make(map[string]bool)}
	for _, held := range f.Code {
		if held.Language == pair.Terraform {
			for _, r := range held.Resources {
				root := pair.RootOf(r)
				m.roots[root] = m.roots[root] || len(m.claimed[r]) > 0
			}
		}
	}
	for _, held := range f.Code {
		for _, r := range held.Resources {
			if !f.named[r] {
				m.resource(held.Language, r)
			}
		}
	}
}

// searching looks for resources in code where they should be.
type searching struct {
	*finder
	claimed map[*resource.Resource][]*pair.Claim
	roots   map[string]bool // root modules, true where a state knows something of them
}

func (m *searching) resource(language string, r *resource.Resource) {
	why, known := "", false
	if language == pair.CloudFormation {
		why, known = m.inStacks(r)
	} else {
		why, known = m.inState(r)
	}
	if known {
		m.drift.Missing = append(m.drift.Missing, Missing{r.Ref, why})
		return
	}
	ref := r.Ref
	m.drift.Undecided = append(m.drift.Undecided, Undecided{Code: &ref, Why: why})
}

// inState tells of a resource of Terraform what the states say.
func (m *searching) inState(r *resource.Resource) (why string, known bool) {
	if !m.Stated {
		return "no state was given for it (--state)", false
	}
	open := ""
	for _, claim := range m.claimed[r] {
		if why, known = m.gone(r, claim); known {
			return why, true
		}
		open = cmp.Or(open, why)
	}
	if open != "" {
		return open, false
	}
	root := pair.RootOf(r)
	switch why, known := m.there(r.Type, r.Account, r.Region); {
	case len(m.roots) > 1 && !m.roots[root]:
		return fmt.Sprintf("none of the states given knows anything of %s", root), false
	case r.Uncertain != nil:
		return "it is not known whether there is to be one: " + r.Uncertain.Detail, false
	case !known:
		return why, false
	}
	return "the state does not have it: it is not deployed yet", true
}

// gone tells what became of something that a state claims and that was not met.
func (m *searching) gone(r *resource.Resource, claim *pair.Claim) (why string, known bool) {
	if !claim.Named() {
		return "the state has it, and does not tell which it is: its identifiers are missing there, or sensitive", false
	}
	if why, known = m.there(r.Type, claim.Account, claim.Region); !known {
		return why, false
	}
	return "the state has it, and the account no longer has", true
}

// inStacks tells of a resource of CloudFormation what its stacks show.
func (m *searching) inStacks(r *resource.Resource) (why string, known bool) {
	stacks := m.Matcher.StacksOf(r)
	switch {
	case len(stacks) == 0:
		return "no stack was named for its template (--stack)", false
	case !m.Matcher.Tagged(r.Type):
		return "resources of its type carry no tags, so that nothing tells their stack", false
	case r.Uncertain != nil:
		return "it is not known whether there is to be one: " + r.Uncertain.Detail, false
	case m.open[r.Type]:
		return "the stack of some resource in the account could not be told, and it may be this one", false
	}
	for _, s := range stacks {
		if why, known := m.there(r.Type, s.Account, s.Region); !known {
			return why, false
		}
	}
	if why, known := m.there(r.Type, r.Account, r.Region); !known {
		return why, false
	}
	return "nothing in the account is tagged as this resource of the stack " + stacks[0].Name, true
}

// there tells whether a place was read in full, and if not, why nothing can be
// said of what belongs there. An empty account or region may be any.
func (m *searching) there(typ, account, region string) (why string, known bool) {
	place := strings.TrimSpace(account + " " + region)
	switch sight := m.account.of(typ, account, region); {
	case sight == seen:
		return "", true
	case place == "":
		return "not all of the account could be read, and it may be there", false
	case sight == unseen:
		return "it belongs in " + place + ", which could not be read in full", false
	default:
		return "it belongs in " + place + ", which was not looked at", false
	}
}
