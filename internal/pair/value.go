package pair

import (
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// likeness is what comparing two known values shows.
type likeness int

const (
	differs likeness = iota
	same
	otherName // the one is an ARN and the other an alias, which may mean it
)

// compare holds a value of the code against that of the account. The order of a
// list does not count, nor the letter case of a text, which AWS often changes. Of
// tags, those that AWS itself puts there do not count.
func compare(inCode, live resource.Value, tags bool) likeness {
	switch {
	case tags && inCode.Kind() == resource.Map && live.Kind() == resource.Map:
		return alike(resource.OfMap(own(inCode)).Equal(resource.OfMap(own(live))))
	case inCode.Kind() == resource.List && live.Kind() == resource.List:
		return alike(slices.Equal(set(inCode), set(live)))
	}
	a, isText := inCode.Text()
	b, areTexts := live.Text()
	if isText && areTexts {
		return compareTexts(a, b)
	}
	if x, ok := number(inCode); ok {
		y, ok := number(live)
		return alike(ok && x == y)
	}
	return alike(inCode.Equal(live))
}

func alike(equal bool) likeness {
	if equal {
		return same
	}
	return differs
}

// compareTexts takes the ARN of something and its bare id for the same.
func compareTexts(a, b string) likeness {
	arnA, arnB := strings.HasPrefix(a, "arn:"), strings.HasPrefix(b, "arn:")
	switch {
	case strings.EqualFold(a, b):
		return same
	case arnA == arnB:
		return differs
	case arnA:
		a, b = b, a
	}
	if strings.HasSuffix(b, "/"+a) || strings.HasSuffix(b, ":"+a) {
		return same
	}
	if strings.HasPrefix(a, "alias/") {
		return otherName
	}
	return differs
}

// set is a list without order and doubles.
func set(list resource.Value) []string {
	items := make([]string, 0, len(list.List()))
	for _, item := range list.List() {
		items = append(items, item.String())
	}
	slices.Sort(items)
	return slices.Compact(items)
}

func number(v resource.Value) (float64, bool) {
	if n, ok := v.Int(); ok {
		return float64(n), true
	}
	return v.Float()
}

// own are the tags that AWS has not put there itself.
func own(tags resource.Value) map[string]resource.Value {
	out := make(map[string]resource.Value)
	for key, value := range tags.Fields() {
		if !strings.HasPrefix(key, "aws:") {
			out[key] = value
		}
	}
	return out
}
