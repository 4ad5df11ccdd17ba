package lab

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// params are the parameters of a request as they came, lists flattened: Filters.Filter.1.Name.
type params map[string]string

// maxParams bounds the parameters of one request.
const maxParams = 10_000

// parseForm reads the parameters from the query string and the body. Where one is given twice, the body wins.
func parseForm(query string, body []byte) (params, *Error) {
	p := make(params, 8)
	for _, text := range []string{query, string(body)} {
		for part := range strings.SplitSeq(text, "&") {
			if part == "" {
				continue
			}
			name, value, _ := strings.Cut(part, "=")
			name, err1 := url.QueryUnescape(name)
			value, err2 := url.QueryUnescape(value)
			if err1 != nil || err2 != nil || len(p) >= maxParams {
				return nil, refuse(http.StatusBadRequest, "MalformedQueryString", "The query string contains a syntax error.")
			}
			p[name] = value
		}
	}
	return p, nil
}

// list reads a flattened list: name.item.1, name.item.2 … or the same with "member", or without either as EC2 does.
func (p params) list(name, item string) []string {
	for _, prefix := range []string{name + "." + item + ".", name + ".member.", name + "."} {
		var values []string
		for n := 1; ; n++ {
			v, ok := p[prefix+strconv.Itoa(n)]
			if !ok {
				break
			}
			values = append(values, v)
		}
		if values != nil {
			return values
		}
	}
	return nil
}

// has tells whether a parameter, or some part of a structured one, was sent.
func (p params) has(name string) bool {
	if _, ok := p[name]; ok {
		return true
	}
	for key := range p {
		if strings.HasPrefix(key, name+".") {
			return true
		}
	}
	return false
}

// boolean reads an optional boolean, nil when it was not sent.
func (p params) boolean(name string) (*bool, *Error) {
	text, ok := p[name]
	if !ok {
		return nil, nil
	}
	b, err := strconv.ParseBool(text)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "MalformedInput", "%s must be true or false, not %q", name, text)
	}
	return &b, nil
}

// integer reads an optional number, nil when it was not sent.
func (p params) integer(name string) (*int, *Error) {
	text, ok := p[name]
	if !ok {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "MalformedInput", "%s must be an integer, not %q", name, text)
	}
	i := int(n)
	return &i, nil
}

// between reads an optional number that must lie in a range.
func (p params) between(name string, low, high int) (*int, *Error) {
	n, refused := p.integer(name)
	if refused != nil || n == nil {
		return nil, refused
	}
	if *n < low || *n > high {
		return nil, invalidValue("Invalid value %d for %s. Must be between %d and %d.", *n, name, low, high)
	}
	return n, nil
}

// required reads a parameter that must not be empty.
func (p params) required(name string) (string, *Error) {
	if p[name] == "" {
		return "", missingParameter(name)
	}
	return p[name], nil
}

// tags reads a list of tags; the item of the list is called Tag.
func (p params) tags() (Tags, *Error) {
	tags := Tags{}
	for _, item := range []string{"Tags.Tag.", "Tags.member."} {
		for n := 1; ; n++ {
			key, ok := p[item+strconv.Itoa(n)+".Key"]
			if !ok {
				break
			}
			if strings.HasPrefix(strings.ToLower(key), "aws:") {
				return nil, invalidValue("Tag keys cannot start with the reserved prefix: aws:")
			}
			tags[key] = p[item+strconv.Itoa(n)+".Value"]
		}
	}
	if len(tags) > 50 {
		return nil, invalidValue("A resource cannot have more than 50 tags")
	}
	return tags, nil
}

// filters reads the filters of a describe call and refuses those that the call does not know.
func (p params) filters(known ...string) (map[string][]string, *Error) {
	filters := map[string][]string{}
	for _, item := range []string{"Filters.Filter.", "Filters.member.", "Filter."} {
		for n := 1; ; n++ {
			prefix := item + strconv.Itoa(n)
			name, ok := p[prefix+".Name"]
			if !ok {
				break
			}
			found := false
			for _, k := range known {
				found = found || k == name
			}
			if !found {
				return nil, invalidValue("Unrecognized filter name: %s", name)
			}
			values := p.list(prefix+".Values", "Value")
			if values == nil {
				values = p.list(prefix+".Value", "member")
			}
			if len(values) == 0 {
				return nil, invalidValue("The filter %s needs a value", name)
			}
			filters[name] = append(filters[name], values...)
		}
	}
	return filters, nil
}

// serverless reads the capacity range of a serverless cluster, both zero for none.
func (p params) serverless() (least, most float64, refused *Error) {
	for name, to := range map[string]*float64{"MinCapacity": &least, "MaxCapacity": &most} {
		text := p["ServerlessV2ScalingConfiguration."+name]
		if text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v < 0 || v > 256 {
			return 0, 0, invalidValue("Invalid value %s for %s.", text, name)
		}
		*to = v
	}
	return least, most, nil
}
