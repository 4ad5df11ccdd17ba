// Package exception matches findings that somebody has accepted: by control,
// resource, tag, account or region, with a reason, an owner and a last day.
//
// A Rule is one accepted deviation, a Set those of one file, and a Register any
// place where exceptions are kept: a Set, what stands at the resources
// themselves, a baseline. Several of them are asked as one.
//
// The package decides only whether a finding is covered. It never changes a
// status, and it reports exceptions that have expired or that cover nothing, so
// that none lives on unseen.
package exception
