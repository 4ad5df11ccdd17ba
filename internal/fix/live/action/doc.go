// Package action turns operations of AWS's SDK into the calls that Holdfast may
// make: by name, with parameters as they stand in a plan, read strictly, so that
// what the operation does not have is refused before anything is sent.
//
// Its nouns: an Action is one such call with the check that guards it; a Set is
// every call that changes one service. The package knows no service.
package action
