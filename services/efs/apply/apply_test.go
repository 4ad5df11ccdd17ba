package apply_test

import (
	"io"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render/bash"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

const put, files, sound = "elasticfilesystem:PutBackupPolicy", "fs-0a1b2c3d4e5f60718", "fs-0b1b2c3d4e5f60718"

func given(b *applytest.Bench) {
	b.Region.AddFileSystem(lab.FileSystem{ID: files, BackupPolicy: "DISABLED"}).AddFileSystem(lab.FileSystem{ID: sound, BackupPolicy: "ENABLED"})
}

// policies is everything that a call could change.
func policies(b *applytest.Bench) any {
	one, _ := b.Region.FileSystem(files)
	other, _ := b.Region.FileSystem(sound)
	return []string{one.BackupPolicy, other.BackupPolicy}
}

func TestTheAutomaticBackupKeepsTheContract(t *testing.T) {
	t.Parallel()
	applytest.Contract(t, applytest.Case{
		Control: "EFS.7", Given: given, State: policies,
		Calls: map[string]int{put: 1}, UndoCalls: map[string]int{put: 1},
		Fixed: func(*applytest.Bench) any { return []string{"ENABLED", "ENABLED"} },
		Moved: func(b *applytest.Bench) {
			b.Region.ChangeFileSystem(files, func(f *lab.FileSystem) { f.BackupPolicy = "DISABLING" })
		},
	})
}

func TestAFileSystemThatNeverHadAPolicyGetsOne(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	b.Region.AddFileSystem(lab.FileSystem{ID: files})
	b.Undone(b.Applied(b.Plan("EFS.7")))
	if f, _ := b.Region.FileSystem(files); f.BackupPolicy != "DISABLED" {
		t.Errorf("after the rollback the policy is %q", f.BackupPolicy)
	}
}

func TestFileSystemsThatTakeNoChangeAreLeftAlone(t *testing.T) {
	t.Parallel()
	for want, file := range map[string]lab.FileSystem{
		fix.SkipPending:  {ID: files, BackupPolicy: "ENABLING"},
		fix.SkipConflict: {ID: files, BackupPolicy: "DISABLING"},
		fix.SkipState:    {ID: files, BackupPolicy: "DISABLED", State: "updating"},
	} {
		b := applytest.New(t)
		b.Region.AddFileSystem(file)
		if got := b.Skipped(b.Plan("EFS.7")); got.Reason != want {
			t.Errorf("%+v: %s: %s", file, got.Reason, got.Detail)
		}
	}
}

func TestAnExportSaysThatItCannotBeDone(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	err := bash.Render(io.Discard, b.Plan("EFS.7"), services.Sources())
	if err == nil || !strings.Contains(err.Error(), "BackupPolicy") {
		t.Errorf("exported: %v", err)
	}
}

func TestCallsThatNoFixMakesNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	type parameters = map[string]resource.Value
	text := resource.OfString
	status := func(s string) resource.Value { return resource.OfMap(parameters{"Status": text(s)}) }
	for want, params := range map[string]parameters{
		"FileSystemId is missing":    {"BackupPolicy": status("ENABLED")},
		"is no id of a file system":  {"FileSystemId": text("../policy"), "BackupPolicy": status("ENABLED")},
		`BackupPolicy.Status is "X"`: {"FileSystemId": text(files), "BackupPolicy": status("X")},
		"Surprise":                   {"FileSystemId": text(files), "BackupPolicy": status("ENABLED"), "Surprise": text("")},
	} {
		b := applytest.New(t)
		given(b)
		err := b.Applier.Call(t.Context(), &fix.Call{Operation: "efs:PutBackupPolicy", Account: applytest.Account, Region: applytest.Region, Parameters: params})
		if err == nil || !strings.Contains(err.Error(), want) || len(b.Writes()) != 0 {
			t.Errorf("not refused for %q: %v, %v", want, err, b.Writes())
		}
	}
}
