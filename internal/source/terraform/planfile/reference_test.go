package planfile

import (
	"strings"
	"testing"
)

// code is the configuration of the tests below. Module a has an input that
// comes from a cluster, an output that leads to one, and a circle.
const code = `{"provider_config":{
	"aws":{"expressions":{"region":{"references":["var.region"]}}},"aws.fixed":{"expressions":{"region":{"constant_value":"us-east-1"}}},
	"aws.secret":{"expressions":{"region":{"references":["var.secret"]}}},"module.a:aws":{"module_address":"module.a"},"google":{}},
"root_module":{
	"variables":{"region":{},"secret":{"sensitive":true}},
	"resources":[
		{"address":"aws_neptune_cluster_instance.x","mode":"managed","type":"aws_neptune_cluster_instance","provider_config_key":"aws",
			"for_each_expression":{"references":["aws_neptune_cluster.each"]},"expressions":{
			"root_var":{"references":["var.region"]},
			"one":{"references":["aws_neptune_cluster.one.id","aws_neptune_cluster.one"]},
			"keyed":{"references":["aws_neptune_cluster.many[\"b.c\"].id","aws_neptune_cluster.many[\"b.c\"]","aws_neptune_cluster.many"]},
			"several":{"references":["aws_neptune_cluster.many"]},
			"own":{"references":["aws_neptune_cluster.each","each.key"]},
			"own_and_more":{"references":["aws_neptune_cluster.each","each.key","var.region"]},
			"other_keys":{"references":["aws_neptune_cluster.many","each.key"]},
			"chained":{"references":["each.value.id","each.value"]},
			"two":{"references":["aws_neptune_cluster.one.id","aws_neptune_cluster.one","aws_neptune_cluster.two.id","aws_neptune_cluster.two"]},
			"local":{"references":["local.id"]},
			"data":{"references":["data.aws_x.y.id","data.aws_x.y"]},
			"output":{"references":["module.a[\"k\"].id","module.a[\"k\"]","module.a"]},
			"output_lost":{"references":["module.a","each.key"]},
			"output_none":{"references":["module.a[\"k\"].none","module.a[\"k\"]","module.a"]},
			"circle":{"references":["module.a[\"k\"].circle","module.a[\"k\"]","module.a"]},
			"nothing":{"constant_value":1},
			"path":{"references":["path.module","terraform.workspace"]},
			"block":[{"name":{"references":["aws_neptune_cluster.one.id","aws_neptune_cluster.one"]}}]}}],
	"module_calls":{"a":{"for_each_expression":{"references":["var.region"]},"expressions":{
			"cluster":{"references":["aws_neptune_cluster.one.id","aws_neptune_cluster.one"]},"circle":{"references":["module.a[\"k\"].circle"]},"fixed":{"constant_value":1}},
		"module":{"outputs":{"id":{"expression":{"references":["aws_neptune_cluster.this[0].id","aws_neptune_cluster.this[0]","aws_neptune_cluster.this"]}},
				"circle":{"expression":{"references":["var.circle","var.circle"]}}},
			"resources":[{"address":"aws_neptune_cluster_instance.y","mode":"managed","type":"aws_neptune_cluster_instance","provider_config_key":"module.a:aws","expressions":{
				"input":{"references":["var.cluster"]},"fixed":{"references":["var.fixed"]},"unset":{"references":["var.unset"]},"inside":{"references":["aws_neptune_cluster.this"]}}}]}}}}}`

func newTestResolver(t *testing.T) *resolver {
	t.Helper()
	names := make(map[string]bool)
	for _, name := range strings.Fields("root_var one keyed several own own_and_more other_keys chained two local data output output_lost output_none circle nothing path block input fixed unset inside") {
		names[name] = true
	}
	into := newConfiguration()
	into.variables = map[string]string{"region": "eu-west-1", "secret": "eu-north-1"}
	r := &reader{walker: newWalker(strings.NewReader(code))}
	c := &configReader{reader: r, wants: &wanted{byType: map[string]map[string]bool{"aws_neptune_cluster_instance": names}, any: names}, into: into}
	if err := c.read(); err != nil {
		t.Fatal(err)
	}
	keys := newCensus()
	for _, address := range []string{
		`aws_neptune_cluster.one`, `aws_neptune_cluster.two`, `aws_neptune_cluster.many["a"]`, `aws_neptune_cluster.many["b.c"]`,
		`aws_neptune_cluster.each["k"]`, `aws_neptune_cluster.each["l"]`, `aws_neptune_cluster_instance.x["k"]`, `aws_neptune_cluster_instance.x["l"]`,
		`module.a["k"].aws_neptune_cluster.this[0]`, `module.a["k"].aws_neptune_cluster_instance.y`,
		`module.a["l"].aws_neptune_cluster.this[0]`, `module.a["l"].aws_neptune_cluster_instance.y`,
	} {
		keys.add(address)
	}
	return &resolver{config: into, keys: keys}
}

func TestWhatAnAttributeComesFrom(t *testing.T) {
	t.Parallel()
	const x, y = `aws_neptune_cluster_instance.x["l"]`, `module.a["k"].aws_neptune_cluster_instance.y`
	r := newTestResolver(t)
	for _, test := range []struct{ address, attribute, object, settle string }{
		{x, "root_var", "", ""},
		{x, "one", "aws_neptune_cluster.one", "aws_neptune_cluster.one.id"},
		{x, "keyed", `aws_neptune_cluster.many["b.c"]`, `aws_neptune_cluster.many["b.c"].id`},
		{x, "several", "aws_neptune_cluster.many", "aws_neptune_cluster.many"},
		{x, "own", `aws_neptune_cluster.each["l"]`, "aws_neptune_cluster.each"},
		{x, "own_and_more", "aws_neptune_cluster.each", "aws_neptune_cluster.each"},
		{x, "other_keys", "aws_neptune_cluster.many", "aws_neptune_cluster.many"},
		{x, "chained", `aws_neptune_cluster.each["l"]`, "aws_neptune_cluster.each"},
		{x, "two", "", "aws_neptune_cluster.one.id and aws_neptune_cluster.two.id"},
		{x, "local", "", "local.id"},
		{x, "data", "", "data.aws_x.y.id"},
		{x, "output", `module.a["k"].aws_neptune_cluster.this[0]`, `module.a["k"].aws_neptune_cluster.this[0].id`},
		{x, "output_lost", "", "module.a"},
		{x, "output_none", "", `module.a["k"].none`},
		{x, "circle", "", ""},
		{x, "nothing", "", ""},
		{x, "path", "", ""},
		{x, "block", "aws_neptune_cluster.one", "aws_neptune_cluster.one.id"},
		{x, "not there", "", ""},
		{y, "input", "aws_neptune_cluster.one", "aws_neptune_cluster.one.id"},
		{y, "fixed", "", ""},
		{y, "unset", "", ""},
		{y, "inside", `module.a["k"].aws_neptune_cluster.this[0]`, `module.a["k"].aws_neptune_cluster.this`},
		{"aws_neptune_cluster_instance.elsewhere", "one", "", ""},
	} {
		b, p := r.locate(test.address)
		trail := r.follow(b, p, test.attribute)
		if got := trail.object(); got != test.object {
			t.Errorf("%s of %s comes from %q, want %q", test.attribute, test.address, got, test.object)
		}
		settle := strings.TrimPrefix(strings.TrimPrefix(trail.settle(), "a scan after apply"), ", when ")
		settle = strings.TrimSuffix(strings.TrimSuffix(settle, " is known"), " are known")
		if settle != test.settle {
			t.Errorf("%s of %s is settled by %q, want %q", test.attribute, test.address, settle, test.settle)
		}
	}
}

func TestTheRegionOfAProvider(t *testing.T) {
	t.Parallel()
	config := newTestResolver(t).config
	for key, want := range map[string]string{
		"aws": "eu-west-1", "aws.fixed": "us-east-1", "aws.secret": "", "module.a:aws": "eu-west-1", "google": "", "none": "",
	} {
		if got := config.region(&block{provider: key}); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}
