package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// unknownKey marks an unknown value in JSON: {"$unknown": {…}}. No AWS property
// name starts with a dollar sign, so it cannot be mistaken for a map.
const unknownKey = "$unknown"

// maxDepth bounds the nesting of a value read from JSON, so that a hostile
// file cannot exhaust the stack.
const maxDepth = 32

// MarshalJSON writes known values as plain JSON, absent ones as null and
// unknown ones as {"$unknown": {…}}. A sensitive value is the text
// "(sensitive)".
func (v Value) MarshalJSON() ([]byte, error) {
	if _, ok := v.Secret(); ok {
		return json.Marshal(secretText)
	}
	switch v.kind {
	case Absent:
		return []byte("null"), nil
	case Unknown:
		return json.Marshal(map[string]*Missing{unknownKey: v.Missing()})
	case Bool:
		return json.Marshal(v.bits == 1)
	case Int:
		return json.Marshal(int64(v.bits))
	case Float:
		return json.Marshal(math.Float64frombits(v.bits))
	case String:
		return json.Marshal(v.text)
	case List:
		if v.List() == nil {
			return []byte("[]"), nil
		}
		return json.Marshal(v.List())
	default:
		return json.Marshal(v.Fields())
	}
}

// UnmarshalJSON reads what MarshalJSON writes.
func (v *Value) UnmarshalJSON(data []byte) error {
	// Most values are plain, and a decoder of their own costs more than they do.
	switch c := data[0]; {
	case c == 'n':
		*v = Value{}
		return nil
	case c == 't', c == 'f':
		*v = OfBool(c == 't')
		return nil
	case c == '-', c >= '0' && c <= '9':
		value, err := fromNumber(json.Number(data))
		*v = value
		return err
	case c == '"':
		var text string
		err := json.Unmarshal(data, &text)
		*v = OfString(text)
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var raw any
	if err := decoder.Decode(&raw); err != nil {
		return err
	}
	value, err := FromJSON(raw)
	if err != nil {
		return err
	}
	*v = value
	return nil
}

// FromJSON turns a decoded JSON or YAML document into a Value. Numbers may be
// json.Number, int, int64 or float64.
func FromJSON(raw any) (Value, error) { return fromJSON(raw, maxDepth) }

func fromJSON(raw any, depth int) (Value, error) {
	if depth == 0 {
		return Value{}, fmt.Errorf("value is nested deeper than %d levels", maxDepth)
	}
	switch raw := raw.(type) {
	case nil:
		return Value{}, nil
	case bool:
		return OfBool(raw), nil
	case string:
		return OfString(raw), nil
	case int:
		return OfInt(int64(raw)), nil
	case int64:
		return OfInt(raw), nil
	case float64:
		return OfFloat(raw), nil
	case json.Number:
		return fromNumber(raw)
	case []any:
		items := make([]Value, len(raw))
		for i, item := range raw {
			value, err := fromJSON(item, depth-1)
			if err != nil {
				return Value{}, err
			}
			items[i] = value
		}
		return OfList(items...), nil
	case map[string]any:
		return fromObject(raw, depth)
	default:
		return Value{}, fmt.Errorf("a %T is no property value", raw)
	}
}

func fromNumber(number json.Number) (Value, error) {
	if n, err := number.Int64(); err == nil {
		return OfInt(n), nil
	}
	f, err := number.Float64()
	if err != nil {
		return Value{}, fmt.Errorf("number %s: %w", number, err)
	}
	return OfFloat(f), nil
}

func fromObject(raw map[string]any, depth int) (Value, error) {
	if unknown, ok := raw[unknownKey]; ok {
		if len(raw) != 1 {
			return Value{}, errors.New(unknownKey + " stands beside other keys")
		}
		encoded, err := json.Marshal(unknown)
		if err != nil {
			return Value{}, err
		}
		var missing Missing
		decoder := json.NewDecoder(bytes.NewReader(encoded))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&missing); err != nil {
			return Value{}, fmt.Errorf("%s: %w", unknownKey, err)
		}
		return OfUnknown(missing), nil
	}
	fields := make(map[string]Value, len(raw))
	for key, item := range raw {
		value, err := fromJSON(item, depth-1)
		if err != nil {
			return Value{}, err
		}
		fields[key] = value
	}
	return OfMap(fields), nil
}
