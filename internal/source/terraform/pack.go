package terraform

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// maxWords bounds the texts that are remembered, and maxWord their length in
// bytes: names of attributes, regions and zones come again, identifiers do not.
const (
	maxWords = 4096
	maxWord  = 64
)

// words packs objects. A text that comes again is a number.
type words struct {
	texts   []string
	numbers map[string]uint64
}

// packable tells an object without what only a directory of code knows. Those
// that have it are few, and are kept as they are.
func packable(o *Object) bool {
	plain := o.Origin == resource.Origin{File: o.Origin.File, Line: o.Origin.Line, EndLine: o.Origin.EndLine, Address: o.Address}
	return plain && o.Origin.Line >= 0 && o.Origin.EndLine >= 0 && o.Uncertain == nil && len(o.Where) == 0 &&
		o.DefaultTags.Kind() == resource.Absent && len(o.Remarks)+len(o.FileRemarks) == 0
}

// pack appends an object, of which the type is known elsewhere.
func (w *words) pack(b []byte, o *Object) []byte {
	b = w.once(b, o.Address)
	b = w.text(b, o.Region)
	b = w.text(b, o.Account)
	b = w.text(b, o.Origin.File)
	b = binary.AppendUvarint(b, uint64(o.Origin.Line))
	b = binary.AppendUvarint(b, uint64(o.Origin.EndLine))
	b = w.value(b, resource.OfBool(o.Existing))
	b = w.value(b, resource.OfMap(o.Attributes))
	b = binary.AppendUvarint(b, uint64(len(o.Refs)))
	for _, name := range slices.Sorted(maps.Keys(o.Refs)) {
		b = w.text(b, name)
		b = w.value(b, resource.OfStrings(o.Refs[name]))
	}
	return b
}

// text appends the number of a text that came before, counted from 1, or 0 and
// the text itself.
func (w *words) text(b []byte, text string) []byte {
	if number, ok := w.numbers[text]; ok {
		return binary.AppendUvarint(b, number)
	}
	if w.numbers == nil {
		w.numbers = make(map[string]uint64)
	}
	if len(text) <= maxWord && len(w.texts) < maxWords {
		w.texts = append(w.texts, text)
		w.numbers[text] = uint64(len(w.texts))
	}
	return w.once(b, text)
}

// once appends a text that will not come again.
func (w *words) once(b []byte, text string) []byte {
	b = binary.AppendUvarint(append(b, 0), uint64(len(text)))
	return append(b, text...)
}

func (w *words) value(b []byte, v resource.Value) []byte {
	b = append(b, byte(v.Kind()))
	switch v.Kind() {
	case resource.Bool:
		if yes, _ := v.Bool(); yes {
			return append(b, 1)
		}
		return append(b, 0)
	case resource.Int:
		n, _ := v.Int()
		return binary.AppendVarint(b, n)
	case resource.Float:
		f, _ := v.Float()
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
	case resource.String:
		text, _ := v.Text()
		return w.text(b, text)
	case resource.List:
		b = binary.AppendUvarint(b, uint64(len(v.List())))
		for _, item := range v.List() {
			b = w.value(b, item)
		}
	case resource.Map:
		b = binary.AppendUvarint(b, uint64(len(v.Fields())))
		for _, name := range slices.Sorted(maps.Keys(v.Fields())) {
			b = w.value(w.text(b, name), v.Fields()[name])
		}
	case resource.Unknown:
		m := v.Missing()
		for _, text := range []string{m.Property, m.Reason, m.Detail, m.Operation, m.Permission, m.Settle} {
			b = w.text(b, text)
		}
	}
	return b
}

// unpack makes an object again from the bytes of pack, which are its own.
func (w *words) unpack(b []byte) *Object {
	u := &unpacker{words: w, rest: b}
	o := &Object{Address: u.text(), Region: u.text(), Account: u.text()}
	o.Origin = resource.Origin{File: u.text(), Line: int(u.number()), EndLine: int(u.number()), Address: o.Address}
	o.Existing, _ = u.value().Bool()
	o.Attributes = u.value().Fields()
	if n := u.number(); n > 0 {
		o.Refs = make(map[string][]string, n)
		for range n {
			name := u.text()
			o.Refs[name], _ = u.value().Strings()
		}
	}
	return o
}

type unpacker struct {
	words *words
	rest  []byte
}

func (u *unpacker) number() uint64 {
	n, size := binary.Uvarint(u.rest)
	u.rest = u.rest[size:]
	return n
}

func (u *unpacker) text() string {
	if number := u.number(); number > 0 {
		return u.words.texts[number-1]
	}
	length := u.number()
	text := string(u.rest[:length])
	u.rest = u.rest[length:]
	return text
}

func (u *unpacker) value() resource.Value {
	kind := resource.Kind(u.rest[0])
	u.rest = u.rest[1:]
	switch kind {
	case resource.Bool:
		yes := u.rest[0] == 1
		u.rest = u.rest[1:]
		return resource.OfBool(yes)
	case resource.Int:
		n, size := binary.Varint(u.rest)
		u.rest = u.rest[size:]
		return resource.OfInt(n)
	case resource.Float:
		bits := binary.LittleEndian.Uint64(u.rest)
		u.rest = u.rest[8:]
		return resource.OfFloat(math.Float64frombits(bits))
	case resource.String:
		return resource.OfString(u.text())
	case resource.List:
		items := make([]resource.Value, u.number())
		for i := range items {
			items[i] = u.value()
		}
		return resource.OfList(items...)
	case resource.Map:
		n := u.number()
		fields := make(map[string]resource.Value, n)
		for range n {
			name := u.text()
			fields[name] = u.value()
		}
		return resource.OfMap(fields)
	case resource.Unknown:
		return resource.OfUnknown(resource.Missing{
			Property: u.text(), Reason: u.text(), Detail: u.text(), Operation: u.text(), Permission: u.text(), Settle: u.text(),
		})
	default:
		return resource.Value{}
	}
}
