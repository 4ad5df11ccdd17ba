package hcl

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func seed(f *testing.F, end string) {
	f.Helper()
	count := 0
	err := filepath.WalkDir("testdata", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, end) || !strings.Contains(name, "before") {
			return err
		}
		data, err := os.ReadFile(name)
		for n := range 8 {
			f.Add(data, uint(n))
		}
		count++
		return err
	})
	if err != nil || count == 0 {
		f.Fatalf("no seeds: %v", err)
	}
}

// Whatever the code, one value is set or added, and all else stays: what was
// there is still there, in its order, with its comments.
func FuzzWrite(f *testing.F) {
	seed(f, ".tf")
	for n := range uint(10) {
		f.Add([]byte("a {\n  b = 1 /* x */ /* y\n*/ // z\n}\nc {\n  d = 1 # /* e\n}\nf { /* g\n*/\n}\n"), n)
		f.Add([]byte("a = [ /* x */ ]\nb = [\n1,\n2 # x\n]\nc { a = [\"x\"\n,] }"), n)
		f.Add([]byte("a = {}\nb = {\n}\nc = { d = 1 }\ne = {\n  \"f\" : {},\n  g = 2 # h\n}\ni = { j = 1\n}\nk = { # l\n}\nm = { n = <<E\nx\nE\n}"), n)
		f.Add([]byte("a = {\nb = 1, c = 2\nd = 3}\ne = {\nf = 1 /* g\n*/\n}\nh = { /* i */ }\nj = { k = 1, }\nl = [{\n  m = 1,\n  n = 2\n}, { o = 3 }]"), n)
	}
	f.Fuzz(func(t *testing.T, content []byte, n uint) {
		doc, err := parseNative("main.tf", bytes.TrimPrefix(content, []byte("\ufeff")))
		if err != nil {
			return
		}
		settings := nativeSettings(doc)
		if len(settings) == 0 {
			return
		}
		s := settings[int(n%uint(len(settings)))]
		after, err := Language{}.Write("main.tf", content, []code.Setting{s})
		if err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		if _, err := parseNative("main.tf", bytes.TrimPrefix(after, []byte("\ufeff"))); err != nil {
			t.Fatalf("%+v: the result cannot be read: %v\n%s", s, err, after)
		}
		if text, err := (&editor{}).text(s.Value); s.Value.Kind() != resource.List && (err != nil || !bytes.Contains(after, []byte(text))) {
			t.Fatalf("%+v: %s is not there:\n%s", s, text, after)
		}
		start, end := 0, 0
		if !s.Spot.Insert {
			start, end = s.Spot.Line, s.Spot.Line+len(s.Spot.Name)
		}
		old, now := tokens(doc.content, start, end), tokens(after, 0, 0)
		if s.Spot.Insert && !slices.Contains(now, "zzz") {
			t.Fatalf("%+v: nothing was added:\n%s", s, after)
		}
		for _, token := range now {
			if len(old) > 0 && token == old[0] {
				old = old[1:]
			}
		}
		if len(old) > 0 {
			t.Fatalf("%+v: %q is gone or has moved:\n%s", s, old[0], after)
		}
		if grown := len(now) - len(tokens(doc.content, start, end)); grown > 12 {
			t.Fatalf("%+v: %d tokens were added:\n%s", s, grown, after)
		}
	})
}

// nativeSettings lists what can be set in a document: every literal, and an
// argument of every block. For a literal, Line is its offset and Name its text.
func nativeSettings(doc *nativeDocument) []code.Setting {
	var all []code.Setting
	doc.at(1, 1)
	for _, one := range doc.index {
		v := one.value.(*nativeValue)
		e := inner(v.expr)
		value, ok := v.value(e)
		if !ok {
			continue
		}
		r := e.Range()
		all = append(all, code.Setting{Value: other(value), Spot: code.Spot{
			Key: key(r.Start.Byte, r.End.Byte), Line: r.Start.Byte, Name: string(r.SliceBytes(doc.content)),
		}})
	}
	var blocks func(*hclsyntax.Body)
	blocks = func(in *hclsyntax.Body) {
		for _, b := range in.Blocks {
			for _, path := range []string{"zzz", "yyy.zzz"} {
				if b.Body.Attributes["zzz"] == nil {
					all = append(all, code.Setting{Value: resource.OfInt(-42), Spot: code.Spot{
						Key: inKey(&nativeBody{doc: doc, block: b}, path), Insert: true,
					}})
				}
			}
			blocks(b.Body)
		}
	}
	blocks(doc.root)
	for _, object := range doc.objects {
		if len(object.object.Items) == 0 || !strings.Contains(string(object.object.Range().SliceBytes(doc.content)), "zzz") {
			all = append(all, code.Setting{Value: resource.OfInt(-42), Spot: code.Spot{Key: inKey(object, "zzz"), Insert: true}})
		}
	}
	slices.SortFunc(all, func(a, b code.Setting) int { return strings.Compare(a.Spot.Key, b.Spot.Key) })
	return all
}

// other is a value of the same kind that is not the same.
func other(value resource.Value) resource.Value {
	switch value.Kind() {
	case resource.Bool:
		was, _ := value.Bool()
		return resource.OfBool(!was)
	case resource.String:
		text, _ := value.Text()
		return resource.OfString(text + "${x}\n\"")
	case resource.List:
		return resource.OfList(append(slices.Clone(value.List()), resource.OfString("audit"))...)
	default:
		return resource.OfInt(-42)
	}
}

// tokens are the tokens of code outside a range, without white space. A comma
// counts for nothing, since lists get some.
func tokens(content []byte, start, end int) []string {
	lexed, _ := hclsyntax.LexConfig(bytes.TrimPrefix(content, []byte("\ufeff")), "", hcl.InitialPos)
	var out []string
	for _, token := range lexed {
		text := string(bytes.TrimSpace(token.Bytes))
		inside := start < end && token.Range.Start.Byte >= start && token.Range.End.Byte <= end
		if !inside && text != "" && text != "," {
			out = append(out, text)
		}
	}
	return out
}

// The same for JSON, of which every byte outside of the change stays.
func FuzzWriteJSON(f *testing.F) {
	seed(f, ".json")
	f.Fuzz(func(t *testing.T, content []byte, n uint) {
		if !json.Valid(bytes.TrimPrefix(content, []byte("\ufeff"))) {
			return
		}
		root, err := parseTree(bytes.TrimPrefix(content, []byte("\ufeff")))
		if err != nil {
			return
		}
		settings := jsonSettings(root)
		if len(settings) == 0 {
			return
		}
		s := settings[int(n%uint(len(settings)))]
		after, err := Language{}.Write("main.tf.json", content, []code.Setting{s})
		if err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		if !json.Valid(bytes.TrimPrefix(after, []byte("\ufeff"))) {
			t.Fatalf("%+v: the result cannot be read:\n%s", s, after)
		}
		if s.Spot.Insert && !keeps(t, content, after) {
			t.Fatalf("%+v: something else changed:\n%s", s, after)
		}
	})
}

func jsonSettings(n *jsonNode) []code.Setting {
	var all []code.Setting
	switch v := (&jsonValue{node: n}); n.kind {
	case '{':
		if n.get("zzz") == nil {
			all = append(all, code.Setting{Value: resource.OfInt(7), Spot: code.Spot{Key: inKey(&jsonBody{node: n}, "zzz"), Insert: true}})
		}
	default:
		if value, ok := v.plain(); ok {
			all = append(all, code.Setting{Value: other(value), Spot: code.Spot{Key: key(n.start, n.end)}})
		}
	}
	for _, item := range n.items {
		all = append(all, jsonSettings(item)...)
	}
	for _, m := range n.members {
		all = append(all, jsonSettings(m.value)...)
	}
	return all
}

// keeps reports whether a document is the same but for members called zzz.
func keeps(t *testing.T, before, after []byte) bool {
	t.Helper()
	var documents [2]any
	for i, content := range [][]byte{before, after} {
		if err := json.Unmarshal(bytes.TrimPrefix(content, []byte("\ufeff")), &documents[i]); err != nil {
			t.Fatal(err)
		}
		without(documents[i])
	}
	return reflect.DeepEqual(documents[0], documents[1])
}

func without(value any) {
	switch value := value.(type) {
	case map[string]any:
		delete(value, "zzz")
		for _, one := range value {
			without(one)
		}
	case []any:
		for _, one := range value {
			without(one)
		}
	}
}
