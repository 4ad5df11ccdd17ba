package saved

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// unknown refuses a member that this version does not know: leaving it out
// would change what the file says.
func (l *lexer) unknown() { l.failf("this version knows no such field") }

func (l *lexer) int() int {
	digits := l.number()
	n, err := strconv.Atoi(digits)
	if err != nil && l.err == nil {
		l.failf("%s is no whole number", digits)
	}
	return n
}

func (l *lexer) bool() bool {
	name := l.literal()
	if name == "null" {
		l.failf("null stands where true or false is expected")
	}
	return name == "true"
}

func (l *lexer) time() time.Time {
	text := l.text()
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil && l.err == nil {
		l.failf("%q is no time in RFC 3339", text)
	}
	return t
}

func (l *lexer) words() []string {
	var words []string
	if l.null() {
		return nil
	}
	l.array(func() { words = append(words, l.word()) })
	return words
}

// null consumes a null, which old and edited files hold for an empty list.
func (l *lexer) null() bool { return l.peek() == 'n' && l.literal() == "null" }

func (l *lexer) severity() finding.Severity {
	severity := finding.Severity(l.word())
	if severity.Rank() < 0 && l.err == nil {
		l.failf("%q is none of %v", severity, finding.Severities())
	}
	return severity
}

func (l *lexer) status() finding.Status {
	status := finding.Status(l.word())
	if !slices.Contains(finding.Statuses(), status) && l.err == nil {
		l.failf("%q is none of %v", status, finding.Statuses())
	}
	return status
}

func (l *lexer) finding(f *finding.Finding) {
	l.object(func(key string) {
		switch key {
		case "id":
			f.ID = l.text()
		case "control":
			f.Control = l.word()
		case "title":
			f.Title = l.word()
		case "severity":
			f.Severity = l.severity()
		case "status":
			f.Status = l.status()
		case "resource":
			l.ref(&f.Resource)
		case "evidence":
			f.Evidence = l.evidence()
		case "missing":
			l.array(func() {
				var m resource.Missing
				l.missing(&m)
				f.Missing = append(f.Missing, m)
			})
		case "notes":
			f.Notes = l.words()
		case "exception":
			f.Exception = new(finding.Exception)
			l.exception(f.Exception)
		default:
			l.unknown()
		}
	})
	l.required("id", f.ID)
	l.required("control", f.Control)
	l.required("status", string(f.Status))
	l.required("severity", string(f.Severity))
	l.required("resource.type", f.Resource.Type)
}

// required refuses a member that must not be missing or empty.
func (l *lexer) required(field, value string) {
	if value == "" && l.err == nil {
		l.path = append(l.path, field)
		l.failf("it is missing or empty")
	}
}

func (l *lexer) ref(r *resource.Ref) {
	l.object(func(key string) {
		switch key {
		case "type":
			r.Type = l.word()
		case "id":
			r.ID = l.text()
		case "arn":
			r.ARN = l.text()
		case "uid":
			r.UID = l.text()
		case "account":
			r.Account = l.word()
		case "region":
			r.Region = l.word()
		case "partition":
			r.Partition = l.word()
		case "origin":
			l.origin(&r.Origin)
		default:
			l.unknown()
		}
	})
}

func (l *lexer) origin(o *resource.Origin) {
	l.object(func(key string) {
		switch key {
		case "file":
			o.File = l.word()
		case "line":
			o.Line = l.int()
		case "endLine":
			o.EndLine = l.int()
		case "address":
			o.Address = l.text()
		default:
			l.unknown()
		}
	})
}

func (l *lexer) evidence() []finding.Evidence {
	if l.null() {
		return nil
	}
	list := make([]finding.Evidence, 0, 2)
	l.array(func() {
		list = append(list, finding.Evidence{})
		e := &list[len(list)-1]
		l.object(func(key string) {
			switch key {
			case "property":
				e.Property = l.word()
			case "actual":
				e.Actual = l.value(maxDepth)
			case "default":
				e.Default = l.bool()
			case "expected":
				e.Expected = l.word()
			case "unit":
				e.Unit = l.word()
			case "read":
				e.Read = l.word()
			case "origin":
				l.origin(&e.Origin)
			default:
				l.unknown()
			}
		})
	})
	return list
}

func (l *lexer) missing(m *resource.Missing) {
	l.object(func(key string) {
		switch key {
		case "property":
			m.Property = l.word()
		case "reason":
			m.Reason = l.word()
		case "detail":
			m.Detail = l.word()
		case "operation":
			m.Operation = l.word()
		case "permission":
			m.Permission = l.word()
		case "settle":
			m.Settle = l.word()
		default:
			l.unknown()
		}
	})
}

func (l *lexer) exception(e *finding.Exception) {
	l.object(func(key string) {
		switch key {
		case "source":
			e.Source = l.word()
		case "scope":
			e.Scope = l.word()
		case "reason":
			e.Reason = l.word()
		case "owner":
			e.Owner = l.word()
		case "until":
			e.Until = l.word()
		default:
			l.unknown()
		}
	})
}

// value reads a property value as resource.Value writes it.
func (l *lexer) value(depth int) resource.Value {
	if depth == 0 {
		l.failf("a value is nested deeper than %d levels", maxDepth)
		return resource.Value{}
	}
	switch c := l.peek(); c {
	case '"':
		return resource.OfString(l.text())
	case '[':
		items := []resource.Value{}
		l.array(func() { items = append(items, l.value(depth-1)) })
		return resource.OfList(items...)
	case '{':
		return l.fields(depth)
	case 't', 'f':
		return resource.OfBool(l.literal() == "true")
	case 'n':
		l.literal()
		return resource.Value{}
	default:
		return l.numeric()
	}
}

func (l *lexer) numeric() resource.Value {
	digits := l.number()
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil {
		return resource.OfInt(n)
	}
	f, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		l.fail(fmt.Errorf("number %s is out of range", digits))
	}
	return resource.OfFloat(f)
}

// fields reads a map, or an unknown value, which is written as
// {"$unknown": {…}}.
func (l *lexer) fields(depth int) resource.Value {
	fields := make(map[string]resource.Value)
	var missing *resource.Missing
	l.object(func(key string) {
		if key == "$unknown" && l.peek() == '{' {
			missing = new(resource.Missing)
			l.missing(missing)
			return
		}
		fields[key] = l.value(depth - 1)
	})
	switch {
	case missing == nil:
		return resource.OfMap(fields)
	case len(fields) > 0:
		l.failf("$unknown stands beside other fields")
	}
	return resource.OfUnknown(*missing)
}
