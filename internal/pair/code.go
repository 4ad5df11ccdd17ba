package pair

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// code finds resources in code by what they are called there.
type code struct {
	given   map[string]bool // languages of which there is code
	partial bool            // that of Terraform is only a part of it
	// modules holds resources of Terraform by their address, and open those of
	// which a key cannot be told by their address without keys. Templates holds
	// those of CloudFormation by the file of the root template.
	modules   map[string][]*resource.Resource
	open      map[string][]located
	templates map[string][]*resource.Resource
}

// located is a resource with its address taken apart.
type located struct {
	steps    []step
	resource *resource.Resource
}

func (c *code) add(language string, r *resource.Resource) {
	if language == CloudFormation {
		file := templateOf(r)
		c.templates[file] = append(c.templates[file], r)
		return
	}
	c.modules[r.Origin.Address] = append(c.modules[r.Origin.Address], r)
	if strings.Contains(r.Origin.Address, anyKey) {
		steps := stepsOf(r.Origin.Address)
		key := bare(steps)
		c.open[key] = append(c.open[key], located{steps, r})
	}
}

// at returns the resources that a claim may be about, wherever they are to be
// deployed.
func (c *code) at(claim *Claim) []*resource.Resource {
	found := slices.Clone(c.modules[claim.Address])
	if len(c.open) > 0 {
		steps := stepsOf(claim.Address)
		for _, one := range c.open[bare(steps)] {
			if stands(one.steps, steps) {
				found = append(found, one.resource)
			}
		}
	}
	if claim.Root != "" {
		found = slices.DeleteFunc(found, func(r *resource.Resource) bool { return rootOf(r) != filepath.Clean(claim.Root) })
	}
	if len(found) < 2 {
		return found
	}
	// A state that lies where Terraform itself puts it belongs to that root.
	own := func(r *resource.Resource) bool { return ownState(rootOf(r), claim.State.File) }
	if slices.ContainsFunc(found, own) {
		found = slices.DeleteFunc(found, func(r *resource.Resource) bool { return !own(r) })
	}
	return found
}

// ownState reports whether a file is the local state of a root module: in its
// directory, or in that of a workspace.
func ownState(root, file string) bool {
	dir, base := filepath.Split(filepath.Clean(file))
	dir = filepath.Clean(dir)
	if workspaces := filepath.Dir(dir); filepath.Base(workspaces) == "terraform.tfstate.d" {
		dir = filepath.Dir(workspaces)
	}
	return base == "terraform.tfstate" && dir == root
}

// rootOf is the directory of the root module that a resource stands in.
func rootOf(r *resource.Resource) string {
	if r.Origin.Root != "" {
		return filepath.Clean(r.Origin.Root)
	}
	return filepath.Dir(r.Origin.File)
}

// templateOf is the file of the root template that a resource stands in.
func templateOf(r *resource.Resource) string {
	if r.Origin.Root != "" {
		return filepath.Clean(r.Origin.Root)
	}
	return filepath.Clean(r.Origin.File)
}

// logicalID is the last part of the address of a resource in a template.
func logicalID(address string) string { return address[strings.LastIndexByte(address, '/')+1:] }

// deployed keeps the resources that may be meant for the account and region of a
// live one: what the code leaves open may be any.
func deployed(found []*resource.Resource, live *resource.Ref) []*resource.Resource {
	return slices.DeleteFunc(slices.Clone(found), func(r *resource.Resource) bool {
		return r.Account != "" && r.Account != live.Account || r.Region != "" && r.Region != live.Region
	})
}
