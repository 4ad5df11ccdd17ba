package lab

import (
	"net/http"
	"slices"
	"strings"
)

// modifyDBSnapshotAttribute changes who may restore a snapshot of an instance.
func modifyDBSnapshotAttribute(c *call) *Error {
	id, refused := c.params.required("DBSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	s, ok := c.region.dbSnapshots.get(c.local(id, "snapshot"))
	if !ok {
		return dbSnapshotNotFound(id)
	}
	if name, refused := c.params.required("AttributeName"); refused != nil {
		return refused
	} else if name != "restore" {
		return invalidValue("The parameter AttributeName must be restore, not %s.", name)
	}
	shared, refused := judgeShares(&shares{s.ID, s.Type, s.Status, "snapshot", s.Encrypted, s.SharedWith, dbSnapshotState},
		c.params.list("ValuesToAdd", "AttributeValue"), c.params.list("ValuesToRemove", "AttributeValue"))
	if refused != nil {
		return refused
	}
	s.SharedWith = shared
	c.wrote("snapshot", s.ID)
	return describeDBSnapshotAttributes(c)
}

func dbSnapshotState(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "InvalidDBSnapshotState", format, args...)
}

// DBSnapshot returns a copy of a snapshot of an instance.
func (r *Region) DBSnapshot(id string) (DBSnapshot, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.dbSnapshots.get(strings.ToLower(id))
	if !ok {
		return DBSnapshot{}, false
	}
	out := *s
	out.SharedWith, out.Tags = slices.Clone(s.SharedWith), s.Tags.clone()
	return out, true
}
