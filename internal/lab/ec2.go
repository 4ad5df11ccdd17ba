package lab

import (
	"net/http"
	"slices"
)

// ec2Service tells which regions and zones there are, and what EBS holds.
func ec2Service() service {
	return service{
		protocol: ec2Protocol{queryProtocol{version: "2016-11-15", namespace: "http://ec2.amazonaws.com/doc/2016-11-15/"}},
		operations: map[string]operation{
			"DescribeAvailabilityZones":         describeZones,
			"DescribeRegions":                   describeRegions,
			"DescribeSnapshotAttribute":         inRegion(describeEBSSnapshotAttribute),
			"DescribeSnapshots":                 inRegion(describeEBSSnapshots),
			"DescribeVolumes":                   inRegion(describeVolumes),
			"DisableSnapshotBlockPublicAccess":  inRegion(disableSharingBlock),
			"EnableSnapshotBlockPublicAccess":   inRegion(enableSharingBlock),
			"GetSnapshotBlockPublicAccessState": inRegion(getSharingBlock),
			"ModifySnapshotAttribute":           inRegion(modifyEBSSnapshotAttribute),
		},
	}
}

// describeRegions lists the regions that the account can use, or all of the partition with AllRegions.
func describeRegions(c *call) *Error {
	all, refused := c.flag("AllRegions")
	if refused != nil {
		return refused
	}
	names := c.params.list("RegionName", "member")
	filters, refused := c.params.filters("endpoint", "opt-in-status", "region-name")
	if refused != nil {
		return refused
	}
	known := areas(partitionOf(c.scope.region))
	for _, name := range names {
		if !slices.ContainsFunc(known, func(a area) bool { return a.name == name }) {
			return refuse(http.StatusBadRequest, "InvalidParameterValue", "Invalid region provided: %s", name)
		}
	}
	w := &c.out
	w.raw("<regionInfo>")
	for _, a := range known {
		enabled := c.account.enabled(a.name)
		status := "opt-in-not-required"
		switch {
		case a.optIn && enabled:
			status = "opted-in"
		case !enabled:
			status = "not-opted-in"
		}
		endpoint := "ec2." + a.name + "." + suffixOf(a.name)
		if !enabled && !all || len(names) > 0 && !slices.Contains(names, a.name) || !oneOf(filters, "region-name", a.name) ||
			!oneOf(filters, "opt-in-status", status) || !oneOf(filters, "endpoint", endpoint) {
			continue
		}
		w.raw("<item>")
		w.text("regionName", a.name)
		w.text("regionEndpoint", endpoint)
		w.text("optInStatus", status)
		w.raw("</item>")
	}
	w.raw("</regionInfo>")
	return nil
}

func describeZones(c *call) *Error {
	names := c.params.list("ZoneName", "member")
	filters, refused := c.params.filters("region-name", "state", "zone-id", "zone-name", "zone-type", "opt-in-status", "group-name")
	if refused != nil {
		return refused
	}
	region := c.region.Name
	for _, name := range names {
		if !slices.Contains(zonesOf(region), name) {
			return refuse(http.StatusBadRequest, "InvalidParameterValue", "Invalid availability zone: [%s]", name)
		}
	}
	w := &c.out
	w.raw("<availabilityZoneInfo>")
	for _, zone := range zonesOf(region) {
		if len(names) > 0 && !slices.Contains(names, zone) || !oneOf(filters, "region-name", region) ||
			!oneOf(filters, "zone-name", zone) || !oneOf(filters, "zone-id", zoneID(zone)) ||
			!oneOf(filters, "state", "available") || !oneOf(filters, "zone-type", "availability-zone") ||
			!oneOf(filters, "opt-in-status", "opt-in-not-required") || !oneOf(filters, "group-name", region) {
			continue
		}
		w.raw("<item>")
		w.text("zoneName", zone)
		w.text("zoneState", "available")
		w.text("regionName", region)
		w.text("zoneId", zoneID(zone))
		w.text("groupName", region)
		w.text("networkBorderGroup", region)
		w.text("zoneType", "availability-zone")
		w.text("optInStatus", "opt-in-not-required")
		w.raw("<messageSet/></item>")
	}
	w.raw("</availabilityZoneInfo>")
	return nil
}
