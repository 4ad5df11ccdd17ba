package pair

import (
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Claim is what a Terraform state says of one thing in AWS.
type Claim struct {
	// Type is the resource type, for example AWS::Neptune::DBCluster.
	Type string
	// Address is Terraform's, with modules and keys.
	Address string
	// ARN, ID and UID name the thing, as far as the state holds them: UID is what
	// survives a rename, as the resource id of a cluster.
	ARN, ID, UID    string
	Account, Region string
	// State is the place in the state file.
	State resource.Origin
	// Root is the directory of the root module that the state belongs to, where
	// that is known.
	Root string
}

// Named reports whether the state tells what the claim is about: identifiers may
// be missing there, or sensitive.
func (c *Claim) Named() bool {
	return c.ARN != "" || c.UID != "" || c.ID != "" && c.Account != "" && c.Region != ""
}

// claims are found by what names a thing, the strongest name first.
type claims struct {
	all   []*Claim
	byARN map[string][]*Claim
	byUID map[name][]*Claim
	byID  map[name][]*Claim
}

// name is an identifier within a place; an UID needs none.
type name struct{ typ, id, account, region string }

func (c *claims) add(one *Claim) {
	if c.byARN == nil {
		c.byARN, c.byUID, c.byID = make(map[string][]*Claim), make(map[name][]*Claim), make(map[name][]*Claim)
	}
	c.all = append(c.all, one)
	if one.ARN != "" {
		c.byARN[one.ARN] = append(c.byARN[one.ARN], one)
	}
	if one.UID != "" {
		key := name{typ: one.Type, id: one.UID}
		c.byUID[key] = append(c.byUID[key], one)
	}
	// An identifier means something only in one region of one account, and
	// where the ARN is known, that tells more.
	if one.ARN == "" && one.ID != "" && one.Account != "" && one.Region != "" {
		key := name{one.Type, one.ID, one.Account, one.Region}
		c.byID[key] = append(c.byID[key], one)
	}
}

// find returns the claims on a live resource, each once.
func (c *claims) find(live *resource.Ref) []*Claim {
	found := c.byARN[live.ARN]
	if len(found) == 0 && live.UID != "" {
		found = c.byUID[name{typ: live.Type, id: live.UID}]
	}
	if len(found) == 0 {
		found = c.byID[name{live.Type, live.ID, live.Account, live.Region}]
	}
	var once []*Claim
	for _, one := range found {
		same := func(other *Claim) bool {
			return one.Address == other.Address && one.Root == other.Root && one.State.File == other.State.File
		}
		if !slices.ContainsFunc(once, same) {
			once = append(once, one)
		}
	}
	return once
}
