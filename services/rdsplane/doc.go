// Package rdsplane reads the control plane that RDS, Aurora, Neptune and
// DocumentDB share: one endpoint, one signing name, one kind of ARN, and lists
// that hold the objects of every engine mixed.
//
// Its nouns: a Kind is one of the lists. A Share is what one service takes of
// them: its engines, and the resource types that their objects become. Each
// object goes to the one share that owns its engine, so that it has exactly one
// type however many services look at the list. The Reader asks for each list
// once, whichever types are wanted.
//
// It must not judge, write, or know the rules of a single service; services do
// not import one another, but all of them may import this.
package rdsplane
