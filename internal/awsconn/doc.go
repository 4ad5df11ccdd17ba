// Package awsconn opens connections to AWS: credentials and roles, accounts
// and regions, the call budget, retries, and what an AWS error means.
//
// Every connection carries a list of the operations it may call and refuses
// all others before they leave the machine, so that a scan cannot write even
// by mistake. The package knows no resource type and no control.
package awsconn
