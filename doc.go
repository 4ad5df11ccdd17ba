// Package holdfast is the root of the Holdfast repository. It holds no code of the program: only the tests of the
// rules that every package keeps, each with its reason (house_test.go, imports_test.go, source_test.go,
// docs_test.go).
//
// The program is cmd/holdfast. It reads inward: cmd/holdfast, internal/cli, internal/scan and internal/fix,
// internal/engine, internal/control, internal/finding, internal/resource. What Holdfast knows of an AWS service is
// in services, one folder each. It must not gain an API of its own; nothing here is meant to be imported.
package holdfast
