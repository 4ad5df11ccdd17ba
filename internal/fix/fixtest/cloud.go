package fixtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Cloud is a small service with things and groups. Calls take effect after a
// while, like those of AWS, and can be made to fail.
type Cloud struct {
	Clock fix.Clock
	// Settle is how long a thing is "modifying" and shows its old value.
	Settle time.Duration
	// Queue, if set, lets changes of the named property wait as pending for
	// that long before they count.
	Queue map[string]time.Duration
	// Fault, if set, decides what goes wrong with the nth call of an
	// operation, counted from 1.
	Fault func(call *fix.Call, nth int) Fault
	// Unreadable lists properties that nobody may read.
	Unreadable []string
	// ReadError, if set, may refuse a whole read.
	ReadError func(ref resource.Ref) error
	// Path, if set, keeps the state in a file, so that another process finds it.
	Path string

	mu    sync.Mutex
	state cloudState
}

var _ fix.Applier = (*Cloud)(nil)

type cloudState struct {
	Things map[string]*thing `json:"things"`
	// Effects counts, per call, how often it changed something.
	Effects map[string]int `json:"effects"`
	Calls   map[string]int `json:"calls"`
	Reads   int            `json:"reads"`
	Made    int            `json:"made"`
}

type thing struct {
	Ref        resource.Ref              `json:"ref"`
	Properties map[string]resource.Value `json:"properties"`
	Queued     []queued                  `json:"queued,omitempty"`
	Busy       time.Time                 `json:"busy"`
}

type queued struct {
	At       time.Time      `json:"at"`
	Property string         `json:"property"`
	Value    resource.Value `json:"value"`
	Pending  bool           `json:"pending,omitempty"`
}

// Fault is what goes wrong with a call.
type Fault struct {
	// Err is what the caller gets; nil for no fault.
	Err error
	// Effect is true when the call takes effect all the same.
	Effect bool
}

// The types of the cloud.
const (
	ThingType = "AWS::Test::Thing"
	GroupType = "AWS::Test::Group"
)

// NewCloud makes an empty cloud.
func NewCloud(clock fix.Clock) *Cloud {
	return &Cloud{Clock: clock, Settle: 20 * time.Second, state: newCloudState()}
}

func newCloudState() cloudState {
	return cloudState{Things: make(map[string]*thing), Effects: make(map[string]int), Calls: make(map[string]int)}
}

// Ref names a thing or a group of the cloud.
func Ref(typ, id string) resource.Ref {
	return resource.Ref{Type: typ, ID: id, Account: "111122223333", Region: "eu-west-1"}
}

// Add puts a thing into the cloud and returns what a scan would have read.
func (c *Cloud) Add(id string, properties map[string]resource.Value) *resource.Resource {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	t := c.add(ThingType, id, properties)
	c.save()
	return c.show(t)
}

func (c *Cloud) add(typ, id string, properties map[string]resource.Value) *thing {
	c.state.Made++
	ref := Ref(typ, id)
	ref.ARN = "arn:aws:test:eu-west-1:111122223333:" + strings.ToLower(strings.TrimPrefix(typ, "AWS::Test::")) + ":" + id
	ref.UID = fmt.Sprintf("uid-%d", c.state.Made)
	t := &thing{Ref: ref, Properties: maps.Clone(properties)}
	if t.Properties == nil {
		t.Properties = make(map[string]resource.Value)
	}
	if _, ok := t.Properties["Group"]; !ok && typ == ThingType {
		t.Properties["Group"], t.Properties["GroupState"] = resource.OfString("default"), resource.OfString("in-sync")
	}
	c.state.Things[typ+"/"+id] = t
	return t
}

// Set changes a property behind everybody's back.
func (c *Cloud) Set(id, property string, value resource.Value) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Things[ThingType+"/"+id].Properties[property] = value
}

// Remove deletes a thing behind everybody's back.
func (c *Cloud) Remove(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.state.Things, ThingType+"/"+id)
}

// Properties returns everything there is, by type and id, once it settled.
func (c *Cloud) Properties() map[string]map[string]resource.Value {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	all := make(map[string]map[string]resource.Value)
	for key, t := range c.state.Things {
		for _, q := range t.Queued {
			t.put(q.Property, q.Value)
		}
		t.Queued, t.Busy = nil, time.Time{}
		all[key] = c.show(t).Properties
	}
	return all
}

// Effects returns how often each call changed something, and Calls how often
// each operation was called.
func (c *Cloud) Effects() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	return maps.Clone(c.state.Effects)
}

// Calls returns how often each operation was called.
func (c *Cloud) Calls() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	return maps.Clone(c.state.Calls)
}

// Read implements fix.Reader.
func (c *Cloud) Read(ctx context.Context, ref resource.Ref, _ []string) (*resource.Resource, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	c.state.Reads++
	if c.ReadError != nil {
		if err := c.ReadError(ref); err != nil {
			return nil, err
		}
	}
	t := c.state.Things[ref.Type+"/"+ref.ID]
	if t == nil {
		return nil, fix.ErrGone
	}
	c.catchUp(t)
	return c.show(t), nil
}

// Call implements fix.Applier.
func (c *Cloud) Call(ctx context.Context, call *fix.Call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	defer c.save()
	c.state.Calls[call.Operation]++
	var fault Fault
	if c.Fault != nil {
		fault = c.Fault(call, c.state.Calls[call.Operation])
	}
	if fault.Err != nil && !fault.Effect {
		return fault.Err
	}
	return errors.Join(c.perform(call), fault.Err)
}

func refuse(call *fix.Call, code, format string, args ...any) error {
	return &fix.CallError{Operation: call.Operation, Code: code, Message: fmt.Sprintf(format, args...)}
}

func (c *Cloud) perform(call *fix.Call) error {
	id, _ := call.Parameters["Id"].Text()
	typ := ThingType
	if strings.HasSuffix(call.Operation, "Group") {
		typ = GroupType
	}
	t := c.state.Things[typ+"/"+id]
	create := strings.HasPrefix(call.Operation, "test:Create")
	switch {
	case create && t != nil:
		return refuse(call, "ThingAlreadyExistsFault", "%s exists", id)
	case create:
		properties := maps.Clone(call.Parameters)
		delete(properties, "Id")
		t = c.add(typ, id, properties)
		t.Busy = c.Clock.Now().Add(c.Settle)
		c.state.Effects[key(call)]++
		return nil
	case t == nil:
		return refuse(call, "ThingNotFoundFault", "%s does not exist", id)
	}
	c.catchUp(t)
	if t.Busy.After(c.Clock.Now()) {
		return refuse(call, "InvalidDBClusterStateFault", "%s is modifying", id)
	}
	switch call.Operation {
	case "test:ModifyThing":
		c.modify(t, call)
	case "test:RebootThing":
		t.Properties["GroupState"] = resource.OfString("in-sync")
		c.state.Effects[key(call)]++
	case "test:DeleteThing", "test:DeleteGroup":
		delete(c.state.Things, typ+"/"+id)
		c.state.Effects[key(call)]++
	default:
		return refuse(call, "InvalidAction", "%s is not known", call.Operation)
	}
	return nil
}

func (c *Cloud) modify(t *thing, call *fix.Call) {
	now := c.Clock.Now()
	effect := false
	for property, value := range call.Parameters {
		if property == "Id" || t.Properties[property].Equal(value) && len(t.Queued) == 0 {
			continue
		}
		effect = true
		t.Queued = slices.DeleteFunc(t.Queued, func(q queued) bool { return q.Property == property })
		if wait := c.Queue[property]; wait > 0 {
			t.Queued = append(t.Queued, queued{At: now.Add(wait), Property: property, Value: value, Pending: true})
			continue
		}
		t.Queued = append(t.Queued, queued{At: now.Add(c.Settle), Property: property, Value: value})
		t.Busy = now.Add(c.Settle)
	}
	if effect {
		c.state.Effects[key(call)]++
	}
}

// catchUp lets take effect what is due.
func (c *Cloud) catchUp(t *thing) {
	now := c.Clock.Now()
	t.Queued = slices.DeleteFunc(t.Queued, func(q queued) bool {
		if q.At.After(now) {
			return false
		}
		t.put(q.Property, q.Value)
		return true
	})
}

func (t *thing) put(property string, value resource.Value) {
	t.Properties[property] = value
	if property == "Group" {
		t.Properties["GroupState"] = resource.OfString("pending-reboot")
	}
}

// show is what a reader sees of a thing.
func (c *Cloud) show(t *thing) *resource.Resource {
	r := &resource.Resource{Ref: t.Ref, Properties: maps.Clone(t.Properties)}
	if r.Get("Status").Kind() == resource.Absent {
		r.Properties["Status"] = resource.OfString("available")
	}
	if t.Busy.After(c.Clock.Now()) {
		r.Properties["Status"] = resource.OfString("modifying")
	}
	for _, q := range t.Queued {
		if q.Pending {
			r.Properties["Pending"+q.Property] = q.Value
		}
	}
	for _, name := range c.Unreadable {
		r.Properties[name] = resource.OfUnknown(resource.Missing{Property: name, Reason: resource.ReasonDenied, Permission: "test:ListThings"})
	}
	return r
}

func key(call *fix.Call) string {
	parts := []string{call.Operation}
	for _, name := range slices.Sorted(maps.Keys(call.Parameters)) {
		parts = append(parts, name+"="+call.Parameters[name].String())
	}
	return strings.Join(parts, " ")
}

// load and save keep the state in a file, if there is one. A cloud that cannot
// reach its own state has nothing left to tell, so that it panics.
func (c *Cloud) load() {
	if c.Path == "" {
		return
	}
	data, err := os.ReadFile(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	state := newCloudState()
	if err == nil {
		err = json.Unmarshal(data, &state)
	}
	if err != nil {
		panic(err)
	}
	c.state = state
}

func (c *Cloud) save() {
	if c.Path == "" {
		return
	}
	data, err := json.Marshal(&c.state)
	if err == nil {
		err = os.WriteFile(c.Path+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(c.Path+".new", c.Path)
	}
	if err != nil {
		panic(err)
	}
}
