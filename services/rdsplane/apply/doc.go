// Package apply reads and changes single objects of the control plane that RDS,
// Aurora, Neptune and DocumentDB share.
//
// Its nouns: a Service does that for the share of one of them. Each keeps to its
// own engines: what a call is about is read once more right before it, and a
// call on anything of another engine is refused before it leaves the machine.
// Unshare is the fix of public snapshots, which is the same for all of them.
//
// It must not know the rules of a single service, nor order, wait for or undo
// anything; that is package fix.
package apply
