package guard

import (
	"regexp"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// most is how many lines a rule may have. Guard joins lines with and, and what
// stands in one line with or, so that an expression may have to be multiplied
// out.
const most = 32

// writer writes formulas over one resource type.
type writer struct{ typ *control.Type }

// clauses writes a formula as lines that must all hold.
func (w *writer) clauses(f engine.Formula) ([]string, error) {
	product, err := w.product(f, false)
	if err != nil {
		return nil, err
	}
	lines := make([]string, len(product))
	for i, sum := range product {
		if len(sum) == 0 {
			return nil, leave("with these parameters nothing passes")
		}
		lines[i] = strings.Join(sum, " or ")
	}
	if len(lines) == 0 {
		return nil, leave("with these parameters it asks nothing")
	}
	return lines, nil
}

// product turns a formula, or its opposite, into lines of alternatives.
func (w *writer) product(f engine.Formula, opposite bool) ([][]string, error) {
	switch {
	case f.Op == engine.Not:
		return w.product(f.Parts[0], !opposite)
	case f.Op == engine.And && !opposite, f.Op == engine.Or && opposite:
		var all [][]string
		for _, part := range f.Parts {
			lines, err := w.product(part, opposite)
			if err != nil {
				return nil, err
			}
			all = append(all, lines...)
		}
		return bounded(all)
	case f.Op == engine.And, f.Op == engine.Or:
		all := [][]string{nil}
		for _, part := range f.Parts {
			lines, err := w.product(part, opposite)
			if err != nil {
				return nil, err
			}
			if all, err = bounded(multiply(all, lines)); err != nil {
				return nil, err
			}
		}
		return all, nil
	default:
		sum, err := w.alternatives(f, opposite)
		return [][]string{sum}, err
	}
}

func bounded(lines [][]string) ([][]string, error) {
	if len(lines) > most {
		return nil, leave("written out for Guard it would have more than %d lines", most)
	}
	return lines, nil
}

func multiply(left, right [][]string) [][]string {
	var out [][]string
	for _, l := range left {
		for _, r := range right {
			out = append(out, append(append([]string(nil), l...), r...))
		}
	}
	return out
}

var simplePrefix = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

var simplePath = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$`)

// alternatives writes one question. Guard fails a comparison with a property
// that is not there, so that only the case in which that is right needs words.
func (w *writer) alternatives(f engine.Formula, opposite bool) ([]string, error) {
	property := w.typ.Properties[f.Property]
	if !simplePath.MatchString(property.CloudFormation) {
		return nil, leave("a template does not tell %s", f.Property)
	}
	path := "Properties." + property.CloudFormation
	if f.Op == engine.Present {
		if opposite {
			return []string{path + " !exists"}, nil
		}
		return []string{path + " exists"}, nil
	}
	text, err := comparison(f, opposite, path, property.Type)
	if err != nil {
		return nil, err
	}
	var out []string
	if f.Absent.Known() && holds(f, f.Absent) != opposite {
		out = append(out, path+" !exists")
	}
	if f.Op == engine.Contains && opposite {
		out = append(out, path+" empty")
	}
	return append(out, text), nil
}

// comparison writes a question about a property that is there.
func comparison(f engine.Formula, opposite bool, path, typ string) (string, error) {
	if f.Op == engine.Contains {
		value, err := literal(f.Value)
		switch {
		case err != nil:
			return "", err
		case typ != "list(string)":
			return "", leave("a template writes %s as more than a list of words", f.Property)
		case opposite:
			return path + "[*] != " + value, nil
		default:
			return "some " + path + "[*] == " + value, nil
		}
	}
	if f.Op == engine.Begins {
		prefix, _ := f.Value.Text()
		if !simplePrefix.MatchString(prefix) {
			return "", leave("Guard has no way to write %q", prefix)
		}
		op := " == "
		if opposite {
			op = " != "
		}
		return path + op + "/^" + strings.ReplaceAll(prefix, ".", `\.`) + "/", nil
	}
	if b, ok := f.Value.Bool(); ok && (f.Op == engine.Equal || f.Op == engine.Differs) {
		// A template may write a boolean as a word.
		if (f.Op == engine.Differs) != opposite {
			b = !b
		}
		if b {
			return path + ` in [true, "true", "True"]`, nil
		}
		return path + ` in [false, "false", "False"]`, nil
	}
	op := f.Op
	if opposite {
		op = map[engine.Op]engine.Op{
			engine.Equal: engine.Differs, engine.Differs: engine.Equal, engine.Less: engine.AtLeast, engine.AtLeast: engine.Less,
			engine.More: engine.AtMost, engine.AtMost: engine.More, engine.In: "not in",
		}[op]
	}
	value, err := literal(f.Value)
	if err == nil && f.Value.Kind() == resource.List && f.Op != engine.In {
		err = leave("it compares %s with a whole list", f.Property)
	}
	return path + " " + string(op) + " " + value, err
}

// literal writes a value as Guard reads it.
func literal(value resource.Value) (string, error) {
	switch value.Kind() {
	case resource.Bool, resource.Int, resource.Float:
		return value.String(), nil
	case resource.String:
		text, _ := value.Text()
		switch {
		case strings.ContainsAny(text, "\\\n\r"), strings.Contains(text, `"`) && strings.Contains(text, "'"):
			return "", leave("Guard has no way to write %q", text)
		case strings.Contains(text, `"`):
			return "'" + text + "'", nil
		default:
			return `"` + text + `"`, nil
		}
	case resource.List:
		var items []string
		for _, item := range value.List() {
			text, err := literal(item)
			if err != nil {
				return "", err
			}
			items = append(items, text)
		}
		return "[" + strings.Join(items, ", ") + "]", nil
	default:
		return "", leave("a value of kind %s has no form in Guard", value.Kind())
	}
}

// holds judges a question of a value that is known.
func holds(f engine.Formula, value resource.Value) bool {
	switch f.Op {
	case engine.Equal:
		return value.Equal(f.Value)
	case engine.Differs:
		return !value.Equal(f.Value)
	case engine.In:
		return f.Value.Contains(value)
	case engine.Contains:
		return value.Contains(f.Value)
	case engine.Begins:
		text, _ := value.Text()
		prefix, _ := f.Value.Text()
		return strings.HasPrefix(text, prefix)
	default:
		return ordered(f.Op, number(value), number(f.Value))
	}
}

func ordered(op engine.Op, a, b float64) bool {
	switch op {
	case engine.Less:
		return a < b
	case engine.AtMost:
		return a <= b
	case engine.More:
		return a > b
	default:
		return a >= b
	}
}

func number(value resource.Value) float64 {
	if n, ok := value.Int(); ok {
		return float64(n)
	}
	f, _ := value.Float()
	return f
}
