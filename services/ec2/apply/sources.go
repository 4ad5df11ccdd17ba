package apply

import (
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/ec2"
)

// Sources tell how the properties that plans ask for are read without
// Holdfast: for the scripts and documents that plans are exported as.
func Sources() []render.Source {
	return []render.Source{
		{
			Type:       ec2.BlockType,
			Read:       render.Read{Operation: describeBlock, Root: "@"},
			Properties: map[string]render.Property{state: {Path: "State"}, managedBy: {Path: "ManagedBy"}},
		},
		{
			// What is public today is kept before anything is done; no step asks for it.
			Type: ec2.SharingType,
			Read: render.Read{Operation: describeSnapshots, Root: "@", With: map[string]resource.Value{
				"OwnerIds": resource.OfStrings([]string{"self"}), "RestorableByUserIds": resource.OfStrings([]string{ec2.Everybody}),
			}},
		},
		{
			Type: ec2.SnapshotType,
			Read: render.Read{
				Operation: describeShare, Identifier: "SnapshotId", Root: "@",
				With: map[string]resource.Value{"Attribute": resource.OfString("createVolumePermission")},
			},
			Properties: map[string]render.Property{
				// Each entry is a group or an account.
				ec2.SharedWith: {Path: "(CreateVolumePermissions[].not_null(Group, UserId))"},
			},
		},
	}
}
