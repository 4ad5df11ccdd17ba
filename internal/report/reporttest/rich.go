package reporttest

import (
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Controls are the controls of the fixtures.
func Controls() []finding.Control {
	cluster, snapshot := "AWS::Neptune::DBCluster", "AWS::Neptune::DBClusterSnapshot"
	return []finding.Control{
		{
			ID: "Neptune.3", Title: "Neptune DB cluster snapshots should not be public", Severity: finding.Critical,
			Category:     "Protect > Secure network configuration > Resources not publicly accessible",
			ResourceType: snapshot, ConfigRule: "neptune-cluster-snapshot-public-prohibited",
			Standards:    []string{"FSBP", "NIST-800-53-r5", "PCI-DSS-4.0.1"},
			Requirements: []string{"NIST.800-53.r5 AC-3", "PCI DSS v4.0.1/1.4.4"},
			Checks:       "No manual snapshot may be restored by every AWS account.",
			Why:          "A public snapshot hands a whole copy of the graph to anyone with an AWS account.",
			How:          []string{"Open the snapshot in the Neptune console.", "Choose Share snapshot and make it private."},
			ASFFType:     "AwsRdsDbClusterSnapshot",
		},
		{
			ID: "Neptune.5", Title: "Neptune DB clusters should have automated backups enabled", Severity: finding.Medium,
			Category: "Recover > Resilience > Backups enabled", ResourceType: cluster,
			ConfigRule: "neptune-cluster-backup-retention-check",
			Standards:  []string{"FSBP", "NIST-800-53-r5"}, Requirements: []string{"NIST.800-53.r5 SI-12"},
			Parameters: map[string]any{"minimumBackupRetentionPeriod": int64(7)},
			Checks:     "Automated backups of the cluster are kept for at least 7 days.",
			Why:        "Damage is rarely noticed within a day. Seven days cover a week with a weekend in it.",
			How:        []string{"Find the cluster and choose Modify.", "Set the backup retention period to 7 days or more."},
			ASFFType:   "AwsRdsDbCluster",
		},
		{
			ID: "Neptune.6", Title: "Neptune DB cluster snapshots should be encrypted at rest", Severity: finding.Medium,
			ResourceType: snapshot, Standards: []string{"FSBP"}, ASFFType: "AwsRdsDbClusterSnapshot",
		},
		{
			ID: "Neptune.9", Title: "Neptune DB clusters should be deployed across multiple Availability Zones",
			Severity: finding.Medium, ResourceType: cluster, Standards: []string{"NIST-800-53-r5"}, ASFFType: "AwsRdsDbCluster",
		},
		{
			ID: "Neptune.4", Title: "Neptune DB clusters should have deletion protection enabled", Severity: finding.Low,
			ResourceType: cluster, Standards: []string{"FSBP"}, ASFFType: "AwsRdsDbCluster",
			Why: "One mistaken call deletes a cluster without it.", How: []string{"Turn on deletion protection."},
		},
		{
			ID: "Acme.1", Title: "Clusters carry an owner " + Hostile, Severity: finding.High,
			ResourceType: "AWS::Neptune::DBCluster", Why: Hostile, How: []string{Hostile},
		},
	}
}

// Rich is a scan with every status, exceptions, gaps, unknown values, code and
// hostile text in it.
func Rich(h finding.Handler) error {
	s := Begin(h, Controls()...)
	const prod, dev = "111122223333", "444455556666"
	code := resource.Ref{
		Type: "AWS::Neptune::DBCluster", ID: "main",
		Origin: resource.Origin{File: "modules/graph/main.tf", Line: 3, EndLine: 21, Address: "module.graph.aws_neptune_cluster.main"},
	}
	s.judge("Neptune.5", finding.Failed, code, Retention(1, true))
	open := code
	open.ID, open.Origin = "reporting", resource.Origin{File: "reporting.tf", Line: 12, EndLine: 19, Address: "aws_neptune_cluster.reporting"}
	s.Finding(missing(judged("Neptune.5", finding.NotAvailable, open, unknown("BackupRetentionPeriod")),
		resource.Missing{Property: "BackupRetentionPeriod", Reason: resource.ReasonUnresolved, Settle: "-var backup_days=N"}))
	evil := code
	evil.ID, evil.Origin = Hostile, resource.Origin{File: "a b/é&<.tf", Line: 1, Address: `aws_neptune_cluster.x["` + Hostile + `"]`}
	s.Finding(noted(judged("Acme.1", finding.Failed, evil, []finding.Evidence{{
		Property: "Tags", Expected: "an owner",
		Actual: resource.OfMap(map[string]resource.Value{"owner": resource.OfString(Hostile)}),
	}}), Hostile))

	graph := Cluster(prod, "eu-west-1", "graph-prod")
	graph.UID = "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	s.judge("Neptune.4", finding.Passed, graph, boolean("DeletionProtection", true))
	s.Finding(noted(judged("Neptune.5", finding.Failed, graph, Retention(1, false)),
		"A change to 7 days was accepted and does not count yet."))
	s.judge("Neptune.9", finding.Passed, graph, boolean("MultiAZ", true))
	sandbox := Cluster(prod, "eu-west-1", "graph-sandbox-for-the-data-science-team-and-their-many-experiments")
	s.judge("Neptune.4", finding.Passed, sandbox, boolean("DeletionProtection", true))
	s.Finding(excepted(judged("Neptune.5", finding.Failed, sandbox, Retention(1, false))))
	s.Finding(missing(judged("Neptune.9", finding.Warning, sandbox, boolean("MultiAZ", false)),
		resource.Missing{Property: "MultiAZ", Reason: resource.ReasonOmitted, Operation: "rds:DescribeDBClusters"}))
	s.judge("Neptune.3", finding.Failed, Snapshot(prod, "eu-west-1", "handover-2026"), []finding.Evidence{{
		Property: "RestoreAccounts", Actual: resource.OfStrings([]string{"all", dev}),
		Expected: "without all", Read: "rds:DescribeDBClusterSnapshotAttributes",
	}})
	s.Finding(missing(judged("Neptune.3", finding.NotAvailable, Snapshot(prod, "eu-west-1", "nightly"), unknown("RestoreAccounts")),
		resource.Missing{
			Property: "RestoreAccounts", Reason: resource.ReasonDenied, Operation: "rds:DescribeDBClusterSnapshotAttributes",
			Permission: "rds:DescribeDBClusterSnapshotAttributes", Detail: "AccessDenied: not authorized to perform this action",
		}))
	s.Gap(finding.Gap{
		Account: prod, Region: "me-south-1", Operation: "rds:DescribeDBClusters", Reason: finding.GapRegion,
		Controls: []string{"Neptune.3", "Neptune.4", "Neptune.5"}, Try: "holdfast scan --region eu-west-1",
	})
	s.judge("Neptune.5", finding.Passed, Cluster(dev, "cn-north-1", "graph-cn"), Retention(35, false))
	for _, region := range []string{"eu-central-1", "us-east-1"} {
		s.Gap(finding.Gap{
			Account: dev, Region: region, Type: "AWS::Neptune::DBCluster", Operation: "rds:DescribeDBClusters",
			Reason: finding.GapDenied, Code: "AccessDenied", Detail: "not authorized: " + Hostile,
			Permission: "rds:DescribeDBClusters", Controls: []string{"Neptune.4", "Neptune.5"},
			Try: "holdfast iam-policy --control 'Neptune.*'",
		})
	}
	return s.End(finding.Footer{
		Coverage: finding.Coverage{
			Unit: "account-regions", Total: 8, Read: 5, Resources: 1240, Calls: 45,
			Accounts: []string{prod, dev}, Regions: []string{"cn-north-1", "eu-central-1", "eu-west-1", "me-south-1", "us-east-1"},
			NotOptedIn: []string{"af-south-1"},
		},
		Expired: []finding.Exception{{
			Source: "holdfast.yaml:12", Scope: "Neptune.5 on tag env=legacy", Reason: "moves to the new account", Owner: "platform", Until: "2026-01-31",
		}},
		Faulty: []finding.Fault{{
			Source: "modules/graph/main.tf:4", Text: "holdfast:ignore Neptune.4 " + Hostile, Cause: "it gives no reason",
		}},
		Obsolete: []finding.Exception{{
			Source: "baseline.json:12", Scope: "Neptune.4 on aws_neptune_cluster.old in old.tf", Reason: "it no longer fails", Baseline: true,
		}},
		Unused: []finding.Exception{{Source: "holdfast.yaml:20", Scope: "Neptune.3 in eu-south-1", Reason: "public data set " + Hostile}},
	})
}

func (s *Scan) judge(control string, status finding.Status, ref resource.Ref, evidence []finding.Evidence) {
	s.Finding(judged(control, status, ref, evidence))
}

func judged(control string, status finding.Status, ref resource.Ref, evidence []finding.Evidence) finding.Finding {
	f := finding.Finding{Control: control, Status: status, Resource: ref, Evidence: evidence}
	for _, c := range Controls() {
		if c.ID == control {
			f.Title, f.Severity = c.Title, c.Severity
		}
	}
	return f
}

func boolean(property string, value bool) []finding.Evidence {
	return []finding.Evidence{{
		Property: property, Actual: resource.OfBool(value), Expected: "true", Read: "rds:DescribeDBClusters",
	}}
}

func unknown(property string) []finding.Evidence {
	return []finding.Evidence{{Property: property, Actual: resource.OfUnknown(resource.Missing{Reason: resource.ReasonDenied})}}
}

func missing(f finding.Finding, m ...resource.Missing) finding.Finding {
	f.Missing = m
	return f
}

func noted(f finding.Finding, notes ...string) finding.Finding {
	f.Notes = notes
	return f
}

func excepted(f finding.Finding) finding.Finding {
	f.Exception = &finding.Exception{
		Source: "holdfast.yaml:4", Scope: "Neptune.5 on tag env=sandbox", Owner: "data-science", Until: "2026-12-01",
		Reason: "throw-away data, loaded again every night",
	}
	return f
}
