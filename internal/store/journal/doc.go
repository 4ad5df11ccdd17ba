// Package journal keeps runs in one SQLite file: what a run was about to do,
// and what came of it.
//
// An event that Append has returned for survives the death of the process and
// of the machine: the file is written synchronously. Events and runs are only
// ever added. Several processes may use one file at the same time; a lock per
// run, which the operating system takes back when its process ends, keeps two
// of them from working on the same run.
//
// The journal holds plans and property values. It never holds credentials. It
// decides nothing: package fix derives what a run's events mean.
package journal
