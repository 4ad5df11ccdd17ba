// Package json writes a scan as one JSON document: the tool, its version and
// the controls, then the findings and the gaps, then coverage and summary. One
// finding stands on each line. The document streams; only gaps are held until
// the findings are through. Package saved reads it back.
package json
