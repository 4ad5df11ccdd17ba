// Package csv writes a scan as comma-separated values in the form of RFC 4180,
// for spreadsheets: one row per finding and, so that nothing is missing without
// a trace, one row of status GAP per gap.
//
// A cell that a spreadsheet would take for a formula begins with an apostrophe.
package csv
