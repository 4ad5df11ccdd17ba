package planfile

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// decode is what encoding/json makes of a text.
func decode(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more follows")
	}
	return value, nil
}

// tooLarge tells documents past the bounds of the walker.
func tooLarge(text string) bool {
	return len(text) >= maxValue || strings.Count(text, "[")+strings.Count(text, "{") >= maxDepth
}

// FuzzWalker demands that the walker understands every text as encoding/json
// does, in whatever pieces it comes, and that it skips what it understands.
func FuzzWalker(f *testing.F) {
	for _, text := range []string{
		`{}`, `[]`, `null`, `true`, `-1.5e+7`, `"a\"b\\"`, `{"a":{"b":[1,2,{"c":null}]},"d":"\u00e9 é 😀"}`,
		`{"a":1,}`, `[1,]`, `[1 2]`, `{"a" 1}`, `{"a":tru}`, `nul`, `"a`, `{"a":"` + "\n" + `"}`, `[[[[[[]]]]]]`, `{"a":[}]`,
		"\ufeff{}", `{"a":1}{"b":2}`, `01`, `"\x"`, `"\ud800"`, `{"":""}`, `[-]`, `{"a":1,"a":2}`, "[\"\x80\"]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if tooLarge(text) {
			return
		}
		want, wantErr := decode(text)
		for name, in := range map[string]io.Reader{
			"at once": strings.NewReader(text), "byte by byte": iotest.OneByteReader(strings.NewReader(text)),
		} {
			w := newWalker(in)
			got, err := w.value()
			if err == nil {
				err = w.end()
			}
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%s: %q: got error %v, encoding/json says %v", name, text, err, wantErr)
			}
			if err == nil && !cmp.Equal(got, want, emptyIsNil()) {
				t.Fatalf("%s: %q: %s", name, text, cmp.Diff(want, got, emptyIsNil()))
			}
		}
		if wantErr == nil {
			w := newWalker(iotest.HalfReader(strings.NewReader(text)))
			if err := errors.Join(w.skip(), w.end()); err != nil {
				t.Fatalf("skip %q: %v", text, err)
			}
		}
	})
}

// emptyIsNil takes an empty list for none: nobody tells them apart here.
func emptyIsNil() cmp.Option {
	return cmp.Transformer("list", func(items []any) any {
		if len(items) == 0 {
			return "empty"
		}
		return [1]any{items[0]}
	})
}

func TestUnsoundDocumentsAreRefusedWithLineAndField(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, field, want string }{
		"cut in a text":         {`{"format_version":"1.`, "format_version", "cut short"},
		"cut after a key":       {`{"format_version"`, "", "cut short"},
		"a bracket that closes": {"{\"resource_changes\":\n[{\"change\":{\"after\":[}]}}]}", "resource_changes[0].change", "'}' stands where ']' is expected"},
		"a list as a change":    {`{"resource_changes":[[]]}`, "resource_changes[0]", "'[' stands where an object is expected"},
		"a number as a type":    {`{"resource_changes":[{"type":5}]}`, "resource_changes[0].type", "'5' stands where a text is expected"},
		"no comma":              {`{"resource_changes":[{} {}]}`, "resource_changes", "'{' stands where a comma or the end of the list is expected"},
		"a raw line break":      {"{\"planned_values\":{\"a\":\"b\nc\"}}", "planned_values", "control characters must be escaped"},
		"a zero byte":           {"{\"planned_values\":{\x00}}", "planned_values", "zero byte"},
		"nested without end":    {`{"planned_values":` + strings.Repeat("[", 5000), "planned_values", "nested deeper than 256 levels"},
		"modules without end":   {`{"values":{"root_module":` + strings.Repeat(`{"child_modules":[`, 500), "", "nested deeper than 256 levels"},
		"a huge name":           {`{"` + strings.Repeat("a", maxValue+1) + `":1}`, "", "longer than 1048576 bytes"},
		"something behind":      {`{"format_version":"1.2","resource_changes":[]} {}`, "", "follows the end"},
		"a misspelt word":       {`{"resource_changes":nil}`, "resource_changes", `"nil" stands where a list is expected`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &reader{walker: newWalker(strings.NewReader(test.text)), instance: func(*instance) error { return nil }}
			_, err := r.document()
			if err == nil {
				t.Fatal("it was accepted")
			}
			where := fmt.Sprintf("line %d: %s", 1+strings.Count(test.text, ":\n"), prefixed(test.field))
			if got := gapOf("p.json", err).Detail; !strings.HasPrefix(got, where) || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q and %q", got, where, test.want)
			}
		})
	}
}

func TestFilesOfPowerShellAreRead(t *testing.T) {
	t.Parallel()
	const text = `{"a":"é 😀 ` + "\u4e2d" + `"}`
	encode := func(order binary.AppendByteOrder, mark uint16) []byte {
		b := order.AppendUint16(nil, mark)
		for _, unit := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, unit)
		}
		return b
	}
	for name, data := range map[string][]byte{
		"UTF-8 with a mark":    append([]byte("\xef\xbb\xbf"), text...),
		"UTF-16 little endian": encode(binary.LittleEndian, 0xfeff),
		"UTF-16 big endian":    encode(binary.BigEndian, 0xfeff),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, in := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
				got, err := io.ReadAll(iotest.OneByteReader(decoded(in)))
				if err != nil || string(got) != text {
					t.Errorf("got %q, %v", got, err)
				}
			}
			if _, err := io.ReadAll(decoded(bytes.NewReader(data[:len(data)-1]))); strings.Contains(name, "16") && err == nil {
				t.Error("half a character at the end was accepted")
			}
		})
	}
}
