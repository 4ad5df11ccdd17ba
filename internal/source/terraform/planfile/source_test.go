package planfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
	"github.com/holdfast-aws/holdfast/services"
)

// write puts a document into a file of its own.
func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// encode writes JSON with its keys in the order that the caller wants.
func encode(t testing.TB, b *bytes.Buffer, value any, order func(keys []string)) {
	t.Helper()
	switch value := value.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(value))
		order(keys)
		b.WriteByte('{')
		for n, key := range keys {
			if n > 0 {
				b.WriteByte(',')
			}
			encode(t, b, key, order)
			b.WriteByte(':')
			encode(t, b, value[key], order)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for n, item := range value {
			if n > 0 {
				b.WriteByte(',')
			}
			encode(t, b, item, order)
		}
		b.WriteByte(']')
	default:
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(data)
	}
}

// withoutLines drops from the verdicts what depends on how a file is laid out.
func withoutLines(r *recorder) string {
	slices.SortStableFunc(r.findings, func(a, b *finding.Finding) int { return strings.Compare(a.Resource.ID, b.Resource.ID) })
	for _, f := range r.findings {
		f.Resource.Origin.Line, f.Resource.Origin.EndLine = 1, 1
		f.Resource.Origin.File = "x"
	}
	return r.lines()
}

func TestKeysMayStandInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"create.plan.json", "change.plan.json", "applied.state.json", "applied.tfstate"} {
		source := filepath.Join("testdata", name)
		want := withoutLines(judge(t, source))
		var document any
		decoder := json.NewDecoder(bytes.NewReader(read(t, source)))
		decoder.UseNumber()
		if err := decoder.Decode(&document); err != nil {
			t.Fatal(err)
		}
		for order, sort := range map[string]func([]string){"sorted": func([]string) {}, "reversed": slices.Reverse[[]string]} {
			t.Run(name+" "+order, func(t *testing.T) {
				t.Parallel()
				var b bytes.Buffer
				encode(t, &b, document, sort)
				file := write(t, "shuffled.json", b.Bytes())
				if diff := cmp.Diff(want, withoutLines(judge(t, file))); diff != "" {
					t.Error(diff)
				}
				if kind, err := planfile.Detect(file); err != nil || kind == "" {
					t.Errorf("detected as %q, %v", kind, err)
				}
			})
		}
	}
}

func TestAStateAndItsRawFormAgree(t *testing.T) {
	t.Parallel()
	state, raw := judge(t, "testdata/applied.state.json"), judge(t, "testdata/applied.tfstate")
	if diff := cmp.Diff(withoutLines(state), withoutLines(raw)); diff != "" {
		t.Errorf("state and raw state (-state +raw):\n%s", diff)
	}
}

// TestAFileThatWasCutShortIsAGap cuts a document in many places: nothing of it
// is judged, and it never looks as if it were clean.
func TestAFileThatWasCutShortIsAGap(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"create.plan.json", "applied.state.json", "applied.tfstate"} {
		data := bytes.TrimSpace(read(t, filepath.Join("testdata", name)))
		dir := t.TempDir()
		var files []string
		for cut := 0; cut < len(data); cut += 1 + len(data)/97 {
			file := filepath.Join(dir, fmt.Sprintf("%06d-%s", cut, name))
			if err := os.WriteFile(file, data[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
		r := judge(t, files...)
		if len(r.gaps) != len(files) || len(r.findings) != 0 || r.footer.Coverage.Read != 0 {
			t.Fatalf("%d files: %d findings, %d gaps, coverage %+v", len(files), len(r.findings), len(r.gaps), r.footer.Coverage)
		}
		for n, gap := range r.gaps {
			if gap.File != files[n] || gap.Reason != finding.GapMalformed || gap.Detail == "" {
				t.Errorf("gap %+v", gap)
			}
		}
	}
}

func TestWhatCannotBeReadIsAGapThatSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, detail, try string }{
		"empty":               {"", "the file is empty", ""},
		"no JSON":             {"resource \"aws_neptune_cluster\" \"x\" {}", "line 1: this is no JSON document: it begins with 'r'", ""},
		"a binary":            {"\x7fELF\x02\x01\x01\x00", "it begins with byte 0x7f", ""},
		"a list":              {"[]", "it begins with '['", ""},
		"other JSON":          {`{"name":"x","version":"1.0.0"}`, "neither a plan nor a state", "terraform show -json tfplan"},
		"a newer plan":        {`{"format_version":"2.0","resource_changes":[]}`, `format_version: "2.0" cannot be read, only 1.x`, ""},
		"a plan of no format": {`{"resource_changes":[],"planned_values":{}}`, "format_version: is missing", "terraform show -json"},
		"a newer state":       {`{"format_version":"2.1","values":{}}`, `format_version: "2.1" cannot be read, only 1.x`, ""},
		"an older state":      {`{"version":3,"terraform_version":"0.11.14","serial":1,"modules":[]}`, "version: 3 cannot be read, only 4", "terraform state pull"},
		"a later state":       {`{"version":5,"terraform_version":"9","serial":1,"resources":[]}`, "version: 5 cannot be read, only 4", ""},
		"an encrypted one":    {`{"serial":1,"lineage":"x","meta":{},"encrypted_data":"eA==","encryption_version":"v0"}`, "OpenTofu has encrypted this file", "tofu show -json"},
		"the plan's log":      {"{\"@level\":\"info\",\"terraform\":\"1.11.4\"}\n{\"@level\":\"info\"}\n", "the log that `terraform plan -json` prints", "terraform show -json tfplan"},
		"the plan itself":     {"PK\x03\x04" + strings.Repeat("\x00", 22) + "\x06\x00\x00\x00tfplan", "only Terraform can read", "terraform show -json FILE > FILE.json"},
		"no address":          {`{"format_version":"1.2","resource_changes":[{"mode":"managed","type":"aws_neptune_cluster","change":{"actions":["create"],"after":{}}}]}`, "resource_changes[0]: address: is missing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := write(t, "given.json", []byte(test.text))
			good := filepath.Join("testdata", "create.plan.json")
			r := judge(t, file, good)
			if len(r.gaps) != 1 {
				t.Fatalf("gaps %+v", r.gaps)
			}
			gap := r.gaps[0]
			if gap.File != file || gap.Reason != finding.GapMalformed || !strings.Contains(gap.Detail, test.detail) {
				t.Errorf("gap %+v, want the detail %q", gap, test.detail)
			}
			if !strings.Contains(strings.ReplaceAll(gap.Try, file, "FILE"), test.try) {
				t.Errorf("try %q, want %q", gap.Try, test.try)
			}
			if len(r.findings) == 0 || r.footer.Coverage.Read != 1 || r.footer.Coverage.Total != 2 {
				t.Errorf("the file beside it: %d findings, coverage %+v", len(r.findings), r.footer.Coverage)
			}
		})
	}
}

// TestOneOddValueDoesNotHideItsNeighbours has a cluster whose tags are longer
// than anybody reads.
func TestOneOddValueDoesNotHideItsNeighbours(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 1<<20)
	for name, odd := range map[string]string{
		"a text":   `"backup_retention_period":"` + long + `"`,
		"a list":   `"backup_retention_period":["` + strings.Repeat(`long","`, 1<<19) + `"]`,
		"a number": `"backup_retention_period":1` + strings.Repeat("0", 2<<20),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(string(read(t, "testdata/create.plan.json")), `"after":{"backup_retention_period":1`, `"after":{`+odd, 1)
			r := judge(t, write(t, "odd.json", []byte(text)))
			if len(r.gaps) != 0 || len(r.findings) != len(judge(t, "testdata/create.plan.json").findings) {
				t.Fatalf("%d findings, gaps %+v", len(r.findings), r.gaps)
			}
			f := r.of("aws_neptune_cluster.bare", "Neptune.5")
			if f.Status != finding.NotAvailable || !strings.Contains(f.Missing[0].Detail, "longer than 1048576 bytes") {
				t.Errorf("%s, missing %+v", f.Status, f.Missing)
			}
		})
	}
}

// TestAPlanOfTenThousandResources has each of them judged, in order.
func TestAPlanOfTenThousandResources(t *testing.T) {
	t.Parallel()
	const many = 10_000
	changes := make([]string, many)
	for i := range changes {
		changes[i] = fmt.Sprintf(`{"address":"aws_neptune_cluster.x[%d]","mode":"managed","type":"aws_neptune_cluster","change":{"actions":["create"],"after":{"backup_retention_period":%d}}}`, i, i%14)
	}
	r := judge(t, write(t, "many.json", []byte(`{"format_version":"1.2","resource_changes":[`+strings.Join(changes, ",")+`]}`)))
	counts := make(map[finding.Status]int)
	for _, f := range r.findings {
		if f.Control == "Neptune.5" {
			counts[f.Status]++
		}
	}
	if r.footer.Coverage.Resources != many || counts[finding.Passed]+counts[finding.Failed] != many || counts[finding.Passed] != 4998 || len(r.gaps) != 0 {
		t.Errorf("%v, coverage %+v, gaps %+v", counts, r.footer.Coverage, r.gaps)
	}
	if last := r.findings[len(r.findings)-1].Resource.ID; last != "aws_neptune_cluster.x[9999]" {
		t.Errorf("the last one is %s", last)
	}
}

func TestAFileThatIsNotThereIsAGap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := judge(t, filepath.Join(dir, "none.json"), dir)
	if len(r.gaps) != 2 || r.gaps[0].Reason != finding.GapFailed || r.gaps[1].Reason != finding.GapFailed {
		t.Errorf("gaps %+v", r.gaps)
	}
}

// TestAPipeIsRead hands over a plan through a pipe, as a shell does.
func TestAPipeIsRead(t *testing.T) {
	t.Parallel()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	plan := read(t, "testdata/create.plan.json")
	go func() {
		defer in.Close()
		_, _ = in.Write(plan) // a reader that gives up early is seen below
	}()
	name := fmt.Sprintf("/dev/fd/%d", out.Fd())
	if diff := cmp.Diff(withoutLines(judge(t, "testdata/create.plan.json")), withoutLines(judge(t, name))); diff != "" {
		t.Error(diff)
	}
}

func TestAnInterruptedReadingIsAGap(t *testing.T) {
	t.Parallel()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	source := planfile.New([]string{"testdata/create.plan.json"}, terraform.NewMapping(catalogue.Types, nil))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	listing, err := source.List(ctx, resource.Wants{"AWS::Neptune::DBCluster": {"BackupRetentionPeriod"}})
	if err != nil {
		t.Fatal(err)
	}
	sink := &pages{}
	if err := listing.Units[0].Read(ctx, sink); err != nil {
		t.Fatal(err)
	}
	if len(sink.resources) != 0 || len(sink.gaps) != 1 || sink.gaps[0].Reason != finding.GapInterrupted {
		t.Errorf("%d resources, gaps %+v", len(sink.resources), sink.gaps)
	}
}

// pages keeps what a unit sends, or refuses it.
type pages struct {
	resources []*resource.Resource
	gaps      []finding.Gap
	refuse    error
}

func (p *pages) Resources(page []*resource.Resource) error {
	p.resources = append(p.resources, page...)
	return p.refuse
}
func (p *pages) Gap(g finding.Gap) error { p.gaps = append(p.gaps, g); return p.refuse }

func TestAnErrorOfTheSinkEndsTheScanAndIsNoGap(t *testing.T) {
	t.Parallel()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	source := planfile.New([]string{"testdata/create.plan.json"}, terraform.NewMapping(catalogue.Types, nil))
	listing, err := source.List(context.Background(), resource.Wants{"AWS::Neptune::DBCluster": {"BackupRetentionPeriod"}})
	if err != nil {
		t.Fatal(err)
	}
	sink := &pages{refuse: fmt.Errorf("the disk is full")}
	if err := listing.Units[0].Read(context.Background(), sink); err == nil || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("error %v", err)
	}
	if len(sink.gaps) != 0 {
		t.Errorf("gaps %+v", sink.gaps)
	}
}

// TestSensitiveValuesReachNoOutput puts one secret wherever a value may stand
// and looks for it in everything that is said.
func TestSensitiveValuesReachNoOutput(t *testing.T) {
	t.Parallel()
	const secret = "hunter2-the-secret"
	values := `{"cluster_identifier":"x","kms_key_arn":"` + secret + `","backup_retention_period":"` + secret + `","storage_encrypted":"` + secret +
		`","tags_all":{"team":"` + secret + `","stage":"prod"},"enable_cloudwatch_logs_exports":["audit","` + secret + `"],"arn":"arn:aws:rds:` + secret + `:1:x"}`
	marks := `{"kms_key_arn":true,"backup_retention_period":true,"storage_encrypted":true,"tags_all":{"team":true},"enable_cloudwatch_logs_exports":[false,true],"arn":true}`
	for name, text := range map[string]string{
		"plan": `{"format_version":"1.2","variables":{"region":{"value":"` + secret + `"}},"resource_changes":[{"address":"aws_neptune_cluster.x","mode":"managed","type":"aws_neptune_cluster",
			"change":{"actions":["create"],"before":null,"after":` + values + `,"after_unknown":{},"after_sensitive":` + marks + `}}],
			"configuration":{"provider_config":{"aws":{"expressions":{"region":{"references":["var.region"]}}}},"root_module":{"variables":{"region":{"sensitive":true}},
			"resources":[{"address":"aws_neptune_cluster.x","mode":"managed","type":"aws_neptune_cluster","provider_config_key":"aws","expressions":{}}]}}}`,
		"whole object": `{"format_version":"1.2","resource_changes":[{"address":"aws_neptune_cluster.x","mode":"managed","type":"aws_neptune_cluster",
			"change":{"actions":["create"],"after":` + values + `,"after_sensitive":true}}]}`,
		"state": `{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"aws_neptune_cluster.x","mode":"managed","type":"aws_neptune_cluster",
			"values":` + values + `,"sensitive_values":` + marks + `}]}}}`,
		"raw state": `{"version":4,"terraform_version":"1.11.4","serial":1,"resources":[{"mode":"managed","type":"aws_neptune_cluster","name":"x","instances":[{"attributes":` + values + `,
			"sensitive_attributes":[[{"type":"get_attr","value":"kms_key_arn"}],[{"type":"get_attr","value":"backup_retention_period"}],[{"type":"get_attr","value":"storage_encrypted"}],
			[{"type":"get_attr","value":"tags_all"},{"type":"index","value":{"value":"team","type":"string"}}],
			[{"type":"get_attr","value":"enable_cloudwatch_logs_exports"},{"type":"index","value":{"value":1,"type":"number"}}],[{"type":"get_attr","value":"arn"}]]}]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := judge(t, write(t, "secret.json", []byte(text)))
			if len(r.gaps) != 0 || len(r.findings) != 7 {
				t.Fatalf("%d findings, gaps %+v", len(r.findings), r.gaps)
			}
			said, err := json.Marshal(r.findings)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(said, []byte(secret)) {
				t.Errorf("the secret is told: %s", said)
			}
			f := r.of("aws_neptune_cluster.x", "Neptune.5")
			if f.Status != finding.NotAvailable || len(f.Missing) != 1 || !strings.Contains(f.Missing[0].Detail, "sensitive") {
				t.Errorf("Neptune.5: %s, %+v", f.Status, f.Missing)
			}
		})
	}
}
