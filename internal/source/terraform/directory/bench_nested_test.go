package directory_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const (
	chains     = 7
	chainDepth = 10
	fillers    = 70 // resources that no control reads, per module
)

// writeNested writes some 50,000 lines: seven chains of ten modules, each of
// which calls the next one twice, by count and for_each in turn.
func writeNested(tb testing.TB) (dir string, lines int) {
	tb.Helper()
	files := map[string]string{}
	var root strings.Builder
	for c := range chains {
		fmt.Fprintf(&root, "module \"chain%d\" {\n  source = \"./modules/c%d-0\"\n  days   = %d\n  path   = \"c%d\"\n}\n", c, c, c+4, c)
		for d := range chainDepth {
			files[fmt.Sprintf("modules/c%d-%d/main.tf", c, d)] = nestedModule(c, d)
		}
	}
	files["main.tf"] = root.String()
	dir = tb.TempDir()
	for name, content := range files {
		lines += strings.Count(content, "\n")
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir, lines
}

func nestedModule(chain, depth int) string {
	var code strings.Builder
	code.WriteString("variable \"days\" {\n  type = number\n}\n\nvariable \"path\" {\n  type = string\n}\n\n")
	code.WriteString("locals {\n  kept = max(var.days, 1)\n  tags = { Path = var.path, Depth = " + fmt.Sprint(depth) + " }\n}\n\n")
	code.WriteString("resource \"aws_neptune_cluster\" \"this\" {\n  cluster_identifier      = var.path\n  backup_retention_period = local.kept\n  tags                    = local.tags\n}\n\n")
	for i := range fillers {
		fmt.Fprintf(&code, "resource \"aws_security_group_rule\" \"r%d\" {\n  type              = \"ingress\"\n  from_port         = %d\n  to_port           = %d\n  protocol          = \"tcp\"\n  description       = \"${var.path} number %d\"\n  security_group_id = var.path\n  cidr_blocks       = [for i in range(2) : \"10.${i}.0.0/16\"]\n}\n\n", i, i, i, i)
	}
	if depth+1 < chainDepth {
		many, name := "count  = 2", "${count.index}"
		if depth%2 == 1 {
			many, name = "for_each = toset([\"a\", \"b\"])", "${each.key}"
		}
		fmt.Fprintf(&code, "module \"next\" {\n  source = \"../c%d-%d\"\n  %s\n  days   = local.kept\n  path   = \"${var.path}-%s\"\n}\n", chain, depth+1, many, name)
	}
	return code.String()
}

// BenchmarkNestedModules scans 50,000 lines of nested modules under count and
// for_each and reports the most memory that was in use.
func BenchmarkNestedModules(b *testing.B) {
	dir, lines := writeNested(b)
	all, judge := newJudge(b)
	var peak atomic.Uint64
	done := make(chan struct{})
	go func() {
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				var stats runtime.MemStats
				runtime.ReadMemStats(&stats)
				peak.Store(max(peak.Load(), stats.HeapInuse+stats.StackInuse))
			}
		}
	}()
	for b.Loop() {
		if n := judgeAll(b, all, judge, dir); n != chains*(1<<chainDepth-1)*7 {
			b.Fatalf("%d findings", n)
		}
	}
	close(done)
	b.ReportMetric(float64(lines), "lines")
	b.ReportMetric(float64(peak.Load())/(1<<20), "MB-peak")
}
