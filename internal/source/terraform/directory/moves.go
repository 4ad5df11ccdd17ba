package directory

import (
	"context"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Move is a moved block: what states may still call From is To in the code.
type Move struct {
	// Root is the directory of the root module, and Module the address of the
	// module in it that the block stands in, without keys: module.data, or "".
	Root, Module string
	// From and To are addresses within that module.
	From, To string
}

// Moves lists the moved blocks of every root and of the modules that it calls.
// What is not an address is left out, as are modules that cannot be read.
func (s *Source) Moves(ctx context.Context) ([]Move, error) {
	var all []Move
	for _, name := range s.paths {
		found, err := discover(ctx, name, s.options.Overlay)
		if err != nil {
			return nil, &PathError{Path: name, Cause: err}
		}
		for _, root := range found.roots {
			e, _ := s.evaluation(found, root)
			newScope(e, root.module).moves("", func(module, from, to string) {
				all = append(all, Move{Root: root.module.dir, Module: module, From: from, To: to})
			})
		}
	}
	return all, nil
}

// moves finds the moved blocks of a module and of those below it.
func (s *scope) moves(module string, found func(module, from, to string)) {
	for _, body := range s.module.read {
		content, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "moved"}}})
		for _, b := range content.Blocks {
			from, to := addressIn(b.Body, "from"), addressIn(b.Body, "to")
			if from != "" && to != "" {
				found(module, from, to)
			}
		}
	}
	for _, call := range s.module.order {
		if call.kind != "module" {
			continue
		}
		x := s.expand(call)
		if len(x.instances) == 0 {
			continue
		}
		if child := s.child(call, x.instances[0]); child != nil {
			child.moves(joinPath(module, "module."+call.name()), found)
		}
	}
}

// addressIn is the address that an attribute names; "" when it names none.
func addressIn(body hcl.Body, name string) string {
	a := attributeOf(body, name)
	if a == nil {
		return ""
	}
	traversal, diags := hcl.AbsTraversalForExpr(a.Expr)
	if diags.HasErrors() {
		return ""
	}
	var address strings.Builder
	address.WriteString(traversal.RootName())
	for _, step := range traversal[1:] {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			address.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			key := keyIn(step.Key)
			if key == "" {
				return ""
			}
			address.WriteString(key)
		default:
			return ""
		}
	}
	return address.String()
}

// keyIn writes the key of an instance as addresses have it.
func keyIn(key cty.Value) string {
	switch {
	case key.Type() == cty.Number:
		return "[" + key.AsBigFloat().Text('f', -1) + "]"
	case key.Type() == cty.String:
		return quoteKey(key.AsString())
	default:
		return ""
	}
}
