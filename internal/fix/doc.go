// Package fix turns failed findings into a Plan, applies exactly that plan,
// proves the result and can undo it.
//
// A Plan is data with a digest. A Change concerns one control on one resource
// and is a sequence of Steps. A Step is one call to AWS, or one act of a
// person, with the conditions that must hold before it and those that prove it
// done. Because a step says how to recognise that it took effect, a run that
// was killed at any instant can be picked up: the step is read, not guessed.
//
// The package decides what happens in which order. It must not speak to AWS
// itself (that is an Applier), must not store anything itself (that is a
// Journal), and never acts on a property that could not be read.
package fix
