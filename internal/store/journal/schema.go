package journal

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations are the steps from one schema version to the next; the version is
// SQLite's user_version. A step that was released is never changed.
func migrations() []string {
	return []string{
		`CREATE TABLE run (
			id      TEXT PRIMARY KEY,
			created TEXT NOT NULL,
			digest  TEXT NOT NULL,
			changes INTEGER NOT NULL,
			plan    TEXT NOT NULL
		) STRICT;
		CREATE TABLE event (
			seq    INTEGER PRIMARY KEY AUTOINCREMENT,
			run    TEXT NOT NULL REFERENCES run (id),
			at     TEXT NOT NULL,
			kind   TEXT NOT NULL,
			change TEXT NOT NULL,
			step   TEXT NOT NULL,
			body   TEXT NOT NULL
		) STRICT;
		CREATE INDEX event_run ON event (run, seq);
		CREATE TRIGGER event_kept BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
		CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
		CREATE TABLE holder (
			run   TEXT PRIMARY KEY,
			who   TEXT NOT NULL,
			since TEXT NOT NULL
		) STRICT;`,
	}
}

// migrate brings the schema up to date, one version per transaction. A file
// that a newer program wrote is left alone.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	steps := migrations()
	for {
		done, err := migrateOnce(ctx, db, path, steps)
		if err != nil || done {
			return err
		}
	}
}

func migrateOnce(ctx context.Context, db *sql.DB, path string, steps []string) (done bool, err error) {
	// _txlock=immediate makes every transaction take the write lock at once,
	// so that two processes do not both see the old version.
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }()
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return false, err
	}
	switch {
	case version == len(steps):
		return true, nil
	case version > len(steps):
		return false, &VersionError{Path: path, Version: version, Known: len(steps)}
	}
	if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
		return false, fmt.Errorf("schema version %d: %w", version+1, err)
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+1)); err != nil {
		return false, err
	}
	return false, tx.Commit()
}

// VersionError says that a newer program wrote the journal.
type VersionError struct {
	Path           string
	Version, Known int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("journal %s has version %d; this program knows versions up to %d", e.Path, e.Version, e.Known)
}

// Hint says what to do.
func (e *VersionError) Hint() string { return "update holdfast to the version that wrote the journal" }
