// Package recover tells what could be restored: of every database, table and
// file system how far back, from what, and whether there is a clean point, one
// from before damage that was found late.
//
// An Inventory is the result. It holds Items, a resource each with its Window of
// continuous backups, its Retention, configured against what counts today, and
// its Points: snapshots, recovery points of AWS Backup, and copies of either.
// Given a moment, every Item has a Verdict: clean, none or unknown.
//
// What was not read is never taken for what is not there: where a point could
// lie in something unread, the verdict is unknown and says what would settle it.
// The package restores nothing and makes no calls of its own.
package recover
