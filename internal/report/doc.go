// Package report holds what the output formats share: the Options they are
// made with, the words in which evidence, missing reads and gaps are told, the
// cleaning of hostile text, the JSON of a finding, and Groups, a bounded
// summary of a stream by control.
//
// It has no format of its own: every format is a package below this one that
// implements finding.Handler over an io.Writer, and package all lists them.
// Nothing here reads the environment, the clock or a terminal.
package report
