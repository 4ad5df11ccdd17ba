// Package fixtest holds what tests of fixing share: a journal in memory, the
// contract that every journal must keep, a clock that does not wait, and a
// small cloud with delays, pending values and faults.
//
// Only tests import it.
package fixtest
