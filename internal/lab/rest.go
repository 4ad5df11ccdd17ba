package lab

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// restProtocol is AWS's JSON over HTTP methods and paths, and S3's XML over them.
type restProtocol struct {
	routes []route
	xml    bool // answers and refusals are XML
}

// route names the operation behind a method and a path. A part of the path in braces is a parameter; what follows a
// question mark must be among the names in the query.
type route struct{ method, path, operation string }

func (p restProtocol) contentType() string {
	if p.xml {
		return "application/xml"
	}
	return "application/json"
}

func (p restProtocol) read(c *call, r *http.Request) *Error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return refuse(http.StatusBadRequest, "InvalidRequest", "The query string contains a syntax error.")
	}
	for _, one := range p.routes {
		found, ok := one.match(r.Method, r.URL.EscapedPath(), query)
		if !ok {
			continue
		}
		c.operation, c.params = one.operation, found
		for name, values := range query {
			if len(values) > 0 {
				c.params[name] = values[0]
			}
		}
		return nil
	}
	return refuse(http.StatusNotFound, "UnknownOperationException", "No operation answers %s %s", r.Method, r.URL.Path)
}

func (o route) match(method, path string, query url.Values) (params, bool) {
	template, needs, _ := strings.Cut(o.path, "?")
	if method != o.method || needs != "" && !query.Has(needs) {
		return nil, false
	}
	want, have := strings.Split(strings.Trim(template, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(want) != len(have) {
		return nil, false
	}
	found := params{}
	for i, part := range want {
		name, isParam := strings.CutPrefix(part, "{")
		if !isParam {
			if part != have[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(have[i])
		if err != nil || value == "" {
			return nil, false
		}
		found[strings.TrimSuffix(name, "}")] = value
	}
	return found, true
}

func (p restProtocol) answer(c *call, op operation) *Error { return op(c) }

func (p restProtocol) fail(c *call, e *Error) {
	if !p.xml {
		c.json(map[string]string{"message": e.Message, "Message": e.Message})
		return
	}
	w := &c.out
	w.raw("<Error>")
	w.text("Code", e.Code)
	w.text("Message", e.Message)
	w.text("RequestId", c.id)
	w.raw("</Error>")
}

func (p restProtocol) unknown(c *call) *Error {
	return refuse(http.StatusNotFound, "UnknownOperationException", "The operation %s is not known", c.operation)
}

func (p restProtocol) translate(e *Error) *Error {
	if !p.xml {
		return jsonProtocol{}.translate(e)
	}
	renamed := map[string]string{
		"InvalidClientTokenId": "InvalidAccessKeyId", "MissingAuthenticationToken": "AccessDenied", "Throttling": "SlowDown",
		"InternalFailure": "InternalError",
	}
	if code, ok := renamed[e.Code]; ok {
		return &Error{Status: e.Status, Code: code, Message: e.Message}
	}
	return e
}

// pageOf reads the size of a page, most unless sent, and where it begins. The parameters have a name of their own in
// every service.
func (c *call) pageOf(size, token string, most int) (*listing, *Error) {
	l := &listing{limit: most}
	if text := c.params[size]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, refuse(http.StatusBadRequest, "ValidationException", "Invalid value %s for %s.", text, size)
		}
		l.limit = min(n, most)
	}
	if c.strike.effect == HalfPage {
		l.limit = max(1, l.limit/2)
	}
	if text := c.params[token]; text != "" {
		key, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(key) == 0 {
			return nil, refuse(http.StatusBadRequest, "ValidationException", "Invalid value for %s.", token)
		}
		l.from = string(key)
	}
	return l, nil
}

// token leads to the next page; empty for none.
func (l *listing) token() string {
	if !l.more {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(l.last))
}

// object is one object of a JSON answer.
type object = map[string]any

// twist makes a resource of a JSON answer malformed where a fault says so.
func (c *call) twist(id string, o object) object {
	if c.strike.effect != OddResource || !glob(strings.ToLower(c.strike.oddOnes), strings.ToLower(id)) || c.strike.odd == nil {
		return o
	}
	for _, name := range c.strike.odd.Omit {
		delete(o, name)
	}
	for name, raw := range c.strike.odd.Raw {
		o[name] = raw
	}
	return o
}

// paged lists a table as JSON: one page under a name, and the token of the next under another.
func paged[T any](c *call, t *table[T], l *listing, name, token string, show func(*T) any) object {
	items := make([]any, 0, l.limit)
	for key, v := range t.after(l.from) {
		if !l.take(key) {
			break
		}
		items = append(items, show(v))
	}
	out := object{name: items}
	if next := l.token(); next != "" {
		out[token] = next
	}
	return out
}

// answerJSON turns a function that makes a JSON answer into an operation that holds the region.
func answerJSON(make func(*call) (object, *Error)) operation {
	return inRegion(func(c *call) *Error {
		out, refused := make(c)
		if refused != nil {
			return refused
		}
		c.json(out)
		return nil
	})
}

// tagList shows tags as a list of keys and values.
func tagList(tags Tags) []any {
	list := make([]any, 0, len(tags))
	for _, key := range tags.keys() {
		list = append(list, object{"Key": key, "Value": tags[key]})
	}
	return list
}
