// Package text writes a scan for a person at a terminal: by control, the most
// severe first, then exceptions that need care, gaps, the next command, and
// last the summary and what was covered.
//
// It keeps a bounded number of rows per control, says how many more there are,
// and counts passed findings without listing them unless told to.
package text
