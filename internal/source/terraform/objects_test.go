package terraform

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// addresses lists objects for a person to compare.
func addresses(objects []*Object) []string {
	var list []string
	for _, o := range objects {
		list = append(list, o.Address)
	}
	return list
}

func text(s string) resource.Value { return resource.OfString(s) }

func unknown() resource.Value {
	return resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Detail: "later"})
}

// reader is an instance of a cluster that it names, or refers to.
func reader(address, region string, cluster resource.Value, refs ...string) *Object {
	o := &Object{Type: "reader", Address: address, Region: region, Attributes: map[string]resource.Value{"cluster": cluster}}
	if len(refs) > 0 {
		o.Refs = map[string][]string{"cluster": refs}
	}
	return o
}

func TestLinkedObjects(t *testing.T) {
	t.Parallel()
	var others Objects
	for _, o := range []*Object{
		reader("reader.by_value", "eu-west-1", text("graph")),
		reader("reader.elsewhere", "us-east-1", text("graph")),
		reader("reader.another", "eu-west-1", text("other")),
		reader("reader.by_ref", "eu-west-1", unknown(), "cluster.main[0]"),
		reader("reader.known_and_ref", "", text("graph"), "cluster.main[0]"),
		reader("reader.of_any", "eu-west-1", unknown(), "cluster.main"),
		reader("reader.of_another_type", "eu-west-1", unknown(), "group.main"),
		reader("reader.open", "", unknown()),
		reader("reader.open_elsewhere", "us-east-1", unknown()),
		reader("reader.none", "eu-west-1", resource.Value{}),
	} {
		others.Add(o)
	}
	for name, test := range map[string]struct {
		region string
		id     resource.Value
		sure   []string
		maybe  []string
	}{
		"a known name": {
			"eu-west-1", text("graph"),
			[]string{"reader.by_ref", "reader.known_and_ref", "reader.by_value"},
			[]string{"reader.of_another_type", "reader.open", "reader.of_any"},
		},
		"a name that is not known": {
			"eu-west-1", unknown(),
			[]string{"reader.by_ref", "reader.known_and_ref"},
			[]string{"reader.of_another_type", "reader.open", "reader.by_value", "reader.another", "reader.of_any"},
		},
		"no name": {
			"eu-west-1", resource.Value{},
			[]string{"reader.by_ref", "reader.known_and_ref"},
			[]string{"reader.of_another_type", "reader.open", "reader.of_any"},
		},
		"no region": {
			"", text("graph"),
			[]string{"reader.by_ref", "reader.known_and_ref", "reader.by_value", "reader.elsewhere"},
			[]string{"reader.of_another_type", "reader.open", "reader.open_elsewhere", "reader.of_any"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			owner := &Object{Type: "cluster", Address: "cluster.main[0]", Region: test.region, Attributes: map[string]resource.Value{"id": test.id}}
			for range 2 { // the second time from what the first has made
				sure, maybe := others.Linked("reader", "cluster", owner, "id")
				if diff := cmp.Diff(test.sure, addresses(sure)); diff != "" {
					t.Errorf("sure (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.maybe, addresses(maybe)); diff != "" {
					t.Errorf("maybe (-want +got):\n%s", diff)
				}
			}
		})
	}
	if sure, maybe := others.Linked("nothing", "cluster", &Object{}, "id"); sure != nil || maybe != nil {
		t.Error("objects of a type that is not there")
	}
}

func TestNamedObjects(t *testing.T) {
	t.Parallel()
	var others Objects
	group := func(address, region string, name resource.Value) {
		others.Add(&Object{Type: "group", Address: address, Region: region, Attributes: map[string]resource.Value{"name": name}})
	}
	group("group.audited", "eu-west-1", text("audited"))
	group("group.far", "us-east-1", text("far"))
	group("group.only[0]", "eu-west-1", unknown())
	group(`group.many["a"]`, "ap-south-1", unknown())
	group(`group.many["b"]`, "ap-south-1", unknown())
	for name, test := range map[string]struct {
		region string
		value  resource.Value
		refs   []string
		want   string
		open   bool
	}{
		"by its name":                      {"eu-west-1", text("audited"), nil, "group.audited", false},
		"by its name without a region":     {"", text("far"), nil, "group.far", false},
		"a name that stands elsewhere":     {"eu-west-1", text("far"), nil, "", true},
		"a name that stands nowhere":       {"us-east-1", text("none"), nil, "", false},
		"a reference":                      {"eu-west-1", unknown(), []string{"group.audited"}, "group.audited", false},
		"a reference to the only instance": {"eu-west-1", unknown(), []string{"group.only"}, "group.only[0]", false},
		"a reference to one of several":    {"eu-west-1", unknown(), []string{"group.many"}, "", true},
		"a reference to nothing":           {"eu-west-1", text("audited"), []string{"group.gone"}, "group.audited", false},
		"not known":                        {"eu-west-1", unknown(), nil, "", true},
		"not set":                          {"eu-west-1", resource.Value{}, nil, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			owner := &Object{Type: "cluster", Region: test.region, Attributes: map[string]resource.Value{"group": test.value}, Refs: map[string][]string{"group": test.refs}}
			found, open := others.Named(owner, "group", "group", "name")
			got := ""
			if found != nil {
				got = found.Address
			}
			if got != test.want || open != test.open {
				t.Errorf("got %q, open %t; want %q, open %t", got, open, test.want, test.open)
			}
		})
	}
}

// TestObjectsComeBackAsTheyWere adds objects of all forms, more than one block
// of them, and looks at each again.
func TestObjectsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	full := map[string]resource.Value{
		"yes": resource.OfBool(true), "no": resource.OfBool(false), "int": resource.OfInt(-7), "float": resource.OfFloat(1.5),
		"text": text("a.b"), "empty": text(""), "absent": {}, "list": resource.OfStrings([]string{"x", "y"}), "none": resource.OfList(),
		"block": resource.OfList(resource.OfMap(map[string]resource.Value{"name": text("n"), "value": unknown()})),
		"why": resource.OfUnknown(resource.Missing{
			Property: "p", Reason: "r", Detail: "d", Operation: "o", Permission: "m", Settle: "s",
		}),
	}
	var want []*Object
	var others Objects
	for n := range 3000 {
		o := &Object{
			Type: "thing", Address: fmt.Sprintf(`module.m["%d"].thing.x`, n), Region: "eu-west-1", Account: "111122223333",
			Origin: resource.Origin{File: "plan.json", Line: n, EndLine: n + 1}, Attributes: full,
			Refs: map[string][]string{"a": {fmt.Sprint("thing.y", n), "thing.z"}, "b": {}}, Existing: n%2 == 0,
		}
		o.Origin.Address = o.Address
		switch n % 10 {
		case 3:
			o.Where = map[string]resource.Origin{"a": {File: "main.tf", Line: 3}}
		case 5:
			o.Uncertain = &resource.Missing{Reason: "r"}
		case 7:
			o.DefaultTags = resource.OfMap(map[string]resource.Value{"team": text("graph")})
		case 9:
			o.Origin.Defined = &resource.Origin{File: "vars.tf"}
		}
		want = append(want, o)
		others.Add(o)
	}
	got := others.Of("thing")
	if len(got) != len(want) {
		t.Fatalf("%d objects", len(got))
	}
	same := cmp.Comparer(func(a, b resource.Value) bool {
		x, y := a.Missing(), b.Missing()
		if x != nil && y != nil {
			return *x == *y
		}
		if a.Kind() == resource.List && b.Kind() == resource.List {
			return a.String() == b.String()
		}
		return a.Equal(b)
	})
	for n := range want {
		if diff := cmp.Diff(want[n], got[n], same); diff != "" {
			t.Fatalf("object %d (-want +got):\n%s", n, diff)
		}
	}
	if !slices.Equal(addresses(got[:2]), []string{`module.m["0"].thing.x`, `module.m["1"].thing.x`}) {
		t.Error("the order has changed")
	}
}
