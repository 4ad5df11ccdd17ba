package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
)

func openTemp(t *testing.T, path string) *Journal {
	t.Helper()
	j, err := Open(context.Background(), path, "process 1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return j
}

func TestSQLiteKeepsTheContract(t *testing.T) {
	t.Parallel()
	fixtest.TestJournal(t, func(t *testing.T) fix.Journal {
		return openTemp(t, filepath.Join(t.TempDir(), "state", "journal.db"))
	})
}

func sample(id string) *fix.Run {
	return &fix.Run{ID: id, Created: time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC), Plan: &fix.Plan{Format: fix.PlanFormat}}
}

func TestNobodyElseMayReadTheJournal(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "journal.db")
	j := openTemp(t, path)
	if err := j.Create(context.Background(), sample("r1")); err != nil {
		t.Fatal(err)
	}
	release, err := j.Lock(context.Background(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = release() }()
	for name, want := range map[string]os.FileMode{
		path: 0o600, path + "-wal": 0o600, filepath.Dir(path): 0o700,
		filepath.Join(filepath.Dir(path), "locks"): 0o700, filepath.Join(filepath.Dir(path), "locks", "r1.lock"): 0o600,
	} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, not %o", name, got, want)
		}
	}
}

func TestWhatWasAppendedIsThereAfterReopening(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal ?#%20.db")
	first, err := Open(context.Background(), path, "first")
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Create(context.Background(), sample("r1")); err != nil {
		t.Fatal(err)
	}
	if err := first.Append(context.Background(), "r1", &fix.Event{Kind: fix.EventIntent, Change: "c"}); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	events, err := openTemp(t, path).Events(context.Background(), "r1")
	if err != nil || len(events) != 1 || events[0].Change != "c" {
		t.Errorf("%v, %v", events, err)
	}
}

func TestTwoProcessesShareOneFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	a, b := openTemp(t, path), openTemp(t, path)
	if err := a.Create(context.Background(), sample("r1")); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 2)
	for _, j := range []*Journal{a, b} {
		go func() {
			for range 50 {
				if err := j.Append(context.Background(), "r1", &fix.Event{Kind: fix.EventDone}); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	events, err := a.Events(context.Background(), "r1")
	if err != nil || len(events) != 100 {
		t.Errorf("%d events, %v", len(events), err)
	}
	release, err := a.Lock(context.Background(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Lock(context.Background(), "r1")
	var locked *fix.LockedError
	if !errors.As(err, &locked) || !strings.Contains(err.Error(), "process 1 since ") {
		t.Errorf("the second handle got %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

func TestEventsAreNeverChangedOrRemoved(t *testing.T) {
	t.Parallel()
	j := openTemp(t, filepath.Join(t.TempDir(), "journal.db"))
	if err := j.Create(context.Background(), sample("r1")); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(context.Background(), "r1", &fix.Event{Kind: fix.EventBegan}); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"UPDATE event SET kind = 'x'", "DELETE FROM event"} {
		if _, err := j.db.Exec(statement); err == nil || !strings.Contains(err.Error(), "never") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// hinted demands that an error says something and what to do.
func hinted(t *testing.T, err error, part string) {
	t.Helper()
	var hint interface{ Hint() string }
	if err == nil || !strings.Contains(err.Error(), part) || !errors.As(err, &hint) || hint.Hint() == "" {
		t.Errorf("got %v, which should say %q and what to do", err, part)
	}
}

func TestAFileThatIsNoJournalIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	text := strings.Repeat("these are not the bytes of a database\n", 100)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), path, "p")
	hinted(t, err, "is damaged")
	if data, err := os.ReadFile(path); err != nil || string(data) != text {
		t.Error("the damaged file was changed")
	}
}

func TestADamagedJournalIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j, err := Open(context.Background(), path, "p")
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Create(context.Background(), sample("r1")); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if err := j.Append(context.Background(), "r1", &fix.Event{Kind: fix.EventBegan, Note: strings.Repeat("x", 500)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(data); i++ {
		data[i] = 0xAA
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = openTemp(t, path).Events(context.Background(), "r1")
	hinted(t, err, "is damaged")
}

func TestAJournalOfANewerProgramIsLeftAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openTemp(t, path)
	if _, err := j.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), path, "p")
	hinted(t, err, "has version 99")
}

func TestAJournalThatCannotBeWrittenSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), filepath.Join(dir, "file", "journal.db"), "p")
	hinted(t, err, "cannot be opened")
}

func TestAFullDiskLosesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j := openTemp(t, path)
	if err := j.Create(context.Background(), sample("r1")); err != nil {
		t.Fatal(err)
	}
	// SQLite reports a file at its page limit as it reports a full disk.
	if _, err := j.db.Exec("PRAGMA max_page_count = 20"); err != nil {
		t.Fatal(err)
	}
	kept := 0
	var err error
	for err == nil && kept < 1000 {
		if err = j.Append(context.Background(), "r1", &fix.Event{Kind: fix.EventBegan, Note: strings.Repeat("x", 1000)}); err == nil {
			kept++
		}
	}
	hinted(t, err, "disk is full")
	events, err := j.Events(context.Background(), "r1")
	if err != nil || len(events) != kept || kept == 0 {
		t.Errorf("%d events of %d are there, %v", len(events), kept, err)
	}
}

func TestAJournalHeldByAnotherProcessIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal.db")
	j, other := openTemp(t, path), openTemp(t, path)
	if err := j.Create(context.Background(), sample("r1")); err != nil {
		t.Fatal(err)
	}
	if _, err := j.db.Exec("PRAGMA busy_timeout = 10"); err != nil {
		t.Fatal(err)
	}
	tx, err := other.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	hinted(t, j.Append(context.Background(), "r1", &fix.Event{Kind: fix.EventBegan}), "held by another process")
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(context.Background(), "r1", &fix.Event{Kind: fix.EventBegan}); err != nil {
		t.Errorf("the lock is gone, yet %v", err)
	}
}

func TestARunIDIsNoPath(t *testing.T) {
	t.Parallel()
	j := openTemp(t, filepath.Join(t.TempDir(), "journal.db"))
	for _, id := range []string{"", "..", "../x", `a\b`} {
		if _, err := j.Lock(context.Background(), id); err == nil {
			t.Errorf("%q was locked", id)
		}
	}
}
