package resource

import "bytes"

// Remark is what somebody wrote at a resource for the tools that read the code:
// a comment, or a field of metadata. It is handed on as it stands. What it
// means, if it means anything here, is for others to say.
type Remark struct {
	// Text is a comment without its marks, of one line or several.
	Text string
	// Name and Value are a field of metadata, for example checkov.skip with one
	// of its items. Name is empty for a comment.
	Name   string
	Value  Value
	Origin Origin
	// At is the type of the resource at which the remark stands, where that is
	// told: among the remarks of a file. Stray is set there for one that stands
	// at no resource of a known type, and at no module or stack.
	At    string
	Stray bool
}

// Remarkable reports whether a text may hold a remark: a word that speaks to a
// tool, as in tool:ignore or tool:skip=. Text without one need not be searched
// for comments.
func Remarkable(text []byte) bool {
	for _, sign := range [...]string{":ignore", ":skip=", "oldfast:", "OLDFAST:"} {
		if bytes.Contains(text, []byte(sign)) {
			return true
		}
	}
	return false
}
