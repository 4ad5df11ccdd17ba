package lab

import (
	"net/http"
	"slices"
	"strings"
)

// ownSnapshot finds the account's own snapshot that a parameter names.
func (c *call) ownSnapshot(param string) (*snapshot, *Error) {
	id, refused := c.params.required(param)
	if refused != nil {
		return nil, refused
	}
	s, ok := c.region.snapshotByID(c.local(id, "cluster-snapshot"))
	if !ok {
		return nil, snapshotNotFound(id)
	}
	return s, nil
}

// newSnapshot puts a snapshot that is being made into the region.
func (c *call) newSnapshot(s Snapshot) {
	s.Type, s.Status, s.CreateTime = "manual", "creating", c.now
	own := &snapshot{Snapshot: s}
	c.region.snapshots.put(s.ID, own)
	c.later(&own.life, func(*Region) { own.Status = "available" })
	c.wrote("cluster-snapshot", s.ID)
	c.writeSnapshot(c.region, s.ID, &own.Snapshot)
}

func (c *call) freeSnapshotID(param string) (string, *Error) {
	id, refused := c.newID(param)
	if refused != nil {
		return "", refused
	}
	if _, taken := c.region.snapshotByID(id); taken {
		return "", refuse(http.StatusBadRequest, "DBClusterSnapshotAlreadyExistsFault",
			"Cannot create the cluster snapshot because one with the identifier %s already exists.", id)
	}
	return id, nil
}

func createSnapshot(c *call) *Error {
	id, refused := c.freeSnapshotID("DBClusterSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	cl, refused := c.cluster("DBClusterIdentifier")
	if refused != nil {
		return refused
	}
	if cl.Status != "available" {
		return clusterState("Cannot create a snapshot because the database cluster %s is not currently in the available state.", cl.ID)
	}
	tags, refused := c.params.tags()
	if refused != nil {
		return refused
	}
	if len(tags) == 0 && cl.CopyTagsToSnapshot { // tags that are given keep the cluster's from being copied
		tags = cl.Tags.clone()
	}
	c.newSnapshot(c.region.snapshotOf(cl, id, tags))
	return nil
}

// snapshotOf is a snapshot of a cluster as it is now.
func (r *Region) snapshotOf(cl *cluster, id string, tags Tags) Snapshot {
	s := Snapshot{ID: id, ClusterID: cl.ID, Engine: cl.Engine, StorageEncrypted: cl.StorageEncrypted, Tags: tags}
	r.inherit(&s, &cl.Cluster)
	return s
}

// copySnapshot copies a snapshot of this region, or one of another account or region that is shared. A KMS key can
// change the key of an encrypted cluster snapshot; it cannot encrypt an unencrypted one.
func copySnapshot(c *call) *Error {
	from, refused := c.params.required("SourceDBClusterSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	source, ok := c.sourceSnapshot(from)
	if !ok {
		return snapshotNotFound(from)
	}
	r := c.region
	r.mu.Lock()
	defer r.mu.Unlock()
	id, refused := c.freeSnapshotID("TargetDBClusterSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	if source.Status != "available" {
		return snapshotState("The specified cluster snapshot %s is not in the available state.", from)
	}
	tags, refused := c.params.tags()
	if refused != nil {
		return refused
	}
	copyTags, refused := c.params.boolean("CopyTags")
	if refused != nil {
		return refused
	}
	if key := c.params["KmsKeyId"]; key != "" {
		if !source.StorageEncrypted {
			return invalidCombination("A KMS key cannot be specified for the copy of an unencrypted DB cluster snapshot.")
		}
		if source.KMSKeyID, ok = r.usableKey(key); !ok {
			return keyNotAccessible(key)
		}
	}
	if len(tags) == 0 && isTrue(copyTags) {
		tags = source.Tags.clone()
	}
	source.SourceARN = from
	if !strings.HasPrefix(from, "arn:") {
		source.SourceARN = r.ARN("cluster-snapshot", source.ID)
	}
	source.ID, source.Tags, source.SharedWith = id, tags, nil
	c.newSnapshot(source)
	return nil
}

// sourceSnapshot finds a snapshot to copy or restore: the account's own in this region, one of its own in another
// region by ARN, or one that somebody shares.
func (c *call) sourceSnapshot(idOrARN string) (Snapshot, bool) {
	if s, ok := c.region.Snapshot(c.local(idOrARN, "cluster-snapshot")); ok {
		return s, true
	}
	if parts := strings.SplitN(idOrARN, ":", 7); len(parts) == 7 && parts[4] == c.account.ID {
		if r, ok := c.account.existing(parts[3]); ok {
			return r.Snapshot(parts[6])
		}
	}
	return c.region.sharedSnapshot(idOrARN)
}

func deleteSnapshot(c *call) *Error {
	s, refused := c.ownSnapshot("DBClusterSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	if s.Type != "manual" {
		return snapshotState("Only manual snapshots may be deleted.")
	}
	if s.Status != "available" {
		return snapshotState("Cannot delete the snapshot because it is not in the available state.")
	}
	c.wrote("cluster-snapshot", s.ID)
	c.region.snapshots.remove(s.ID)
	c.writeSnapshot(c.region, s.ID, &s.Snapshot)
	return nil
}

func describeSnapshotAttributes(c *call) *Error {
	s, refused := c.ownSnapshot("DBClusterSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	c.writeSnapshotAttributes(&s.Snapshot)
	return nil
}

func (c *call) writeSnapshotAttributes(s *Snapshot) {
	c.oddly(s.ID, nil, func() {
		w := &c.out
		w.raw("<DBClusterSnapshotAttributesResult>")
		w.text("DBClusterSnapshotIdentifier", s.ID)
		w.raw("<DBClusterSnapshotAttributes><DBClusterSnapshotAttribute><AttributeName>restore</AttributeName>")
		if len(s.SharedWith) == 0 {
			w.raw("<AttributeValues/>")
		}
		w.list("AttributeValues", "AttributeValue", s.SharedWith)
		w.raw("</DBClusterSnapshotAttribute></DBClusterSnapshotAttributes></DBClusterSnapshotAttributesResult>")
	})
}

// maxShared is how many accounts a snapshot can be shared with.
const maxShared = 20

func modifySnapshotAttribute(c *call) *Error {
	s, refused := c.ownSnapshot("DBClusterSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	if name, refused := c.params.required("AttributeName"); refused != nil {
		return refused
	} else if name != "restore" {
		return invalidValue("The parameter AttributeName must be restore, not %s.", name)
	}
	add := c.params.list("ValuesToAdd", "AttributeValue")
	remove := c.params.list("ValuesToRemove", "AttributeValue")
	shared, refused := judgeShares(&shares{s.ID, s.Type, s.Status, "cluster snapshot", s.StorageEncrypted, s.SharedWith, snapshotState}, add, remove)
	if refused != nil {
		return refused
	}
	s.SharedWith = shared
	c.wrote("cluster-snapshot", s.ID)
	c.writeSnapshotAttributes(&s.Snapshot)
	return nil
}

// shares are those of a snapshot of a cluster or of an instance, with how its service refuses a state.
type shares struct {
	id, kind, status, what string
	encrypted              bool
	with                   []string
	state                  func(string, ...any) *Error
}

// judgeShares tells with whom a snapshot is shared after a change, or why the change is refused.
func judgeShares(s *shares, add, remove []string) ([]string, *Error) {
	for _, v := range slices.Concat(add, remove) {
		if v != "all" && (len(v) != 12 || strings.Trim(v, "0123456789") != "") {
			return nil, invalidValue("Invalid account id: %s", v)
		}
	}
	for _, v := range add {
		if slices.Contains(remove, v) {
			return nil, invalidCombination("A value may not appear in both the add list and remove list. %s", v)
		}
	}
	switch {
	case s.kind != "manual":
		return nil, s.state("Only manual snapshots can be shared; %s is %s.", s.id, s.kind)
	case s.status != "available":
		return nil, s.state("The specified %s %s is not in the available state.", s.what, s.id)
	case s.encrypted && slices.Contains(add, "all"):
		return nil, invalidValue("Encrypted snapshots cannot be shared publicly.")
	}
	shared := keep(s.with, func(v string) bool { return !slices.Contains(remove, v) })
	for _, v := range add {
		if !slices.Contains(shared, v) {
			shared = append(shared, v)
		}
	}
	if len(keep(shared, func(v string) bool { return v != "all" })) > maxShared {
		return nil, refuse(http.StatusBadRequest, "SharedSnapshotQuotaExceeded", "A snapshot cannot be shared with more than %d accounts.", maxShared)
	}
	return shared, nil
}
