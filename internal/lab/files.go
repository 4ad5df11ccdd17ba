package lab

import (
	"net/http"
	"strings"
)

// FileSystem is an EFS file system.
type FileSystem struct {
	ID           string // fs-…
	BackupPolicy string // ENABLED, DISABLED, ENABLING, DISABLING; empty for no policy, as One Zone file systems have none
	State        string // available unless set
	Encrypted    bool
	Tags         Tags
}

// FSxFileSystem is a file system of FSx.
type FSxFileSystem struct {
	ID                string // fs-…
	Type              string // OPENZFS, LUSTRE, WINDOWS or ONTAP
	CopyTagsToBackups bool
	CopyTagsToVolumes bool   // OpenZFS
	Deployment        string // Lustre: PERSISTENT_2 unless set, SCRATCH_2 …
	RetentionDays     int
	State             string // AVAILABLE unless set
	Tags              Tags
}

// AddFileSystem puts an EFS file system into the region.
func (r *Region) AddFileSystem(f FileSystem) *Region {
	setDefault(&f.State, "available")
	f.Tags = f.Tags.clone()
	return add(r, &r.stores.files, f.ID, f)
}

// AddFSx puts an FSx file system into the region.
func (r *Region) AddFSx(f FSxFileSystem) *Region {
	setDefault(&f.State, "AVAILABLE")
	f.Tags = f.Tags.clone()
	return add(r, &r.stores.fsx, f.ID, f)
}

func efsService() service {
	return service{
		protocol: restProtocol{routes: []route{
			{"GET", "/2015-02-01/file-systems", "DescribeFileSystems"},
			{"GET", "/2015-02-01/file-systems/{FileSystemId}/backup-policy", "DescribeBackupPolicy"},
			{"PUT", "/2015-02-01/file-systems/{FileSystemId}/backup-policy", "PutBackupPolicy"},
		}},
		operations: map[string]operation{
			"DescribeBackupPolicy": answerJSON(describeBackupPolicy),
			"DescribeFileSystems":  answerJSON(describeFileSystems),
			"PutBackupPolicy":      answerJSON(putBackupPolicy),
		},
	}
}

func describeFileSystems(c *call) (object, *Error) {
	page, refused := c.pageOf("MaxItems", "Marker", 100)
	if refused != nil {
		return nil, refused
	}
	show := func(f *FileSystem) any {
		return c.twist(f.ID, object{
			"FileSystemId": f.ID, "FileSystemArn": c.region.arnOf("elasticfilesystem", "file-system/"+f.ID), "OwnerId": c.account.ID,
			"LifeCycleState": f.State, "Encrypted": f.Encrypted, "Tags": tagList(f.Tags), "CreationToken": f.ID, "NumberOfMountTargets": 0,
			"PerformanceMode": "generalPurpose", "CreationTime": c.now.Unix(), "SizeInBytes": object{"Value": 6144},
		})
	}
	only, refused := sought(c, &c.region.stores.files, "FileSystemId", "FileSystemNotFound")
	if refused != nil {
		return nil, refused
	}
	if f, ok := c.region.stores.files.get(only); ok {
		return object{"FileSystems": []any{show(f)}}, nil
	}
	return paged(c, &c.region.stores.files, page, "FileSystems", "NextMarker", show), nil
}

func describeBackupPolicy(c *call) (object, *Error) {
	f, ok := c.region.stores.files.get(c.params["FileSystemId"])
	if !ok {
		return nil, refuse(http.StatusNotFound, "FileSystemNotFound", "File system '%s' does not exist.", c.params["FileSystemId"])
	}
	if f.BackupPolicy == "" {
		return nil, refuse(http.StatusNotFound, "PolicyNotFound", "No backup policy is set for %s.", f.ID)
	}
	return object{"BackupPolicy": c.twist(f.ID, object{"Status": f.BackupPolicy})}, nil
}

func fsxService() service {
	return service{
		protocol: jsonProtocol{version: "1.1", target: "AWSSimbaAPIService_v20180301"},
		operations: map[string]operation{
			"DescribeFileSystems": answerJSON(describeFSx),
			"UpdateFileSystem":    answerJSON(updateFSx),
		},
	}
}

func describeFSx(c *call) (object, *Error) {
	page, refused := c.pageOf("MaxResults", "NextToken", 100)
	if refused != nil {
		return nil, refused
	}
	show := func(f *FSxFileSystem) any {
		out := object{
			"FileSystemId": f.ID, "ResourceARN": c.region.arnOf("fsx", "file-system/"+f.ID), "OwnerId": c.account.ID,
			"FileSystemType": f.Type, "Lifecycle": f.State, "Tags": tagList(f.Tags),
		}
		settings := object{"CopyTagsToBackups": f.CopyTagsToBackups, "AutomaticBackupRetentionDays": f.RetentionDays}
		switch f.Type {
		case "OPENZFS":
			settings["CopyTagsToVolumes"] = f.CopyTagsToVolumes
			out["OpenZFSConfiguration"] = c.twist(f.ID, settings)
		case "LUSTRE":
			settings["DeploymentType"] = or(f.Deployment, "PERSISTENT_2")
			out["LustreConfiguration"] = c.twist(f.ID, settings)
		case "WINDOWS":
			out["WindowsConfiguration"] = settings
		}
		return c.twist(strings.ToLower(f.ID), out)
	}
	var in struct{ FileSystemIds []string }
	if refused := c.into(&in); refused != nil {
		return nil, refused
	}
	if len(in.FileSystemIds) == 0 {
		return paged(c, &c.region.stores.fsx, page, "FileSystems", "NextToken", show), nil
	}
	var some []any
	for _, id := range in.FileSystemIds {
		f, ok := c.region.stores.fsx.get(id)
		if !ok {
			return nil, refuse(http.StatusBadRequest, "FileSystemNotFound", "File system '%s' does not exist.", id)
		}
		some = append(some, show(f))
	}
	return object{"FileSystems": some}, nil
}
