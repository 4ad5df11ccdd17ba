package awsconn

import (
	"context"
	"errors"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/holdfast-aws/holdfast/internal/finding"
)

// Fault is what an AWS error means for a scan or a fix.
type Fault struct {
	Reason     string // one of finding's Gap reasons
	Code       string // the service's error code, if it sent one
	Detail     string
	Permission string // the IAM action that was refused, if one was
}

// reasons maps error codes of all services to gap reasons.
var reasons = map[string]string{
	"AccessDenied":                finding.GapDenied,
	"AccessDeniedException":       finding.GapDenied,
	"UnauthorizedOperation":       finding.GapDenied,
	"NotAuthorized":               finding.GapDenied,
	"AuthorizationError":          finding.GapDenied,
	"ExpiredToken":                finding.GapExpired,
	"ExpiredTokenException":       finding.GapExpired,
	"RequestExpired":              finding.GapExpired,
	"OptInRequired":               finding.GapRegion,
	"AuthFailure":                 finding.GapRegion,
	"InvalidClientTokenId":        finding.GapRegion,
	"UnrecognizedClientException": finding.GapRegion,
	"RequestTimeout":              finding.GapTimeout,
	"RequestTimeoutException":     finding.GapTimeout,
}

// actionInMessage finds the action in "… is not authorized to perform: rds:X …".
var actionInMessage = regexp.MustCompile(`to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)`)

// Classify says what an error of an AWS call means.
func Classify(err error) Fault {
	fault := Fault{Reason: finding.GapFailed, Detail: brief(err)}
	var api smithy.APIError
	if errors.As(err, &api) {
		fault.Code = api.ErrorCode()
		fault.Detail = strings.TrimSpace(api.ErrorMessage())
		if reason, ok := reasons[fault.Code]; ok {
			fault.Reason = reason
		}
		if throttles.IsErrorThrottle(err).Bool() {
			fault.Reason = finding.GapThrottled
		}
		if fault.Reason == finding.GapDenied {
			fault.refine()
		}
		return fault
	}
	fault.Reason = transportReason(err)
	return fault
}

// refine tells an explicit deny of the organisation from a missing permission:
// no policy in the account can lift the former.
func (f *Fault) refine() {
	if found := actionInMessage.FindStringSubmatch(f.Detail); found != nil {
		f.Permission = found[1]
	}
	if strings.Contains(f.Detail, "service control policy") || strings.Contains(f.Detail, "resource control policy") {
		f.Reason = finding.GapPolicy
	}
}

func transportReason(err error) string {
	var network net.Error
	var dns *net.DNSError
	var dial *net.OpError
	var decode *smithy.DeserializationError
	var odd OddAnswerError
	switch {
	case errors.Is(err, context.Canceled):
		return finding.GapInterrupted
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return finding.GapTimeout
	case errors.As(err, &dns), errors.As(err, &dial):
		return finding.GapUnreachable
	case errors.As(err, &decode), errors.As(err, &odd):
		return finding.GapMalformed
	default:
		return finding.GapFailed
	}
}

// Gap describes a failed call as a gap in a place. For a denied call it names
// the permission to grant.
func (p *Place) Gap(typ, operation string, err error) finding.Gap {
	fault := Classify(err)
	gap := finding.Gap{
		Account: p.Account, Region: p.Region, Type: typ, Operation: operation,
		Reason: fault.Reason, Code: fault.Code, Detail: fault.Detail, Permission: fault.Permission,
	}
	if gap.Permission == "" && slices.Contains([]string{finding.GapDenied, finding.GapPolicy}, gap.Reason) {
		gap.Permission = Action(operation)
	}
	gap.Try = advice(gap)
	return gap
}

// advice is the next act for a gap.
func advice(gap finding.Gap) string {
	switch gap.Reason {
	case finding.GapDenied:
		return "grant " + gap.Permission + " (holdfast iam-policy prints the whole policy)"
	case finding.GapPolicy:
		return "ask who runs the organisation: a policy above the account denies " + gap.Permission
	case finding.GapExpired:
		return "renew the credentials, for example with: aws sso login"
	case finding.GapRegion:
		return "enable the region in the account, or leave it out with --region"
	case finding.GapThrottled:
		return "scan with a lower --rate, or at a quieter time"
	case finding.GapTimeout, finding.GapUnreachable:
		return "check the network path to the region, or leave it out with --region"
	default:
		return ""
	}
}

// OddAnswerError says that AWS answered without an error and with something that
// cannot be, such as no list at all where an empty one would do. It must not
// pass for nothing being there.
type OddAnswerError string

func (e OddAnswerError) Error() string { return string(e) }
