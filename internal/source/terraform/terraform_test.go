package terraform

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func known(s string) resource.Value { return resource.OfString(s) }

func unresolved(settle string) resource.Value {
	return resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Settle: settle})
}

func TestValuesAreConvertedAsTheProviderWould(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value resource.Value
		typ   string
		want  string
	}{
		"a number in a text":         {known("7"), "int", "int 7"},
		"a whole number as float":    {resource.OfFloat(7), "int", "int 7"},
		"half a day stays malformed": {resource.OfFloat(7.5), "int", "float 7.5"},
		"a word is no number":        {known("week"), "int", "string week"},
		"no number at all":           {known(""), "int", "absent absent"},
		"true in a text":             {known("true"), "bool", "bool true"},
		"0 in a text":                {known("0"), "bool", "bool false"},
		"a word is no flag":          {known("yes"), "bool", "string yes"},
		"no flag at all":             {known(""), "bool", "absent absent"},
		"a number for a text":        {resource.OfInt(1), "string", "string 1"},
		"an empty text is not set":   {known(""), "string", "absent absent"},
		"a number for a fraction":    {resource.OfInt(2), "float", "float 2"},
		"a fraction in a text":       {known("2.5"), "float", "float 2.5"},
		"a list":                     {resource.OfList(known("a"), resource.OfInt(1), resource.Value{}), "list(string)", "list [a, 1]"},
		"a list with an open item":   {resource.OfList(known("a"), unresolved("variable x")), "list(string)", "list [a, unknown]"},
		"a text is no list":          {known("a"), "list(string)", "string a"},
		"a map": {
			resource.OfMap(map[string]resource.Value{"a": resource.OfBool(true), "b": {}, "c": known("")}), "map(string)", "map {a=true, c=}",
		},
		"unknown stays unknown": {unresolved("variable x"), "int", "unknown unknown"},
		"absent stays absent":   {resource.Value{}, "bool", "absent absent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Convert(test.value, test.typ)
			if got := got.Kind().String() + " " + got.String(); got != test.want {
				t.Errorf("%s, not %s", got, test.want)
			}
		})
	}
}

func fields(fields map[string]resource.Value) resource.Value { return resource.OfMap(fields) }

func TestAPathGoesIntoTheFirstNestedBlock(t *testing.T) {
	t.Parallel()
	o := &Object{Attributes: map[string]resource.Value{
		"recovery": resource.OfList(
			fields(map[string]resource.Value{"enabled": resource.OfBool(true), "deep": fields(map[string]resource.Value{"days": resource.OfInt(7)})}),
			fields(map[string]resource.Value{"enabled": resource.OfBool(false)}),
		),
		"one":   fields(map[string]resource.Value{"x": known("y")}),
		"open":  unresolved("variable x"),
		"empty": resource.OfList(),
	}}
	for path, want := range map[string]string{
		"recovery.enabled": "true", "recovery.deep.days": "7", "one.x": "y", "open.x": "unknown",
		"empty.x": "absent", "nowhere.x": "absent", "one.x.y": "absent",
	} {
		if got := o.Get(path).String(); got != want {
			t.Errorf("%s: %s, not %s", path, got, want)
		}
	}
}

func TestAddressesAreTakenApart(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]string{
		"aws_neptune_cluster.main":             {"aws_neptune_cluster.main", "aws_neptune_cluster"},
		"aws_neptune_cluster.main[0]":          {"aws_neptune_cluster.main", "aws_neptune_cluster"},
		`module.a["x.y"].aws_b.c["d[0]"]`:      {`module.a["x.y"].aws_b.c`, "aws_b"},
		`module.a["]"].aws_b.c["quo\"te]"]`:    {`module.a["]"].aws_b.c`, "aws_b"},
		`module.a[1].module.b["k"].aws_c.d[2]`: {`module.a[1].module.b["k"].aws_c.d`, "aws_c"},
		"odd":                                  {"odd", ""},
		"]":                                    {"]", ""},
	} {
		if got := [2]string{withoutKey(address), typeOf(address)}; got != want {
			t.Errorf("%s: %q", address, got)
		}
	}
}

// tableTypes is a catalogue of one type with everything that a property can be.
func tableTypes() map[string]*control.Type {
	return map[string]*control.Type{
		"Test::Data::Table": {Name: "Test::Data::Table", Terraform: "test_table", Properties: map[string]*control.Property{
			"Days":    {Type: "int", Terraform: "recovery.days", Default: resource.OfInt(1)},
			"Key":     {Type: "string", Terraform: "key"},
			"Shared":  {Type: "list(string)", Required: true},
			"Status":  {Type: "string"},
			"Tags":    {Type: "map(string)", Terraform: "tags"},
			"Members": {Type: "int"},
		}},
		"Test::Data::Nowhere": {Name: "Test::Data::Nowhere"},
	}
}

// countJoiner counts the rows of a table.
type countJoiner struct{}

func (countJoiner) Owner() (string, []string) { return "test_table", []string{"name"} }

func (countJoiner) Satellites() map[string][]string {
	return map[string][]string{"test_row": {"size", "table"}}
}

func (countJoiner) Join(r *resource.Resource, own *Object, others *Objects) {
	sure, maybe := others.Linked("test_row", "table", own, "name")
	r.Properties["Unwanted"] = known("x")
	if len(maybe) > 0 {
		r.Properties["Members"] = unresolved(maybe[0].Address)
		return
	}
	if len(sure) > 0 {
		SetFrom(r, "Members", resource.OfInt(int64(len(sure))), sure[0], "table")
	}
}

func mapping() *Mapping { return NewMapping(tableTypes(), []Joiner{countJoiner{}}) }

func TestASelectionAsksForNoMoreThanIsWanted(t *testing.T) {
	t.Parallel()
	s := mapping().Select(resource.Wants{"Test::Data::Table": {"Days", "Members", "Status"}, "Test::Data::Nowhere": {"X"}})
	if diff := cmp.Diff([]string{"test_row", "test_table"}, s.Types()); diff != "" {
		t.Error(diff)
	}
	for typ, want := range map[string][]string{"test_table": {"name", "recovery", "tags_all"}, "test_row": {"size", "table"}} {
		if got, ok := s.Needs(typ); !ok || !slices.Equal(got, want) {
			t.Errorf("%s needs %v", typ, got)
		}
	}
	if _, ok := s.Needs("aws_other"); ok {
		t.Error("objects that nobody wants are looked at")
	}
	if got, ok := s.Joins("test_row"); !ok || !slices.Equal(got, []string{"size", "table"}) {
		t.Errorf("rows join by %v", got)
	}
	if _, ok := s.Joins("test_table"); ok || !s.Owner("test_table") || s.Owner("test_row") {
		t.Error("owners and satellites are mixed up")
	}
	if name, ok := s.TypeOf("test_table"); !ok || name != "Test::Data::Table" {
		t.Errorf("a test_table is a %s", name)
	}
	if got := mapping().Select(resource.Wants{"Test::Data::Nowhere": {"X"}}).Types(); len(got) != 0 {
		t.Errorf("without a wanted owner there is %v to look at", got)
	}
}

func TestWhatAnObjectDoesNotSayIsNotGuessed(t *testing.T) {
	t.Parallel()
	everything := resource.Wants{"Test::Data::Table": {"Days", "Key", "Members", "Shared", "Status", "Tags"}}
	for name, test := range map[string]struct {
		object Object
		want   map[string]string
	}{
		"code that says nothing": {
			Object{}, map[string]string{"Shared": "unknown: Terraform code does not say it"},
		},
		"code that says it": {
			Object{Attributes: map[string]resource.Value{
				"recovery": resource.OfList(fields(map[string]resource.Value{"days": known("9")})), "key": known("k"),
				"tags": fields(map[string]resource.Value{"a": known("1")}),
			}, DefaultTags: fields(map[string]resource.Value{"a": known("0"), "b": known("2")})},
			map[string]string{"Days": "9", "Key": "k", "Shared": "unknown: Terraform code does not say it", "Tags": "{a=1, b=2}"},
		},
		"the sum of the tags is known": {
			Object{Attributes: map[string]resource.Value{"tags_all": fields(map[string]resource.Value{"a": known("3")}), "tags": unresolved("x")}},
			map[string]string{"Shared": "unknown: Terraform code does not say it", "Tags": "{a=3}"},
		},
		"a state": {
			Object{Existing: true, Attributes: map[string]resource.Value{"key": known("")}},
			map[string]string{
				"Shared": "unknown: a Terraform state does not hold it", "Status": "unknown: a Terraform state does not hold it",
				"Members": "unknown: a Terraform state does not hold it",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.object.Type, test.object.Address = "test_table", "test_table.x"
			r := mapping().Select(everything).Resource(&test.object, &Objects{})
			got := make(map[string]string)
			for property, value := range r.Properties {
				got[property] = value.String()
				if m := value.Missing(); m != nil {
					got[property] += ": " + m.Detail
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if r.ID != "test_table.x" || r.Origin.Address != "test_table.x" || r.Type != "Test::Data::Table" {
				t.Errorf("it is called %+v", r.Ref)
			}
		})
	}
}

func TestSatellitesFindTheirOwner(t *testing.T) {
	t.Parallel()
	row := func(address, region string, table resource.Value, refs ...string) *Object {
		return &Object{
			Type: "test_row", Address: address, Region: region,
			Attributes: map[string]resource.Value{"table": table}, Refs: map[string][]string{"table": refs},
		}
	}
	for name, test := range map[string]struct {
		owner Object
		rows  []*Object
		want  string
	}{
		"by reference": {
			Object{Address: "test_table.a"},
			[]*Object{row("test_row.x", "", unresolved("id"), "test_table.a"), row("test_row.y", "", unresolved("id"), "test_table.b")}, "1",
		},
		"by name": {
			Object{Address: "test_table.a", Attributes: map[string]resource.Value{"name": known("n")}},
			[]*Object{row("test_row.x", "", known("n")), row("test_row.y", "", known("m"))}, "1",
		},
		"a reference beats a name": {
			Object{Address: "test_table.a", Attributes: map[string]resource.Value{"name": known("n")}},
			[]*Object{row("test_row.x", "", known("n"), "test_table.b"), row("test_row.y", "", known("n"), "test_table.a")}, "1",
		},
		"a reference to something else does not": {
			Object{Address: "test_table.a", Attributes: map[string]resource.Value{"name": known("n")}},
			[]*Object{row("test_row.x", "", known("n"), "random_pet.p")}, "1",
		},
		"the same name in another region": {
			Object{Address: "test_table.a", Region: "r1", Attributes: map[string]resource.Value{"name": known("n")}},
			[]*Object{row("test_row.x", "r1", known("n")), row("test_row.y", "r2", known("n")), row("test_row.z", "", known("n"))}, "2",
		},
		"a reference to any of many": {
			Object{Address: "test_table.a[0]"}, []*Object{row("test_row.x", "", unresolved("id"), "test_table.a")}, "unknown test_row.x",
		},
		"nobody can tell": {
			Object{Address: "test_table.a"}, []*Object{row("test_row.x", "", unresolved("variable t"))}, "unknown test_row.x",
		},
		"the owner's name is not known": {
			Object{Address: "test_table.a", Attributes: map[string]resource.Value{"name": unresolved("variable n")}},
			[]*Object{row("test_row.x", "", known("n"))}, "unknown test_row.x",
		},
		"nothing is linked": {Object{Address: "test_table.a"}, []*Object{row("test_row.x", "", resource.Value{})}, "absent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var objects Objects
			for _, o := range test.rows {
				objects.Add(o)
			}
			test.owner.Type = "test_table"
			got := mapping().Select(resource.Wants{"Test::Data::Table": {"Members"}}).Resource(&test.owner, &objects).Get("Members")
			shown := got.String()
			if m := got.Missing(); m != nil {
				shown += " " + m.Settle
			}
			if shown != test.want {
				t.Errorf("%s, not %s", shown, test.want)
			}
		})
	}
}
