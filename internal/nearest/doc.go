// Package nearest finds the names that somebody may have meant. It compares
// letters and must not know what the names stand for.
package nearest
