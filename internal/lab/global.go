package lab

import "net/http"

// GlobalCluster joins clusters of several regions.
type GlobalCluster struct {
	ID                 string
	Engine             string   // neptune unless set
	Members            []string // ARNs of the clusters; the first is the primary one
	DeletionProtection bool
	StorageEncrypted   bool
}

// globalMember names the global cluster that a cluster of the region is a member of.
func (a *Account) globalMember(r *Region, id string) string {
	a.mu.Lock()
	none := len(a.globals.ids) == 0
	a.mu.Unlock()
	if none {
		return ""
	}
	return a.globalOf(r.ARN("cluster", id))
}

func describeGlobalClusters(c *call) *Error {
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	filters, refused := c.params.filters("db-cluster-id")
	if refused != nil {
		return refused
	}
	a := c.account
	a.mu.Lock()
	defer a.mu.Unlock()
	wanted := c.params["GlobalClusterIdentifier"]
	if wanted != "" {
		if _, ok := a.globals.get(wanted); !ok {
			return refuse(http.StatusNotFound, "GlobalClusterNotFoundFault", "Global cluster %s not found", wanted)
		}
		filters["id"] = []string{wanted}
	}
	c.out.raw("<GlobalClusters>")
	for key, g := range a.globals.after(page.from) {
		if !oneOf(filters, "id", g.ID) || !g.holds(filters["db-cluster-id"]) {
			continue
		}
		if !page.take(key) {
			break
		}
		c.writeGlobal(g)
	}
	c.out.raw("</GlobalClusters>")
	page.marker(&c.out)
	return nil
}

// holds tells whether one of the clusters, by ARN, is a member; no clusters means any.
func (g *GlobalCluster) holds(arns []string) bool {
	for _, m := range g.Members {
		if oneOf(map[string][]string{"member": arns}, "member", m) {
			return true
		}
	}
	return len(arns) == 0
}

func (c *call) writeGlobal(g *GlobalCluster) {
	w := &c.out
	w.raw("<GlobalClusterMember>")
	w.text("GlobalClusterIdentifier", g.ID)
	w.text("GlobalClusterResourceId", "cluster-"+letters(g.ID, 16))
	w.text("GlobalClusterArn", "arn:"+partitionOf(c.region.Name)+":rds::"+c.account.ID+":global-cluster:"+g.ID)
	w.text("Status", "available")
	w.text("Engine", or(g.Engine, "neptune"))
	w.bool("StorageEncrypted", g.StorageEncrypted)
	w.bool("DeletionProtection", g.DeletionProtection)
	w.raw("<GlobalClusterMembers>")
	for i, m := range g.Members {
		w.raw("<GlobalClusterMember>")
		w.text("DBClusterArn", m)
		w.bool("IsWriter", i == 0)
		if i == 0 {
			w.list("Readers", "member", g.Members[1:])
		}
		w.raw("</GlobalClusterMember>")
	}
	w.raw("</GlobalClusterMembers></GlobalClusterMember>")
}
