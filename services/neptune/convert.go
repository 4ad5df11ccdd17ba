package neptune

import (
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
)

// The resource types of Neptune.
const (
	ClusterType        = "AWS::Neptune::DBCluster"
	SnapshotType       = "AWS::Neptune::DBClusterSnapshot"
	InstanceType       = "AWS::Neptune::DBInstance"
	ParameterGroupType = "AWS::Neptune::DBClusterParameterGroup"
)

// Engine is what AWS calls Neptune in the engine field.
const Engine = "neptune"

// AuditParameter is the cluster parameter that makes Neptune write audit lines.
const AuditParameter = "neptune_enable_audit_log"

// Share is what Neptune takes of the control plane that it shares with RDS.
func Share() rdsplane.Share {
	return rdsplane.Share{
		Engines: []string{Engine},
		Types: map[rdsplane.Kind]string{
			rdsplane.Clusters: ClusterType, rdsplane.ClusterSnapshots: SnapshotType, rdsplane.Instances: InstanceType,
		},
		Audit: Audit(),
	}
}

// Audit is the cluster parameter that makes Neptune write audit lines.
func Audit() *rdsplane.Parameter {
	return &rdsplane.Parameter{Name: AuditParameter, Default: "0"}
}

// Wanted reports whether somebody needs a property. All makes FromCluster and
// its neighbours convert everything.
type Wanted = rdsplane.Wanted

// All wants every property.
func All(string) bool { return true }

// FromCluster turns a Neptune cluster into a resource. AuditLogParameter is not
// part of it: that is another call.
func FromCluster(c *types.DBCluster, place awsconn.Place, wanted Wanted) *resource.Resource {
	return rdsplane.FromCluster(ClusterType, c, place, wanted)
}

// FromSnapshot turns a Neptune cluster snapshot into a resource.
// RestoreAccounts is not part of it: that is another call.
func FromSnapshot(s *types.DBClusterSnapshot, place awsconn.Place, wanted Wanted) *resource.Resource {
	return rdsplane.FromClusterSnapshot(SnapshotType, s, place, wanted)
}

// FromInstance turns a Neptune instance into a resource.
func FromInstance(i *types.DBInstance, place awsconn.Place, wanted Wanted) *resource.Resource {
	return rdsplane.FromInstance(InstanceType, i, place, wanted)
}
