// Package fix turns failed findings into a Plan, applies exactly that plan,
// proves the result and can undo it.
//
// A Plan is data with a digest. A Change concerns one control on one resource
// and is a sequence of Steps. A Step is one call to AWS, or one act of a
// person, with the conditions that must hold before it and those that prove it
// done. Because a step says how to recognise that it took effect, a run that
// was killed at any instant can be picked up: the step is read, not guessed.
//
// A Run is one application of a plan. Its journal is a list of Events: the
// intent of every call is on the disk before the call is made, and its outcome
// after. All that is known of a run is folded from its events, by the process
// that works on it as much as by one that comes later; a RunStatus is that
// fold, for people and programs.
//
// The package decides what happens in which order. It must not speak to AWS
// itself (that is an Applier), must not store anything itself (that is a
// Journal), and never acts on a property that could not be read.
//
// Begin with plan.go and port.go, then runner.go and act.go, where one step is
// made, awaited and, after a crash, recovered.
package fix
