package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/test/moto"
)

// TestTheLoopOnMoto runs the whole loop against a server that nobody here
// wrote, filled and read back by boto3: scan, plan, apply, verify, roll back.
//
// moto drops changes of IAM authentication and log exports without a word, and
// does not page clusters; those are proven on the lab.
func TestTheLoopOnMoto(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	before := server.Seed(t)
	h := &motoLoop{t: t, server: server, folder: t.TempDir()}
	regions := strings.Join(before.Regions, ",")

	findings, code := h.scan(regions)
	if code != 1 {
		t.Errorf("scan ended with exit code %d", code)
	}
	if want := truth(before); !slices.Equal(findings, want) {
		t.Fatalf("the scan and boto3 disagree: %s", firstDifference(findings, want))
	}

	plan := filepath.Join(h.folder, "plan.json")
	chosen := "Neptune.3,Neptune.4,Neptune.5,Neptune.8"
	h.holdfast(0, "fix", "plan", "--control", chosen, "--region", regions, "--out", plan)
	if moved := moto.Diff(before, server.ReadBack(t)); len(moved) > 0 {
		t.Fatalf("planning changed the account: %v", moved)
	}
	var applied struct {
		Run string `json:"run"`
	}
	if err := json.Unmarshal(h.holdfast(0, "fix", "apply", plan, "--yes", "--format", "json"), &applied); err != nil {
		t.Fatal(err)
	}

	after := server.ReadBack(t)
	if got, want := describe(moto.Diff(before, after)), wantedChanges(before); !slices.Equal(got, want) {
		t.Fatalf("the run changed something else than planned: %s", firstDifference(got, want))
	}
	findings, _ = h.scan(regions)
	for _, f := range findings {
		for _, control := range strings.Split(chosen, ",") {
			if strings.HasPrefix(f, control+" ") && !strings.HasSuffix(f, " PASSED") {
				t.Errorf("after the fix: %s", f)
			}
		}
	}
	h.holdfast(0, "fix", "verify", applied.Run)

	// Undoing discards restore points and makes snapshots public again: each
	// needs its own word.
	h.holdfast(0, "fix", "rollback", applied.Run, "--yes", "--accept-loss", "--accept", "Neptune.3")
	if moved := moto.Diff(before, server.ReadBack(t)); len(moved) > 0 {
		t.Errorf("after the rollback the account differs: %v", moved[:min(5, len(moved))])
	}
}

type motoLoop struct {
	t      *testing.T
	server *moto.Server
	folder string
}

// holdfast runs the real command and returns its standard output.
func (h *motoLoop) holdfast(want int, args ...string) []byte {
	h.t.Helper()
	out, code, problems := h.run(args...)
	if code != want {
		h.t.Fatalf("holdfast %s ended with exit code %d, not %d\n%s\n%s", strings.Join(args, " "), code, want, problems, tail(out))
	}
	return out
}

func (h *motoLoop) run(args ...string) (out []byte, code int, problems string) {
	h.t.Helper()
	path, err := exec.LookPath("holdfast")
	if err != nil {
		h.t.Fatal(err)
	}
	command := exec.CommandContext(h.t.Context(), path, args...)
	command.Env = h.server.Env("XDG_STATE_HOME="+h.folder, "HOLDFAST_RATE=-1")
	command.Dir = h.folder
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err = command.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	return out, command.ProcessState.ExitCode(), stderr.String()
}

// scan returns "control arn status" of every finding, sorted.
func (h *motoLoop) scan(regions string) (findings []string, code int) {
	h.t.Helper()
	out, code, problems := h.run("scan", "--control", "Neptune.*", "--region", regions, "--format", "json")
	var result struct {
		Findings []struct {
			Control, Status string
			Resource        struct{ ARN string }
		}
		Gaps []any
	}
	if err := json.Unmarshal(out, &result); err != nil {
		h.t.Fatalf("%v\n%s\n%s", err, problems, tail(out))
	}
	if len(result.Gaps) > 0 {
		h.t.Errorf("gaps: %v", result.Gaps)
	}
	for _, f := range result.Findings {
		findings = append(findings, fmt.Sprintf("%s %s %s", f.Control, f.Resource.ARN, f.Status))
	}
	slices.Sort(findings)
	return findings, code
}

// truth judges what boto3 has read, without any code of the program's.
func truth(before moto.Truth) []string {
	var want []string
	add := func(control, arn string, passes bool) {
		status := "FAILED"
		if passes {
			status = "PASSED"
		}
		want = append(want, fmt.Sprintf("%s %s %s", control, arn, status))
	}
	for _, c := range before.ClustersOf("neptune") {
		add("Neptune.1", c.ARN, c.StorageEncrypted)
		add("Neptune.2", c.ARN, slices.Contains(c.EnabledCloudwatchLogsExports, "audit"))
		add("Neptune.4", c.ARN, c.DeletionProtection)
		add("Neptune.5", c.ARN, c.BackupRetentionPeriod >= 7)
		add("Neptune.7", c.ARN, c.IAMDatabaseAuthenticationEnabled)
		add("Neptune.8", c.ARN, c.CopyTagsToSnapshot)
		add("Neptune.9", c.ARN, c.MultiAZ)
	}
	for _, s := range before.SnapshotsOf("neptune") {
		add("Neptune.3", s.ARN, !slices.Contains(s.SharedWith, "all"))
		add("Neptune.6", s.ARN, s.StorageEncrypted)
	}
	slices.Sort(want)
	return want
}

// wantedChanges is what the four fixes must change, and nothing else.
func wantedChanges(before moto.Truth) []string {
	var want []string
	for _, c := range before.ClustersOf("neptune") {
		if c.BackupRetentionPeriod < 7 {
			want = append(want, fmt.Sprintf("%s BackupRetentionPeriod 7", c.ARN))
		}
		if !c.DeletionProtection {
			want = append(want, c.ARN+" DeletionProtection true")
		}
		if !c.CopyTagsToSnapshot {
			want = append(want, c.ARN+" CopyTagsToSnapshot true")
		}
	}
	for _, s := range before.SnapshotsOf("neptune") {
		if slices.Contains(s.SharedWith, "all") {
			kept := slices.DeleteFunc(slices.Clone(s.SharedWith), func(account string) bool { return account == "all" })
			want = append(want, fmt.Sprintf("%s SharedWith %v", s.ARN, kept))
		}
	}
	slices.Sort(want)
	return want
}

func describe(moved []moto.Difference) []string {
	var out []string
	for _, d := range moved {
		out = append(out, strings.TrimSpace(d.ARN+" "+d.Setting+" "+d.After))
	}
	slices.Sort(out)
	return out
}

func firstDifference(got, want []string) string {
	for _, line := range got {
		if !slices.Contains(want, line) {
			return "unexpected: " + line
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			return "missing: " + line
		}
	}
	return fmt.Sprintf("%d against %d", len(got), len(want))
}

func tail(out []byte) string { return string(out[max(0, len(out)-2000):]) }
