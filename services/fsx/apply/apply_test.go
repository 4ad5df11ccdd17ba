package apply_test

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render/bash"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

const update, homes, scratch = "fsx:UpdateFileSystem", "fs-0a1b2c3d4e5f60718", "fs-0b1b2c3d4e5f60718"

func given(b *applytest.Bench) {
	b.Region.AddFSx(lab.FSxFileSystem{ID: homes, Type: "OPENZFS", CopyTagsToBackups: true}).AddFSx(lab.FSxFileSystem{ID: scratch, Type: "LUSTRE"})
}

// copied is everything that a call could change.
func copied(b *applytest.Bench) any {
	one, _ := b.Region.FSx(homes)
	other, _ := b.Region.FSx(scratch)
	return []bool{one.CopyTagsToBackups, one.CopyTagsToVolumes, other.CopyTagsToBackups}
}

func TestCopyingTagsKeepsTheContract(t *testing.T) {
	t.Parallel()
	applytest.Contract(t, applytest.Case{
		Control: "FSx.1", Given: given, State: copied,
		Calls: map[string]int{update: 1}, UndoCalls: map[string]int{update: 1},
		Fixed: func(*applytest.Bench) any { return []bool{true, true, false} },
		Moved: func(b *applytest.Bench) {
			b.Region.ChangeFSx(homes, func(f *lab.FSxFileSystem) { f.CopyTagsToBackups = false })
		},
	})
}

func TestOnlyWhatIsOffIsTurnedOnAndOffAgain(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	step := b.Change(b.Plan("FSx.1")).Steps[0]
	want := map[string]string{"call": "{CopyTagsToVolumes=true}", "undo": "{CopyTagsToVolumes=false}"}
	got := map[string]string{"call": step.Call.Parameters["OpenZFSConfiguration"].String(), "undo": step.Undo.Parameters["OpenZFSConfiguration"].String()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLustreHasNoFixThatIsApplied(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	if got := b.Skipped(b.Plan("FSx.2")); got.Reason != fix.SkipNoFix {
		t.Errorf("%s: %s", got.Reason, got.Detail)
	}
}

func TestABusyFileSystemIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	b.Region.AddFSx(lab.FSxFileSystem{ID: homes, Type: "OPENZFS", State: "UPDATING"})
	if got := b.Skipped(b.Plan("FSx.1")); got.Reason != fix.SkipState {
		t.Errorf("%s: %s", got.Reason, got.Detail)
	}
}

func TestAnExportSaysThatItCannotBeDone(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	if err := bash.Render(io.Discard, b.Plan("FSx.1"), services.Sources()); err == nil || !strings.Contains(err.Error(), "cannot be exported") {
		t.Errorf("exported: %v", err)
	}
}

func TestCallsThatNoFixMakesNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	type parameters = map[string]resource.Value
	text := resource.OfString
	fields := func(name string) resource.Value { return resource.OfMap(parameters{name: resource.OfBool(true)}) }
	for want, params := range map[string]parameters{
		"FileSystemId is missing":   {"OpenZFSConfiguration": fields("CopyTagsToBackups")},
		"is no id of a file system": {"FileSystemId": text("homes"), "OpenZFSConfiguration": fields("CopyTagsToBackups")},
		"Configuration is missing":  {"FileSystemId": text(homes)},
		"ThroughputCapacity":        {"FileSystemId": text(homes), "OpenZFSConfiguration": resource.OfMap(parameters{"ThroughputCapacity": resource.OfInt(64)})},
		"StorageCapacity":           {"FileSystemId": text(homes), "OpenZFSConfiguration": fields("CopyTagsToBackups"), "StorageCapacity": resource.OfInt(64)},
	} {
		b := applytest.New(t)
		given(b)
		err := b.Applier.Call(t.Context(), &fix.Call{Operation: update, Account: applytest.Account, Region: applytest.Region, Parameters: params})
		if err == nil || !strings.Contains(err.Error(), want) || len(b.Writes()) != 0 {
			t.Errorf("not refused for %q: %v, %v", want, err, b.Writes())
		}
	}
}
