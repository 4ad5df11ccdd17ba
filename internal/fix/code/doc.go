// Package code plans and writes changes of source code: the values that would
// make failed findings pass, written where they are defined.
//
// Its nouns: a Want is a property of one resource that a control's fix sets. A
// Spot is the one place in a file that decides a property. An Edit sets a spot,
// once, for every want that shares it. What cannot or must not be edited is
// Left, with the line to change by hand. A Plan holds the edits, what is left,
// and the Patches that the edits make of the files.
//
// A plan is proven before anybody sees it: the code is scanned once more with
// the patches in place, and an edit whose findings do not pass then, or that
// changes anything for the worse, is not in the plan.
//
// It knows no language: a Language finds spots and writes values. It must not
// judge resources, call AWS, or write a file whose content is no longer the one
// that was read.
package code
