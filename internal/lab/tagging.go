package lab

import (
	"net/http"
	"strings"
)

// tagged finds the tags of the resource that ResourceName names.
func (c *call) tagged() (tags *Tags, kind, id string, refused *Error) {
	arn, refused := c.params.required("ResourceName")
	if refused != nil {
		return nil, "", "", refused
	}
	rest, ok := strings.CutPrefix(arn, c.region.marks.arn)
	kind, id, cut := strings.Cut(rest, ":")
	if !strings.HasPrefix(arn, "arn:") || strings.Count(arn, ":") < 6 {
		return nil, "", "", invalidValue("Invalid resource name: %s", arn)
	}
	if !ok || !cut {
		return nil, "", "", refuse(http.StatusForbidden, "AccessDenied", "User: %s is not authorized to perform: rds:%s on resource: %s",
			c.who.arn(c.region.Name), c.operation, arn)
	}
	switch kind {
	case "cluster":
		if cl, ok := c.region.clusterByID(id); ok {
			return &cl.Tags, kind, cl.ID, nil
		}
		return nil, "", "", clusterNotFound(id)
	case "db":
		if in, ok := c.region.instanceByID(id); ok {
			return &in.Tags, kind, in.ID, nil
		}
		return nil, "", "", instanceNotFound(id)
	case "cluster-snapshot":
		if s, ok := c.region.snapshotByID(id); ok {
			return &s.Tags, kind, s.ID, nil
		}
		return nil, "", "", snapshotNotFound(id)
	case "cluster-pg":
		if g, ok := c.region.groupByName(id); ok {
			return &g.Tags, kind, g.Name, nil
		}
		return nil, "", "", groupNotFound(id)
	}
	return nil, "", "", invalidValue("Invalid resource name: %s", arn)
}

func listTags(c *call) *Error {
	tags, _, _, refused := c.tagged()
	if refused != nil {
		return refused
	}
	c.out.tags("TagList", *tags)
	return nil
}

func addTags(c *call) *Error {
	tags, kind, id, refused := c.tagged()
	if refused != nil {
		return refused
	}
	more, refused := c.params.tags()
	if refused != nil {
		return refused
	}
	// A new map: the old one may be shared by generated clusters.
	merged := tags.clone()
	for key, value := range more {
		merged[key] = value
	}
	if len(merged) > 50 {
		return invalidValue("A resource cannot have more than 50 tags")
	}
	*tags = merged
	c.wrote(kind, id)
	return nil
}

func removeTags(c *call) *Error {
	tags, kind, id, refused := c.tagged()
	if refused != nil {
		return refused
	}
	left := tags.clone()
	for _, key := range c.params.list("TagKeys", "member") {
		delete(left, key)
	}
	*tags = left
	c.wrote(kind, id)
	return nil
}
