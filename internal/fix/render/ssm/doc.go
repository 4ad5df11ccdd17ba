// Package ssm writes a plan as AWS Systems Manager Automation runbooks (schema
// 0.3), for those who let only Systems Manager change their accounts. An
// Automation runs in one account and region, so there is one runbook for each
// that the plan touches.
//
// A runbook checks what the plan was made upon, makes the same calls in the
// same order, waits for the same proofs and pauses where a person must act. It
// keeps no journal and undoes nothing: that takes Holdfast or the bash script.
// The package makes no call and knows no service.
package ssm
