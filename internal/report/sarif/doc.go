// Package sarif writes a scan in the Static Analysis Results Interchange Format
// 2.1.0, for code scanning and editors. Results stream; gaps are held until the
// end and stand in the invocation as tool execution notifications, which then
// says that the run was not successful.
//
// A failure in code points at the line of the property; a live resource is a
// logical location. What could not be judged is a result of kind "open", an
// undecided one of kind "review". Excepted failures are suppressed with their
// reason. Passed findings are written only with Options.Verbose, because
// readers of SARIF commonly take every result for an alert.
package sarif
