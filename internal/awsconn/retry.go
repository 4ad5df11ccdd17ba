package awsconn

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

const (
	// throttledAttempts is how often a throttled call is tried. The budget
	// slows down meanwhile, so a throttled scan takes longer and does not fail.
	throttledAttempts = 30
	// faultAttempts is how often a call that failed in another passing way
	// is tried, so that a dead region costs seconds and not minutes.
	faultAttempts = 4

	firstDelay = 50 * time.Millisecond
	longDelay  = 10 * time.Second
)

var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

// retryer tries again after throttling and passing faults, with full jitter.
type retryer struct{ *retry.Standard }

func newRetryer() *retryer {
	return &retryer{retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = throttledAttempts
		// The SDK's own quota counts retries over the whole client and gives
		// up in the middle of a throttled scan; the budget does that work.
		o.RateLimiter = ratelimit.None
	})}
}

// RetryDelay implements aws.Retryer. It ends the attempts by returning the
// error itself.
func (r *retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	throttled := throttles.IsErrorThrottle(err) == aws.TrueTernary
	if !throttled && attempt >= faultAttempts {
		return 0, err
	}
	limit := min(longDelay, firstDelay<<min(attempt, 16))
	return time.Duration(rand.Int64N(int64(limit)) + 1), nil
}

// GetAttemptToken implements aws.RetryerV2.
func (r *retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	return r.Standard.GetAttemptToken(ctx)
}
