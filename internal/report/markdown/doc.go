// Package markdown writes a scan as GitHub-flavoured Markdown for a comment on
// a pull request or a job summary: what was found at a glance, gaps, then each
// control's rows folded away. It opens with a comment that nobody sees and by which
// a bot finds the document again.
//
// It never grows past what GitHub accepts in one comment; what does not fit is
// counted. Hostile text cannot open a table cell, a tag, a link or a mention.
package markdown
