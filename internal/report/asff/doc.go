// Package asff writes a scan in the AWS Security Finding Format, as a JSON
// array of findings that the Security Hub operation BatchImportFindings takes.
//
// The operation takes at most 100 findings of one account and region per call,
// which must be made there: splitting the array is the caller's work, for
// example `jq -c 'group_by([.AwsAccountId, .Region])[] | _nwise(100)'`. The
// findings go to the account's default product. On findings that Security Hub
// knows already the operation leaves Workflow and Note as they are; people own
// those there.
//
// A gap becomes a finding of status NOT_AVAILABLE on the account. What has no
// account and region, such as a resource in code, has no place in Security Hub:
// it is left out, and End says so with a *report.LeftOutError.
package asff
