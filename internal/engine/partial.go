package engine

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// questions counts how expressions ask for properties.
type questions struct {
	reads   map[string]int // in any way
	member  map[string]int // as in "audit" in resource.Kinds
	started bool
}

// note counts one expression.
func (q *questions) note(checked *ast.AST) {
	if !q.started {
		q.reads, q.member, q.started = make(map[string]int), make(map[string]int), true
	}
	ast.PostOrderVisit(checked.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if name, _ := propertyRead(e); name != "" {
			q.reads[name]++
		}
		if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.In {
			if name, bare := propertyRead(e.AsCall().Args()[1]); bare {
				q.member[name]++
			}
		}
	}))
}

// members are the properties that are asked for in no other way.
func (q *questions) members() map[string]bool {
	only := make(map[string]bool)
	for name, count := range q.member {
		if count == q.reads[name] {
			only[name] = true
		}
	}
	return only
}

// partialList shows to CEL a list of texts of which some are not known. It can
// be asked only whether it holds a text: a known one that it holds decides, and
// all else is unknown.
type partialList struct {
	traits.Lister
	known   []string
	unknown *types.Unknown
}

// newPartialList returns a list for items of which some are unknown.
func (s *slot) newPartialList(items []resource.Value) ref.Val {
	if s.property.Type != "list(string)" {
		return s.unknown
	}
	var known []string
	for _, item := range items {
		text, ok := item.Text()
		switch {
		case ok:
			known = append(known, text)
		case item.Kind() != resource.Unknown:
			return s.unknown
		}
	}
	list := types.NewStringList(types.DefaultTypeAdapter, known)
	return &partialList{Lister: list, known: known, unknown: s.unknown}
}

// Contains implements traits.Container.
func (l *partialList) Contains(item ref.Val) ref.Val {
	if text, ok := item.(types.String); ok && slices.Contains(l.known, string(text)) {
		return types.True
	}
	return l.unknown
}

// openItem returns why an item of a list is not known; nil when all are.
func openItem(list resource.Value) *resource.Missing {
	i := slices.IndexFunc(list.List(), func(item resource.Value) bool { return item.Kind() == resource.Unknown })
	if i < 0 {
		return nil
	}
	return list.List()[i].Missing()
}
