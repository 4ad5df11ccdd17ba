// Package gitlab writes a scan as a code quality report for GitLab, which shows
// it beside the lines of a merge request. Findings stream.
//
// Failures that count are issues of their severity, and what could not be
// judged or read is one of severity info: GitLab has no other word for it.
// Passed and excepted findings are left out, for GitLab takes every issue for a
// fault. GitLab wants a file with each; what has none stands under a path made
// of its account, region and name.
package gitlab
