package answer

import (
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Field yields one property of an SDK object.
type Field[T any] struct {
	Name string
	Get  func(*T) resource.Value
}

// Properties converts the wanted properties of an object. What is absent is
// left out.
func Properties[T any](object *T, fields []Field[T], wanted func(property string) bool) map[string]resource.Value {
	out := make(map[string]resource.Value, 4)
	for i := range fields {
		if wanted(fields[i].Name) {
			if value := fields[i].Get(object); value.Kind() != resource.Absent {
				out[fields[i].Name] = value
			}
		}
	}
	return out
}

// Omitted is the value of a field that AWS always sends and did not send.
func Omitted() resource.Value {
	return resource.OfUnknown(resource.Missing{
		Reason: resource.ReasonOmitted, Detail: "the service answered without this field",
	})
}

// Int, Bool and String are for fields that AWS always sends.
func Int[N int32 | int64](n *N) resource.Value {
	if n == nil {
		return Omitted()
	}
	return resource.OfInt(int64(*n))
}

// Bool is for a field that AWS always sends.
func Bool(b *bool) resource.Value {
	if b == nil {
		return Omitted()
	}
	return resource.OfBool(*b)
}

// String is for a field that AWS always sends; an enum that is empty was not.
func String[S ~string](s *S) resource.Value {
	if s == nil || *s == "" {
		return Omitted()
	}
	return resource.OfString(string(*s))
}

// Text and Time are for fields that may well be absent.
func Text(s *string) resource.Value {
	if s == nil {
		return resource.Value{}
	}
	return resource.OfString(*s)
}

// Time is for a field that may well be absent.
func Time(t *time.Time) resource.Value {
	if t == nil {
		return resource.Value{}
	}
	return resource.OfTime(*t)
}

// Tags makes the property of a list of tags.
func Tags[T any](list []T, pair func(*T) (key, value *string)) resource.Value {
	fields := make(map[string]resource.Value, len(list))
	for i := range list {
		key, value := pair(&list[i])
		if key == nil {
			continue
		}
		text := ""
		if value != nil {
			text = *value
		}
		fields[*key] = resource.OfString(text)
	}
	return resource.OfMap(fields)
}

// Unread is the value of a property that a gap left unread.
func Unread(gap finding.Gap) resource.Value { return resource.OfUnknown(*Missing(gap)) }

// Missing says of a property that a gap left it unread.
func Missing(gap finding.Gap) *resource.Missing {
	reason := resource.ReasonFailed
	if gap.Reason == finding.GapDenied || gap.Reason == finding.GapPolicy {
		reason = resource.ReasonDenied
	}
	return &resource.Missing{
		Reason: reason, Detail: gap.Detail, Operation: gap.Operation, Permission: gap.Permission,
	}
}

// Texts returns the texts of a map, or why they are not known.
func Texts(v resource.Value) (map[string]string, *resource.Missing) {
	if why := v.Missing(); why != nil {
		return nil, why
	}
	texts := make(map[string]string, len(v.Fields()))
	for key, value := range v.Fields() {
		texts[key], _ = value.Text()
	}
	return texts, nil
}
