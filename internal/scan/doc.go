// Package scan is the use case of checking: resources flow from a Source
// through the engine and the exceptions to a Handler.
//
// Units of work run side by side and their results come out in the order of
// the units, so that the same input gives the same output, byte for byte.
// Memory does not grow with the number of resources.
//
// The package must not know AWS, files or formats, and nothing below it can
// write to an account.
package scan
