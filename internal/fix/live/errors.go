package live

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix"
)

// readError turns an answer of AWS into a *fix.CallError and leaves every
// other error, fix.ErrGone above all, as it is.
func readError(err error) error {
	var operation *smithy.OperationError
	if errors.Is(err, fix.ErrGone) || !errors.As(err, &operation) {
		return err
	}
	service := strings.ToLower(strings.ReplaceAll(operation.ServiceID, " ", "-"))
	return callError(service+":"+operation.OperationName, err)
}

// callError tells what became of a call: refused, or not answered, so that it
// may have taken effect.
func callError(operation string, err error) *fix.CallError {
	var already *fix.CallError
	if errors.As(err, &already) {
		return already
	}
	out := &fix.CallError{Operation: operation, Message: err.Error()}
	var response *awshttp.ResponseError
	status := 0
	if errors.As(err, &response) {
		out.Request = response.ServiceRequestID()
		status = response.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		out.Code, out.Message = api.ErrorCode(), api.ErrorMessage()
	}
	out.Uncertain = out.Code == "" && sent(err) || status >= http.StatusInternalServerError
	return out
}

// sent reports whether a failed call can have left the machine. One that the
// SDK or the session's own list refused has not.
func sent(err error) bool {
	var invalid smithy.InvalidParamsError
	var refused *awsconn.RefusedError
	var encode *smithy.SerializationError
	return !errors.As(err, &invalid) && !errors.As(err, &refused) && !errors.As(err, &encode)
}

// notSent is the error of a call that was refused before it was made.
func notSent(operation string, err error) *fix.CallError {
	out := callError(operation, err)
	return &fix.CallError{Operation: operation, Code: out.Code, Message: out.Message + "; nothing was sent", Request: out.Request}
}

// patient repeats throttled calls for about a second and nothing else. Whoever
// called reads the resource again before it goes on: in minutes of waiting
// somebody else may change it.
type patient struct{ *retry.Standard }

const (
	throttledAttempts = 4
	firstDelay        = 100 * time.Millisecond
	longDelay         = time.Second
)

func newPatient() *patient {
	return &patient{retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = throttledAttempts
		o.RateLimiter = ratelimit.None
		o.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}}
	})}
}

// RetryDelay implements aws.Retryer: twice as long each time, with full jitter.
func (*patient) RetryDelay(attempt int, _ error) (time.Duration, error) {
	limit := min(longDelay, firstDelay<<min(attempt, 16))
	return time.Duration(rand.Int64N(int64(limit)) + 1), nil
}

var _ aws.RetryerV2 = (*patient)(nil)
