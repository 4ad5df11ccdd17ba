package saved

import (
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// The parts of a saved scan around its findings: header, gaps, footer.

func (l *lexer) control(c *finding.Control) {
	l.object(func(key string) {
		switch key {
		case "id":
			c.ID = l.word()
		case "title":
			c.Title = l.word()
		case "severity":
			c.Severity = l.severity()
		case "category":
			c.Category = l.word()
		case "resourceType":
			c.ResourceType = l.word()
		case "configRule":
			c.ConfigRule = l.word()
		case "standards":
			c.Standards = l.words()
		case "requirements":
			c.Requirements = l.words()
		case "parameters":
			c.Parameters = l.parameters()
		case "checks":
			c.Checks = l.text()
		case "why":
			c.Why = l.text()
		case "how":
			c.How = l.words()
		case "asffType":
			c.ASFFType = l.word()
		default:
			l.unknown()
		}
	})
	l.required("id", c.ID)
	l.required("severity", string(c.Severity))
}

func (l *lexer) parameters() map[string]any {
	parameters := make(map[string]any)
	l.object(func(key string) { parameters[key] = plain(l.value(maxDepth)) })
	return parameters
}

// plain turns a value into what a parameter may hold.
func plain(v resource.Value) any {
	switch v.Kind() {
	case resource.Bool:
		b, _ := v.Bool()
		return b
	case resource.Int:
		n, _ := v.Int()
		return n
	case resource.Float:
		f, _ := v.Float()
		return f
	case resource.String:
		text, _ := v.Text()
		return text
	case resource.List:
		items := make([]any, 0, len(v.List()))
		for _, item := range v.List() {
			items = append(items, plain(item))
		}
		return items
	case resource.Map:
		fields := make(map[string]any, len(v.Fields()))
		for key, field := range v.Fields() {
			fields[key] = plain(field)
		}
		return fields
	default:
		return nil
	}
}

func (l *lexer) gap(g *finding.Gap) {
	l.object(func(key string) {
		switch key {
		case "account":
			g.Account = l.word()
		case "region":
			g.Region = l.word()
		case "type":
			g.Type = l.word()
		case "resource":
			g.Resource = l.text()
		case "file":
			g.File = l.text()
		case "operation":
			g.Operation = l.word()
		case "reason":
			g.Reason = l.word()
		case "code":
			g.Code = l.word()
		case "detail":
			g.Detail = l.text()
		case "permission":
			g.Permission = l.word()
		case "controls":
			g.Controls = l.words()
		case "try":
			g.Try = l.text()
		default:
			l.unknown()
		}
	})
	l.required("reason", g.Reason)
}

func (l *lexer) coverage(c *finding.Coverage) {
	l.object(func(key string) {
		switch key {
		case "unit":
			c.Unit = l.word()
		case "total":
			c.Total = l.int()
		case "read":
			c.Read = l.int()
		case "regions":
			c.Regions = l.words()
		case "accounts":
			c.Accounts = l.words()
		case "notOptedIn":
			c.NotOptedIn = l.words()
		case "resources":
			c.Resources = l.int()
		case "calls":
			c.Calls = l.int()
		default:
			l.unknown()
		}
	})
}

func (l *lexer) tally(t *finding.Tally) {
	l.object(func(key string) {
		switch key {
		case "passed":
			t.Passed = l.int()
		case "failed":
			t.Failed = l.int()
		case "warning":
			t.Warning = l.int()
		case "notAvailable":
			t.NotAvailable = l.int()
		case "excepted":
			t.Excepted = l.int()
		case "gaps":
			t.Gaps = l.int()
		case "failedBySeverity":
			t.FailedBySeverity = make(map[finding.Severity]int)
			l.object(func(severity string) { t.FailedBySeverity[finding.Severity(severity)] = l.int() })
		default:
			l.unknown()
		}
	})
}

func (l *lexer) exceptions() []finding.Exception {
	var list []finding.Exception
	if l.null() {
		return nil
	}
	l.array(func() {
		var e finding.Exception
		l.exception(&e)
		list = append(list, e)
	})
	return list
}
