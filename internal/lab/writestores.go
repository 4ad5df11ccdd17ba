package lab

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
)

// held returns something of a table of the region as it is now.
func held[T any](r *Region, t *table[T], id string) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := t.get(id)
	if !ok {
		var none T
		return none, false
	}
	return *v, true
}

// changed changes something of a table behind the client's back, as another administrator would; false when there is no
// such thing.
func changed[T any](r *Region, t *table[T], id string, change func(*T)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := t.get(id)
	if ok {
		change(v)
	}
	return ok
}

// sought is the key of the one thing that a describe call asks for by its name; empty where it asks for all.
func sought[T any](c *call, t *table[T], param, code string) (string, *Error) {
	id := c.params[param]
	if id == "" {
		return "", nil
	}
	if _, ok := t.get(id); !ok {
		return "", refuse(http.StatusNotFound, code, "%s %s not found.", param, id)
	}
	return strings.ToLower(id), nil
}

// into reads the JSON body of a request.
func (c *call) into(v any) *Error {
	if err := json.Unmarshal(c.body, v); err != nil {
		return refuse(http.StatusBadRequest, "SerializationException", "%s", err)
	}
	return nil
}

// Table returns a DynamoDB table as it is now.
func (r *Region) Table(name string) (Table, bool) { return held(r, &r.stores.dynamoTables, name) }

// ChangeTable changes a DynamoDB table behind the client's back.
func (r *Region) ChangeTable(name string, change func(*Table)) bool {
	return changed(r, &r.stores.dynamoTables, name, change)
}

func updateTable(c *call) (object, *Error) {
	t, refused := c.table("ResourceNotFoundException")
	if refused != nil {
		return nil, refused
	}
	if t.Status != "ACTIVE" {
		return nil, refuse(http.StatusBadRequest, "ResourceInUseException", "Attempt to change a resource which is still in use: Table is being %s: %s",
			strings.ToLower(t.Status), t.Name)
	}
	protect, refused := c.params.boolean("DeletionProtectionEnabled")
	if refused != nil {
		return nil, refused
	}
	if protect != nil {
		t.DeletionProtection = *protect
	}
	return object{"TableDescription": object{"TableName": t.Name, "TableStatus": t.Status, "DeletionProtectionEnabled": t.DeletionProtection}}, nil
}

func updateContinuousBackups(c *call) (object, *Error) {
	t, refused := c.table("TableNotFoundException")
	if refused != nil {
		return nil, refused
	}
	var in struct {
		PointInTimeRecoverySpecification struct {
			PointInTimeRecoveryEnabled *bool
			RecoveryPeriodInDays       *int
		}
	}
	if refused := c.into(&in); refused != nil {
		return nil, refused
	}
	want := in.PointInTimeRecoverySpecification
	days := 35 // what AWS takes a missing period for
	if want.RecoveryPeriodInDays != nil {
		days = *want.RecoveryPeriodInDays
	}
	switch {
	case want.PointInTimeRecoveryEnabled == nil:
		return nil, refuse(http.StatusBadRequest, "ValidationException", "PointInTimeRecoveryEnabled must not be null")
	case days < 1 || days > 35:
		return nil, refuse(http.StatusBadRequest, "ValidationException", "RecoveryPeriodInDays must be between 1 and 35, not %d", days)
	case t.Status != "ACTIVE":
		return nil, refuse(http.StatusBadRequest, "ContinuousBackupsUnavailableException", "Backups are being enabled for the table: %s. Please retry later", t.Name)
	}
	if *want.PointInTimeRecoveryEnabled && !t.Recovery {
		t.RecoverySince = c.now // what was recorded before it was turned off is gone
	}
	t.Recovery, t.RecoveryDays = *want.PointInTimeRecoveryEnabled, days
	return describeContinuousBackups(c)
}

// EBSSnapshot returns an EBS snapshot as it is now.
func (r *Region) EBSSnapshot(id string) (EBSSnapshot, bool) {
	s, ok := held(r, &r.stores.blocks, id)
	s.SharedWith = slices.Clone(s.SharedWith)
	return s, ok
}

// ChangeEBSSnapshot changes an EBS snapshot behind the client's back.
func (r *Region) ChangeEBSSnapshot(id string, change func(*EBSSnapshot)) bool {
	return changed(r, &r.stores.blocks, id, change)
}

// SharingBlock returns the setting that keeps snapshots of the region from being public.
func (r *Region) SharingBlock() SharingBlock {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.stores.sharing
	return SharingBlock{State: or(b.State, "unblocked"), ManagedBy: or(b.ManagedBy, "account")}
}

func enableSharingBlock(c *call) *Error {
	state, refused := c.params.required("State")
	if refused != nil {
		return refused
	}
	if state != "block-all-sharing" && state != "block-new-sharing" {
		return refuse(http.StatusBadRequest, "InvalidParameterValue", "Invalid value '%s' for State.", state)
	}
	return c.blockSharing(state)
}

func disableSharingBlock(c *call) *Error { return c.blockSharing("unblocked") }

func (c *call) blockSharing(state string) *Error {
	if c.region.stores.sharing.ManagedBy == "declarative-policy" {
		return refuse(http.StatusBadRequest, "OperationNotPermitted", "This setting is managed by a declarative policy.")
	}
	c.region.stores.sharing.State = state
	c.out.text("state", state)
	return nil
}

func modifyEBSSnapshotAttribute(c *call) *Error {
	id, refused := c.params.required("SnapshotId")
	if refused != nil {
		return refused
	}
	s, ok := c.region.stores.blocks.get(id)
	if !ok {
		return refuse(http.StatusBadRequest, "InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", id)
	}
	var added, removed []string
	for name, to := range map[string]*[]string{"CreateVolumePermission.Add.": &added, "CreateVolumePermission.Remove.": &removed} {
		for key, value := range c.params {
			if rest, found := strings.CutPrefix(key, name); found && (strings.HasSuffix(rest, ".Group") || strings.HasSuffix(rest, ".UserId")) {
				*to = append(*to, value)
			}
		}
	}
	switch {
	case len(added) > 0 && len(removed) > 0:
		return refuse(http.StatusBadRequest, "InvalidParameterCombination", "Permissions cannot be added and removed in one call.")
	case len(added)+len(removed) == 0:
		return refuse(http.StatusBadRequest, "MissingParameter", "The request must contain the parameter CreateVolumePermission")
	case slices.Contains(added, "all") && s.Encrypted:
		return refuse(http.StatusBadRequest, "OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared")
	case slices.Contains(added, "all") && or(c.region.stores.sharing.State, "unblocked") != "unblocked":
		return refuse(http.StatusBadRequest, "OperationNotPermitted", "Public sharing of snapshots is blocked in this Region.")
	}
	for _, with := range added {
		if !slices.Contains(s.SharedWith, with) {
			s.SharedWith = append(s.SharedWith, with)
		}
	}
	s.SharedWith = slices.DeleteFunc(s.SharedWith, func(with string) bool { return slices.Contains(removed, with) })
	slices.Sort(s.SharedWith)
	c.out.text("return", "true")
	return nil
}

// Warehouse returns a Redshift cluster as it is now.
func (r *Region) Warehouse(id string) (Warehouse, bool) { return held(r, &r.stores.warehouses, id) }

// ChangeWarehouse changes a Redshift cluster behind the client's back.
func (r *Region) ChangeWarehouse(id string, change func(*Warehouse)) bool {
	return changed(r, &r.stores.warehouses, id, change)
}

func modifyWarehouse(c *call) *Error {
	id, refused := c.params.required("ClusterIdentifier")
	if refused != nil {
		return refused
	}
	h, ok := c.region.stores.warehouses.get(id)
	if !ok {
		return refuse(http.StatusNotFound, "ClusterNotFound", "Cluster %s not found.", id)
	}
	if h.Status != "available" {
		return refuse(http.StatusBadRequest, "InvalidClusterState", "The cluster %s is %s.", id, h.Status)
	}
	least := 0
	if strings.HasPrefix(h.NodeType, "ra3") || strings.HasPrefix(h.NodeType, "rg") {
		least = 1
	}
	days, refused := c.params.between("AutomatedSnapshotRetentionPeriod", least, 35)
	if refused != nil {
		return refuse(http.StatusBadRequest, "InvalidRetentionPeriodFault", "%s", refused.Message)
	}
	if days != nil {
		h.Retention, h.NoBackups = *days, *days == 0
	}
	w := &c.out
	w.raw("<Cluster>")
	w.text("ClusterIdentifier", h.ID)
	w.text("ClusterStatus", h.Status)
	w.int("AutomatedSnapshotRetentionPeriod", h.Retention)
	w.raw("</Cluster>")
	return nil
}

// FileSystem returns an EFS file system as it is now.
func (r *Region) FileSystem(id string) (FileSystem, bool) { return held(r, &r.stores.files, id) }

// ChangeFileSystem changes an EFS file system behind the client's back.
func (r *Region) ChangeFileSystem(id string, change func(*FileSystem)) bool {
	return changed(r, &r.stores.files, id, change)
}

func putBackupPolicy(c *call) (object, *Error) {
	f, ok := c.region.stores.files.get(c.params["FileSystemId"])
	if !ok {
		return nil, refuse(http.StatusNotFound, "FileSystemNotFound", "File system '%s' does not exist.", c.params["FileSystemId"])
	}
	var in struct{ BackupPolicy struct{ Status string } }
	if refused := c.into(&in); refused != nil {
		return nil, refused
	}
	switch {
	case in.BackupPolicy.Status != "ENABLED" && in.BackupPolicy.Status != "DISABLED":
		return nil, refuse(http.StatusBadRequest, "ValidationException", "Invalid status %q.", in.BackupPolicy.Status)
	case f.State != "available":
		return nil, refuse(http.StatusConflict, "IncorrectFileSystemLifeCycleState", "File system '%s' is %s.", f.ID, f.State)
	}
	f.BackupPolicy = in.BackupPolicy.Status
	return object{"BackupPolicy": object{"Status": f.BackupPolicy}}, nil
}

// Bucket returns an S3 bucket as it is now.
func (a *Account) Bucket(name string) (Bucket, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, ok := a.buckets.get(name)
	if !ok {
		return Bucket{}, false
	}
	return *b, true
}

// ChangeBucket changes an S3 bucket behind the client's back.
func (a *Account) ChangeBucket(name string, change func(*Bucket)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, ok := a.buckets.get(name)
	if ok {
		change(b)
	}
	return ok
}

// RemoveBucket takes an S3 bucket out of the account.
func (a *Account) RemoveBucket(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.buckets.remove(name)
}

// versioning is what a request asks for; empty for what S3 does not take.
func (c *call) versioning() string {
	var in struct{ Status string }
	if err := xml.Unmarshal(c.body, &in); err != nil || in.Status != "Enabled" && in.Status != "Suspended" {
		return ""
	}
	return in.Status
}

func putBucketVersioning(c *call, b *Bucket) { b.Versioning = c.versioning() }

// FSx returns a file system of FSx as it is now.
func (r *Region) FSx(id string) (FSxFileSystem, bool) { return held(r, &r.stores.fsx, id) }

// ChangeFSx changes a file system of FSx behind the client's back.
func (r *Region) ChangeFSx(id string, change func(*FSxFileSystem)) bool {
	return changed(r, &r.stores.fsx, id, change)
}

func updateFSx(c *call) (object, *Error) {
	f, ok := c.region.stores.fsx.get(c.params["FileSystemId"])
	if !ok {
		return nil, refuse(http.StatusBadRequest, "FileSystemNotFound", "File system '%s' does not exist.", c.params["FileSystemId"])
	}
	var in struct {
		OpenZFSConfiguration struct{ CopyTagsToBackups, CopyTagsToVolumes *bool }
	}
	if refused := c.into(&in); refused != nil {
		return nil, refused
	}
	switch {
	case f.Type != "OPENZFS":
		return nil, refuse(http.StatusBadRequest, "BadRequest", "OpenZFSConfiguration is not for file systems of the type %s.", f.Type)
	case f.State != "AVAILABLE":
		return nil, refuse(http.StatusBadRequest, "BadRequest", "File system '%s' is %s.", f.ID, f.State)
	}
	if on := in.OpenZFSConfiguration.CopyTagsToBackups; on != nil {
		f.CopyTagsToBackups = *on
	}
	if on := in.OpenZFSConfiguration.CopyTagsToVolumes; on != nil {
		f.CopyTagsToVolumes = *on
	}
	return object{"FileSystem": object{"FileSystemId": f.ID, "Lifecycle": f.State}}, nil
}
