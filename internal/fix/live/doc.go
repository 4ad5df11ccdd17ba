// Package live makes the calls of a plan on AWS and reads what they did. It is
// the fix.Applier of live accounts.
//
// It knows no service: each one declares which resource types it reads and
// which operations it may be asked for, and everything else is refused before
// it leaves the machine. It decides nothing about order, waiting or undoing;
// that is package fix.
package live
