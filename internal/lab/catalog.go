package lab

import (
	"net/http"
	"slices"
	"strings"
)

// SubnetGroup is a DB subnet group: where the instances of a cluster can lie. Every region has one named default that
// covers all zones.
type SubnetGroup struct {
	Name        string
	Description string
	Zones       []string // for instance eu-west-1a
}

// AddSubnetGroup puts a subnet group into the region.
func (r *Region) AddSubnetGroup(g SubnetGroup) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.Zones = slices.Clone(g.Zones)
	setDefault(&g.Description, g.Name)
	r.subnets.put(g.Name, &g)
	return r
}

func describeSubnetGroups(c *call) *Error {
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	c.out.raw("<DBSubnetGroups>")
	if name := c.params["DBSubnetGroupName"]; name != "" {
		g, ok := c.region.subnets.get(name)
		if !ok {
			return refuse(http.StatusNotFound, "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", name)
		}
		c.writeSubnetGroup(g)
	} else {
		for key, g := range c.region.subnets.after(page.from) {
			if !page.take(key) {
				break
			}
			c.writeSubnetGroup(g)
		}
	}
	c.out.raw("</DBSubnetGroups>")
	page.marker(&c.out)
	return nil
}

func (c *call) writeSubnetGroup(g *SubnetGroup) {
	w := &c.out
	w.raw("<DBSubnetGroup>")
	w.text("DBSubnetGroupName", g.Name)
	w.text("DBSubnetGroupDescription", g.Description)
	w.text("VpcId", "vpc-0a1b2c3d4e5f60718")
	w.text("SubnetGroupStatus", "Complete")
	w.raw("<Subnets>")
	for _, zone := range g.Zones {
		w.raw("<Subnet>")
		w.text("SubnetIdentifier", "subnet-0"+letters(g.Name+zone, 16))
		w.raw("<SubnetAvailabilityZone>")
		w.text("Name", zone)
		w.raw("</SubnetAvailabilityZone><SubnetStatus>Active</SubnetStatus></Subnet>")
	}
	w.raw("</Subnets>")
	c.writeARN("DBSubnetGroupArn", "subgrp:", g.Name)
	w.raw("</DBSubnetGroup>")
}

// classesOf lists the instance classes that the lab sells for an engine.
func classesOf(engine string) []string {
	sizes := func(families []string, names ...string) []string {
		var out []string
		for _, f := range families {
			for _, n := range names {
				out = append(out, "db."+f+"."+n)
			}
		}
		return out
	}
	graviton := sizes([]string{"r5", "r6g", "r7g"}, "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
	small := []string{"db.serverless", "db.t3.medium", "db.t4g.medium"}
	switch engine {
	case "neptune", "aurora-mysql", "aurora-postgresql":
		return slices.Concat(graviton, small)
	case "docdb":
		return slices.Concat(graviton, small[1:])
	case "mysql", "postgres":
		return slices.Concat(graviton, sizes([]string{"r6gd"}, "large", "xlarge"), sizes([]string{"t3", "t4g"}, "micro", "small", "medium"))
	}
	return nil
}

func describeOrderable(c *call) *Error {
	name, refused := c.params.required("Engine")
	if refused != nil {
		return refused
	}
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	facts, ok := engine(name)
	if !ok {
		return invalidValue("Invalid DB engine")
	}
	version := or(c.params["EngineVersion"], facts.version)
	classes := classesOf(name)
	slices.Sort(classes)
	c.out.raw("<OrderableDBInstanceOptions>")
	for _, class := range classes {
		if class <= page.from || !glob(c.params["DBInstanceClass"], class) {
			continue
		}
		if !page.take(class) {
			break
		}
		c.writeOrderable(name, version, class)
	}
	c.out.raw("</OrderableDBInstanceOptions>")
	page.marker(&c.out)
	return nil
}

func (c *call) writeOrderable(engine, version, class string) {
	w := &c.out
	w.raw("<OrderableDBInstanceOption>")
	w.text("Engine", engine)
	w.text("EngineVersion", version)
	w.text("DBInstanceClass", class)
	w.text("LicenseModel", licenceOf(engine))
	w.raw("<AvailabilityZones>")
	for _, zone := range zonesOf(c.region.Name) {
		w.raw("<AvailabilityZone>")
		w.text("Name", zone)
		w.raw("</AvailabilityZone>")
	}
	w.raw("</AvailabilityZones>")
	w.bool("MultiAZCapable", false)
	w.bool("ReadReplicaCapable", true)
	w.bool("Vpc", true)
	w.bool("SupportsStorageEncryption", true)
	w.text("StorageType", "aurora")
	w.bool("SupportsIAMDatabaseAuthentication", !strings.HasPrefix(engine, "docdb"))
	w.bool("SupportsClusters", true)
	w.raw("</OrderableDBInstanceOption>")
}
