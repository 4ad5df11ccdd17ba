package pair

import (
	"strings"
	"sync"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const (
	clusterType = "AWS::Neptune::DBCluster"
	account     = "111122223333"
	region      = "eu-west-1"
)

func arnOf(account, region, id string) string {
	return "arn:aws:rds:" + region + ":" + account + ":cluster:" + id
}

// liveAt is a live cluster with tags.
func liveAt(account, region, id string, tags ...string) *resource.Resource {
	fields := make(map[string]resource.Value)
	for i := 0; i < len(tags); i += 2 {
		fields[tags[i]] = resource.OfString(tags[i+1])
	}
	return &resource.Resource{
		Ref:        resource.Ref{Type: clusterType, ID: id, ARN: arnOf(account, region, id), UID: "cluster-" + strings.ToUpper(id), Account: account, Region: region},
		Properties: map[string]resource.Value{resource.TagsProperty: resource.OfMap(fields)},
	}
}

func live(id string, tags ...string) *resource.Resource { return liveAt(account, region, id, tags...) }

// made is what CloudFormation tags things with.
func made(stack, id string) []string { return []string{stackTag, stack, logicalTag, id} }

// inFile is a cluster in code.
func inFile(file string, line int, address string) *resource.Resource {
	return &resource.Resource{
		Ref:        resource.Ref{Type: clusterType, ID: address, Origin: resource.Origin{File: file, Line: line, Address: address}},
		Properties: make(map[string]resource.Value),
	}
}

func claim(address, id string) Claim {
	return Claim{Type: clusterType, Address: address, ARN: arnOf(account, region, id), ID: id, UID: "cluster-" + strings.ToUpper(id),
		Account: account, Region: region, State: resource.Origin{File: "prod.tfstate", Line: 7}}
}

func types() map[string]*control.Type {
	return map[string]*control.Type{clusterType: {
		Name: clusterType, Terraform: "aws_neptune_cluster", CloudFormation: clusterType,
		Properties: map[string]*control.Property{
			"BackupRetentionPeriod": {Type: "int", Unit: "days", Default: resource.OfInt(1), Terraform: "backup_retention_period", CloudFormation: "BackupRetentionPeriod"},
			"StorageEncrypted":      {Type: "bool", Default: resource.OfBool(false), CreateOnly: true, Terraform: "storage_encrypted", CloudFormation: "StorageEncrypted"},
			"Logs":                  {Type: "list(string)", Default: resource.OfList(), Terraform: "logs", CloudFormation: "Logs"},
			"Key":                   {Type: "string", Terraform: "kms_key_arn", CloudFormation: "KmsKeyId"},
			"MultiAZ":               {Type: "bool", Required: true, ReadOnly: true},
			"Members":               {Type: "map(string)", Default: resource.OfMap(nil), ReadOnly: true},
			"Tags":                  {Type: "map(string)", Default: resource.OfMap(nil), Terraform: "tags", CloudFormation: "Tags"},
		},
	}}
}

// world is what a matcher is made of.
type world struct {
	claims    []Claim
	stacks    []Stack
	terraform []*resource.Resource
	templates []*resource.Resource
	moves     []Move
	noCode    bool
	partial   bool
}

func (w world) matcher() *Matcher {
	m := New(types())
	for _, one := range w.claims {
		m.Claim(one)
	}
	for _, one := range w.stacks {
		m.Stack(one)
	}
	if !w.noCode {
		m.Given(Terraform)
	}
	if w.partial {
		m.Partial()
	}
	for _, r := range w.terraform {
		m.Code(Terraform, r)
	}
	for _, r := range w.templates {
		m.Code(CloudFormation, r)
	}
	for _, one := range w.moves {
		m.Moved(one)
	}
	return m
}

func TestWhoseALiveResourceIs(t *testing.T) {
	t.Parallel()
	const main, nested = "aws_neptune_cluster.main", `module.graph["eu.west"].aws_neptune_cluster.main[0]`
	there := func(r *resource.Resource, account, region string) *resource.Resource {
		r.Account, r.Region = account, region
		return r
	}
	below := func(r *resource.Resource, root string) *resource.Resource {
		r.Origin.Root = root
		return r
	}
	with := func(c Claim, change func(*Claim)) Claim { change(&c); return c }
	graph := Stack{Name: "graph", Template: "t.yaml"}
	for name, test := range map[string]struct {
		world
		live     *resource.Resource
		standing Standing
		owner    string
		code     string // file and line
		why      string
	}{
		"by its ARN": {
			world{claims: []Claim{claim(main, "a"), claim("aws_neptune_cluster.other", "b")}, terraform: []*resource.Resource{inFile("main.tf", 3, main)}},
			live("a"), Paired, main, "main.tf:3", ""},
		"in a module with keys": {
			world{claims: []Claim{claim(nested, "a")}, terraform: []*resource.Resource{inFile("m/main.tf", 3, nested), inFile("m/main.tf", 3, `module.graph["us"].aws_neptune_cluster.main[0]`)}},
			live("a"), Paired, nested, "m/main.tf:3", ""},
		"renamed since the state was written": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.ARN = arnOf(account, region, "old") })}, terraform: []*resource.Resource{inFile("main.tf", 3, main)}},
			live("a"), Paired, main, "main.tf:3", ""},
		"by its id, where the state has no ARN": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.ARN, c.UID = "", "" })}, terraform: []*resource.Resource{inFile("main.tf", 3, main)}},
			live("a"), Paired, main, "main.tf:3", ""},
		"the same id in another region is another": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.ARN, c.UID = "", "" })}},
			liveAt(account, "us-east-1", "a"), Unclaimed, "", "", ""},
		"an id whose place is not known is nobody's": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.ARN, c.UID, c.Account = "", "", "" })}},
			live("a"), Unclaimed, "", "", ""},
		"the state is that of another account": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.ARN, c.UID = arnOf("444455556666", region, "a"), "" })}},
			live("a"), Unclaimed, "", "", ""},
		"no code was given": {
			world{claims: []Claim{claim(main, "a")}, noCode: true}, live("a"), Owned, main, "", "no code of its owner was given"},
		"the code has nothing of what the state holds": {
			world{claims: []Claim{claim(main, "a")}}, live("a"), Owned, main, "", "this may be the state of other code"},
		"only a part of the code was given": {
			world{claims: []Claim{claim(main, "a"), claim("aws_neptune_cluster.b", "b")}, terraform: []*resource.Resource{inFile("main.tf", 3, "aws_neptune_cluster.b")}, partial: true},
			live("a"), Owned, main, "", "only a part of its module"},
		"the code has others of what the state holds": {
			world{claims: []Claim{claim(main, "a"), claim("aws_neptune_cluster.b", "b")}, terraform: []*resource.Resource{inFile("main.tf", 3, "aws_neptune_cluster.b")}},
			live("a"), Lost, main, "", "the code has no such resource"},
		"the code has no such resource": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.Root = "." })}}, live("a"), Lost, main, "", "the code has no such resource"},
		"how many there will be is not known": {
			world{claims: []Claim{claim(main+"[1]", "a")}, terraform: []*resource.Resource{inFile("main.tf", 3, main+"[*]")}},
			live("a"), Paired, main + "[1]", "main.tf:3", ""},
		"an open number stands for none without a key": {
			world{claims: []Claim{claim(main, "a")}, terraform: []*resource.Resource{inFile("main.tf", 3, main+"[*]")}},
			live("a"), Owned, main, "", "this may be the state of other code"},
		"two roots have the address": {
			world{claims: []Claim{claim(main, "a")}, terraform: []*resource.Resource{inFile("one/main.tf", 3, main), inFile("two/main.tf", 4, main)}},
			live("a"), Ambiguous, main, "", "several places: aws_neptune_cluster.main (one/main.tf:3), aws_neptune_cluster.main (two/main.tf:4)"},
		"two roots, and the state's is named": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.Root = "two" })}, terraform: []*resource.Resource{inFile("one/main.tf", 3, main), inFile("two/main.tf", 4, main)}},
			live("a"), Paired, main, "two/main.tf:4", ""},
		"two roots, and the state lies in one": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.State.File = "one/terraform.tfstate" })}, terraform: []*resource.Resource{inFile("one/main.tf", 3, main), below(inFile("m/main.tf", 4, main), "two")}},
			live("a"), Paired, main, "one/main.tf:3", ""},
		"two roots, and the state lies in a workspace of one": {
			world{claims: []Claim{with(claim(main, "a"), func(c *Claim) { c.State.File = "two/terraform.tfstate.d/prod/terraform.tfstate" })}, terraform: []*resource.Resource{inFile("one/main.tf", 3, main), below(inFile("m/main.tf", 4, main), "two")}},
			live("a"), Paired, main, "m/main.tf:4", ""},
		"two roots in two regions": {
			world{claims: []Claim{claim(main, "a")}, terraform: []*resource.Resource{there(inFile("one/main.tf", 3, main), "", "us-east-1"), there(inFile("two/main.tf", 4, main), "", region)}},
			live("a"), Paired, main, "two/main.tf:4", ""},
		"the code as evaluated is for another region": {
			world{claims: []Claim{claim(main, "a")}, terraform: []*resource.Resource{there(inFile("main.tf", 3, main), "", "us-east-1")}},
			live("a"), Open, main, "", "puts it in us-east-1 (main.tf:3): its variables are not those of this deployment"},
		"two states claim it": {
			world{claims: []Claim{claim(main, "a"), with(claim("aws_neptune_cluster.b", "a"), func(c *Claim) { c.State.File = "b.tfstate" })}},
			live("a"), Ambiguous, "", "", "several claim it: aws_neptune_cluster.main (prod.tfstate:7), aws_neptune_cluster.b (b.tfstate:7)"},
		"one state is named twice": {
			world{claims: []Claim{claim(main, "a"), claim(main, "a")}, terraform: []*resource.Resource{inFile("main.tf", 3, main)}},
			live("a"), Paired, main, "main.tf:3", ""},
		"a moved block": {
			world{claims: []Claim{claim("aws_neptune_cluster.old", "a")}, terraform: []*resource.Resource{inFile("main.tf", 3, "module.graph.aws_neptune_cluster.main[0]")},
				moves: []Move{{From: "aws_neptune_cluster.old", To: "aws_neptune_cluster.old[0]"}, {From: "aws_neptune_cluster.old", To: "module.graph.aws_neptune_cluster.main"}}},
			live("a"), Paired, "aws_neptune_cluster.old", "main.tf:3", ""},
		"a module that moved with its keys": {
			world{claims: []Claim{claim(`module.old["x"].aws_neptune_cluster.main`, "a")}, terraform: []*resource.Resource{inFile("main.tf", 3, `module.new["x"].aws_neptune_cluster.main`)},
				moves: []Move{{From: "module.old", To: "module.new"}}},
			live("a"), Paired, `module.old["x"].aws_neptune_cluster.main`, "main.tf:3", ""},
		"moves that go in a circle": {
			world{claims: []Claim{claim(main, "a")}, moves: []Move{{From: main, To: "aws_neptune_cluster.b"}, {From: "aws_neptune_cluster.b", To: main}}},
			live("a"), Owned, main, "", "this may be the state of other code"},
		"by the tags of its stack": {
			world{stacks: []Stack{graph}, templates: []*resource.Resource{inFile("t.yaml", 9, "Cluster"), inFile("t.yaml", 20, "Other")}},
			live("a", made("graph", "Cluster")...), Paired, "graph/Cluster", "t.yaml:9", ""},
		"another stack": {
			world{stacks: []Stack{graph}, templates: []*resource.Resource{inFile("t.yaml", 9, "Cluster")}},
			live("a", made("other", "Cluster")...), Unclaimed, "", "", ""},
		"a stack whose template is not known": {
			world{stacks: []Stack{{Name: "graph"}}}, live("a", made("graph", "Cluster")...), Owned, "graph/Cluster", "", "no code of its owner was given"},
		"a stack of that name in another region": {
			world{stacks: []Stack{{Name: "graph", Template: "t.yaml", Region: "us-east-1"}, {Name: "graph", Template: "u.yaml", Region: region}},
				templates: []*resource.Resource{inFile("t.yaml", 9, "Cluster"), inFile("u.yaml", 7, "Cluster")}},
			live("a", made("graph", "Cluster")...), Paired, "graph/Cluster", "u.yaml:7", ""},
		"two templates for one stack": {
			world{stacks: []Stack{graph, {Name: "graph", Template: "u.yaml"}}, templates: []*resource.Resource{inFile("t.yaml", 9, "Cluster"), inFile("u.yaml", 7, "Cluster")}},
			live("a", made("graph", "Cluster")...), Ambiguous, "", "", "graph/Cluster (t.yaml:9), graph/Cluster (u.yaml:7)"},
		"a nested stack": {
			world{stacks: []Stack{graph}, templates: []*resource.Resource{below(inFile("data.yaml", 5, "Data/Cluster"), "t.yaml"), below(inFile("more.yaml", 6, "More/Cluster"), "t.yaml")}},
			live("a", made("graph-Data-1QXYZ8G4J2K7", "Cluster")...), Paired, "graph/Data/Cluster", "data.yaml:5", ""},
		"a stack nested in a nested one": {
			world{stacks: []Stack{graph}, templates: []*resource.Resource{below(inFile("in.yaml", 5, "Data/In/Cluster"), "t.yaml"), below(inFile("data.yaml", 5, "Data/Cluster"), "t.yaml")}},
			live("a", made("graph-Data-1QXYZ8G4J2K7-In-ABCDEFGH1234", "Cluster")...), Paired, "graph/Data/In/Cluster", "in.yaml:5", ""},
		"a nested stack that the template does not tell": {
			world{stacks: []Stack{graph}, templates: []*resource.Resource{below(inFile("data.yaml", 5, "Data/Cluster"), "t.yaml")}},
			live("a", made("graph-Dat-1QXYZ8G4J2K7", "Cluster")...), Open, "", "", "graph-Dat-1QXYZ8G4J2K7 may be nested in graph"},
		"a stack whose name only begins alike": {
			world{stacks: []Stack{graph}, templates: []*resource.Resource{inFile("t.yaml", 9, "Cluster")}},
			live("a", made("graph-prod", "Cluster")...), Unclaimed, "", "", ""},
		"its tags could not be read": {
			world{stacks: []Stack{graph}},
			&resource.Resource{Ref: live("a").Ref, Properties: map[string]resource.Value{"Tags": resource.OfUnknown(resource.Missing{Reason: resource.ReasonDenied})}},
			Open, "", "", "its tags could not be read"},
		"a state and a stack claim it": {
			world{claims: []Claim{claim(main, "a")}, stacks: []Stack{graph}},
			live("a", made("graph", "Cluster")...), Ambiguous, "", "", "several claim it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			match := test.matcher().Match(test.live)
			owner, code := "", ""
			if match.Owner != nil {
				owner = match.Owner.Name
			}
			if match.Code != nil {
				code = placeName(match.Code.Origin)
			}
			if match.Standing != test.standing || owner != test.owner || code != test.code || !strings.Contains(match.Explain(), test.why) {
				t.Errorf("got %s, owner %q, code %q, why %q; want %s, %q, %q, %q",
					match.Standing, owner, code, match.Explain(), test.standing, test.owner, test.code, test.why)
			}
			if match.Standing == Ambiguous && len(match.Rivals) < 2 {
				t.Errorf("ambiguous between %d", len(match.Rivals))
			}
		})
	}
}

func placeName(o resource.Origin) string {
	r := Rival{Code: &resource.Resource{Ref: resource.Ref{Origin: o}}}
	return strings.Trim(r.String(), " ()")
}

// reading is a judge of one control that reads the properties and passes.
type reading []string

func (j reading) Evaluate(r *resource.Resource, say func(*finding.Finding) error) error {
	f := &finding.Finding{Control: "Test.1", Severity: finding.High, Status: finding.Passed, Resource: r.Ref}
	for _, property := range j {
		f.Evidence = append(f.Evidence, finding.Evidence{Property: property})
	}
	return say(f)
}

func TestWhatCountsAsADifference(t *testing.T) {
	t.Parallel()
	open := resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Settle: "variable days"})
	texts := func(items ...string) resource.Value { return resource.OfStrings(items) }
	tags := func(pairs ...string) resource.Value {
		fields := make(map[string]resource.Value)
		for i := 0; i < len(pairs); i += 2 {
			fields[pairs[i]] = resource.OfString(pairs[i+1])
		}
		return resource.OfMap(fields)
	}
	for name, test := range map[string]struct {
		property   string
		code, live resource.Value
		want       string
	}{
		"the same number":                    {"BackupRetentionPeriod", resource.OfInt(7), resource.OfInt(7), "same"},
		"another number":                     {"BackupRetentionPeriod", resource.OfInt(1), resource.OfInt(7), "different"},
		"a number with a fraction of zero":   {"BackupRetentionPeriod", resource.OfFloat(7), resource.OfInt(7), "same"},
		"left out, and the default is there": {"BackupRetentionPeriod", resource.Value{}, resource.OfInt(1), "same"},
		"left out, and another value there":  {"BackupRetentionPeriod", resource.Value{}, resource.OfInt(7), "different"},
		"stated, and the account has none":   {"BackupRetentionPeriod", resource.OfInt(1), resource.Value{}, "same"},
		"the order of a list":                {"Logs", texts("a", "b"), texts("b", "a"), "same"},
		"an item twice":                      {"Logs", texts("a", "a"), texts("a"), "same"},
		"another item":                       {"Logs", texts("a"), texts("a", "b"), "different"},
		"a default that AWS chooses":         {"Key", resource.Value{}, resource.OfString("arn:aws:kms:eu-west-1:1:key/k"), "nothing"},
		"a key by its id":                    {"Key", resource.OfString("k"), resource.OfString("arn:aws:kms:eu-west-1:1:key/k"), "same"},
		"another key by its id":              {"Key", resource.OfString("x"), resource.OfString("arn:aws:kms:eu-west-1:1:key/k"), "different"},
		"a key by its alias":                 {"Key", resource.OfString("alias/k"), resource.OfString("arn:aws:kms:eu-west-1:1:key/k"), "unknown from code"},
		"a key that was taken away":          {"Key", resource.OfString("k"), resource.Value{}, "different"},
		"letter case":                        {"Key", resource.OfString("Graph"), resource.OfString("graph"), "same"},
		"open in the code":                   {"BackupRetentionPeriod", open, resource.OfInt(7), "unknown from code"},
		"not read in the account":            {"BackupRetentionPeriod", resource.OfInt(7), open, "unknown from account"},
		"not said by any language":           {"Members", resource.Value{}, tags("a", "in-sync"), "nothing"},
		"told by what stands beside it":      {"MultiAZ", resource.OfBool(false), resource.OfBool(true), "different"},
		"tags of AWS's own":                  {"Tags", tags("env", "prod"), tags("env", "prod", "aws:x", "y"), "same"},
		"a tag of somebody's":                {"Tags", tags("env", "prod"), tags("env", "dev"), "different"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, account := inFile("main.tf", 3, "aws_neptune_cluster.main"), live("a")
			code.Properties[test.property], account.Properties[test.property] = test.code, test.live
			m := world{claims: []Claim{claim("aws_neptune_cluster.main", "a")}, terraform: []*resource.Resource{code}}.matcher()
			result, err := m.Compare(reading{test.property}, m.Match(account))
			if err != nil {
				t.Fatal(err)
			}
			got := "nothing"
			switch {
			case len(result.Different) == 1 && result.Same+len(result.Unsettled) == 0:
				got = "different"
			case len(result.Unsettled) == 1 && result.Same+len(result.Different) == 0:
				got = "unknown from " + result.Unsettled[0].Side
			case result.Same == 1:
				got = "same"
			}
			if got != test.want {
				t.Errorf("got %s, want %s: %+v", got, test.want, result)
			}
		})
	}
}

func TestADifferenceNamesThePlaceAndTheControls(t *testing.T) {
	t.Parallel()
	code, account := inFile("main.tf", 3, "aws_neptune_cluster.main"), live("a")
	code.Properties["BackupRetentionPeriod"], account.Properties["BackupRetentionPeriod"] = resource.OfInt(1), resource.OfInt(7)
	code.Where = map[string]resource.Origin{"BackupRetentionPeriod": {File: "main.tf", Line: 5}}
	m := world{claims: []Claim{claim("aws_neptune_cluster.main", "a")}, terraform: []*resource.Resource{code}}.matcher()
	result, err := m.Compare(reading{"BackupRetentionPeriod", "Logs"}, m.Match(account))
	if err != nil || len(result.Different) != 1 {
		t.Fatalf("%+v, %v", result, err)
	}
	d := result.Different[0]
	if d.At.Line != 5 || d.Unit != "days" || len(d.Controls) != 1 || d.Controls[0].Control != "Test.1" || d.Controls[0].Severity != finding.High {
		t.Errorf("%+v", d)
	}
}

func TestWhatAPlanSaysOfAnOwner(t *testing.T) {
	t.Parallel()
	open := resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Settle: "variable days"})
	retention := fix.Setting{Property: "BackupRetentionPeriod", Before: resource.OfInt(1), After: resource.OfInt(7), Unit: "days"}
	encrypted := fix.Setting{Property: "StorageEncrypted", Before: resource.OfBool(false), After: resource.OfBool(true)}
	zones := fix.Setting{Property: "MultiAZ", Before: resource.OfBool(false), After: resource.OfBool(true)}
	for name, test := range map[string]struct {
		sets     fix.Setting
		code     resource.Value
		template bool
		warning  string
		advice   string
		line     int
	}{
		"the code has the old value":      {retention, resource.OfInt(1), false, "the next terraform apply sets BackupRetentionPeriod back to 1 day (vars.tf:2)", "change vars.tf:2 too", 5},
		"the code leaves it out":          {retention, resource.Value{}, false, "sets BackupRetentionPeriod back to 1 day (left out in vars.tf:2)", "", 5},
		"the code has a third value":      {retention, resource.OfInt(3), false, "the next terraform apply sets BackupRetentionPeriod to 3 days (vars.tf:2)", "", 5},
		"the code has the new value":      {retention, resource.OfInt(7), false, "", "its code has the new value already (main.tf:3)", 3},
		"the code leaves it open":         {retention, open, false, "is not known from the code, which leaves it to variable days (vars.tf:2)", "change vars.tf:2 too", 5},
		"what would replace the resource": {encrypted, resource.OfBool(false), false, "replaces the resource, with its data", "", 3},
		"what no deployment sets":         {zones, resource.OfBool(false), false, "", "its code does not set this (main.tf:3)", 3},
		"a template":                      {retention, resource.OfInt(1), true, "a stack update that touches the resource sets BackupRetentionPeriod back to 1 day (vars.tf:2)", "its next stack update sets the old value again", 5},
		"a template that would replace":   {encrypted, resource.OfBool(false), true, "change the template before that", "", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := inFile("main.tf", 3, "aws_neptune_cluster.main")
			code.Properties[test.sets.Property] = test.code
			code.Where = map[string]resource.Origin{"BackupRetentionPeriod": {File: "main.tf", Line: 5, Defined: &resource.Origin{File: "vars.tf", Line: 2}}}
			w, account := world{claims: []Claim{claim("aws_neptune_cluster.main", "a")}, terraform: []*resource.Resource{code}}, live("a")
			kind, owner := Terraform, "aws_neptune_cluster.main"
			if test.template {
				code.Origin.Address = "Cluster"
				w = world{stacks: []Stack{{Name: "graph", Template: "main.tf"}}, templates: []*resource.Resource{code}}
				account, kind, owner = live("a", made("graph", "Cluster")...), CloudFormation, "graph/Cluster"
			}
			m := w.matcher()
			change := &fix.Change{Sets: []fix.Setting{test.sets}, Owners: []fix.Owner{{Kind: kind, Name: "as the tags say"}, {Kind: fix.OwnerGlobalCluster, Name: "world"}}}
			m.Own(change, m.Match(account))
			if len(change.Owners) != 2 || change.Owners[0].Kind != kind || change.Owners[0].Name != owner || change.Owners[1].Kind != fix.OwnerGlobalCluster {
				t.Fatalf("owners %+v", change.Owners)
			}
			if got := change.Owners[0]; !strings.Contains(got.Advice, test.advice) || got.Origin.Line != test.line {
				t.Errorf("owner %+v", got)
			}
			if got := strings.Join(change.Warnings, "\n"); !strings.Contains(got, test.warning) || (got == "") != (test.warning == "") {
				t.Errorf("warnings %q, want %q", got, test.warning)
			}
		})
	}
}

func TestAnOwnerThatCannotBeToldIsNotGuessed(t *testing.T) {
	t.Parallel()
	byTag := fix.Owner{Kind: Terraform, Name: "managed-by=terraform"}
	m := world{claims: []Claim{claim("aws_neptune_cluster.a", "a"), claim("aws_neptune_cluster.b", "a")}}.matcher()
	change := &fix.Change{Owners: []fix.Owner{byTag}}
	m.Own(change, m.Match(live("a")))
	if len(change.Owners) != 1 || change.Owners[0] != byTag || len(change.Warnings) != 1 || !strings.Contains(change.Warnings[0], "aws_neptune_cluster.b") {
		t.Errorf("%+v", change)
	}
	change = &fix.Change{Owners: []fix.Owner{byTag}}
	if m.Own(change, m.Match(live("nobody"))); len(change.Owners) != 1 || len(change.Warnings) != 0 {
		t.Errorf("somebody is told of a resource that is nobody's: %+v", change)
	}
	m = world{claims: []Claim{claim("aws_neptune_cluster.a", "a")}, noCode: true}.matcher()
	change = &fix.Change{Owners: []fix.Owner{byTag}}
	if m.Own(change, m.Match(live("a"))); len(change.Owners) != 1 || change.Owners[0].Name != "aws_neptune_cluster.a" {
		t.Errorf("a state alone tells the owner: %+v", change.Owners)
	}
}

func TestAnOwnerCannotSteerATerminal(t *testing.T) {
	t.Parallel()
	m := world{claims: []Claim{claim("aws_neptune_cluster.a\x1b[31m", "a")}, noCode: true}.matcher()
	change := &fix.Change{}
	m.Own(change, m.Match(live("a")))
	if len(change.Owners) != 1 || strings.ContainsRune(change.Owners[0].Name, '\x1b') {
		t.Errorf("%+v", change.Owners)
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	t.Parallel()
	m := world{claims: []Claim{claim("aws_neptune_cluster.a", "a"), claim("aws_neptune_cluster.b", "b")},
		terraform: []*resource.Resource{inFile("main.tf", 3, "aws_neptune_cluster.a")}}.matcher()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if a, b := m.Match(live("a")), m.Match(live("b")); a.Standing != Paired || b.Standing != Lost {
				t.Errorf("%s, %s", a.Standing, b.Standing)
			}
		})
	}
	group.Wait()
}

func FuzzAddress(f *testing.F) {
	for _, seed := range []string{`module.a["x.y"].b.c[0]`, "a.b[*]", `x["a\"b]"].y`, "", ".", "[", `a["`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		steps := stepsOf(address)
		if got := written(steps); got != address {
			t.Errorf("%q came back as %q", address, got)
		}
		if !stands(steps, steps) && !strings.Contains(address, anyKey) {
			t.Errorf("%q does not stand for itself", address)
		}
	})
}
