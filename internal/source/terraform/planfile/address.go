package planfile

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// segments cuts an address or a reference at its dots. Dots in brackets and in
// quotes do not count: module.graph["a.b"].aws_neptune_cluster.main[0] has four
// segments.
func segments(address string) []string {
	var parts []string
	start, brackets, quoted := 0, 0, false
	for i := 0; i < len(address); i++ {
		switch c := address[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			brackets++
		case c == ']':
			brackets--
		case c == '.' && brackets == 0:
			parts = append(parts, address[start:i])
			start = i + 1
		}
	}
	return append(parts, address[start:])
}

// cutKey cuts a segment into the name and the key with its brackets.
func cutKey(segment string) (name, key string) {
	if i := strings.IndexByte(segment, '['); i >= 0 {
		return segment[:i], segment[i:]
	}
	return segment, ""
}

// modules cuts the address of a module instance into its steps, such as
// graph["eu"]. Anything but a module ends it.
func modules(parts []string) []string {
	var steps []string
	for len(parts) >= 2 && parts[0] == "module" {
		steps = append(steps, parts[1])
		parts = parts[2:]
	}
	return steps
}

// modulePath puts steps together again.
func modulePath(steps []string) string {
	if len(steps) == 0 {
		return ""
	}
	return "module." + strings.Join(steps, ".module.")
}

// withoutKeys is the place in the configuration that a module instance comes
// from.
func withoutKeys(steps []string) string {
	names := make([]string, len(steps))
	for i, step := range steps {
		names[i], _ = cutKey(step)
	}
	return modulePath(names)
}

// within puts a module's address in front.
func within(module, rest string) string {
	if module == "" {
		return rest
	}
	return module + "." + rest
}

// keyText writes an instance key as Terraform writes it in addresses.
func keyText(key any) string {
	switch key := key.(type) {
	case json.Number:
		return "[" + key.String() + "]"
	case string:
		return `["` + escaped(key) + `"]`
	default:
		return ""
	}
}

// escaped follows Terraform's quoted texts: template marks are doubled, and
// what cannot be printed is a number.
func escaped(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case (r == '$' || r == '%') && strings.HasPrefix(text[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}
