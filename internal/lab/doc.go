// Package lab is a small local AWS over HTTP: what the demo, the lessons and the tests talk to with the real SDK.
//
// Its nouns: a World holds Accounts, an Account holds Regions and buckets, a Region holds clusters, instances, snapshots
// and parameter groups, and beside those databases what its stores are: tables, volumes, caches, warehouses, file systems
// and the plans and vaults of AWS Backup. Stores can be read and not changed. A Lab serves one World. A Fault is something going wrong on purpose. A Call is one request as it was
// recorded. Settle says how long a change takes to become effective.
//
// The lab answers as AWS documents itself: paging, filters, states, pending values, error codes and messages. Where AWS
// documents nothing, the code says which reading was chosen.
//
// It stands for the other side of the wire, so it must not import the AWS SDK, nor any other package of Holdfast: a
// mistake shared with the client would prove nothing.
package lab
