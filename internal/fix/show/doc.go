// Package show writes plans and runs for a person at a terminal: what would
// change on which resource, what it does to others and what it costs; and what
// became of it, what to do next.
//
// It is layout only. It reads the data of package fix, decides nothing and
// neither colours nor breaks lines by itself: package page does.
package show
