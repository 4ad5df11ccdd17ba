package holdfast_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// The layers of the program, the innermost first. Each may import those before it and none after it.
func layers() []string {
	return []string{
		"internal/resource", "internal/finding", "internal/control", "internal/engine", "internal/scan",
		"internal/fix", "internal/server", "internal/cli", "cmd",
	}
}

func importRules() []rule {
	return []rule{
		{
			name: "facts are pure",
			why: "internal/resource and internal/finding are what everything else speaks of; with the standard library " +
				"alone they drag nothing along (and a finding knows resources, never the other way round).",
			broken: all(
				importsOnly("internal/resource"),
				importsOnly("internal/finding", "internal/resource"),
			),
		},
		{
			name: "controls are data",
			why: "internal/control loads and checks files, for which YAML is enough, and names what was meant; compiling is " +
				"internal/engine's part. internal/nearest, which the formats use too, knows letters alone, so that nothing " +
				"comes in through it.",
			broken: all(
				importsOnly("internal/nearest"),
				importsOnly("internal/control", "internal/resource", "internal/finding", "internal/nearest",
					"gopkg.in/yaml.v3", "go.yaml.in/yaml/...", "github.com/goccy/go-yaml/..."),
			),
		},
		{
			name:   "only the engine speaks CEL",
			why:    "one importer of the expression language means one edit when it moves, and one place that judges.",
			broken: onlyIn([]string{"internal/engine/..."}, "cel.dev/cel-go/...", "cel.dev/expr/...", "github.com/google/cel-go/..."),
		},
		{
			name: "the AWS SDK stays at the edge",
			why:  "a rule must not know where a resource came from; only what talks to an account talks to the SDK.",
			broken: onlyIn([]string{"internal/awsconn/...", "internal/source/live/...", "internal/fix/live/...", "services/..."},
				"github.com/aws/..."),
		},
		{
			name: "databases stay in stores",
			why:  "findings and journals live behind interfaces; only internal/store knows which database holds them.",
			broken: onlyIn([]string{"internal/store/..."}, "database/sql/...", "modernc.org/sqlite/...",
				"github.com/jackc/pgx/...", "github.com/mattn/go-sqlite3/...", "github.com/pressly/goose/..."),
		},
		{
			name:   "the command line stays in cli",
			why:    "flags and commands are one way to call the use cases; the server is another.",
			broken: onlyIn([]string{"internal/cli/..."}, "github.com/spf13/..."),
		},
		{
			name:   "Terraform's language stays with Terraform",
			why:    "only what reads or writes Terraform files knows their syntax.",
			broken: onlyIn([]string{"internal/source/terraform/...", "internal/fix/..."}, "github.com/hashicorp/...", "github.com/zclconf/..."),
		},
		{
			name:   "imports point inward",
			why:    "cmd → cli → server → fix, scan → engine → control → finding → resource, and never back.",
			broken: outwardImports,
		},
		{
			name: "a scan cannot write",
			why: "a scan holds no code that could change an account: that is what makes it safe to run, and the import " +
				"graph proves it.",
			broken: scansThatReachWrites,
		},
		{
			name: "adapters are strangers",
			why: "a source, report, store or renderer that leans on another cannot be changed or removed alone; they meet in " +
				"internal/report/all, in the parent's table and in internal/cli.",
			broken: adaptersThatMeet,
		},
		{
			name: "the lab stands alone",
			why: "the lab is the other side of the wire: with the SDK in it, or with it in the program's logic, it would " +
				"prove only that Holdfast agrees with itself.",
			broken: all(labImportsSDK, labImporters),
		},
		{
			name:   "tests stay out of the program",
			why:    "what the program does not need must not be linked into it.",
			broken: testCodeInProgram,
		},
	}
}

// all joins what several checks find.
func all(checks ...func(*house) []string) func(*house) []string {
	return func(h *house) []string {
		var found []string
		for _, check := range checks {
			found = append(found, check(h)...)
		}
		return found
	}
}

// importsOnly holds a package to the standard library and what is allowed.
func importsOnly(pkg string, allowed ...string) func(*house) []string {
	return func(h *house) []string {
		var found []string
		for f, s := range h.shippedFiles {
			for _, i := range s.imports {
				if f.path == pkg && !i.standard() && !matches(i.path, allowed...) {
					found = append(found, imports(i))
				}
			}
		}
		return found
	}
}

// onlyIn holds modules to the folders that may import them.
func onlyIn(folders []string, modules ...string) func(*house) []string {
	return func(h *house) []string {
		var found []string
		for f, s := range h.shippedFiles {
			for _, i := range s.imports {
				if !i.own && matches(i.path, modules...) && !matches(f.path, folders...) {
					found = append(found, imports(i))
				}
			}
		}
		return found
	}
}

func outwardImports(h *house) []string {
	var found []string
	for _, f := range h.folders {
		rank := slices.IndexFunc(layers(), func(layer string) bool { return matches(f.path, layer+"/...") })
		if rank < 0 || !f.shipped() {
			continue
		}
		outer := layers()[rank+1:]
		if way := h.reaches(f, func(p string) bool {
			return slices.ContainsFunc(outer, func(layer string) bool { return matches(p, layer+"/...") })
		}); way != nil {
			found = append(found, reaches(way))
		}
	}
	return found
}

func scansThatReachWrites(h *house) []string {
	var found []string
	for _, f := range h.folders {
		reads := matches(f.path, "internal/scan/...", "internal/source/...", "services/*/...") && !matches(f.path, "services/*/apply/...")
		if !reads || !f.shipped() {
			continue
		}
		if way := h.reaches(f, func(p string) bool { return matches(p, "services/*/apply/...", "internal/fix/...") }); way != nil {
			found = append(found, reaches(way))
		}
	}
	return found
}

// adapter returns the folder of the adapter that a path belongs to, or "" if it is none.
func adapter(p string) string {
	if matches(p,
		"internal/report/all",  // the one place where formats meet
		"internal/report/page", // how wide text is: used by the formats for people
		"internal/report/saved/...") {
		return ""
	}
	for _, family := range []string{"internal/source", "internal/report", "internal/store", "internal/fix/render"} {
		if rest, found := strings.CutPrefix(p, family+"/"); found {
			first, _, _ := strings.Cut(rest, "/")
			return path.Join(family, first)
		}
	}
	if matches(p, "internal/fix/live/...") {
		return "internal/fix/live"
	}
	return ""
}

func adaptersThatMeet(h *house) []string {
	var found []string
	for f, s := range h.shippedFiles {
		for _, i := range s.imports {
			mine, theirs := adapter(f.path), adapter(i.path)
			if i.own && mine != "" && theirs != "" && mine != theirs {
				found = append(found, imports(i))
			}
		}
	}
	return found
}

func labImportsSDK(h *house) []string {
	var found []string
	for f, s := range h.shippedFiles {
		for _, i := range s.imports {
			if matches(f.path, "internal/lab/...") && matches(i.path, "github.com/aws/...") {
				found = append(found, imports(i))
			}
		}
	}
	return found
}

func labImporters(h *house) []string {
	var found []string
	for f, s := range h.shippedFiles {
		demo := matches(f.path, "internal/cli") && strings.HasPrefix(path.Base(s.path), "demo")
		for _, i := range s.imports {
			if i.own && matches(i.path, "internal/lab/...") && !demo && !matches(f.path, "internal/lab/...", "internal/demo/...") {
				found = append(found, imports(i))
			}
		}
	}
	return found
}

func testCodeInProgram(h *house) []string {
	var found []string
	for _, s := range h.shippedFiles {
		for _, i := range s.imports {
			own := i.own && (matches(i.path, "test/...", "bench/...") || strings.HasSuffix(i.path, "test"))
			// What a change of source code looks like is shown as a diff, which is no matter of tests.
			if i.path == "github.com/rogpeppe/go-internal/diff" {
				continue
			}
			if own || !i.own && matches(i.path, "testing/...", "github.com/google/go-cmp/...", "github.com/rogpeppe/go-internal/...") {
				found = append(found, imports(i))
			}
		}
	}
	return found
}

func imports(i spec) string {
	return fmt.Sprintf("%s:%d imports %s", i.at.Filename, i.at.Line, i.path)
}

func reaches(way []string) string { return strings.Join(way, " → ") }
