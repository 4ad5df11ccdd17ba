// Package moto runs the moto server, an AWS imitation that this project did not write, for tests.
//
// A [Server] is one moto process on a free loopback port with its own empty account. [Server.Seed] fills the
// account with boto3 and gives back the [Truth]: what it then holds, read back by boto3 and never by Holdfast.
// [Server.ReadBack] reads it again after a change, [Diff] tells what moved, and [Server.AWS] asks the real AWS
// CLI. The Python programs beside this file do the work; their versions are pinned in requirements.txt.
//
// moto is strict in some places and careless in others, so it stands in for AWS on straight roads only. It does
// not page clusters, keep log exports or IAM authentication when they are modified, know Neptune's default
// parameter groups, hold pending values or restore a Neptune cluster; an unknown cluster or operation answers
// with status 500 and HTML. Those roads are shown on the lab.
//
// The package must not be imported by anything but tests, and it never skips: without its Python environment a
// test fails and says how to make it.
package moto
