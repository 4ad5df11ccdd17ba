package lab

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// DBSnapshot is a snapshot of a DB instance. When one is added, what is left zero is taken from its instance, if that
// exists.
type DBSnapshot struct {
	ID            string
	InstanceID    string
	Engine        string // mysql unless set or taken from the instance
	EngineVersion string
	Type          string // manual unless set; automated ones have an ID that begins with "rds:"
	Status        string // available unless set
	CreateTime    time.Time
	Encrypted     bool
	KMSKeyID      string
	// SharedWith are the accounts that may restore it; "all" makes it public.
	SharedWith []string
	Tags       Tags
	// Odd makes the snapshot malformed in every answer, nil for a sound one.
	Odd *Odd
}

// AddDBSnapshot puts a snapshot of an instance into the region.
func (r *Region) AddDBSnapshot(s DBSnapshot) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.ID, s.InstanceID = strings.ToLower(s.ID), strings.ToLower(s.InstanceID)
	s.SharedWith, s.Tags = slices.Clone(s.SharedWith), s.Tags.clone()
	if in, ok := r.instances.get(s.InstanceID); ok {
		setDefault(&s.Engine, in.Engine)
		setDefault(&s.EngineVersion, in.EngineVersion)
		s.Encrypted = s.Encrypted || in.StorageEncrypted
	}
	setDefault(&s.Engine, "mysql")
	facts, _ := engine(s.Engine)
	setDefault(&s.EngineVersion, facts.version)
	setDefault(&s.Type, "manual")
	setDefault(&s.Status, "available")
	setDefault(&s.InstanceID, "gone")
	if s.CreateTime.IsZero() {
		s.CreateTime = r.now().Add(-30 * 24 * time.Hour)
	}
	if s.Encrypted && s.KMSKeyID == "" {
		s.KMSKeyID = r.keyARN(r.keys[0])
	}
	r.dbSnapshots.put(s.ID, &s)
	return r
}

// ChangeDBSnapshot changes a snapshot behind the back of every client. It reports whether the snapshot exists.
func (r *Region) ChangeDBSnapshot(id string, change func(*DBSnapshot)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.dbSnapshots.get(id)
	if ok {
		change(s)
	}
	return ok
}

// describeDBSnapshots lists the account's own snapshots of instances. Those of others are not offered.
func describeDBSnapshots(c *call) *Error {
	filters, refused := c.params.filters("db-instance-id", "db-snapshot-id", "dbi-resource-id", "snapshot-type", "engine")
	if refused != nil {
		return refused
	}
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	kind, wanted := c.params["SnapshotType"], c.params["DBSnapshotIdentifier"]
	if !slices.Contains([]string{"", "automated", "manual", "shared", "public", "awsbackup"}, kind) {
		return invalidValue("The parameter SnapshotType must be one of automated, manual, shared, public, awsbackup; not %s", kind)
	}
	if wanted != "" {
		if _, ok := c.region.dbSnapshots.get(c.local(wanted, "snapshot")); !ok {
			return dbSnapshotNotFound(wanted)
		}
	}
	c.out.raw("<DBSnapshots>")
	for key, s := range c.region.dbSnapshots.after(page.from) {
		if wanted != "" && !strings.EqualFold(key, c.local(wanted, "snapshot")) || !c.wantsDBSnapshot(s, kind, filters) {
			continue
		}
		if !page.take(key) {
			break
		}
		c.writeDBSnapshot(s)
	}
	c.out.raw("</DBSnapshots>")
	page.marker(&c.out)
	return nil
}

func (c *call) wantsDBSnapshot(s *DBSnapshot, kind string, filters map[string][]string) bool {
	if instance := c.params["DBInstanceIdentifier"]; instance != "" && !strings.EqualFold(c.local(instance, "db"), s.InstanceID) {
		return false
	}
	switch kind {
	case "":
	case "public":
		if !slices.Contains(s.SharedWith, "all") {
			return false
		}
	default:
		if s.Type != kind {
			return false
		}
	}
	return oneOf(filters, "engine", s.Engine) && oneOf(filters, "snapshot-type", s.Type) && filters["dbi-resource-id"] == nil &&
		c.named(filters, "db-instance-id", "db", s.InstanceID) && c.named(filters, "db-snapshot-id", "snapshot", s.ID)
}

func (c *call) writeDBSnapshot(s *DBSnapshot) {
	c.oddly(s.ID, s.Odd, func() {
		w := &c.out
		facts, _ := engine(s.Engine)
		w.open("DBSnapshot")
		w.text("DBSnapshotIdentifier", s.ID)
		w.text("DBInstanceIdentifier", s.InstanceID)
		w.time("SnapshotCreateTime", s.CreateTime)
		w.text("Engine", s.Engine)
		w.text("EngineVersion", s.EngineVersion)
		w.int("AllocatedStorage", 20)
		w.text("Status", s.Status)
		w.int("Port", facts.port)
		w.text("VpcId", "vpc-0a1b2c3d4e5f60718")
		w.text("LicenseModel", licenceOf(s.Engine))
		w.text("SnapshotType", s.Type)
		w.int("PercentProgress", percent(s.Status))
		w.text("StorageType", "gp3")
		w.bool("Encrypted", s.Encrypted)
		w.str("KmsKeyId", s.KMSKeyID)
		c.writeARN("DBSnapshotArn", "snapshot:", s.ID)
		w.bool("IAMDatabaseAuthenticationEnabled", false)
		w.tags("TagList", s.Tags)
		w.close("DBSnapshot")
	})
}

func describeDBSnapshotAttributes(c *call) *Error {
	id, refused := c.params.required("DBSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	s, ok := c.region.dbSnapshots.get(c.local(id, "snapshot"))
	if !ok {
		return dbSnapshotNotFound(id)
	}
	w := &c.out
	w.raw("<DBSnapshotAttributesResult>")
	w.text("DBSnapshotIdentifier", s.ID)
	w.raw("<DBSnapshotAttributes><DBSnapshotAttribute><AttributeName>restore</AttributeName>")
	w.list("AttributeValues", "AttributeValue", slices.Sorted(slices.Values(s.SharedWith)))
	w.raw("</DBSnapshotAttribute></DBSnapshotAttributes></DBSnapshotAttributesResult>")
	return nil
}

func dbSnapshotNotFound(id string) *Error {
	return refuse(http.StatusNotFound, "DBSnapshotNotFound", "DBSnapshot %s not found.", id)
}
