package lab

import (
	"slices"
	"strings"
)

// offer is a snapshot as a listing shows it: the account's own, or somebody else's, named by its ARN.
type offer struct {
	key   string
	id    string // what the answer shows as its identifier
	owner *Region
	Snapshot
}

func describeSnapshots(c *call) *Error {
	filters, refused := c.params.filters("db-cluster-id", "db-cluster-snapshot-id", "snapshot-type", "engine", "db-cluster-resource-id")
	if refused != nil {
		return refused
	}
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	offers, refused := c.offers(filters)
	if refused != nil {
		return refused
	}
	c.out.raw("<DBClusterSnapshots>")
	for _, o := range offers {
		if o.key <= page.from || !c.wantsSnapshot(&o, filters) {
			continue
		}
		if !page.take(o.key) {
			break
		}
		c.writeSnapshot(o.owner, o.id, &o.Snapshot)
	}
	c.out.raw("</DBClusterSnapshots>")
	page.marker(&c.out)
	return nil
}

// offers gathers the snapshots that a request may show, sorted: the account's own automated and manual ones, and those
// of others when asked for.
func (c *call) offers(filters map[string][]string) ([]offer, *Error) {
	kind := c.params["SnapshotType"]
	if !slices.Contains([]string{"", "automated", "manual", "shared", "public", "awsbackup"}, kind) {
		return nil, invalidValue("The parameter SnapshotType must be one of automated, manual, shared, public, awsbackup; not %s", kind)
	}
	shared, refused := c.params.boolean("IncludeShared")
	if refused != nil {
		return nil, refused
	}
	public, refused := c.params.boolean("IncludePublic")
	if refused != nil {
		return nil, refused
	}
	wanted := c.params["DBClusterSnapshotIdentifier"]
	var all []offer
	if kind != "shared" {
		all = c.ownSnapshots(kind, wanted)
	}
	showShared := kind == "shared" || isTrue(shared)
	showPublic := kind == "public" || isTrue(public)
	if showShared || showPublic || strings.HasPrefix(wanted, "arn:") {
		for _, r := range c.account.world.regionsNamed(c.region.Name, c.account.ID) {
			for _, s := range r.Snapshots() {
				arn := r.ARN("cluster-snapshot", s.ID)
				named := s.sharedWith(c.account.ID) && wanted == arn
				if named || showPublic && s.public() || showShared && slices.Contains(s.SharedWith, c.account.ID) {
					all = append(all, offer{key: arn, id: arn, owner: r, Snapshot: s})
				}
			}
		}
	}
	if wanted != "" {
		all = slices.DeleteFunc(all, func(o offer) bool {
			return !strings.EqualFold(o.id, wanted) && !strings.EqualFold(o.owner.ARN("cluster-snapshot", o.ID), wanted)
		})
		if len(all) == 0 {
			return nil, snapshotNotFound(wanted)
		}
	}
	if id := c.params["DBClusterIdentifier"]; id != "" {
		all = slices.DeleteFunc(all, func(o offer) bool { return !strings.EqualFold(o.ClusterID, c.local(id, "cluster")) })
	}
	slices.SortFunc(all, func(a, b offer) int { return strings.Compare(a.key, b.key) })
	return all, nil
}

func isTrue(b *bool) bool { return b != nil && *b }

// ownSnapshots are the account's own of the kind; time passes for those that are named or listed.
func (c *call) ownSnapshots(kind, wanted string) []offer {
	r := c.region
	r.mu.Lock()
	defer r.mu.Unlock()
	var own []offer
	for id, s := range r.snapshots.all() {
		if wanted != "" && !strings.EqualFold(c.local(wanted, "cluster-snapshot"), id) {
			continue
		}
		if kind == "public" && !s.public() || (kind == "manual" || kind == "automated" || kind == "awsbackup") && s.Type != kind {
			continue
		}
		s.life.tick(c.now, true)
		if _, still := r.snapshots.get(id); still {
			own = append(own, offer{key: r.ARN("cluster-snapshot", id), id: s.ID, owner: r, Snapshot: s.clone()})
		}
	}
	return own
}

func (c *call) wantsSnapshot(o *offer, filters map[string][]string) bool {
	return oneOf(filters, "engine", o.Engine) && oneOf(filters, "snapshot-type", o.Type) &&
		oneOf(filters, "db-cluster-resource-id", o.ClusterResourceID) &&
		c.named(filters, "db-cluster-id", "cluster", o.ClusterID) &&
		c.named(filters, "db-cluster-snapshot-id", "cluster-snapshot", o.id)
}

// writeSnapshot writes a snapshot that lies in the given region.
func (c *call) writeSnapshot(owner *Region, shownID string, s *Snapshot) {
	c.oddly(s.ID, s.Odd, func() {
		w := &c.out
		w.open("DBClusterSnapshot")
		w.text("DBClusterSnapshotIdentifier", shownID)
		w.text("DBClusterSnapshotArn", owner.ARN("cluster-snapshot", s.ID))
		w.text("DBClusterIdentifier", s.ClusterID)
		w.text("DbClusterResourceId", s.ClusterResourceID)
		w.list("AvailabilityZones", "AvailabilityZone", s.AvailabilityZones)
		w.time("SnapshotCreateTime", s.CreateTime)
		w.time("ClusterCreateTime", s.ClusterCreateTime)
		w.text("Engine", s.Engine)
		w.text("EngineVersion", s.EngineVersion)
		w.text("EngineMode", "provisioned")
		w.text("Status", s.Status)
		w.text("SnapshotType", s.Type)
		w.int("AllocatedStorage", 1)
		w.int("Port", s.Port)
		w.text("VpcId", "vpc-0a1b2c3d4e5f60718")
		w.str("MasterUsername", s.MasterUsername)
		w.text("LicenseModel", licenceOf(s.Engine))
		w.int("PercentProgress", percent(s.Status))
		w.bool("StorageEncrypted", s.StorageEncrypted)
		w.str("KmsKeyId", s.KMSKeyID)
		w.bool("IAMDatabaseAuthenticationEnabled", s.IAMAuth)
		w.int("BackupRetentionPeriod", s.BackupRetentionPeriod)
		w.str("StorageType", s.StorageType)
		w.str("SourceDBClusterSnapshotArn", s.SourceARN)
		w.tags("TagList", s.Tags)
		w.close("DBClusterSnapshot")
	})
}

func percent(status string) int {
	if status == "available" {
		return 100
	}
	return 0
}

func licenceOf(engine string) string {
	switch engine {
	case "neptune":
		return "amazon-license"
	case "docdb":
		return "na"
	case "aurora-postgresql", "postgres":
		return "postgresql-license"
	}
	return "general-public-license"
}
