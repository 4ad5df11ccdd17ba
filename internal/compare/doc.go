// Package compare tells two saved scans apart: what fails newly, what was
// fixed, what changed, what can no longer be read, what is gone and what the
// second scan did not look at.
//
// Nouns: a Change is one finding in two scans; a State is what one scan said of
// it. Findings are matched by their stable id. The first scan is held as a few
// dozen bytes per finding and resource, the second streams past it, so that
// results of a million findings can be compared. It must not judge anything
// anew, and it never takes "not read" for "fixed" or "gone".
package compare
