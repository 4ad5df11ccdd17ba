package lab_test

import (
	"encoding/xml"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

// TestRequestsThatAWSRefuses sends requests as text, so that also those are seen which no SDK would let out.
func TestRequestsThatAWSRefuses(t *testing.T) {
	t.Parallel()
	w, _ := newWorld()
	a := w.Account(account)
	r := a.Region(region).AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}}).
		AddCluster(lab.Cluster{ID: "far", SubnetGroup: "nowhere"}).
		AddCluster(lab.Cluster{ID: "old", Engine: "aurora-mysql", EngineMode: "serverless"}).
		AddCluster(lab.Cluster{ID: "joined", DeletionProtection: false}).
		AddInstance(lab.Instance{ID: "guarded", DeletionProtection: true}).
		AddInstance(lab.Instance{ID: "sql"}).
		AddSnapshot(lab.Snapshot{ID: "s", ClusterID: "graph"}).
		AddSnapshot(lab.Snapshot{ID: "making", ClusterID: "graph", Status: "creating"}).
		AddParameterGroup(lab.ParameterGroup{Name: "docs", Family: "docdb5.0"})
	a.AddGlobalCluster(lab.GlobalCluster{ID: "world", Members: []string{r.ARN("cluster", "joined")}})
	l := lab.New(lab.Options{World: w})
	for request, code := range map[string]string{
		"Action=ModifyDBCluster": "MissingParameter",
		"Action=ModifyDBCluster&DBClusterIdentifier=graph&DeletionProtection=maybe":                                                                    "MalformedInput",
		"Action=ModifyDBCluster&DBClusterIdentifier=graph&BackupRetentionPeriod=seven":                                                                 "MalformedInput",
		"Action=ModifyDBCluster&DBClusterIdentifier=graph&DBClusterParameterGroupName=docs":                                                            "InvalidParameterCombination",
		"Action=ModifyDBCluster&DBClusterIdentifier=graph&NewDBClusterIdentifier=joined":                                                               "DBClusterAlreadyExistsFault",
		"Action=ModifyDBCluster&DBClusterIdentifier=graph&NewDBClusterIdentifier=9lives":                                                               "InvalidParameterValue",
		"Action=ModifyDBCluster&DBClusterIdentifier=graph&PreferredBackupWindow=25:00-26:00":                                                           "InvalidParameterValue",
		"Action=ModifyDBCluster&DBClusterIdentifier=graph&PreferredMaintenanceWindow=someday":                                                          "InvalidParameterValue",
		"Action=ModifyDBCluster&DBClusterIdentifier=old&PreferredBackupWindow=01:00-02:00":                                                             "InvalidParameterCombination",
		"Action=CreateDBCluster&DBClusterIdentifier=n&Engine=neptune&KmsKeyId=alias%2Faws%2Frds":                                                       "InvalidParameterCombination",
		"Action=CreateDBCluster&DBClusterIdentifier=n&Engine=neptune&StorageEncrypted=true&KmsKeyId=ghost":                                             "KMSKeyNotAccessibleFault",
		"Action=CreateDBCluster&DBClusterIdentifier=n&Engine=docdb":                                                                                    "InvalidParameterValue",
		"Action=CreateDBCluster&DBClusterIdentifier=n&Engine=oracle":                                                                                   "InvalidParameterValue",
		"Action=CreateDBCluster&DBClusterIdentifier=n&Engine=neptune&DBSubnetGroupName=ghost":                                                          "DBSubnetGroupNotFoundFault",
		"Action=CreateDBCluster&DBClusterIdentifier=n&Engine=neptune&ServerlessV2ScalingConfiguration.MinCapacity=many":                                "InvalidParameterValue",
		"Action=CreateDBInstance&DBInstanceIdentifier=i&DBClusterIdentifier=graph&Engine=docdb&DBInstanceClass=db.r6g.large":                           "InvalidParameterCombination",
		"Action=CreateDBInstance&DBInstanceIdentifier=i&DBClusterIdentifier=graph&Engine=neptune&DBInstanceClass=db.x9.huge":                           "InvalidParameterCombination",
		"Action=CreateDBInstance&DBInstanceIdentifier=i&DBClusterIdentifier=ghost&Engine=neptune&DBInstanceClass=db.r6g.large":                         "DBClusterNotFoundFault",
		"Action=CreateDBInstance&DBInstanceIdentifier=i&DBClusterIdentifier=far&Engine=neptune&DBInstanceClass=db.r6g.large":                           "DBSubnetGroupNotFoundFault",
		"Action=CreateDBInstance&DBInstanceIdentifier=i&DBClusterIdentifier=graph&Engine=neptune&DBInstanceClass=db.r6g.large&BackupRetentionPeriod=7": "InvalidParameterCombination",
		"Action=CreateDBInstance&DBInstanceIdentifier=i&Engine=neptune&DBInstanceClass=db.r6g.large":                                                   "MissingParameter",
		"Action=CreateDBInstance&DBInstanceIdentifier=i&Engine=mysql&DBInstanceClass=db.t4g.micro&BackupRetentionPeriod=36":                            "InvalidParameterValue",
		"Action=ModifyDBInstance&DBInstanceIdentifier=ghost":                                                                                           "DBInstanceNotFound",
		"Action=ModifyDBInstance&DBInstanceIdentifier=graph-1&DeletionProtection=true":                                                                 "InvalidParameterCombination",
		"Action=ModifyDBInstance&DBInstanceIdentifier=graph-1&PreferredBackupWindow=01:00-02:00":                                                       "InvalidParameterCombination",
		"Action=DeleteDBInstance&DBInstanceIdentifier=guarded&SkipFinalSnapshot=true":                                                                  "InvalidParameterCombination",
		"Action=DeleteDBInstance&DBInstanceIdentifier=sql":                                                                                             "InvalidParameterCombination",
		"Action=RebootDBInstance&DBInstanceIdentifier=graph-1&ForceFailover=true":                                                                      "InvalidParameterCombination",
		"Action=DeleteDBCluster&DBClusterIdentifier=joined&SkipFinalSnapshot=true":                                                                     "InvalidDBClusterStateFault",
		"Action=DeleteDBCluster&DBClusterIdentifier=joined":                                                                                            "InvalidParameterCombination",
		"Action=StopDBCluster&DBClusterIdentifier=joined":                                                                                              "InvalidDBClusterStateFault",
		"Action=StartDBCluster&DBClusterIdentifier=graph":                                                                                              "InvalidDBClusterStateFault",
		"Action=CreateDBClusterSnapshot&DBClusterIdentifier=graph&DBClusterSnapshotIdentifier=s":                                                       "DBClusterSnapshotAlreadyExistsFault",
		"Action=DeleteDBClusterSnapshot&DBClusterSnapshotIdentifier=making":                                                                            "InvalidDBClusterSnapshotStateFault",
		"Action=ModifyDBClusterSnapshotAttribute&DBClusterSnapshotIdentifier=s&AttributeName=delete":                                                   "InvalidParameterValue",
		"Action=ModifyDBClusterSnapshotAttribute&DBClusterSnapshotIdentifier=s&AttributeName=restore&ValuesToAdd.AttributeValue.1=me":                  "InvalidParameterValue",
		"Action=RestoreDBClusterFromSnapshot&DBClusterIdentifier=n&SnapshotIdentifier=s&Engine=docdb":                                                  "InvalidParameterCombination",
		"Action=RestoreDBClusterToPointInTime&SourceDBClusterIdentifier=graph&DBClusterIdentifier=n":                                                   "InvalidParameterCombination",
		"Action=CreateDBClusterParameterGroup&DBClusterParameterGroupName=g&DBParameterGroupFamily=neptune&Description=d":                              "InvalidParameterValue",
		"Action=ModifyDBClusterParameterGroup&DBClusterParameterGroupName=docs":                                                                        "MissingParameter",
		"Action=DescribeDBClusterSnapshots&SnapshotType=mine":                                                                                          "InvalidParameterValue",
		"Action=DescribeDBClusters&Marker=%21":                                                                                                         "InvalidParameterValue",
		"Action=DescribeGlobalClusters&GlobalClusterIdentifier=ghost":                                                                                  "GlobalClusterNotFoundFault",
		"Action=ListTagsForResource&ResourceName=graph":                                                                                                "InvalidParameterValue",
		"Action=DescribeDBClusters&Version=1999-01-01":                                                                                                 "InvalidAction",
	} {
		t.Run(request, func(t *testing.T) {
			rec := httptest.NewRecorder()
			l.ServeHTTP(rec, signed("rds", request))
			var answer struct {
				Code string `xml:"Error>Code"`
			}
			if err := xml.Unmarshal(rec.Body.Bytes(), &answer); err != nil {
				t.Fatalf("%v in %s", err, rec.Body)
			}
			if answer.Code != code || rec.Code < 400 || rec.Code > 499 {
				t.Errorf("got %d %s, want %s", rec.Code, rec.Body, code)
			}
		})
	}
	for _, id := range []string{"graph", "far", "old", "joined"} {
		if n := r.Writes(r.ARN("cluster", id)); len(n) != 0 {
			t.Errorf("refused requests took effect on %s: %v", id, n)
		}
	}
}

func TestSharingWithTooManyAccounts(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account).Region(region).AddSnapshot(lab.Snapshot{ID: "s"})
	b := start(t, lab.Options{World: w}, c)
	var accounts []string
	for i := range 21 {
		accounts = append(accounts, "10000000000"+string(rune('0'+i%10)))
		if i >= 10 {
			accounts[i] = "20000000000" + string(rune('0'+i%10))
		}
		if i == 20 {
			accounts[i] = "300000000000"
		}
	}
	_, err := b.rds().ModifyDBClusterSnapshotAttribute(t.Context(), &rds.ModifyDBClusterSnapshotAttributeInput{
		DBClusterSnapshotIdentifier: aws.String("s"), AttributeName: aws.String("restore"), ValuesToAdd: accounts})
	wantCode(t, err, "SharedSnapshotQuotaExceeded")
}

func TestChangesBehindTheBackOfTheClient(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).
		AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}, ServerlessMin: 2.5, ServerlessMax: 16, Roles: []string{"arn:aws:iam::" + account + ":role/load"}}).
		AddSnapshot(lab.Snapshot{ID: "s", ClusterID: "graph"}).
		Generate(lab.Scale{Clusters: 5})
	b := start(t, lab.Options{World: w}, c)
	days := 3
	if !r.ChangeCluster("graph", func(c *lab.Cluster) { c.DeletionProtection, c.Pending.BackupRetentionPeriod = true, &days }) {
		t.Error("graph is not there")
	}
	got := b.one("graph")
	if !aws.ToBool(got.DeletionProtection) || aws.ToInt32(got.PendingModifiedValues.BackupRetentionPeriod) != 3 ||
		aws.ToFloat64(got.ServerlessV2ScalingConfiguration.MinCapacity) != 2.5 || len(got.AssociatedRoles) != 1 {
		t.Errorf("shown: %+v", got)
	}
	if !r.ChangeSnapshot("s", func(s *lab.Snapshot) { s.SharedWith = []string{"all"} }) || r.ChangeSnapshot("ghost", func(*lab.Snapshot) {}) {
		t.Error("the wrong snapshots are there")
	}
	out, err := b.rds().DescribeDBClusterSnapshotAttributes(t.Context(), &rds.DescribeDBClusterSnapshotAttributesInput{DBClusterSnapshotIdentifier: aws.String("s")})
	if err != nil || !slices.Equal(out.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes[0].AttributeValues, []string{"all"}) {
		t.Errorf("shared: %+v, %v", out, err)
	}
	if _, err := b.rds().DeleteDBClusterSnapshot(t.Context(), &rds.DeleteDBClusterSnapshotInput{DBClusterSnapshotIdentifier: aws.String("s")}); err != nil {
		t.Error(err)
	}
	if _, err := b.rds().RebootDBInstance(t.Context(), &rds.RebootDBInstanceInput{DBInstanceIdentifier: aws.String("scale-00000002-1")}); err != nil {
		t.Errorf("instance of a generated cluster: %v", err)
	}
	r.RemoveCluster("graph")
	list, err := b.rds().DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{
		Filters: []types.Filter{{Name: aws.String("db-cluster-id"), Values: []string{"graph", "scale-00000002"}}}})
	if err != nil || len(list.DBInstances) != 1 {
		t.Errorf("instances that are left: %+v, %v", list, err)
	}
	if n := len(r.Writes(r.ARN("cluster", "graph"))); n != 0 {
		t.Errorf("%d writes by the client", n)
	}
}

func TestInstanceWithoutClusterIsMade(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region)
	b := start(t, lab.Options{World: w}, c)
	if _, err := b.rds().CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{DBInstanceIdentifier: aws.String("sql"), Engine: aws.String("postgres"),
		DBInstanceClass: aws.String("db.t4g.micro"), BackupRetentionPeriod: aws.Int32(0)}); err != nil {
		t.Fatal(err)
	}
	if in, ok := r.Instance("sql"); !ok || in.BackupRetentionPeriod != 0 || in.Status != "available" || in.ParameterGroup != "default.postgres16" {
		t.Errorf("made: %+v", in)
	}
}
