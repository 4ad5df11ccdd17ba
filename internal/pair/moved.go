package pair

import "strings"

// Move is a moved block: what a state may still call From is To in the code.
type Move struct {
	// Root is the directory of the root module, and Module the call path of the
	// module in it that the block stands in, without keys: module.data, or "".
	Root, Module string
	// From and To are addresses within that module.
	From, To string
}

// Moved adds a moved block.
func (m *Matcher) Moved(one Move) { m.moves = append(m.moves, one) }

// maxMoves bounds a chain of moves, which may go in a circle.
const maxMoves = 32

// moved is the claim under the address that the code has for it now, unless the
// code knows the old one.
func (m *Matcher) moved(claim *Claim) *Claim {
	now := *claim
	for range maxMoves {
		if len(m.code.at(&now)) > 0 {
			return &now
		}
		next := ""
		for i := range m.moves {
			if one := &m.moves[i]; claim.Root == "" || claim.Root == one.Root {
				if to := one.apply(stepsOf(now.Address)); to != "" {
					next = to
					break
				}
			}
		}
		if next == "" {
			return claim
		}
		now.Address = next
	}
	return claim
}

// apply returns the address after the move, or "" where it is about another.
func (mv *Move) apply(address []step) string {
	module, from, to := stepsIn(mv.Module), stepsOf(mv.From), stepsOf(mv.To)
	if len(address) < len(module)+len(from) {
		return ""
	}
	for i, one := range module {
		if address[i].name != one.name {
			return ""
		}
	}
	rest := address[len(module):]
	for i, one := range from {
		last := i == len(from)-1
		if rest[i].name != one.name || rest[i].key != one.key && (!last || one.key != "") {
			return ""
		}
	}
	if one := from[len(from)-1]; one.key == "" && to[len(to)-1].key == "" {
		// The whole of it moves, with the keys of its instances.
		to = append(to[:len(to)-1:len(to)-1], step{to[len(to)-1].name, rest[len(from)-1].key})
	} else if one.key != rest[len(from)-1].key {
		return ""
	}
	out := append(append(append([]step(nil), address[:len(module)]...), to...), rest[len(from):]...)
	return written(out)
}

func stepsIn(address string) []step {
	if strings.TrimSpace(address) == "" {
		return nil
	}
	return stepsOf(address)
}
