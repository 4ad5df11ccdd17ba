// Package bash writes a plan as a bash script that needs nothing but the AWS
// CLI: it shows what it would do unless told to apply, checks the same
// conditions, makes the same calls in the same order, waits for the same
// proofs, keeps the prior values and can undo what it did.
//
// What is data in the plan never becomes code in the script: every word is
// quoted. The package makes no call and knows no service.
package bash
