// Package sarif writes a scan in the Static Analysis Results Interchange Format
// 2.1.0, for code scanning and editors. Results stream. A gap is a result of the
// rule holdfast-gap, and once more a tool execution notification of the
// invocation, which is unsuccessful where nothing at all was read.
//
// A failure in code points at the line of the property; the block of the
// resource and the line that decides the value are related locations, linked
// from the message. A live resource is a logical location under a path made of
// its account, region and name, because code scanning takes no result without a
// file. What could not be judged is a result of kind "open", an
// undecided one of kind "review". Excepted failures are suppressed with their
// reason. Passed findings are written only with Options.Verbose, because
// readers of SARIF commonly take every result for an alert.
//
// The log keeps GitHub's limits: 25,000 results in a run, after which the next
// run begins, 20 tags on a rule, and 1,024 characters of a description.
package sarif
