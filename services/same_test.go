package services

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
)

var update = flag.Bool("update", false, "write want.txt of each folder in testdata/same anew, from the live answers")

// TestTheSameResourceHasTheSameVerdictEverywhere walks the folders
// */testdata/same/*, each of which holds the same resources in several media:
//
//	live/            what AWS answers, one file per operation: rds.DescribeDBClusters.xml,
//	                 dynamodb.ListTables.json, or efs.GET.2015-02-01_file-systems.json
//	main.tf          Terraform code
//	plan.json        the plan for that code, as terraform show -json writes it
//	state.json       the state, as terraform show -json writes it
//	terraform.tfstate  the raw state
//	template.yaml    a CloudFormation template
//	want.txt         the verdicts with their evidence
//
// A medium that is not there is left out. The controls are those of the service's
// folder, unless a line "controls: GLOBS" of want.txt names others. A line "not in
// MEDIUM: IDS" names controls that cannot be told, or have no resources, in one.
func TestTheSameResourceHasTheSameVerdictEverywhere(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("*/testdata/same/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no folders: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.ToSlash(folder), func(t *testing.T) {
			t.Parallel()
			sources := mediaOf(t, folder)
			if len(sources) < 3 {
				t.Fatalf("only %d media", len(sources))
			}
			w := readWant(t, folder)
			if *update {
				w.write(t, folder, judgeMedium(t, sources["live"], w.chosen(t, folder)))
				return
			}
			for medium, source := range sources {
				got := w.only(medium, judgeMedium(t, source, w.chosen(t, folder)))
				if diff := cmp.Diff(w.in(medium), got); diff != "" {
					t.Errorf("what is wanted (-) and what %s gives (+):\n%s", medium, diff)
				}
			}
		})
	}
}

// mediaOf makes a source for each medium of a folder.
func mediaOf(t *testing.T, folder string) map[string]scan.Source {
	t.Helper()
	catalogue := builtIn(t)
	mapping := terraform.NewMapping(catalogue.Types, TerraformJoiners())
	all := make(map[string]scan.Source)
	for name, source := range map[string]func(path string) scan.Source{
		"main.tf":           func(path string) scan.Source { return directory.New([]string{path}, mapping, directory.Options{}) },
		"plan.json":         func(path string) scan.Source { return planfile.New([]string{path}, mapping) },
		"state.json":        func(path string) scan.Source { return planfile.New([]string{path}, mapping) },
		"terraform.tfstate": func(path string) scan.Source { return planfile.New([]string{path}, mapping) },
		"template.yaml": func(path string) scan.Source {
			return cloudformation.New([]string{path}, cloudformation.Options{Types: catalogue.Types, Joiners: CloudFormationJoiners()})
		},
		"live": func(path string) scan.Source { return liveFrom(t, path) },
	} {
		path := filepath.Join(folder, name)
		switch _, err := os.Stat(path); {
		case err == nil:
			all[name] = source(path)
		case !errors.Is(err, fs.ErrNotExist):
			t.Fatal(err)
		}
	}
	return all
}

// liveFrom reads what a folder of answers says.
func liveFrom(t *testing.T, folder string) scan.Source {
	t.Helper()
	server := httptest.NewServer(&answers{t: t, folder: folder})
	t.Cleanup(server.Close)
	session, err := awsconn.Open(t.Context(), awsconn.Options{
		Regions: []string{"eu-west-1"}, Allowed: live.Reads(Readers()), Rate: -1,
		Fixed: &awsconn.Fixed{Endpoint: server.URL, Region: "eu-west-1", AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "none"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return live.New(session, Readers())
}

// answers are the bodies in a folder, served as AWS does.
type answers struct {
	t      *testing.T
	folder string
	mu     sync.Mutex
}

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
	`<Arn>arn:aws:iam::123456789012:user/reader</Arn><UserId>AIDA</UserId><Account>123456789012</Account>` +
	`</GetCallerIdentityResult></GetCallerIdentityResponse>`

// ServeHTTP implements http.Handler.
func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name := operationOf(r)
	if name == "sts.GetCallerIdentity" {
		_, _ = io.WriteString(w, identity)
		return
	}
	for _, extension := range []string{".xml", ".json"} {
		data, err := os.ReadFile(filepath.Join(a.folder, name+extension))
		if err == nil {
			w.Header().Set("Content-Type", map[string]string{".xml": "text/xml", ".json": "application/x-amz-json-1.0"}[extension])
			_, _ = w.Write(data) // a reader that is gone notices
			return
		}
	}
	a.t.Errorf("%s: there is no answer for %s", a.folder, name)
	w.WriteHeader(http.StatusForbidden)
}

// operationOf names the operation that a request is for: by the action of a
// form, by the target of a JSON call, or else by method and path.
func operationOf(r *http.Request) string {
	service := "unsigned"
	if _, scope, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		if parts := strings.Split(scope, "/"); len(parts) > 3 {
			service = parts[3] // key/date/region/service/aws4_request
		}
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return service + "." + target[strings.LastIndex(target, ".")+1:]
	}
	body, err := io.ReadAll(r.Body)
	if form, formErr := url.ParseQuery(string(body)); err == nil && formErr == nil && form.Get("Action") != "" {
		return service + "." + form.Get("Action")
	}
	return service + "." + r.Method + "." + strings.ReplaceAll(strings.Trim(r.URL.Path, "/"), "/", "_")
}

// verdicts keeps what a scan says, one line for each finding.
type verdicts struct {
	t     *testing.T
	lines []string
}

func (v *verdicts) Begin(*finding.Header) error { return nil }
func (v *verdicts) End(*finding.Footer) error   { return nil }

func (v *verdicts) Gap(g *finding.Gap) error {
	v.t.Errorf("gap: %+v", *g)
	return nil
}

// Finding leaves out what differs between media for good reason: names, places,
// and whether a default was said.
func (v *verdicts) Finding(f *finding.Finding) error {
	line := f.Control + " " + string(f.Status)
	for _, e := range f.Evidence {
		if e.Expected != "" {
			line += fmt.Sprintf(" %s=%s, want %s", e.Property, e.Actual, e.Expected)
		}
	}
	for _, m := range f.Missing {
		if m.Operation != "" && f.Resource.Origin.File != "" {
			v.t.Errorf("%s: a call is named for code: %s", f.Control, m.Operation)
		}
	}
	v.lines = append(v.lines, line)
	return nil
}

func judgeMedium(t *testing.T, source scan.Source, chosen []*control.Control) []string {
	t.Helper()
	if source == nil {
		t.Fatal("there are no live answers")
	}
	catalogue := builtIn(t)
	params, err := catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	v := &verdicts{t: t}
	_, err = scan.Run(context.Background(), scan.Options{
		Source: source, Engine: judge, Handler: v, Concurrency: 2,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(v.lines)
	return v.lines
}

// want is what want.txt says.
type want struct {
	lines   []string
	head    []string            // the lines "controls: …" and "not in …"
	globs   []string            // of controls
	missing map[string][]string // medium → control ids
}

func readWant(t *testing.T, folder string) *want {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "want.txt"))
	if err != nil && !*update {
		t.Fatalf("%v\nTry: go test ./services -run Everywhere -update", err)
	}
	w := &want{missing: make(map[string][]string)}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		key, rest, _ := strings.Cut(line, ": ")
		medium, isException := strings.CutPrefix(key, "not in ")
		switch {
		case key == "controls":
			w.globs = strings.Fields(rest)
		case isException:
			w.missing[medium] = strings.Fields(rest)
		case line == "":
			continue
		default:
			w.lines = append(w.lines, line)
			continue
		}
		w.head = append(w.head, line)
	}
	return w
}

// chosen picks the controls that a folder is about.
func (w *want) chosen(t *testing.T, folder string) []*control.Control {
	t.Helper()
	service, _, _ := strings.Cut(filepath.ToSlash(folder), "/")
	var chosen []*control.Control
	for _, c := range builtIn(t).Controls {
		named := func(glob string) bool { ok, _ := path.Match(glob, c.ID); return ok }
		if slices.ContainsFunc(w.globs, named) || w.globs == nil && path.Dir(c.File) == service {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		t.Fatal("there are no such controls")
	}
	return chosen
}

// in lists what is wanted of a medium.
func (w *want) in(medium string) []string { return w.only(medium, w.lines) }

func (w *want) only(medium string, lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		id, _, _ := strings.Cut(line, " ")
		return slices.Contains(w.missing[medium], id)
	})
}

func (w *want) write(t *testing.T, folder string, lines []string) {
	t.Helper()
	text := strings.Join(append(slices.Clone(w.head), lines...), "\n") + "\n"
	if err := os.WriteFile(filepath.Join(folder, "want.txt"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
