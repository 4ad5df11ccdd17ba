package lab

import (
	"net/http"
	"strings"
)

// rdsService is the control plane that RDS, Aurora, Neptune and DocumentDB share.
func rdsService() service {
	return service{
		protocol: queryProtocol{version: "2014-10-31", namespace: "http://rds.amazonaws.com/doc/2014-10-31/"},
		operations: map[string]operation{
			"AddTagsToResource":                   inRegion(addTags),
			"CopyDBClusterSnapshot":               copySnapshot,
			"CreateDBCluster":                     inRegion(createCluster),
			"CreateDBClusterParameterGroup":       inRegion(createGroup),
			"CreateDBClusterSnapshot":             inRegion(createSnapshot),
			"CreateDBInstance":                    inRegion(createInstance),
			"DeleteDBCluster":                     inRegion(deleteCluster),
			"DeleteDBClusterParameterGroup":       inRegion(deleteGroup),
			"DeleteDBClusterSnapshot":             inRegion(deleteSnapshot),
			"DeleteDBInstance":                    inRegion(deleteInstance),
			"DescribeDBClusterParameterGroups":    inRegion(describeGroups),
			"DescribeDBClusterParameters":         inRegion(describeParameters),
			"DescribeDBClusterSnapshotAttributes": inRegion(describeSnapshotAttributes),
			"DescribeDBClusterSnapshots":          describeSnapshots,
			"DescribeDBClusters":                  inRegion(describeClusters),
			"DescribeDBInstances":                 inRegion(describeInstances),
			"DescribeDBSnapshotAttributes":        inRegion(describeDBSnapshotAttributes),
			"DescribeDBSnapshots":                 inRegion(describeDBSnapshots),
			"DescribeDBSubnetGroups":              inRegion(describeSubnetGroups),
			"DescribeGlobalClusters":              describeGlobalClusters,
			"DescribeOrderableDBInstanceOptions":  describeOrderable,
			"ListTagsForResource":                 inRegion(listTags),
			"ModifyDBCluster":                     inRegion(modifyCluster),
			"ModifyDBClusterParameterGroup":       inRegion(modifyGroup),
			"ModifyDBClusterSnapshotAttribute":    inRegion(modifySnapshotAttribute),
			"ModifyDBInstance":                    inRegion(modifyInstance),
			"ModifyDBSnapshotAttribute":           inRegion(modifyDBSnapshotAttribute),
			"RebootDBInstance":                    inRegion(rebootInstance),
			"RemoveTagsFromResource":              inRegion(removeTags),
			"ResetDBClusterParameterGroup":        inRegion(resetGroup),
			"RestoreDBClusterFromSnapshot":        restoreFromSnapshot,
			"RestoreDBClusterToPointInTime":       inRegion(restoreToPointInTime),
			"StartDBCluster":                      inRegion(startCluster),
			"StopDBCluster":                       inRegion(stopCluster),
		},
	}
}

// inRegion holds the region of the call while the operation runs.
func inRegion(op operation) operation {
	return func(c *call) *Error {
		c.region.mu.Lock()
		defer c.region.mu.Unlock()
		return op(c)
	}
}

// local turns an identifier or an ARN of this account and region into an identifier. The kind is the ARN's:
// cluster, db, cluster-snapshot. An ARN of somebody else is returned whole, so that it is not found.
func (c *call) local(idOrARN, kind string) string {
	if !strings.HasPrefix(idOrARN, "arn:") {
		return idOrARN
	}
	return strings.TrimPrefix(idOrARN, c.region.marks.arn+kind+":")
}

// cluster finds the cluster that a parameter names.
func (c *call) cluster(param string) (*cluster, *Error) {
	id, refused := c.params.required(param)
	if refused != nil {
		return nil, refused
	}
	cl, ok := c.region.clusterByID(c.local(id, "cluster"))
	if !ok {
		return nil, clusterNotFound(id)
	}
	return cl, nil
}

// instance finds the instance that a parameter names.
func (c *call) instance(param string) (*instance, *Error) {
	id, refused := c.params.required(param)
	if refused != nil {
		return nil, refused
	}
	in, ok := c.region.instanceByID(c.local(id, "db"))
	if !ok {
		return nil, instanceNotFound(id)
	}
	return in, nil
}

// newID reads the identifier of a resource that is to be made.
func (c *call) newID(param string) (string, *Error) {
	id, refused := c.params.required(param)
	if refused != nil {
		return "", refused
	}
	id = strings.ToLower(id)
	if !validID(id) {
		return "", invalidValue("The parameter %s is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.", param)
	}
	return id, nil
}

func validID(id string) bool {
	if id == "" || len(id) > 255 || id[0] < 'a' || id[0] > 'z' || strings.HasSuffix(id, "-") || strings.Contains(id, "--") {
		return false
	}
	return strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// wrote counts a write of this operation that took effect.
func (c *call) wrote(kind, id string) { c.region.wrote(c.region.ARN(kind, id), c.operation) }

func alreadyExists(code, kind, id string) *Error {
	return refuse(http.StatusBadRequest, code, "%s already exists: %s", kind, id)
}
