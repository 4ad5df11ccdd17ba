package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"holdfast": main})
}

// TestScripts runs the real command. Every script may start a lab of its own:
//
//	lab demo                         the demo's organisation
//	lab clusters=250 region=eu-west-1 [retention=7] [stack=graph-prod]
//	fault effect=denied region=eu-west-2 operation=DescribeDBClusters [resource=graph*] [probability=0.5]
//	calls rds ModifyDBCluster 3      the lab has served so many
//	retention graph-000 eu-west-1 14 somebody else changes the retention of a cluster
//	exitcode 3 holdfast scan …       the command ends with this exit code
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Setenv("NO_COLOR", "1")
			env.Setenv("COLUMNS", "80")
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Values[labKey{}] = &labState{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"lab": startLab, "fault": injectFault, "calls": countCalls, "exitcode": expectExit, "retention": setRetention,
		},
	})
}

type labKey struct{}

// labState is the lab of one script.
type labState struct{ lab *lab.Lab }

func stateOf(ts *testscript.TestScript) *labState { return ts.Value(labKey{}).(*labState) }

// words reads key=value arguments.
func words(ts *testscript.TestScript, args []string) map[string]string {
	out := make(map[string]string)
	for _, arg := range args {
		key, value, found := strings.Cut(arg, "=")
		if !found {
			ts.Fatalf("%q is not key=value", arg)
		}
		out[key] = value
	}
	return out
}

const scriptAccount = "111122223333"

func startLab(ts *testscript.TestScript, _ bool, args []string) {
	region := "eu-west-1"
	var world *lab.World
	if len(args) == 1 && args[0] == "demo" {
		world = lab.Demo(nil)
	} else {
		world = lab.NewWorld(nil)
		given := words(ts, args)
		count, err := strconv.Atoi(given["clusters"])
		ts.Check(err)
		retention := 1
		if given["retention"] != "" {
			retention, err = strconv.Atoi(given["retention"])
			ts.Check(err)
		}
		for _, name := range strings.Split(given["region"], ",") {
			place := world.Account(scriptAccount).Region(name)
			for i := range count {
				cluster := lab.Cluster{ID: fmt.Sprintf("graph-%03d", i), BackupRetentionPeriod: retention, Zones: []string{"a", "b"}}
				if stack := given["stack"]; stack != "" { // as CloudFormation tags what it makes
					cluster.Tags = lab.Tags{"aws:cloudformation:stack-name": stack, "aws:cloudformation:logical-id": fmt.Sprintf("Graph%03d", i)}
				}
				if ignore := given["ignore"]; ignore != "" && i == 0 {
					cluster.Tags = lab.Tags{"holdfast:ignore": ignore}
				}
				place.AddCluster(cluster)
			}
			region = name
		}
	}
	l, err := lab.Start(context.Background(), lab.Options{World: world, Settle: lab.Settle{Describes: 1}})
	ts.Check(err)
	ts.Defer(func() { _ = l.Close() })
	stateOf(ts).lab = l
	for _, setting := range l.Env(scriptAccount, region) {
		key, value, _ := strings.Cut(setting, "=")
		ts.Setenv(key, value)
	}
}

func injectFault(ts *testscript.TestScript, _ bool, args []string) {
	given := words(ts, args)
	fault := lab.Fault{
		Match:    lab.Match{Account: given["account"], Region: given["region"], Service: given["service"], Operation: given["operation"]},
		Resource: given["resource"],
		Effect:   lab.Effect(strings.ReplaceAll(given["effect"], "-", " ")),
	}
	if given["probability"] != "" {
		chance, err := strconv.ParseFloat(given["probability"], 64)
		ts.Check(err)
		fault.Probability = chance
	}
	if given["latency"] != "" {
		latency, err := time.ParseDuration(given["latency"])
		ts.Check(err)
		fault.Latency = latency
	}
	stateOf(ts).lab.Inject(fault)
}

func countCalls(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: calls SERVICE OPERATION COUNT")
	}
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	got := stateOf(ts).lab.CallCount(lab.Match{Service: args[0], Operation: args[1]})
	if (got == want) == neg {
		ts.Fatalf("%s %s was called %d times", args[0], args[1], got)
	}
}

func expectExit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit interface{ ExitCode() int }
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func setRetention(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: retention CLUSTER REGION DAYS")
	}
	days, err := strconv.Atoi(args[2])
	ts.Check(err)
	place := stateOf(ts).lab.World().Account(scriptAccount).Region(args[1])
	if !place.ChangeCluster(args[0], func(c *lab.Cluster) { c.BackupRetentionPeriod = days }) {
		ts.Fatalf("no cluster %s in %s", args[0], args[1])
	}
}
