// Command bench measures the built program as its users run it: whole
// processes against a lab in a process of its own. It prints ratios taken in
// one run, because a single duration says little about another machine.
//
// It is run by "make bench" and is no part of the shipped program.
package main
