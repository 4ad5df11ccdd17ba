package lab

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// clusterChange is what a ModifyDBCluster request asks for; nil and empty fields were not sent.
type clusterChange struct {
	pending     Pending // takes time to become effective
	protect     *bool
	copyTags    *bool
	group       string
	backup      string
	maintenance string
	security    []string
	immediately bool
}

func modifyCluster(c *call) *Error {
	change, refused := readClusterChange(c)
	if refused != nil {
		return refused
	}
	cl, refused := c.cluster("DBClusterIdentifier")
	if refused != nil {
		return refused
	}
	if cl.Status != "available" {
		return clusterState("DB cluster is not available for modification with status %s", cl.Status)
	}
	if refused := c.judge(cl, change); refused != nil {
		return refused
	}
	c.wrote("cluster", cl.ID)
	c.change(cl, change)
	c.writeCluster("DBCluster", cl)
	return nil
}

func readClusterChange(c *call) (change clusterChange, refused *Error) {
	p := c.params
	if change.pending.BackupRetentionPeriod, refused = p.between("BackupRetentionPeriod", 1, 35); refused != nil {
		return change, refused
	}
	for name, to := range map[string]**bool{"DeletionProtection": &change.protect, "CopyTagsToSnapshot": &change.copyTags,
		"EnableIAMDatabaseAuthentication": &change.pending.IAMAuth} {
		if *to, refused = p.boolean(name); refused != nil {
			return change, refused
		}
	}
	immediately, refused := p.boolean("ApplyImmediately")
	if refused != nil {
		return change, refused
	}
	change.immediately = immediately != nil && *immediately
	change.pending.EnableLogs = p.list("CloudwatchLogsExportConfiguration.EnableLogTypes", "member")
	change.pending.DisableLogs = p.list("CloudwatchLogsExportConfiguration.DisableLogTypes", "member")
	change.pending.EngineVersion = p["EngineVersion"]
	change.group = p["DBClusterParameterGroupName"]
	change.backup, change.maintenance = p["PreferredBackupWindow"], p["PreferredMaintenanceWindow"]
	change.security = p.list("VpcSecurityGroupIds", "VpcSecurityGroupId")
	if p["NewDBClusterIdentifier"] != "" {
		change.pending.ID, refused = c.newID("NewDBClusterIdentifier")
	}
	return change, refused
}

// judge refuses what cannot be done to this cluster, before anything of it is done.
func (c *call) judge(cl *cluster, change clusterChange) *Error {
	if to := change.pending.ID; to != "" && to != cl.ID {
		if _, taken := c.region.clusterByID(to); taken {
			return alreadyExists("DBClusterAlreadyExistsFault", "DB Cluster", to)
		}
	}
	if refused := judgeLogs(cl, change.pending.EnableLogs, change.pending.DisableLogs); refused != nil {
		return refused
	}
	if n := change.pending.BackupRetentionPeriod; n != nil && cl.AWSBackupRecoveryPointARN != "" && *n != cl.BackupRetentionPeriod {
		return invalidValue("The DB cluster %s is associated with the following AwsBackupRecoveryPointArn: %s. The BackupRetentionPeriod can be blank, or you can use the current value,%d.",
			cl.ID, cl.AWSBackupRecoveryPointARN, cl.BackupRetentionPeriod)
	}
	if cl.EngineMode == "serverless" && (change.backup != "" || change.maintenance != "") {
		name := "BackupWindow"
		if change.backup == "" {
			name = "MaintenanceWindow"
		}
		return invalidCombination("You currently can't modify %s with Aurora Serverless.", name)
	}
	if change.group != "" {
		if refused := c.judgeGroup(cl, change.group); refused != nil {
			return refused
		}
	}
	return judgeWindows(or(change.backup, cl.PreferredBackupWindow), or(change.maintenance, cl.PreferredMaintenanceWindow),
		change.backup != "" || change.maintenance != "")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// judgeLogs refuses log types that the engine does not have, and asking for one and against it at once.
func judgeLogs(cl *cluster, enable, disable []string) *Error {
	facts, _ := engine(cl.Engine)
	for _, t := range slices.Concat(enable, disable) {
		if !slices.Contains(facts.logs, t) {
			return invalidCombination("You cannot use the log types '%s' with engine version %s %s. For supported log types, see the documentation.",
				t, cl.Engine, cl.EngineVersion)
		}
	}
	for _, t := range enable {
		if slices.Contains(disable, t) {
			return invalidCombination("The log type '%s' cannot be both enabled and disabled.", t)
		}
	}
	return nil
}

func (c *call) judgeGroup(cl *cluster, name string) *Error {
	g, ok := c.region.groupByName(name)
	if !ok {
		return refuse(http.StatusNotFound, "DBClusterParameterGroupNotFound", "DBClusterParameterGroup not found: %s", name)
	}
	if want := family(cl.Engine, cl.EngineVersion); g.Family != want {
		return invalidCombination("The parameter group %s with DBParameterGroupFamily %s cannot be used for this instance. Please use a parameter group with DBParameterGroupFamily %s",
			name, g.Family, want)
	}
	return nil
}

// change does what was asked: some of it at once, some after it settles, some in the maintenance window.
func (c *call) change(cl *cluster, change clusterChange) {
	if change.protect != nil {
		cl.DeletionProtection = *change.protect
	}
	if change.copyTags != nil {
		cl.CopyTagsToSnapshot = *change.copyTags
	}
	cl.PreferredBackupWindow = or(change.backup, cl.PreferredBackupWindow)
	cl.PreferredMaintenanceWindow = or(change.maintenance, cl.PreferredMaintenanceWindow)
	if change.security != nil {
		cl.SecurityGroups = change.security
	}
	if change.group != "" && change.group != cl.ParameterGroup {
		cl.ParameterGroup = strings.ToLower(change.group)
		for i := range cl.Members {
			cl.Members[i].ParameterStatus = "pending-reboot"
		}
	}
	if n := change.pending.BackupRetentionPeriod; n != nil && *n == cl.BackupRetentionPeriod {
		cl.scheduled.BackupRetentionPeriod = nil // the value that is there takes back what waits
	}
	soon, later := change.split(cl)
	soon = soon.without(cl)
	cl.scheduled = later.without(cl).over(cl.scheduled)
	if change.immediately { // pulls forward what waits for the window
		soon, cl.scheduled = soon.over(cl.scheduled), Pending{}
	}
	if !soon.empty() {
		c.settleLater(cl, soon)
	}
}

// split tells which of the pending values wait for the maintenance window. Neptune and DocumentDB apply everything at
// once but a rename and an engine upgrade; Aurora keeps IAM authentication back too, a Multi-AZ DB cluster everything.
func (change clusterChange) split(cl *cluster) (soon, later Pending) {
	p := change.pending
	if change.immediately {
		return p, Pending{}
	}
	facts, _ := engine(cl.Engine)
	if facts.windowed {
		return Pending{}, p
	}
	later = Pending{EngineVersion: p.EngineVersion, ID: p.ID}
	p.EngineVersion, p.ID = "", ""
	if strings.HasPrefix(cl.Engine, "aurora") {
		later.IAMAuth, p.IAMAuth = p.IAMAuth, nil
	}
	return p, later
}

// without leaves out what the cluster has already: AWS accepts such a request and nothing happens.
func (p Pending) without(cl *cluster) Pending {
	if p.BackupRetentionPeriod != nil && *p.BackupRetentionPeriod == cl.BackupRetentionPeriod {
		p.BackupRetentionPeriod = nil
	}
	if p.IAMAuth != nil && *p.IAMAuth == cl.IAMAuth {
		p.IAMAuth = nil
	}
	exported := func(t string) bool { return slices.Contains(cl.LogExports, t) }
	p.EnableLogs = keep(p.EnableLogs, func(t string) bool { return !exported(t) })
	p.DisableLogs = keep(p.DisableLogs, exported)
	if p.EngineVersion == cl.EngineVersion {
		p.EngineVersion = ""
	}
	if p.ID == cl.ID {
		p.ID = ""
	}
	return p
}

func keep(list []string, wanted func(string) bool) []string {
	var out []string
	for _, s := range list {
		if wanted(s) {
			out = append(out, s)
		}
	}
	return out
}

// settleLater shows values as pending until they have settled.
func (c *call) settleLater(cl *cluster, p Pending) {
	r, s := c.region, c.lab.settle // the call itself is gone when this settles
	cl.Pending = p.over(cl.Pending)
	if cl.Pending.ID != "" {
		r.renames[cl.Pending.ID] = cl
	}
	show := func() {
		cl.lagging = false
		cl.Status = statusWhile(cl.Pending)
		cl.life.wait(s.Describes, r.now().Add(s.After), func() { r.settlePending(cl) })
	}
	if s.Lag == 0 {
		show()
		return
	}
	cl.lagging = true
	cl.life.wait(s.Lag, time.Time{}, show)
}

// statusWhile is the status of a cluster while values settle.
func statusWhile(p Pending) string {
	switch {
	case p.ID != "":
		return "renaming"
	case p.EngineVersion != "":
		return "upgrading"
	case p.IAMAuth != nil:
		return "configuring-iam-database-auth"
	}
	return "modifying"
}

// settlePending makes the pending values effective.
func (r *Region) settlePending(cl *cluster) {
	p := cl.Pending
	cl.Pending, cl.lagging = Pending{}, false
	cl.Status = "available"
	if p.BackupRetentionPeriod != nil {
		cl.setRetention(r.now(), *p.BackupRetentionPeriod)
	}
	if p.IAMAuth != nil {
		cl.IAMAuth = *p.IAMAuth
	}
	cl.EngineVersion = or(p.EngineVersion, cl.EngineVersion)
	exports := keep(cl.LogExports, func(t string) bool { return !slices.Contains(p.DisableLogs, t) })
	for _, t := range p.EnableLogs {
		if !slices.Contains(exports, t) {
			exports = append(exports, t)
		}
	}
	slices.Sort(exports)
	cl.LogExports = exports
	if p.ID != "" {
		r.rename(cl, p.ID)
	}
}

// tickRename lets time pass for the cluster that is being given this identifier: whoever waits for a rename asks for the
// new name.
func (r *Region) tickRename(id string, now time.Time, seen bool) {
	if cl, ok := r.renames[strings.ToLower(id)]; ok {
		cl.life.tick(now, seen)
	}
}

// rename gives a cluster another identifier: its ARN and endpoints follow, its resource id stays.
func (r *Region) rename(cl *cluster, id string) {
	r.clusters.remove(cl.ID)
	delete(r.renames, id)
	cl.ID = id
	r.clusters.put(id, cl)
	for _, m := range cl.Members {
		if in, ok := r.instances.get(m.ID); ok {
			in.ClusterID = id
		}
	}
}
