package lab

// stores are what a region holds beside the databases of the shared control plane.
type stores struct {
	dynamoTables table[Table]
	volumes      table[Volume]
	blocks       table[EBSSnapshot]
	sharing      SharingBlock
	groups       table[ReplicationGroup]
	caches       table[CacheCluster]
	warehouses   table[Warehouse]
	files        table[FileSystem]
	fsx          table[FSxFileSystem]
	plans        table[BackupPlan]
	vaults       table[BackupVault]
	protected    table[Protected]
	optOut       map[string]bool
}

// arnOf is the name of something of a service in the region.
func (r *Region) arnOf(service, rest string) string {
	return "arn:" + partitionOf(r.Name) + ":" + service + ":" + r.Name + ":" + r.account.ID + ":" + rest
}

// add puts something into a table of the region.
func add[T any](r *Region, t *table[T], id string, v T) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.put(id, &v)
	return r
}
