package awsconn

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

// ownOperations are the calls that opening a connection needs.
var ownOperations = [...]string{"sts:GetCallerIdentity", "sts:AssumeRole", "ec2:DescribeRegions"}

// OwnOperations lists the calls that opening a connection needs.
func OwnOperations() []string { return ownOperations[:] }

// guard refuses every operation that is not on its list, before it is signed
// or sent.
type guard struct{ allowed map[string]bool }

func newGuard(operations []string) *guard {
	g := &guard{allowed: make(map[string]bool)}
	for _, operation := range operations {
		g.allowed[operation] = true
	}
	for _, operation := range ownOperations {
		g.allowed[operation] = true
	}
	return g
}

// ID implements middleware.InitializeMiddleware.
func (*guard) ID() string { return "HoldfastAllowedOperations" }

// HandleInitialize implements middleware.InitializeMiddleware.
func (g *guard) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	operation := operationOf(ctx)
	if !g.allowed[operation] {
		return middleware.InitializeOutput{}, middleware.Metadata{}, &RefusedError{Operation: operation}
	}
	return next.HandleInitialize(ctx, in)
}

// RefusedError says that a connection was asked for an operation outside its
// list. It is a defect of the program, not of the user's permissions.
type RefusedError struct{ Operation string }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s is not among the operations that this connection may call; nothing was sent", e.Operation)
}

// operationOf names a call. Clients of every generation leave its name in the
// context before the first step, which the registration of service metadata by
// older ones is.
func operationOf(ctx context.Context) string {
	service := strings.ToLower(strings.ReplaceAll(middleware.GetServiceID(ctx), " ", "-"))
	return service + ":" + middleware.GetOperationName(ctx)
}

// attemptMiddleware stands inside the retry loop: every attempt waits for the
// budget and is counted.
type attemptMiddleware struct {
	budget          *budget
	calls           *recorder
	account, region string
}

// ID implements middleware.FinalizeMiddleware.
func (*attemptMiddleware) ID() string { return "HoldfastAttempt" }

// HandleFinalize implements middleware.FinalizeMiddleware.
func (a *attemptMiddleware) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
	operation := operationOf(ctx)
	lane := a.budget.lane(a.account, a.region, operation)
	if err := lane.wait(ctx); err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	}
	a.calls.add(operation)
	out, metadata, err := next.HandleFinalize(ctx, in)
	lane.learn(err != nil && throttles.IsErrorThrottle(err) == aws.TrueTernary)
	return out, metadata, err
}

// recorder counts calls by operation.
type recorder struct {
	mu     sync.Mutex
	counts map[string]int
}

func newRecorder() *recorder { return &recorder{counts: make(map[string]int)} }

func (r *recorder) add(operation string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[operation]++
}

func (r *recorder) snapshot() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.counts)
}

func (r *recorder) total() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := 0
	for _, n := range r.counts {
		sum += n
	}
	return sum
}
