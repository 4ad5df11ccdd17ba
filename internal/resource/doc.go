// Package resource holds the data every other part of Holdfast speaks about:
// a Resource with its properties, where each of them came from, and whether a
// property is known, absent or unknown.
//
// It is pure data on the standard library. It must not know about controls,
// AWS clients, files or formats, and it never decides anything.
package resource
