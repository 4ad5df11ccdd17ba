package pair

import "strings"

// step is one part of a Terraform address between dots, with its key.
type step struct{ name, key string }

// anyKey stands in an address for the keys that nobody can tell.
const anyKey = "[*]"

// stepsOf takes an address apart. Dots and brackets inside quotes do not count.
func stepsOf(address string) []step {
	var steps []step
	start, open, quoted := 0, -1, false
	end := func(at int) {
		if open < 0 {
			open = at
		}
		steps = append(steps, step{address[start:open], address[open:at]})
		start, open = at+1, -1
	}
	inside := false
	for i := 0; i < len(address); i++ {
		switch c := address[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			if open < 0 {
				open = i
			}
			inside = true
		case c == ']':
			inside = false
		case c == '.' && !inside:
			end(i)
		}
	}
	end(len(address))
	return steps
}

// written puts an address together again.
func written(steps []step) string {
	var b strings.Builder
	for i, one := range steps {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(one.name + one.key)
	}
	return b.String()
}

// bare is an address without its keys.
func bare(steps []step) string {
	names := make([]string, len(steps))
	for i, one := range steps {
		names[i] = one.name
	}
	return strings.Join(names, ".")
}

// stands reports whether an address of the code stands for one of a state: it is
// the same, but for keys that the code leaves open.
func stands(code, state []step) bool {
	if len(code) != len(state) {
		return false
	}
	for i := range code {
		if code[i].name != state[i].name || code[i].key != state[i].key && (code[i].key != anyKey || state[i].key == "") {
			return false
		}
	}
	return true
}
