// Package snapshot saves what was read from accounts and reads it back, so
// that it can be judged again without an account and with the same verdicts.
//
// A snapshot is lines of JSON: a header that says what was asked for, one line
// per resource and gap, and an end line that counts them. A file without its
// end line was cut off and is refused. Nothing is judged here.
package snapshot
