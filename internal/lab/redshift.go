package lab

// Warehouse is a Redshift cluster.
type Warehouse struct {
	ID        string
	Retention int    // days that automated snapshots are kept; 1 is AWS's default, here too unless NoBackups
	Pending   int    // a retention that was accepted and does not count yet
	NoBackups bool   // keeps none at all
	NodeType  string // ra3.xlplus unless set
	Status    string // available unless set
	Tags      Tags
}

// AddWarehouse puts a Redshift cluster into the region.
func (r *Region) AddWarehouse(h Warehouse) *Region {
	setDefault(&h.NodeType, "ra3.xlplus")
	setDefault(&h.Status, "available")
	if h.Retention == 0 && !h.NoBackups {
		h.Retention = 1
	}
	h.Tags = h.Tags.clone()
	return add(r, &r.stores.warehouses, h.ID, h)
}

func redshiftService() service {
	return service{
		protocol: queryProtocol{version: "2012-12-01", namespace: "http://redshift.amazonaws.com/doc/2012-12-01/"},
		operations: map[string]operation{
			"DescribeClusters": inRegion(describeWarehouses),
			"ModifyCluster":    inRegion(modifyWarehouse),
		},
	}
}

func describeWarehouses(c *call) *Error {
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	only, refused := sought(c, &c.region.stores.warehouses, "ClusterIdentifier", "ClusterNotFound")
	if refused != nil {
		return refused
	}
	w := &c.out
	w.raw("<Clusters>")
	for key, h := range c.region.stores.warehouses.after(page.from) {
		if only != "" && key != only {
			continue
		}
		if !page.take(key) {
			break
		}
		c.oddly(key, nil, func() {
			w.raw("<Cluster>")
			w.text("ClusterIdentifier", h.ID)
			w.text("ClusterNamespaceArn", c.region.arnOf("redshift", "namespace:"+uuidOf(h.ID)))
			w.text("ClusterStatus", h.Status)
			w.text("NodeType", h.NodeType)
			w.int("AutomatedSnapshotRetentionPeriod", h.Retention)
			w.raw("<PendingModifiedValues>")
			if h.Pending != 0 {
				w.int("AutomatedSnapshotRetentionPeriod", h.Pending)
			}
			w.raw("</PendingModifiedValues>")
			w.tags("Tags", h.Tags)
			w.raw("</Cluster>")
		})
	}
	w.raw("</Clusters>")
	page.marker(w)
	return nil
}
