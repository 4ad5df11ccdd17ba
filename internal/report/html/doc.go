// Package html writes a scan as one self-contained page: no other file, no
// network. The summary comes first, gaps stand as prominently as failures, and
// each control says why it matters and how it is fixed.
//
// The page works without its small script, which only filters rows. A content
// security policy allows that script and the style by their digests and nothing
// else, so that text from an account can never run. A page lists a bounded
// number of rows per control and says how many more there are.
package html
