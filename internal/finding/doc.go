// Package finding holds what a scan says: findings, gaps, the accounts and
// regions it covered, and the stream of messages that every report reads.
//
// It is pure data. It must not evaluate, read or print anything.
package finding
