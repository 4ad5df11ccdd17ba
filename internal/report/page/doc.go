// Package page lays out plain text for a terminal: lines wrapped at a width,
// columns, calm colours, no space at the end of a line. Widths are counted in
// the columns that a terminal uses, so that wide characters line up.
//
// It knows nothing about findings and cleans nothing: whoever writes must have
// made hostile text safe before.
package page
