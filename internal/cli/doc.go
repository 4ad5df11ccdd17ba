// Package cli is the command line: one file per command, each a thin layer
// that reads flags, wires adapters together and prints.
//
// It is the only importer of cobra and the place where sources, services,
// reports and stores meet. It decides nothing that another user interface
// would need as well.
package cli
