package dynamodb

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/backup"
)

// named is how code names a table.
func named() backup.Named {
	return backup.Named{
		Service: "DynamoDB", ARN: "dynamodb", Kind: "table/",
		Type: TableType, Name: "TableName", Terraform: "aws_dynamodb_table", TerraformName: "name",
	}
}

// TerraformJoiners complete tables that were read from Terraform.
func TerraformJoiners() []terraform.Joiner {
	return []terraform.Joiner{backup.TerraformJoiner(named())}
}

// CloudFormationJoiners complete tables that were read from templates.
func CloudFormationJoiners() []cloudformation.Joiner {
	global := named()
	global.Type = globalTable
	return []cloudformation.Joiner{
		backup.CloudFormationJoiner(named()), backup.CloudFormationJoiner(global), replicaJoiner{},
	}
}

const globalTable = "AWS::DynamoDB::GlobalTable"

// replicaJoiner tells of a global table what its template says of the replicas:
// each has settings of its own, and the table passes when all of them do.
type replicaJoiner struct{}

func (replicaJoiner) Owners() []string { return []string{globalTable} }

func (replicaJoiner) Satellites() []string { return nil }

func (replicaJoiner) Join(r *resource.Resource, own *cloudformation.Object, _ *cloudformation.Objects) {
	const path = "Replicas"
	replicas := own.Property(path)
	for property, names := range map[string][]string{
		"PointInTimeRecovery":       {"PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"},
		"DeletionProtectionEnabled": {"DeletionProtectionEnabled"},
	} {
		cloudformation.SetFrom(r, property, onEverywhere(replicas, names), own, path)
	}
	// Tags of one replica are not those of another.
	if first := replicas.Items(); len(first) == 1 {
		r.Properties[resource.TagsProperty] = cloudformation.Convert(first[0].Field("Tags"), "map(string)")
	}
}

// onEverywhere tells whether a setting is on in every replica.
func onEverywhere(replicas cloudformation.Value, names []string) resource.Value {
	if why := replicas.Missing(); why != nil {
		return resource.OfUnknown(*why)
	}
	on := resource.OfBool(len(replicas.Items()) > 0)
	for _, replica := range replicas.Items() {
		for _, name := range names {
			replica = replica.Field(name)
		}
		switch value := cloudformation.Convert(replica, "bool"); {
		case value.Missing() != nil:
			on = value
		case !value.Equal(resource.OfBool(true)):
			return resource.OfBool(false)
		}
	}
	return on
}
