// Package drift tells where an account and its code disagree in what a control
// reads.
//
// A Drift is the result: resources that are different, those that only one side
// has, and everything that could not be compared, with the reason. It takes its
// pairs from internal/pair, which never guesses, and it never takes what was not
// read for what is not there. It judges nothing itself and changes nothing.
package drift
