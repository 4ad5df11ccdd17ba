package directory

import "slices"

// uncalled returns the roots that no other root calls. Most calls show that in
// the code, and pick has seen to them. A source that has to be evaluated, as
// OpenTofu allows it, shows only to those who follow the calls.
func (s *Source) uncalled(d *discovery) []*root {
	if !d.open || len(d.roots) < 2 {
		return d.roots
	}
	called := make(map[*module]bool)
	for _, root := range d.roots {
		if called[root.module] {
			continue
		}
		e, _ := s.evaluation(d, root) // what is wrong is told when it is judged
		newScope(e, root.module).reach(func(m *module) { called[m] = called[m] || m != root.module })
	}
	return slices.DeleteFunc(slices.Clone(d.roots), func(r *root) bool { return called[r.module] && r.module.dir != d.top })
}

// reach visits the modules that a scope calls, and those that they call.
func (s *scope) reach(visit func(*module)) {
	for _, b := range s.module.order {
		if b.kind != "module" {
			continue
		}
		for _, i := range s.expand(b).instances {
			if child := s.child(b, i); child != nil {
				visit(child.module)
				child.reach(visit)
				i.child = nil
			}
		}
	}
}
