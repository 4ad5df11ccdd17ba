package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/services"
)

// newTestApp makes an App of its own for one test: 80 columns, no colour, no
// terminal, an empty folder, and the lab in place of AWS.
func newTestApp(t testing.TB, l *lab.Lab) *App {
	t.Helper()
	app := &App{
		Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{},
		Env: func(string) string { return "" }, Environ: func() []string { return nil }, Now: time.Now, Dir: t.TempDir(), Version: "test", Width: 80,
		Parts:    Parts{Controls: services.Controls(), Readers: services.Readers(), TerraformJoiners: services.TerraformJoiners(), CloudFormationJoiners: services.CloudFormationJoiners(), Writers: services.Writers(), Planners: services.Planners, FixActions: services.FixActions, Sources: services.Sources()},
		stateDir: t.TempDir(),
	}
	if l != nil {
		app.fixed = &awsconn.Fixed{
			Endpoint: l.URL, Region: "eu-west-1", AccessKey: lab.AccessKey(lab.DemoProduction), SecretKey: "lab",
		}
	}
	return app
}

// run runs a command and returns its exit code and standard output.
func run(t testing.TB, app *App, args ...string) (code int, out string) {
	t.Helper()
	code = Main(t.Context(), app, args)
	return code, app.Stdout.(*bytes.Buffer).String()
}

// runOK runs a command that must end with exit code 0.
func runOK(t testing.TB, app *App, args ...string) string {
	t.Helper()
	code, out := run(t, app, args...)
	if code != ExitClean {
		t.Fatalf("holdfast %s: exit code %d\n%s\n%s", strings.Join(args, " "), code, app.Stderr, out)
	}
	return out
}

func startDemoLab(t testing.TB) *lab.Lab {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{World: lab.Demo(nil)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
