package lab

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// ParameterGroup is a DB cluster parameter group. The default groups of the families exist by themselves.
type ParameterGroup struct {
	Name        string
	Family      string // for instance neptune1.3
	Description string
	Values      map[string]string // parameters that the user set
	Tags        Tags
}

type group struct {
	ParameterGroup
}

// AddParameterGroup puts a cluster parameter group into the region.
func (r *Region) AddParameterGroup(g ParameterGroup) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.Values, g.Tags = maps.Clone(g.Values), g.Tags.clone()
	if g.Values == nil {
		g.Values = map[string]string{}
	}
	setDefault(&g.Description, g.Name)
	r.groups.put(g.Name, &group{g})
	return r
}

// ParameterGroup returns a copy of a cluster parameter group.
func (r *Region) ParameterGroup(name string) (ParameterGroup, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g, ok := r.groupByName(name)
	if !ok {
		return ParameterGroup{}, false
	}
	out := g.ParameterGroup
	out.Values, out.Tags = maps.Clone(out.Values), out.Tags.clone()
	return out, true
}

// groupByName finds a group; the default group of a family is made when it is first asked for.
func (r *Region) groupByName(name string) (*group, bool) {
	name = strings.ToLower(name)
	r.defaultGroup(name)
	return r.groups.get(name)
}

func (r *Region) defaultGroup(name string) {
	family, ok := strings.CutPrefix(name, "default.")
	if _, there := r.groups.get(name); !ok || there || engineOfFamily(family) == "" {
		return
	}
	r.groups.put(name, &group{ParameterGroup{Name: name, Family: family,
		Description: "Default cluster parameter group for " + family, Values: map[string]string{}, Tags: Tags{}}})
}

func (g *group) isDefault() bool { return strings.HasPrefix(g.Name, "default.") }

// auditParameter tells whether the parameter group of a cluster turns audit lines on.
func (r *Region) auditParameter(c *cluster) bool {
	g, ok := r.groupByName(c.ParameterGroup)
	if !ok {
		return false
	}
	switch c.Engine {
	case "neptune":
		return g.Values["neptune_enable_audit_log"] == "1"
	case "docdb":
		v := g.Values["audit_logs"]
		return v != "" && v != "disabled" && v != "none"
	case "aurora-mysql":
		return g.Values["server_audit_logging"] == "1" || strings.EqualFold(g.Values["server_audit_logging"], "on")
	}
	return false
}

// WritesAudit tells whether audit lines of a cluster reach CloudWatch Logs: the log type is exported, and every instance
// has started with the parameter on. False for a cluster without instances.
func (r *Region) WritesAudit(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.clusterByID(id)
	if !ok || !slices.Contains(c.LogExports, "audit") || len(c.Members) == 0 {
		return false
	}
	r.tickMembers(c, r.now(), false)
	return !slices.ContainsFunc(c.Members, func(m Member) bool {
		in, ok := r.instances.get(m.ID)
		return !ok || !in.AuditLog
	})
}

// group finds the parameter group that the request names.
func (c *call) group() (*group, *Error) {
	name, refused := c.params.required("DBClusterParameterGroupName")
	if refused != nil {
		return nil, refused
	}
	g, ok := c.region.groupByName(c.local(name, "cluster-pg"))
	if !ok {
		return nil, groupNotFound(name)
	}
	return g, nil
}

// customGroup finds the parameter group that the request names and refuses a default one.
func (c *call) customGroup() (*group, *Error) {
	g, refused := c.group()
	if refused == nil && g.isDefault() {
		return nil, groupState("The default parameter group %s cannot be changed.", g.Name)
	}
	return g, refused
}

func describeGroups(c *call) *Error {
	if _, refused := c.params.filters(); refused != nil {
		return refused
	}
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	c.out.raw("<DBClusterParameterGroups>")
	if c.params["DBClusterParameterGroupName"] != "" {
		g, refused := c.group()
		if refused != nil {
			return refused
		}
		c.writeGroup(g)
	} else {
		for key, g := range c.region.groups.after(page.from) {
			if !page.take(key) {
				break
			}
			c.writeGroup(g)
		}
	}
	c.out.raw("</DBClusterParameterGroups>")
	page.marker(&c.out)
	return nil
}

func (c *call) writeGroup(g *group) {
	w := &c.out
	w.raw("<DBClusterParameterGroup>")
	w.text("DBClusterParameterGroupName", g.Name)
	w.text("DBParameterGroupFamily", g.Family)
	w.text("Description", g.Description)
	c.writeARN("DBClusterParameterGroupArn", "cluster-pg:", g.Name)
	w.raw("</DBClusterParameterGroup>")
}

func createGroup(c *call) *Error {
	name, refused := c.newID("DBClusterParameterGroupName")
	if refused != nil {
		return refused
	}
	family, refused := c.params.required("DBParameterGroupFamily")
	if refused != nil {
		return refused
	}
	if engineOfFamily(family) == "" {
		return invalidValue("ParameterGroupFamily %s is not a valid parameter group family", family)
	}
	description, refused := c.params.required("Description")
	if refused != nil {
		return refused
	}
	tags, refused := c.params.tags()
	if refused != nil {
		return refused
	}
	if _, taken := c.region.groups.get(name); taken {
		return refuse(http.StatusBadRequest, "DBParameterGroupAlreadyExists", "Parameter group %s already exists", name)
	}
	g := &group{ParameterGroup{Name: name, Family: family, Description: description, Values: map[string]string{}, Tags: tags}}
	c.region.groups.put(name, g)
	c.wrote("cluster-pg", name)
	c.writeGroup(g)
	return nil
}

func deleteGroup(c *call) *Error {
	g, refused := c.customGroup()
	if refused != nil {
		return refused
	}
	for _, cl := range c.region.clusters.all() {
		if strings.EqualFold(cl.ParameterGroup, g.Name) {
			return groupState("One or more database clusters are still members of this parameter group %s, so the group cannot be deleted", g.Name)
		}
	}
	c.wrote("cluster-pg", g.Name)
	c.region.groups.remove(g.Name)
	return nil
}
