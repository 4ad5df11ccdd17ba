// Package reporttest holds the streams that every format is tested with, and
// the comparison with golden files. Only tests import it.
package reporttest
