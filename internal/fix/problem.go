package fix

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// The classes of problem.
const (
	ClassState      = "state"     // the resource takes no changes at the moment
	ClassThrottled  = "throttled" // too many calls
	ClassDenied     = "denied"
	ClassExpired    = "expired"
	ClassOwned      = "owned-by-aws-backup"
	ClassWindow     = "window-overlap"
	ClassMember     = "cluster-member"
	ClassServerless = "serverless"
	ClassGone       = "gone"
	ClassExists     = "exists"
	ClassQuota      = "quota"
	ClassKey        = "key"
	ClassInvalid    = "invalid"
	ClassUncertain  = "uncertain" // no answer: it may have taken effect
	ClassNotMade    = "not-made"  // read afterwards: it took no effect
	ClassTimeout    = "timeout"
	ClassUnread     = "unread"
	ClassVerdict    = "verdict"
	ClassFailed     = "failed"
)

// diagnosis recognises one kind of refusal by its code, its message, or both.
type diagnosis struct {
	codes   []string // any of them is part of the code
	message string   // is part of the message, in lower case
	class   string
	next    string
}

// diagnoses lists what the RDS family of services is known to answer, the most
// specific first. The messages are those that AWS was seen to give.
func diagnoses() []diagnosis {
	return []diagnosis{
		{message: "awsbackuprecoverypointarn", class: ClassOwned,
			next: "AWS Backup keeps continuous backups of this resource and owns its retention: change the retention in the backup plan, not here"},
		{message: "window and maintenance window must not overlap", class: ClassWindow,
			next: "move the maintenance window away from the backup window, then resume the run"},
		{message: "is a member of a cluster", class: ClassMember,
			next: "the setting belongs to the cluster of this instance: fix the cluster"},
		{message: "with aurora serverless", class: ClassServerless,
			next: "the service does not take this setting on a serverless cluster of version 1"},
		{codes: []string{"AlreadyExists"}, class: ClassExists, next: "something else already has the name that the plan gives to a new resource"},
		{codes: []string{"InvalidDBClusterStateFault", "InvalidDBInstanceState", "InvalidDBClusterSnapshotStateFault", "InvalidDBSnapshotState",
			"InvalidDBParameterGroupState", "InvalidGlobalClusterStateFault"}, class: ClassState,
			next: "wait until the resource is available, then resume the run"},
		{codes: []string{"Throttling", "RequestLimitExceeded", "TooManyRequests", "SlowDown"}, class: ClassThrottled,
			next: "the account's call rate is used up: resume the run later, with --pace or a lower --concurrency"},
		{codes: []string{"ExpiredToken", "RequestExpired", "InvalidClientTokenId", "UnrecognizedClient", "SSOTokenExpired"}, class: ClassExpired,
			next: "the credentials are no longer valid: sign in again, then resume the run"},
		{codes: []string{"AccessDenied", "NotAuthorized", "UnauthorizedOperation", "OptInRequired"}, class: ClassDenied,
			next: "grant the action to the caller (holdfast iam-policy --fix prints the policy), then resume the run"},
		{codes: []string{"NotFound"}, class: ClassGone, next: "the resource is no longer there: make a new plan"},
		{codes: []string{"QuotaExceeded", "LimitExceeded", "InsufficientDB", "Insufficient"}, class: ClassQuota,
			next: "ask AWS for a higher quota or free some room, then resume the run"},
		{codes: []string{"KMSKeyNotAccessible", "KMS"}, class: ClassKey,
			next: "make the KMS key usable for the caller and the service, then resume the run"},
		{codes: []string{"InvalidParameter", "Validation", "Invalid"}, class: ClassInvalid,
			next: "the service does not accept this change: read its message, then make a new plan"},
	}
}

// NewProblem classifies an error of a call or a read and says what to do next.
func NewProblem(err error) *Problem {
	var call *CallError
	switch {
	case errors.Is(err, ErrGone):
		return &Problem{Class: ClassGone, Message: err.Error(), Next: "the resource is no longer there: make a new plan"}
	case !errors.As(err, &call):
		p := &Problem{Class: ClassFailed, Message: err.Error()}
		if errors.Is(err, context.DeadlineExceeded) {
			p.Class = ClassUncertain
		}
		var hint interface{ Hint() string }
		if errors.As(err, &hint) {
			p.Next = hint.Hint()
		}
		return p
	}
	p := &Problem{Class: ClassFailed, Code: call.Code, Message: call.Message, Request: call.Request}
	if call.Uncertain {
		p.Class, p.Next = ClassUncertain, "resume the run: it reads whether the call took effect"
		return p
	}
	for _, d := range diagnoses() {
		if d.fits(call) {
			p.Class, p.Next = d.class, d.next
			break
		}
	}
	return p
}

func (d *diagnosis) fits(call *CallError) bool {
	if d.message != "" {
		return strings.Contains(strings.ToLower(call.Message), d.message)
	}
	for _, code := range d.codes {
		if strings.Contains(call.Code, code) {
			return true
		}
	}
	return false
}

func (p *Problem) String() string {
	if p.Code == "" {
		return p.Message
	}
	return fmt.Sprintf("%s: %s", p.Code, p.Message)
}
