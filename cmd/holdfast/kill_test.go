package main

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

// TestKilledAtAnyCallARunIsFinishedAndNothingIsDoneTwice kills the real
// process with SIGKILL after its nth write, again and again, and lets the next
// process resume: first while applying, then while rolling back.
func TestKilledAtAnyCallARunIsFinishedAndNothingIsDoneTwice(t *testing.T) {
	t.Parallel()
	const clusters = 6
	world := lab.NewWorld(nil)
	place := world.Account(scriptAccount).Region("eu-west-1")
	for i := range clusters {
		place.AddCluster(lab.Cluster{ID: fmt.Sprintf("graph-%d", i), Zones: []string{"a", "b"}})
	}
	l, err := lab.Start(t.Context(), lab.Options{World: world})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	k := &killer{t: t, lab: l, folder: t.TempDir()}
	plan := filepath.Join(k.folder, "plan.json")
	if code := k.finish("fix", "plan", "--control", "Neptune.4,Neptune.5,Neptune.8", "--region", "eu-west-1", "--out", plan); code != 0 {
		t.Fatalf("plan: exit code %d", code)
	}

	k.killAfter(1, "fix", "apply", plan, "--yes", "--concurrency", "3")
	for kills := 0; kills < 4; kills++ {
		k.killAfter(2, "fix", "resume", "last", "--concurrency", "2")
	}
	if code := k.finish("fix", "resume", "last"); code != 0 {
		t.Fatalf("the last resume: exit code %d", code)
	}
	for i := range clusters {
		id := fmt.Sprintf("graph-%d", i)
		c, _ := l.Cluster(scriptAccount, "eu-west-1", id)
		if c.BackupRetentionPeriod != 7 || !c.DeletionProtection || !c.CopyTagsToSnapshot {
			t.Errorf("%s is not fixed: %d days, protected %v, tags %v", id, c.BackupRetentionPeriod, c.DeletionProtection, c.CopyTagsToSnapshot)
		}
		if writes := l.Writes(place.ARN("cluster", id))["ModifyDBCluster"]; writes != 3 {
			t.Errorf("%s was written to %d times for three changes", id, writes)
		}
	}

	for kills := 0; kills < 4; kills++ {
		k.killAfter(2, "fix", "rollback", "last", "--yes", "--accept-loss", "--concurrency", "2")
	}
	if code := k.finish("fix", "rollback", "last", "--yes", "--accept-loss"); code != 0 {
		t.Fatalf("the last rollback: exit code %d", code)
	}
	for i := range clusters {
		id := fmt.Sprintf("graph-%d", i)
		c, _ := l.Cluster(scriptAccount, "eu-west-1", id)
		if c.BackupRetentionPeriod != 1 || c.DeletionProtection || c.CopyTagsToSnapshot {
			t.Errorf("%s is not as it was: %d days, protected %v, tags %v", id, c.BackupRetentionPeriod, c.DeletionProtection, c.CopyTagsToSnapshot)
		}
		if writes := l.Writes(place.ARN("cluster", id))["ModifyDBCluster"]; writes != 6 {
			t.Errorf("%s was written to %d times for three changes and their undoing", id, writes)
		}
	}
}

type killer struct {
	t      *testing.T
	lab    *lab.Lab
	folder string
}

func (k *killer) command(args ...string) *exec.Cmd {
	path, err := exec.LookPath("holdfast")
	if err != nil {
		k.t.Fatal(err)
	}
	command := exec.CommandContext(k.t.Context(), path, args...)
	command.Env = append(k.lab.Env(scriptAccount, "eu-west-1"), "HOME="+k.folder, "XDG_STATE_HOME="+k.folder, "TMPDIR="+k.folder)
	command.Dir = k.folder
	return command
}

// killAfter runs a command and kills it at once when the lab has taken so many
// more writes. A command that ends before is fine as well.
func (k *killer) killAfter(writes int, args ...string) {
	k.t.Helper()
	wanted := k.lab.CallCount(lab.Match{Operation: "ModifyDBCluster"}) + writes
	command := k.command(args...)
	if err := command.Start(); err != nil {
		k.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for {
		select {
		case <-ended:
			return
		default:
		}
		if k.lab.CallCount(lab.Match{Operation: "ModifyDBCluster"}) >= wanted {
			k.t.Log("killed", args[1])
			_ = command.Process.Kill() // it may have ended by itself just now
			<-ended
			return
		}
		time.Sleep(200 * time.Microsecond)
	}
}

// finish runs a command to its end and returns its exit code.
func (k *killer) finish(args ...string) int {
	k.t.Helper()
	command := k.command(args...)
	out, err := command.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		k.t.Fatal(err)
	}
	if err != nil {
		k.t.Logf("%s", out)
	}
	return command.ProcessState.ExitCode()
}
