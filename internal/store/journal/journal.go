package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Journal is a fix.Journal in a SQLite file.
type Journal struct {
	db   *sql.DB
	path string
	who  string
}

var _ fix.Journal = (*Journal)(nil)

// timeLayout keeps milliseconds and sorts as text.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// Open opens the journal at path, in a directory that only its owner may
// enter. File and directory are made when they are missing. who names the
// process for others that find a run in use.
func Open(ctx context.Context, path, who string) (*Journal, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		err = private(path)
	}
	if err != nil {
		return nil, explain(path, err)
	}
	j := &Journal{path: path, who: who}
	if j.db, err = open(path, 10*time.Second); err != nil {
		return nil, explain(path, err)
	}
	if err := j.prepare(ctx); err != nil {
		return nil, errors.Join(explain(path, err), j.db.Close())
	}
	return j, nil
}

// private makes a file and its directory for the owner alone, where they are
// missing: SQLite would let the umask decide.
func private(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

func open(path string, busy time.Duration) (*sql.DB, error) {
	query := url.Values{
		"_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()),
			"foreign_keys(1)",
			// FULL: a transaction has reached the disk when it commits.
			"synchronous(FULL)",
		},
		"_txlock": {"immediate"},
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func (j *Journal) prepare(ctx context.Context) error {
	var mode string
	if err := j.db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	return migrate(ctx, j.db, j.path)
}

// Close closes the file.
func (j *Journal) Close() error { return j.db.Close() }

// Create implements fix.Journal.
func (j *Journal) Create(ctx context.Context, run *fix.Run) error {
	plan, err := json.Marshal(run.Plan)
	if err != nil {
		return fmt.Errorf("run %s: %w", run.ID, err)
	}
	_, err = j.db.ExecContext(ctx, "INSERT INTO run (id, created, digest, changes, plan) VALUES (?, ?, ?, ?, ?)",
		run.ID, run.Created.UTC().Format(timeLayout), run.Digest, run.Changes, string(plan))
	return explain(j.path, err)
}

// Run implements fix.Journal.
func (j *Journal) Run(ctx context.Context, id string) (*fix.Run, error) {
	run := fix.Run{ID: id}
	var created, plan string
	err := j.db.QueryRowContext(ctx, "SELECT created, digest, changes, plan FROM run WHERE id = ?", id).
		Scan(&created, &run.Digest, &run.Changes, &plan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &fix.NoRunError{ID: id, Journal: j.path}
	}
	if err != nil {
		return nil, explain(j.path, err)
	}
	if run.Created, err = time.Parse(timeLayout, created); err != nil {
		return nil, explain(j.path, err)
	}
	if err := json.Unmarshal([]byte(plan), &run.Plan); err != nil {
		return nil, explain(j.path, fmt.Errorf("plan of run %s: %w", id, err))
	}
	return &run, nil
}

// Runs implements fix.Journal.
func (j *Journal) Runs(ctx context.Context) ([]fix.Run, error) {
	rows, err := j.db.QueryContext(ctx, "SELECT id, created, digest, changes FROM run ORDER BY rowid DESC")
	if err != nil {
		return nil, explain(j.path, err)
	}
	defer func() { _ = rows.Close() }()
	var runs []fix.Run
	for rows.Next() {
		var run fix.Run
		var created string
		if err := rows.Scan(&run.ID, &created, &run.Digest, &run.Changes); err != nil {
			return nil, explain(j.path, err)
		}
		if run.Created, err = time.Parse(timeLayout, created); err != nil {
			return nil, explain(j.path, err)
		}
		runs = append(runs, run)
	}
	return runs, explain(j.path, rows.Err())
}

// Append implements fix.Journal.
func (j *Journal) Append(ctx context.Context, run string, e *fix.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("run %s: %w", run, err)
	}
	result, err := j.db.ExecContext(ctx, "INSERT INTO event (run, at, kind, change, step, body) VALUES (?, ?, ?, ?, ?, ?)",
		run, e.At.UTC().Format(timeLayout), e.Kind, e.Change, e.Step, string(body))
	if err != nil {
		return explain(j.path, err)
	}
	e.Seq, err = result.LastInsertId()
	return explain(j.path, err)
}

// Events implements fix.Journal.
func (j *Journal) Events(ctx context.Context, run string) ([]fix.Event, error) {
	rows, err := j.db.QueryContext(ctx, "SELECT seq, body FROM event WHERE run = ? ORDER BY seq", run)
	if err != nil {
		return nil, explain(j.path, err)
	}
	defer func() { _ = rows.Close() }()
	var events []fix.Event
	for rows.Next() {
		var seq int64
		var body string
		if err := rows.Scan(&seq, &body); err != nil {
			return nil, explain(j.path, err)
		}
		var e fix.Event
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			return nil, explain(j.path, fmt.Errorf("event %d: %w", seq, err))
		}
		e.Seq = seq
		events = append(events, e)
	}
	return events, explain(j.path, rows.Err())
}

// Error says that the journal cannot be used, and what to do about it.
type Error struct {
	Path  string
	What  string
	Cause error
	Try   string
}

func (e *Error) Error() string { return fmt.Sprintf("journal %s %s: %v", e.Path, e.What, e.Cause) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Hint says what to do.
func (e *Error) Hint() string { return e.Try }

// explain turns SQLite's codes into words.
func explain(path string, err error) error {
	var version *VersionError
	if err == nil || errors.As(err, &version) {
		return err
	}
	e := &Error{Path: path, What: "cannot be used", Cause: err}
	var code *sqlite.Error
	switch {
	case errors.As(err, &code):
		e.What, e.Try = explainCode(path, code.Code()&0xff)
	case errors.Is(err, os.ErrPermission):
		e.What, e.Try = "may not be opened", "holdfast fix status --state-dir DIR, with a directory that you may write to"
	default:
		e.What, e.Try = "is damaged", damaged(path)
		var pathError *os.PathError
		if errors.As(err, &pathError) {
			e.What, e.Try = "cannot be opened", "holdfast fix status --state-dir DIR, with a directory that you may write to"
		}
	}
	return e
}

func explainCode(path string, code int) (what, try string) {
	switch code {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return "is held by another process", "wait until the other process is done, then repeat the command"
	case sqlite3.SQLITE_FULL:
		return "cannot grow: the disk is full", "free some space, then repeat the command; nothing in the journal is lost"
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN:
		return "cannot be written", "make " + filepath.Dir(path) + " writable for you, or give another one with --state-dir"
	case sqlite3.SQLITE_IOERR:
		return "cannot be written or read: the disk reports an error", "check the disk of " + path + ", then repeat the command"
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return "is damaged", damaged(path)
	default:
		return "cannot be used", ""
	}
}

func damaged(path string) string {
	return "keep the file and move it away: mv " + path + " " + path + ".damaged; sqlite3's .recover may read what is left"
}
