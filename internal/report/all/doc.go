// Package all is the one ordered table of output formats. Help, completion and
// documentation derive from it. Adding a format is one package and one row.
package all
