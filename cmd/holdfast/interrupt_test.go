package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

// An interrupt ends the real command between two steps, never within one: the
// call under way is awaited and recorded, a wait is given up at once, and
// resume goes on without making a call again.
func TestAnInterruptEndsTheCommandBetweenTwoSteps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		signal os.Signal
		settle lab.Settle
		fault  lab.Fault
	}{
		{"SIGINT in a wait", syscall.SIGINT, lab.Settle{After: 4 * time.Second}, lab.Fault{}},
		{"SIGTERM in a wait", syscall.SIGTERM, lab.Settle{After: 4 * time.Second}, lab.Fault{}},
		{"SIGINT in a call", syscall.SIGINT, lab.Settle{}, lab.Fault{Effect: lab.Slow, Latency: 2 * time.Second, First: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			world := lab.NewWorld(nil)
			place := world.Account(scriptAccount).Region("eu-west-1")
			for _, id := range []string{"graph-0", "graph-1"} {
				place.AddCluster(lab.Cluster{ID: id, Zones: []string{"a"}})
			}
			l, err := lab.Start(t.Context(), lab.Options{World: world, Settle: test.settle})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			k := &killer{t: t, lab: l, folder: t.TempDir()}
			plan := filepath.Join(k.folder, "plan.json")
			if code := k.finish("fix", "plan", "--control", "Neptune.5", "--region", "eu-west-1", "--out", plan); code != 0 {
				t.Fatalf("plan: exit code %d", code)
			}
			// The lab counts a call when it is answered: a slow one begins after
			// the reads before it.
			begun, reads := lab.Match{Operation: "ModifyDBCluster"}, 1
			if test.fault.Latency > 0 {
				test.fault.Operation = "ModifyDBCluster"
				l.Inject(test.fault)
				begun, reads = lab.Match{Operation: "DescribeDBClusters"}, 3
			}
			l.ResetCalls()
			first := k.interrupt(test.signal, begun, reads, "fix", "apply", plan, "--yes", "--concurrency", "1", "--format", "json")
			if first.State != "incomplete" || first.Changes[0].State != "interrupted" || first.Changes[1].State != "not-started" {
				t.Errorf("the run tells %+v", first)
			}
			if code := k.finish("fix", "resume", first.Run); code != 0 {
				t.Errorf("resume: exit code %d", code)
			}
			for _, id := range []string{"graph-0", "graph-1"} {
				if n := l.Writes(place.ARN("cluster", id))["ModifyDBCluster"]; n != 1 {
					t.Errorf("%s was written to %d times", id, n)
				}
			}
		})
	}
}

// interrupted is what an interrupted command prints.
type interrupted struct {
	Run     string
	State   string
	Changes []struct{ State string }
}

// interrupt runs a command, sends it a signal shortly after the lab has served
// so many calls, and returns what it printed.
func (k *killer) interrupt(signal os.Signal, begun lab.Match, calls int, args ...string) (out interrupted) {
	k.t.Helper()
	command := k.command(args...)
	var printed, told bytes.Buffer
	command.Stdout, command.Stderr = &printed, &told
	if err := command.Start(); err != nil {
		k.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for k.lab.CallCount(begun) < calls {
		select {
		case err := <-ended:
			k.t.Fatalf("it ended by itself: %v\n%s", err, &told)
		case <-time.After(time.Millisecond):
		}
	}
	time.Sleep(300 * time.Millisecond) // into the wait, or still in a slow call
	if err := command.Process.Signal(signal); err != nil {
		k.t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		_ = command.Process.Kill()
		k.t.Fatal("it does not end")
	}
	if code := command.ProcessState.ExitCode(); code != 3 {
		k.t.Errorf("exit code %d\n%s", code, &told)
	}
	if err := json.Unmarshal(printed.Bytes(), &out); err != nil {
		k.t.Fatalf("%v\n%s\n%s", err, &printed, &told)
	}
	return out
}
