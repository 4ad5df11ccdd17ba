// Package exception matches findings that somebody has accepted: by control,
// resource, tag, account or region, with a reason, an owner and a last day.
//
// It decides only whether a finding is covered. It never changes a status, and
// it reports exceptions that have expired or that cover nothing, so that none
// lives on unseen.
package exception
