// Package baseline keeps the findings that were there when somebody began, so
// that only new ones count.
//
// An Entry is one failed finding: control, resource and a digest of what the
// control read of it. It accepts that finding and no other. The same address in
// another file is another finding; a line that moves or text that is formatted
// anew changes nothing; where the resource itself changes in what the control
// reads, the entry no longer accepts it. A Set is the entries of one file at
// work in a scan, a Recorder writes them.
//
// The package decides nothing about findings that are not in the file, and it
// opens no files.
package baseline
