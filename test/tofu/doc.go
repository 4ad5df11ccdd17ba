// Package tofu runs OpenTofu, which this project did not write, for tests: what
// code means is what OpenTofu says that it means.
//
// [Binary] builds the program from its Go module, pinned in tools/tofu, once
// and keeps it in .cache. A [Root] is one folder of code that it works on:
// [Root.Console] gives the values of expressions, and [Root.Plan] the plan as
// JSON. The code uses the built-in terraform_data alone, so that no provider
// and no network is needed.
//
// The package must not be imported by anything but tests, and it never skips:
// where OpenTofu cannot be built, a test fails.
package tofu
