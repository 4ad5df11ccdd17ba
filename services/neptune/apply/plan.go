package apply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
	plane "github.com/holdfast-aws/holdfast/services/rdsplane/apply"
)

// The procedures that controls name.
const (
	EncryptCluster  = "encrypt-cluster"
	EncryptSnapshot = "encrypt-snapshot"
	EnableAuditLog  = "enable-audit-log"
	UnshareSnapshot = "unshare-snapshot"
	AddReader       = "add-reader"
)

// DefaultKey is the KMS key with which RDS encrypts unless told otherwise. A
// snapshot encrypted with it cannot be shared with other accounts.
const DefaultKey = "alias/aws/rds"

// Options are what a person may choose for the plans of Neptune's fixes.
type Options struct {
	// Key is the KMS key for what gets encrypted: an ARN, an id or an alias of
	// the same region. Empty means DefaultKey.
	Key string
	// NoRestart leaves out the restarts that the audit log needs: the export is
	// turned on and the parameter is set, and no audit line is written until
	// somebody restarts the instances.
	NoRestart bool
	// GroupSettle is how long a new parameter group is left alone before it is
	// used; 0 means the 5 minutes that AWS advises, less than 0 no time at all.
	GroupSettle time.Duration
}

// Planners returns the planners of Neptune's fixes.
func Planners(options Options) fix.Planners {
	if options.Key == "" {
		options.Key = DefaultKey
	}
	if options.GroupSettle == 0 {
		options.GroupSettle = 5 * time.Minute
	}
	return fix.Planners{
		Procedures: map[string]fix.Planner{
			EnableAuditLog:  &auditLog{options},
			UnshareSnapshot: plane.Unshare{},
			AddReader:       addReader{},
			EncryptCluster:  &encryptCluster{options},
			EncryptSnapshot: &encryptSnapshot{options},
		},
		Types: map[string]fix.Planner{neptune.ClusterType: clusterProperties()},
	}
}

// clusterProperties plans the fixes that only set properties of a cluster.
func clusterProperties() *fix.PropertyPlanner {
	return &fix.PropertyPlanner{
		Status: "Status", Ready: available, Identified: true, Restart: "AutomaticRestartTime",
		Pending: map[string]string{
			"BackupRetentionPeriod": "PendingBackupRetentionPeriod",
			"IamAuthEnabled":        "PendingIamAuthEnabled",
			logExports:              "PendingLogExports",
		},
		Protections: []string{"BackupRetentionPeriod", "CopyTagsToSnapshot", "DeletionProtection", "IamAuthEnabled", logExports},
		Shapes:      map[string]fix.Shape{logExports: plane.ExportChange},
	}
}

const (
	available  = "available"
	logExports = "EnableCloudwatchLogsExports"
)

// without lists the texts of a list that another does not hold.
func without(list, other resource.Value) []string {
	texts, _ := list.Strings()
	return slices.DeleteFunc(texts, func(text string) bool { return other.Contains(resource.OfString(text)) })
}

// draft is a change in the making.
type draft struct {
	task *fix.Task
	*fix.Change
	// mark is the value of MadeTag on what the change makes. It names the plan
	// too, so that what an earlier plan left behind is never taken for ours.
	mark string
}

func newDraft(task *fix.Task) *draft {
	change := task.Change()
	return &draft{task: task, Change: change, mark: change.ID + "." + task.Now.UTC().Format("20060102T150405Z")}
}

// add appends a step and numbers it.
func (d *draft) add(step fix.Step) {
	step.ID = strconv.Itoa(len(d.Steps) + 1)
	d.Steps = append(d.Steps, step)
}

// ref names a resource beside that of the task, without a UID: it may not
// exist yet.
func (d *draft) ref(typ, id string) resource.Ref {
	kinds := map[string]string{
		neptune.ClusterType: "cluster", neptune.SnapshotType: "cluster-snapshot",
		neptune.InstanceType: "db", neptune.ParameterGroupType: "cluster-pg",
	}
	of := d.task.Resource.Ref
	ref := resource.Ref{Type: typ, ID: id, Account: of.Account, Region: of.Region, Partition: of.Partition}
	ref.ARN = fmt.Sprintf("arn:%s:rds:%s:%s:%s:%s", ref.Partition, ref.Region, ref.Account, kinds[typ], id)
	return ref
}

// free returns the first name of a resource that does not exist: base, base-2,
// base-3 …
func (d *draft) free(ctx context.Context, typ, base, suffix string) (string, error) {
	for n := 1; n <= 9; n++ {
		name := identifier(base, suffix)
		if n > 1 {
			name = identifier(base, suffix+"-"+strconv.Itoa(n))
		}
		_, err := d.task.Reader.Read(ctx, d.ref(typ, name), nil)
		if errors.Is(err, fix.ErrGone) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("nine resources are named like %s already", identifier(base, suffix))
}

// tags are those to put on a new resource: those of its model, except AWS's
// own, and the mark.
func (d *draft) tags(model resource.Value) resource.Value {
	fields := map[string]resource.Value{MadeTag: resource.OfString(d.mark)}
	for key, value := range model.Fields() {
		if !strings.HasPrefix(key, "aws:") && key != MadeTag {
			fields[key] = value
		}
	}
	var list []resource.Value
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		list = append(list, resource.OfMap(map[string]resource.Value{"Key": resource.OfString(key), "Value": fields[key]}))
	}
	return resource.OfList(list...)
}

// made are the conditions that prove that a resource of ours is there.
func (d *draft) made(ref resource.Ref) []fix.Condition {
	return []fix.Condition{there(ref), equal(ref, propMadeBy, resource.OfString(d.mark))}
}

// ready is made, and takes changes.
func (d *draft) ready(ref resource.Ref) []fix.Condition {
	return append(d.made(ref), settled(ref))
}

func there(ref resource.Ref) fix.Condition  { return fix.Condition{Resource: ref, Is: fix.IsThere} }
func isGone(ref resource.Ref) fix.Condition { return fix.Condition{Resource: ref, Is: fix.IsGone} }

func equal(ref resource.Ref, property string, value resource.Value) fix.Condition {
	return fix.Condition{Resource: ref, Property: property, Is: fix.IsEqual, Value: value}
}

func superset(ref resource.Ref, property string, items []string) fix.Condition {
	return fix.Condition{Resource: ref, Property: property, Is: fix.IsSuperset, Value: resource.OfStrings(items)}
}

func disjoint(ref resource.Ref, property string, items ...string) fix.Condition {
	return fix.Condition{Resource: ref, Property: property, Is: fix.IsDisjoint, Value: resource.OfStrings(items)}
}

// settled is the condition that a resource takes changes; it is waited for.
func settled(ref resource.Ref) fix.Condition {
	condition := equal(ref, "Status", resource.OfString(available))
	condition.Settles = true
	return condition
}

// maxIdentifier is the longest identifier that RDS takes for a cluster or an
// instance, in characters.
const maxIdentifier = 63

// identifier joins base and suffix to a name that RDS takes. A base that is too
// long is cut, and told apart from others by four digits of its hash.
func identifier(base, suffix string) string {
	name := strings.ToLower(base)
	if len(name)+1+len(suffix) > maxIdentifier {
		sum := sha256.Sum256([]byte(name))
		name = name[:maxIdentifier-len(suffix)-6] + "-" + hex.EncodeToString(sum[:2])
	}
	name += "-" + suffix
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	return strings.Trim(name, "-")
}

// notReady says that a cluster takes no changes now, or nil.
func notReady(task *fix.Task) *fix.Skipped {
	return clusterProperties().Skip(&fix.Task{Resource: task.Resource, Control: task.Control})
}

// unreadable returns the first property that is unknown, with why; nil when all
// could be read.
func unreadable(task *fix.Task, r *resource.Resource, properties ...string) *fix.Skipped {
	for _, property := range properties {
		if missing := r.Get(property).Missing(); missing != nil {
			return task.Skip(fix.SkipUnread, "%s of %s could not be read: %s", property, r.ID, cause(missing))
		}
	}
	return nil
}

func cause(m *resource.Missing) string {
	switch {
	case m.Permission != "":
		return "the permission " + m.Permission + " is missing"
	case m.Detail != "":
		return m.Detail
	default:
		return m.Reason
	}
}

// readFailed turns a read that planning needs and that failed into a reason to
// leave the resource alone. A cancelled context stops the planning.
func readFailed(ctx context.Context, task *fix.Task, err error) (*fix.Skipped, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return task.Skip(fix.SkipUnread, "%v", err), nil
}

// offline says that a fix cannot be planned from saved data.
func offline(task *fix.Task, what string) *fix.Skipped {
	return task.Skip(fix.SkipUnread, "planning this needs %s, which only the account can tell; plan against it instead of saved data", what)
}
