package planfile_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

// measured names the file that a run of this test program is to judge and
// nothing else, so that the memory it took can be told.
const measured = "HOLDFAST_MEASURED_PLAN"

func TestMain(m *testing.M) {
	if file := os.Getenv(measured); file != "" {
		os.Exit(judgeAlone(file))
	}
	os.Exit(m.Run())
}

// counter counts findings and keeps none.
type counter struct{ findings, gaps int }

func (c *counter) Begin(*finding.Header) error    { return nil }
func (c *counter) Finding(*finding.Finding) error { c.findings++; return nil }
func (c *counter) Gap(*finding.Gap) error         { c.gaps++; return nil }
func (c *counter) End(*finding.Footer) error      { return nil }

func judgeAlone(file string) int {
	c := &counter{}
	if err := judgeInto(c, file); err != nil || c.gaps > 0 {
		fmt.Println(err, c.gaps, "gaps")
		return 1
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	fmt.Println(c.findings, memory.Sys)
	return 0
}

// usage is what judging a file took, in a process of its own.
type usage struct {
	findings int
	// peak is all memory that the program ever asked the system for, in bytes.
	peak int64
}

func measure(t testing.TB, file string) usage {
	t.Helper()
	command := exec.CommandContext(context.Background(), os.Args[0])
	command.Env = append(os.Environ(), measured+"="+file)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var u usage
	if _, err := fmt.Sscan(string(out), &u.findings, &u.peak); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return u
}

// large describes a plan that is written for a measurement.
type large struct {
	size int
	// types are the resources that it repeats, of those in create.plan.json.
	types []string
}

// write makes the plan, and returns the size of its largest change as well.
func (l *large) write(t testing.TB) (name string, change int) {
	t.Helper()
	var plan struct {
		Changes       []json.RawMessage `json:"resource_changes"`
		Configuration struct {
			Root json.RawMessage `json:"root_module"`
		} `json:"configuration"`
	}
	if err := json.Unmarshal(read(t, "testdata/create.plan.json"), &plan); err != nil {
		t.Fatal(err)
	}
	name = filepath.Join(t.TempDir(), "large.json")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprint(w, `{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":[`)
	modules, written := 0, 0
	for ; written < l.size; modules++ {
		for _, text := range plan.Changes {
			if !l.takes(text) {
				continue
			}
			text = bytes.Replace(text, []byte(`"address":"`), fmt.Appendf(nil, `"address":"module.m[%d].`, modules), 1)
			text = bytes.ReplaceAll(text, []byte(`_identifier":"`), fmt.Appendf(nil, `_identifier":"m%d-`, modules))
			if written > 0 {
				w.WriteByte(',')
			}
			n, _ := w.Write(text) // Flush tells of any error
			written += n
			change = max(change, n)
		}
	}
	fmt.Fprintf(w, `],"configuration":{"root_module":{"module_calls":{"m":{"count_expression":{"constant_value":%d},"module":%s}}}}}`,
		modules, plan.Configuration.Root)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return name, change
}

func (l *large) takes(change []byte) bool {
	for _, typ := range l.types {
		if bytes.Contains(change, []byte(`"type":"`+typ+`"`)) {
			return true
		}
	}
	return len(l.types) == 0
}

func shapes() map[string][]string {
	return map[string][]string{
		"clusters":               {"aws_neptune_cluster"},
		"clusters and instances": {"aws_neptune_cluster", "aws_neptune_cluster_instance"},
		"mixed":                  nil,
		"nothing that is judged": {"aws_kms_key", "terraform_data"},
	}
}

// allowance is the memory that a plan may take besides three times its largest
// change, however long it is.
const allowance = 50 << 20

func TestMemoryDoesNotGrowWithThePlan(t *testing.T) {
	t.Parallel()
	const size = 12 << 20
	base := measure(t, "testdata/create.plan.json")
	for name, types := range shapes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, change := (&large{size: size, types: types}).write(t)
			took := measure(t, file)
			t.Logf("%d findings, %d kB over %d kB", took.findings, (took.peak-base.peak)>>10, base.peak>>10)
			if over := took.peak - base.peak; over > int64(3*change+allowance/2) {
				t.Errorf("judging %d MB took %d kB more than judging next to nothing", size>>20, over>>10)
			}
			if types != nil && !strings.HasPrefix(types[0], "aws_neptune") != (took.findings == 0) {
				t.Errorf("%d findings", took.findings)
			}
		})
	}
}

// TestOneHugeChangeIsNotHeld has one change of 40 MB, most of which is a text
// that nobody asks for.
func TestOneHugeChangeIsNotHeld(t *testing.T) {
	t.Parallel()
	base := measure(t, "testdata/create.plan.json")
	text := bytes.Replace(read(t, "testdata/create.plan.json"), []byte(`"engine":"neptune"`),
		fmt.Appendf(nil, `"engine":"%s"`, bytes.Repeat([]byte(`a\"b\\`), 8<<20)), 1)
	took := measure(t, write(t, "huge.json", text))
	if over := took.peak - base.peak; over > 10<<20 {
		t.Errorf("it took %d kB more than judging next to nothing", over>>10)
	}
	if took.findings != base.findings {
		t.Errorf("%d findings instead of %d", took.findings, base.findings)
	}
}

// BenchmarkHundredMegabytes reports the most memory that the whole program took
// for a plan of 100 MB.
func BenchmarkHundredMegabytes(b *testing.B) {
	for name, types := range shapes() {
		b.Run(name, func(b *testing.B) { benchmarkPlan(b, &large{size: 100 << 20, types: types}) })
	}
}

// BenchmarkTwoHundredMegabytes reports the same for twice as much.
func BenchmarkTwoHundredMegabytes(b *testing.B) { benchmarkPlan(b, &large{size: 200 << 20}) }

func benchmarkPlan(b *testing.B, plan *large) {
	file, change := plan.write(b)
	b.SetBytes(int64(plan.size))
	for b.Loop() {
		took := measure(b, file)
		b.ReportMetric(float64(took.peak)/(1<<20), "peak-MB")
		b.ReportMetric(float64(3*change+allowance)/(1<<20), "allowed-MB")
		b.ReportMetric(float64(took.findings), "findings")
		if over := took.peak - int64(3*change+allowance); over > 0 && plan.size <= 100<<20 { // the limit is for 100 MB
			b.Errorf("it took %d MB more than allowed", over>>20)
		}
	}
}
