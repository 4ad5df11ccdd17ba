package report

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Format is the version of the saved form of a scan, which json and ndjson
// write. It changes when a reader of the former version would misunderstand
// the new one.
const Format = 1

// Marshal writes a value as JSON without HTML escapes, and with every
// character that could act on a terminal or hide text written as \uXXXX.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	return escape(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// escape rewrites the characters of a JSON text that encoding/json leaves as
// they are and appendString does not. They stand inside strings only.
func escape(text []byte) []byte {
	if !slices.ContainsFunc(text, func(c byte) bool { return c >= utf8.RuneSelf || c == 0x7f }) {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r < 0x7f || visible(r) {
			out = append(out, text[:size]...)
		} else {
			out = appendEscaped(out, r)
		}
		text = text[size:]
	}
	return out
}

// AppendFinding appends a finding as one line of JSON. It writes by hand what
// encoding/json would find by reflection: this is the inner loop of every
// saved scan.
func AppendFinding(b []byte, f *finding.Finding) []byte {
	b = append(b, `{"control":`...)
	b = appendString(b, f.Control)
	b = append(b, `,"status":`...)
	b = appendString(b, string(f.Status))
	b = append(b, `,"severity":`...)
	b = appendString(b, string(f.Severity))
	b = append(b, `,"resource":`...)
	b = appendRef(b, &f.Resource)
	b = append(b, `,"evidence":[`...)
	for i := range f.Evidence {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendEvidence(b, &f.Evidence[i])
	}
	b = append(b, ']')
	if len(f.Missing) > 0 {
		b = append(b, `,"missing":[`...)
		for i := range f.Missing {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendMissing(b, &f.Missing[i])
		}
		b = append(b, ']')
	}
	if len(f.Notes) > 0 {
		b = append(b, `,"notes":[`...)
		for i, note := range f.Notes {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, note)
		}
		b = append(b, ']')
	}
	if f.Same != "" {
		b = append(b, `,"same":`...)
		b = appendString(b, f.Same)
	}
	if f.Exception != nil {
		b = append(b, `,"exception":`...)
		b = appendException(b, f.Exception)
	}
	b = append(b, `,"title":`...)
	b = appendString(b, f.Title)
	b = append(b, `,"id":`...)
	b = appendString(b, f.ID)
	return append(b, '}')
}

func appendRef(b []byte, r *resource.Ref) []byte {
	b = append(b, `{"type":`...)
	b = appendString(b, r.Type)
	b = append(b, `,"id":`...)
	b = appendString(b, r.ID)
	b = appendField(b, `,"arn":`, r.ARN)
	b = appendField(b, `,"account":`, r.Account)
	b = appendField(b, `,"region":`, r.Region)
	b = appendField(b, `,"partition":`, r.Partition)
	b = appendField(b, `,"uid":`, r.UID)
	b = appendOrigin(b, &r.Origin)
	return append(b, '}')
}

func appendEvidence(b []byte, e *finding.Evidence) []byte {
	b = append(b, `{"property":`...)
	b = appendString(b, e.Property)
	b = append(b, `,"actual":`...)
	b = AppendValue(b, e.Actual)
	if e.Default {
		b = append(b, `,"default":true`...)
	}
	b = appendField(b, `,"expected":`, e.Expected)
	b = appendField(b, `,"unit":`, e.Unit)
	b = appendField(b, `,"read":`, e.Read)
	b = appendOrigin(b, &e.Origin)
	return append(b, '}')
}

func appendOrigin(b []byte, o *resource.Origin) []byte {
	if *o == (resource.Origin{}) {
		return b
	}
	return appendPlace(append(b, `,"origin":`...), o)
}

func appendPlace(b []byte, o *resource.Origin) []byte {
	start := len(b) + 1
	b = append(b, '{')
	b = appendField(b, `,"file":`, o.File)
	b = appendNumber(b, `,"line":`, o.Line)
	b = appendNumber(b, `,"endLine":`, o.EndLine)
	b = appendField(b, `,"address":`, o.Address)
	b = appendField(b, `,"root":`, o.Root)
	if o.Defined != nil {
		b = appendPlace(append(b, `,"defined":`...), o.Defined)
	}
	return append(dropComma(b, start), '}')
}

func appendMissing(b []byte, m *resource.Missing) []byte {
	start := len(b) + 1
	b = append(b, '{')
	b = appendField(b, `,"property":`, m.Property)
	b = append(b, `,"reason":`...)
	b = appendString(b, m.Reason)
	b = appendField(b, `,"detail":`, m.Detail)
	b = appendField(b, `,"operation":`, m.Operation)
	b = appendField(b, `,"permission":`, m.Permission)
	b = appendField(b, `,"settle":`, m.Settle)
	return append(dropComma(b, start), '}')
}

func appendException(b []byte, e *finding.Exception) []byte {
	b = append(b, `{"source":`...)
	b = appendString(b, e.Source)
	b = appendField(b, `,"scope":`, e.Scope)
	b = append(b, `,"reason":`...)
	b = appendString(b, e.Reason)
	b = appendField(b, `,"owner":`, e.Owner)
	b = appendField(b, `,"until":`, e.Until)
	if e.Baseline {
		b = append(b, `,"baseline":true`...)
	}
	return append(b, '}')
}

// AppendValue appends what resource.Value.MarshalJSON writes. A float that JSON
// cannot hold becomes an unknown value, never a null.
func AppendValue(b []byte, v resource.Value) []byte {
	switch v.Kind() {
	case resource.Absent:
		return append(b, "null"...)
	case resource.Bool:
		value, _ := v.Bool()
		return strconv.AppendBool(b, value)
	case resource.Int:
		value, _ := v.Int()
		return strconv.AppendInt(b, value, 10)
	case resource.Float:
		return appendFloat(b, v)
	case resource.String:
		text, _ := v.Text()
		return appendString(b, text)
	case resource.List:
		b = append(b, '[')
		for i, item := range v.List() {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendValue(b, item)
		}
		return append(b, ']')
	case resource.Map:
		return appendMap(b, v.Fields())
	default:
		b = append(b, `{"$unknown":`...)
		b = appendMissing(b, v.Missing())
		return append(b, '}')
	}
}

func appendFloat(b []byte, v resource.Value) []byte {
	value, _ := v.Float()
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return AppendValue(b, resource.OfUnknown(resource.Missing{Reason: resource.ReasonMalformed, Detail: v.String()}))
	}
	if value == 0 {
		return append(b, '0') // also for -0, which would not come back
	}
	text, _ := json.Marshal(value) // a finite number always has a JSON form
	return append(b, text...)
}

func appendMap(b []byte, fields map[string]resource.Value) []byte {
	keys := make([]string, 0, len(fields))
	for key := range fields {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	b = append(b, '{')
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, key)
		b = append(b, ':')
		b = AppendValue(b, fields[key])
	}
	return append(b, '}')
}

// appendField appends a key, given with its comma and colon, and a text,
// unless the text is empty.
func appendField(b []byte, key, text string) []byte {
	if text == "" {
		return b
	}
	return appendString(append(b, key...), text)
}

func appendNumber(b []byte, key string, n int) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendInt(append(b, key...), int64(n), 10)
}

// dropComma removes the comma before the first field of an object that begins
// at start.
func dropComma(b []byte, start int) []byte {
	if start < len(b) && b[start] == ',' {
		return slices.Delete(b, start, start+1)
	}
	return b
}

func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, size := rune(c), 1
		if c >= utf8.RuneSelf {
			if r, size = utf8.DecodeRuneInString(text[i:]); visible(r) {
				i += size
				continue
			}
		}
		b = append(b, text[start:i]...)
		b = appendEscaped(b, r)
		i += size
		start = i
	}
	return append(append(b, text[start:]...), '"')
}

// visible reports whether a character can stand in a JSON text as it is. Bytes
// that are no UTF-8 arrive as U+FFFD, which is always written as an escape.
func visible(r rune) bool { return strconv.IsPrint(r) && r != utf8.RuneError }

// appendEscaped appends one character as a JSON escape.
func appendEscaped(b []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	switch {
	case r == '"' || r == '\\':
		return append(b, '\\', byte(r))
	case r == '\n':
		return append(b, '\\', 'n')
	case r == '\t':
		return append(b, '\\', 't')
	case r == '\r':
		return append(b, '\\', 'r')
	case r > 0xffff:
		r -= 0x10000
		return appendEscaped(appendEscaped(b, 0xd800+r>>10), 0xdc00+r&0x3ff)
	default:
		return append(b, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
	}
}
