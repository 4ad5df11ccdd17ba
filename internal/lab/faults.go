package lab

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Effect is what a fault does to a call.
type Effect string

// The effects of a fault. Every refusal comes in the shape of the protocol of its service.
const (
	Slow               Effect = ""                    // nothing but the latency
	Throttle           Effect = "throttle"            // refused for rate: Throttling, RequestLimitExceeded …
	ServerError        Effect = "server error"        // HTTP 500 InternalFailure
	Unavailable        Effect = "unavailable"         // HTTP 503 ServiceUnavailable
	CutBefore          Effect = "cut before"          // the connection is cut, the call has no effect
	CutAfter           Effect = "cut after"           // the call takes effect, the connection is cut before the answer
	CutMiddle          Effect = "cut middle"          // the call takes effect, the connection is cut half way through the answer
	Denied             Effect = "denied"              // AccessDenied
	HalfPage           Effect = "half page"           // listings answer half a page, with a marker for the rest
	OddResource        Effect = "odd resource"        // resources in the answer are malformed as Odd says
	ExpiredCredentials Effect = "expired credentials" // ExpiredToken
	DisabledRegion     Effect = "disabled region"     // as a region that is not opted in: InvalidClientTokenId
	OptInRequired      Effect = "opt-in required"     // the account has no subscription to the service
	Garbage            Effect = "garbage"             // HTTP 200 with a body that is no XML; the call takes effect
	Refused            Effect = "refused"             // refused with Fault.Error
)

// Match selects calls by globs (* stands for anything); an empty field matches everything.
type Match struct {
	Account, Region, Service, Operation string
}

func (m Match) matches(account, region, service, operation string) bool {
	return glob(m.Account, account) && glob(m.Region, region) && glob(m.Service, service) && glob(m.Operation, operation)
}

// Fault is something going wrong on purpose, with the calls that Match selects.
type Fault struct {
	Match
	// Resource selects by the identifier in the request, a glob without case; for OddResource by the identifier of
	// the resource in the answer.
	Resource string

	Skip        int     // leaves out the first calls
	First       int     // strikes only so many calls after those; 0 means no end
	Every       int     // strikes every nth call only; 0 and 1 mean each
	Probability float64 // strikes with this probability, 0 to 1; 0 means always

	Latency time.Duration // waits before anything else
	Effect  Effect
	Error   *Error // for Refused
	Odd     *Odd   // for OddResource
}

// strike is what the faults do to one call together.
type strike struct {
	effect  Effect
	latency time.Duration
	refusal *Error
	odd     *Odd
	oddOnes string // glob of the resources that are odd
}

type faults struct {
	mu     sync.Mutex
	random *rand.Rand
	active []*armed
}

type armed struct {
	Fault
	seen int
}

// Inject arms a fault and returns what disarms it. Of several faults that strike the same call all latencies add up and
// the first effect wins.
func (l *Lab) Inject(f Fault) (remove func()) {
	a := &armed{Fault: f}
	l.faults.mu.Lock()
	defer l.faults.mu.Unlock()
	l.faults.active = append(l.faults.active, a)
	return func() {
		l.faults.mu.Lock()
		defer l.faults.mu.Unlock()
		l.faults.active = slices.DeleteFunc(l.faults.active, func(b *armed) bool { return a == b })
	}
}

// pick decides what goes wrong with a call.
func (f *faults) pick(c *call) strike {
	f.mu.Lock()
	defer f.mu.Unlock()
	var s strike
	for _, a := range f.active {
		if !a.matches(c.who.account, c.scope.region, c.scope.service, c.operation) || !a.names(c) || !a.due(f.random) {
			continue
		}
		s.latency += a.Latency
		if s.effect == Slow && a.Effect != Slow {
			s.effect = a.Effect
			s.refusal = a.refusal(c)
			s.odd, s.oddOnes = a.Odd, a.Resource
		}
	}
	return s
}

// names tells whether the request names the resource that the fault is about.
func (a *armed) names(c *call) bool {
	if a.Resource == "" || a.Effect == OddResource {
		return true
	}
	for _, p := range []string{"DBClusterIdentifier", "DBInstanceIdentifier", "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier", "ResourceName",
		"DBClusterParameterGroupName", "SnapshotIdentifier", "RoleArn", "KeyId", "TableName", "ResourceArn", "FileSystemId", "SnapshotId", "Bucket",
		"BackupPlanId", "SelectionId", "BackupVaultName"} {
		if v := c.params[p]; v != "" && glob(strings.ToLower(a.Resource), strings.ToLower(v)) {
			return true
		}
	}
	return false
}

// due counts a call that matches and tells whether the fault strikes it.
func (a *armed) due(random *rand.Rand) bool {
	a.seen++
	n := a.seen - a.Skip
	switch {
	case n <= 0, a.First > 0 && n > a.First, a.Every > 1 && n%a.Every != 0:
		return false
	}
	return a.Probability <= 0 || random.Float64() < a.Probability
}

func (a *armed) refusal(c *call) *Error {
	switch a.Effect {
	case Throttle:
		return refuse(http.StatusBadRequest, "Throttling", "Rate exceeded")
	case ServerError:
		return refuse(http.StatusInternalServerError, "InternalFailure",
			"An internal error has occurred. Please try your query again at a later time.")
	case Unavailable:
		return refuse(http.StatusServiceUnavailable, "ServiceUnavailable", "Service is unable to handle request.")
	case Denied:
		action := actionOf(c.scope.service, c.operation)
		return refuse(http.StatusForbidden, "AccessDenied",
			"User: %s is not authorized to perform: %s because no identity-based policy allows the %s action",
			c.who.arn(c.scope.region), action, action)
	case ExpiredCredentials:
		return expiredToken()
	case DisabledRegion:
		return invalidToken()
	case OptInRequired:
		return refuse(http.StatusForbidden, "OptInRequired", "The AWS Access Key Id needs a subscription for the service")
	case Refused:
		return a.Error
	}
	return nil
}

// sleep waits unless the context ends first; it tells whether it waited to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// glob matches a name against a pattern in which * stands for any run of characters; the empty pattern matches all.
func glob(pattern, name string) bool {
	if pattern == "" || pattern == "*" || pattern == name {
		return true
	}
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 || !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(name, part)
		if at < 0 {
			return false
		}
		name = name[at+len(part):]
	}
	return strings.HasSuffix(name, last)
}
