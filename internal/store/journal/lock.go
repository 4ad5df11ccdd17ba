package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// lockPatience outlasts somebody who only looks whether the run is locked.
const lockPatience = 300 * time.Millisecond

// Lock implements fix.Journal. The lock is the one that SQLite takes on an
// empty file of its own: it is the operating system's, works alike on every
// platform, and ends with the process, even after kill -9.
func (j *Journal) Lock(ctx context.Context, run string) (release func() error, err error) {
	if run == "" || strings.ContainsAny(run, `/\`) || run == "." || run == ".." {
		return nil, &fix.NoRunError{ID: run, Journal: j.path}
	}
	path := filepath.Join(filepath.Dir(j.path), "locks", run+".lock")
	if err := private(path); err != nil {
		return nil, explain(path, err)
	}
	db, err := open(path, lockPatience)
	if err != nil {
		return nil, explain(path, err)
	}
	conn, err := db.Conn(ctx)
	if err == nil {
		_, err = conn.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	var code *sqlite.Error
	switch {
	case err == nil:
	case errors.As(err, &code) && code.Code()&0xff == sqlite3.SQLITE_BUSY:
		return nil, errors.Join(&fix.LockedError{Run: run, Holder: j.holder(ctx, run)}, db.Close())
	default:
		return nil, errors.Join(explain(path, err), db.Close())
	}
	if err := j.hold(ctx, run); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() error { return unlock(db, conn) }, nil
}

func unlock(db *sql.DB, conn *sql.Conn) error {
	_, err := conn.ExecContext(context.Background(), "ROLLBACK")
	return errors.Join(err, conn.Close(), db.Close())
}

// hold notes who has the run, for the words of others; it is no lock.
func (j *Journal) hold(ctx context.Context, run string) error {
	_, err := j.db.ExecContext(ctx, "INSERT INTO holder (run, who, since) VALUES (?, ?, strftime('%Y-%m-%dT%H:%M:%SZ', 'now')) "+
		"ON CONFLICT (run) DO UPDATE SET who = excluded.who, since = excluded.since",
		run, j.who)
	return explain(j.path, err)
}

// holder is who has the run; empty when nobody noted it.
func (j *Journal) holder(ctx context.Context, run string) string {
	var who, since string
	if err := j.db.QueryRowContext(ctx, "SELECT who, since FROM holder WHERE run = ?", run).Scan(&who, &since); err != nil {
		return ""
	}
	return fmt.Sprintf("%s since %s", who, since)
}
