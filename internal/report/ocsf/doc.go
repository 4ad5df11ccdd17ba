// Package ocsf writes a scan as a JSON array of Compliance Finding events
// (class 2003) of the Open Cybersecurity Schema Framework 1.6.0, with the cloud
// profile.
//
// A gap is an event too: a compliance finding of status Unknown on the account,
// so that no lake of events looks complete when it is not. Excepted failures
// have the status Suppressed. Resources in code carry no account.
package ocsf
