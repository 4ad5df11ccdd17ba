package awsconn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"golang.org/x/time/rate"
)

func apiError(code, message string) error {
	return &smithy.OperationError{ServiceID: "RDS", OperationName: "DescribeDBClusters", Err: &smithy.GenericAPIError{Code: code, Message: message}}
}

func TestErrorsAreToldApart(t *testing.T) {
	t.Parallel()
	const denied = "User: arn:aws:iam::111122223333:user/a is not authorized to perform: rds:DescribeDBClusters on resource: x"
	for name, test := range map[string]struct {
		err        error
		reason     string
		permission string
	}{
		"missing permission":     {apiError("AccessDenied", denied), finding.GapDenied, "rds:DescribeDBClusters"},
		"organisation's deny":    {apiError("AccessDenied", denied+" with an explicit deny in a service control policy"), finding.GapPolicy, "rds:DescribeDBClusters"},
		"expired token":          {apiError("ExpiredToken", "The security token included in the request is expired"), finding.GapExpired, ""},
		"region not enabled":     {apiError("InvalidClientTokenId", "The security token included in the request is invalid"), finding.GapRegion, ""},
		"throttled":              {apiError("Throttling", "Rate exceeded"), finding.GapThrottled, ""},
		"deadline":               {fmt.Errorf("call: %w", context.DeadlineExceeded), finding.GapTimeout, ""},
		"interrupted":            {fmt.Errorf("call: %w", context.Canceled), finding.GapInterrupted, ""},
		"no such host":           {&net.DNSError{Err: "no such host", Name: "rds.nowhere-1.amazonaws.com"}, finding.GapUnreachable, ""},
		"refused connection":     {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, finding.GapUnreachable, ""},
		"an answer that is none": {&smithy.DeserializationError{Err: errors.New("bad XML")}, finding.GapMalformed, ""},
		"anything else":          {apiError("InternalFailure", "sorry"), finding.GapFailed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Classify(test.err)
			if got.Reason != test.reason || got.Permission != test.permission {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestADeniedCallNamesThePermissionEvenWhenAWSDoesNot(t *testing.T) {
	t.Parallel()
	place := Place{Account: "111122223333", Region: "eu-west-1"}
	gap := place.Gap("AWS::Neptune::DBCluster", "rds:DescribeDBClusters", apiError("AccessDenied", "Access denied"))
	if gap.Permission != "rds:DescribeDBClusters" || gap.Try == "" {
		t.Errorf("gap %+v", gap)
	}
}

func TestALaneHalvesWhenThrottledAndRecovers(t *testing.T) {
	t.Parallel()
	l := newBudget(20).lane("a", "r", "rds")
	l.learn(true)
	l.learn(true)
	if got := l.limiter.Limit(); got != 5 {
		t.Errorf("after two throttles the rate is %v", got)
	}
	for range 200 {
		l.learn(true)
	}
	if got := l.limiter.Limit(); got != slowest {
		t.Errorf("the rate falls to %v", got)
	}
	for range 100 * 10 {
		l.learn(false)
	}
	if got := l.limiter.Limit(); got != 20 {
		t.Errorf("the rate recovers only to %v", got)
	}
}

func TestAnUnlimitedLaneSlowsOnceThrottledAndIsFreeAgainLater(t *testing.T) {
	t.Parallel()
	l := newBudget(-1).lane("a", "r", "rds")
	if l.limiter.Limit() != rate.Inf {
		t.Fatal("a lane without limit has one")
	}
	l.learn(true)
	if got := l.limiter.Limit(); got != afterThrottle/2 {
		t.Errorf("after a throttle the rate is %v", got)
	}
	for range 100 {
		l.learn(false)
	}
	if l.limiter.Limit() != rate.Inf {
		t.Errorf("the rate stays at %v", l.limiter.Limit())
	}
}

func TestThrottlingNeverMakesASlowLaneFaster(t *testing.T) {
	t.Parallel()
	l := newBudget(0.2).lane("a", "r", "rds")
	for range 5 {
		l.learn(true)
		if limit := l.limiter.Limit(); limit > 0.2 {
			t.Fatalf("%v calls per second where 0.2 are allowed", limit)
		}
	}
}

func TestLanesAreApartByAccountRegionAndService(t *testing.T) {
	t.Parallel()
	b := newBudget(0)
	first := b.lane("a", "r", "rds")
	first.learn(true)
	for _, other := range []*lane{b.lane("b", "r", "rds"), b.lane("a", "s", "rds"), b.lane("a", "r", "ec2")} {
		if other.limiter.Limit() != DefaultRate {
			t.Error("throttling in one place slows another")
		}
	}
	if b.lane("a", "r", "rds") != first {
		t.Error("a lane is forgotten")
	}
}

func TestPassingFaultsAreTriedAFewTimesAndThrottlingLong(t *testing.T) {
	t.Parallel()
	r := newRetryer()
	if _, err := r.RetryDelay(faultAttempts, apiError("InternalFailure", "")); err == nil {
		t.Error("a failing server is tried for ever")
	}
	delay, err := r.RetryDelay(throttledAttempts-1, apiError("Throttling", ""))
	if err != nil || delay > longDelay || delay <= 0 {
		t.Errorf("throttled: %v, %v", delay, err)
	}
	if delay, _ := r.RetryDelay(1, apiError("Throttling", "")); delay > 200*time.Millisecond {
		t.Errorf("the first retry waits %v", delay)
	}
}
