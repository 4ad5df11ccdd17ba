package lab_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/lab"
)

func TestRolesLeadIntoOtherAccounts(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account)
	w.Account(other).AddRole(lab.Role{Name: "audit", ExternalID: "42", Trusted: []string{account}}).
		Region(region).AddCluster(lab.Cluster{ID: "theirs"})
	b := start(t, lab.Options{World: w}, c)
	base := b.config(account, region)
	k := sts.NewFromConfig(base)
	who, err := k.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Account) != account || aws.ToString(who.Arn) != "arn:aws:iam::"+account+":user/lab" {
		t.Fatalf("caller %+v, %v", who, err)
	}
	assume := func(role, id string) (*sts.AssumeRoleOutput, error) {
		in := &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + other + ":role/sec/" + role), RoleSessionName: aws.String("me")}
		if id != "" {
			in.ExternalId = &id
		}
		return k.AssumeRole(t.Context(), in)
	}
	for _, bad := range [][2]string{{"audit", ""}, {"audit", "41"}, {"admin", "42"}} {
		_, err := assume(bad[0], bad[1])
		wantCode(t, err, "AccessDenied")
	}
	out, err := assume("audit", "42")
	if err != nil {
		t.Fatal(err)
	}
	role := base.Copy()
	role.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: "x", SessionToken: *out.Credentials.SessionToken}, nil
	})
	who, err = sts.NewFromConfig(role).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || aws.ToString(who.Arn) != "arn:aws:sts::"+other+":assumed-role/audit/me" {
		t.Fatalf("caller %+v, %v", who, err)
	}
	list, err := rds.NewFromConfig(role).DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{})
	if err != nil || !slices.Equal(ids(list.DBClusters), []string{"theirs"}) {
		t.Errorf("sees %v, %v", list, err)
	}
	c.pass(time.Hour)
	_, err = rds.NewFromConfig(role).DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{})
	wantCode(t, err, "ExpiredToken")
}

func TestEnvironmentPointsTheDefaultChainAtTheLab(t *testing.T) {
	w, c := newWorld()
	w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	b := start(t, lab.Options{World: w}, c)
	for _, pair := range b.Env(account, region) {
		name, value, _ := strings.Cut(pair, "=")
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg.HTTPClient = awsconn.PlainBodies(cfg.HTTPClient)
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::"+account+":role/any"))
	out, err := rds.NewFromConfig(cfg).DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{})
	if err != nil || len(out.DBClusters) != 1 {
		t.Errorf("got %v, %v", out, err)
	}
}

func TestRegionsDependOnPartitionAndOptIn(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	a := w.Account(account)
	a.Region("ap-east-1").AddCluster(lab.Cluster{ID: "hk"})
	a.Region("eu-west-2").NotOptedIn()
	b := start(t, lab.Options{World: w}, c)
	names := func(from string, in *ec2.DescribeRegionsInput) map[string]string {
		t.Helper()
		out, err := ec2.NewFromConfig(b.config(account, from)).DescribeRegions(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, r := range out.Regions {
			got[aws.ToString(r.RegionName)] = aws.ToString(r.OptInStatus)
		}
		return got
	}
	got := names(region, &ec2.DescribeRegionsInput{})
	if got["ap-east-1"] != "opted-in" || got["us-east-1"] != "opt-in-not-required" || got["af-south-1"] != "" || got["eu-west-2"] != "" {
		t.Errorf("usable regions: %v", got)
	}
	got = names(region, &ec2.DescribeRegionsInput{AllRegions: aws.Bool(true)})
	if got["af-south-1"] != "not-opted-in" || got["eu-west-2"] != "not-opted-in" || len(got) < 30 {
		t.Errorf("all regions: %v", got)
	}
	if got = names("cn-north-1", &ec2.DescribeRegionsInput{}); len(got) != 2 {
		t.Errorf("regions of China: %v", got)
	}
	zones, err := ec2.NewFromConfig(b.config(account, region)).DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{})
	if err != nil || len(zones.AvailabilityZones) != 3 || aws.ToString(zones.AvailabilityZones[1].ZoneId) != "euw1-az2" {
		t.Errorf("zones %+v, %v", zones, err)
	}
}

func TestARNsFollowThePartition(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	for r, want := range map[string]string{"cn-north-1": "arn:aws-cn:rds:cn-north-1:", "us-gov-west-1": "arn:aws-us-gov:rds:us-gov-west-1:"} {
		w.Account(account).Region(r).AddCluster(lab.Cluster{ID: "graph"})
		b := start(t, lab.Options{World: w}, c)
		out, err := rds.NewFromConfig(b.config(account, r)).DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{})
		if err != nil || aws.ToString(out.DBClusters[0].DBClusterArn) != want+account+":cluster:graph" {
			t.Errorf("%s: %+v, %v", r, out, err)
		}
	}
}
