package lab

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Recording says what a lab keeps of the calls it answers.
type Recording int

// What can be kept.
const (
	RecordAll    Recording = iota // every call with its parameters, for Calls
	RecordCounts                  // only how many there were of each kind: constant memory, for benches
)

// Call is a request as the lab saw it.
type Call struct {
	ID        string // request id
	Time      time.Time
	Account   string // of the caller; empty when it could not be told
	Caller    string // ARN of the caller
	Region    string
	Service   string
	Operation string
	Params    map[string]string // as sent, lists flattened: Filters.Filter.1.Name
	Status    int               // HTTP status; 0 when the connection was cut instead of answering
	Code      string            // error code on the wire, empty for success
	Fault     Effect            // the injected fault that struck the call, if any
	UserAgent string
}

type counted struct {
	account, region, service, operation, code string
	status                                    int
}

type record struct {
	what   Recording
	lastID atomic.Uint64

	mu     sync.Mutex
	calls  []Call
	counts map[counted]int
}

func (r *record) nextID() string {
	const form = "00000000-0000-4000-8000-000000000000"
	digits := strconv.FormatUint(r.lastID.Add(1), 16)
	return form[:len(form)-len(digits)] + digits
}

func (r *record) add(c *call, status int, code string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[counted{c.who.account, c.scope.region, c.scope.service, c.operation, code, status}]++
	if r.what != RecordAll {
		return
	}
	caller := ""
	if c.who.account != "" {
		caller = c.who.arn(c.scope.region)
	}
	r.calls = append(r.calls, Call{ID: c.id, Time: c.now, Account: c.who.account, Caller: caller, Region: c.scope.region,
		Service: c.scope.service, Operation: c.operation, Params: c.params, Status: status, Code: code,
		Fault: c.strike.effect, UserAgent: c.agent})
}

// Calls returns every call so far in the order of their answers, refused and cut ones included; nothing when only counts
// are kept. The parameters must not be changed.
func (l *Lab) Calls() []Call {
	l.record.mu.Lock()
	defer l.record.mu.Unlock()
	return slices.Clone(l.record.calls)
}

// CallCount is the number of calls that match; the zero Match counts all.
func (l *Lab) CallCount(m Match) int {
	l.record.mu.Lock()
	defer l.record.mu.Unlock()
	n := 0
	for k, count := range l.record.counts {
		if m.matches(k.account, k.region, k.service, k.operation) {
			n += count
		}
	}
	return n
}

// Actions counts the calls by action, such as rds:DescribeDBClusters.
func (l *Lab) Actions() map[string]int {
	l.record.mu.Lock()
	defer l.record.mu.Unlock()
	actions := map[string]int{}
	for k, count := range l.record.counts {
		actions[actionOf(k.service, k.operation)] += count
	}
	return actions
}

// Statuses counts the calls that match by their HTTP status; 0 stands for a connection that was cut.
func (l *Lab) Statuses(m Match) map[int]int {
	l.record.mu.Lock()
	defer l.record.mu.Unlock()
	statuses := map[int]int{}
	for k, count := range l.record.counts {
		if m.matches(k.account, k.region, k.service, k.operation) {
			statuses[k.status] += count
		}
	}
	return statuses
}

// ResetCalls forgets every call so far.
func (l *Lab) ResetCalls() {
	l.record.mu.Lock()
	defer l.record.mu.Unlock()
	l.record.calls = nil
	l.record.counts = map[counted]int{}
}

// actionOf is what policies call an operation: nearly always its name.
func actionOf(service, operation string) string {
	switch service + ":" + operation {
	case "s3:ListBuckets":
		return "s3:ListAllMyBuckets"
	case "s3:GetObjectLockConfiguration":
		return "s3:GetBucketObjectLockConfiguration"
	}
	return service + ":" + operation
}
