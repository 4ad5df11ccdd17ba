// Package applytest is what the tests of live fixes share: a lab with
// everything that plans and applies against it by the real SDK over real HTTP,
// and the contract that every fix keeps.
//
// Its nouns: a Bench is one lab with its runner; a Case is one fix to be held
// to the contract. Only tests import it.
package applytest
