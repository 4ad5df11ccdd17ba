// Package junit writes a scan as JUnit XML for continuous integration: one
// suite per control, one case per resource, and a suite of gaps.
//
// Failed is a failure; what could not be judged or read is an error, so that it
// never counts as passed; an excepted failure is skipped with its reason. A
// suite lists a bounded number of cases; a last case says how many more there
// are, and fails if those failed.
package junit
