"""Fills an empty account with Neptune clusters, their neighbours and snapshots, then prints what it holds.

Everything follows from a position in a loop: two runs make the same account. The settings are spread so that
at home every combination of retention, deletion protection, copied tags, encryption and member count occurs.
"""

import json
import os
import sys
import urllib.request

import boto3

import readback

HOME = "eu-central-1"
NEPTUNE_AT_HOME = 250  # more than two pages of a hundred
AURORA_AT_HOME = 30
NEPTUNE_ELSEWHERE = 24
AURORA_ELSEWHERE = 3

RETENTION_DAYS = (1, 3, 7, 14)
TEAMS = ("fraud", "search", "supply", "identity")
PARTNER = "210987654321"  # an account that snapshots are shared with
INSTANCE_CLASS = "db.r6g.large"
KEY = "arn:aws:kms:{region}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def main() -> None:
    make_ids_repeatable()
    for region in readback.REGIONS:
        neptune = boto3.client("neptune", region_name=region)
        rds = boto3.client("rds", region_name=region)
        at_home = region == HOME
        groups = make_parameter_groups(neptune)
        for i in range(NEPTUNE_AT_HOME if at_home else NEPTUNE_ELSEWHERE):
            make_neptune_cluster(neptune, region, i, groups)
        for i in range(AURORA_AT_HOME if at_home else AURORA_ELSEWHERE):
            make_aurora_cluster(rds, region, i)
        make_snapshots(neptune, rds)
    json.dump(readback.read(), sys.stdout, indent=1)


def make_ids_repeatable():
    """moto draws resource ids from a generator that can be set, by a call of its own that AWS does not have."""
    call = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/moto-api/seed?a=1", method="POST")
    urllib.request.urlopen(call).close()


def make_parameter_groups(neptune):
    """One group that writes audit lines and one that does not; both may be edited, unlike the default group."""
    groups = []
    for name, audit in (("graph-audited", "1"), ("graph-silent", "0")):
        neptune.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=name,
            DBParameterGroupFamily="neptune1.3",
            Description=f"neptune_enable_audit_log={audit}",
        )
        neptune.modify_db_cluster_parameter_group(
            DBClusterParameterGroupName=name,
            Parameters=[
                {
                    "ParameterName": "neptune_enable_audit_log",
                    "ParameterValue": audit,
                    "ApplyMethod": "pending-reboot",
                }
            ],
        )
        groups.append(name)
    return groups


def make_neptune_cluster(neptune, region, i, groups):
    """The divisors share as little as they can, so that no setting follows from another."""
    name = f"graph-{i:03d}"
    encrypted = i // 16 % 2 == 1
    settings = {
        "BackupRetentionPeriod": RETENTION_DAYS[i % len(RETENTION_DAYS)],
        "DeletionProtection": i // 4 % 2 == 1,
        "CopyTagsToSnapshot": i // 8 % 2 == 1,
        "StorageEncrypted": encrypted,
        "EnableCloudwatchLogsExports": ["audit"] if i // 9 % 2 else [],
        "Tags": [
            {"Key": "team", "Value": TEAMS[i // 3 % len(TEAMS)]},
            {"Key": "stage", "Value": "production" if i % 5 else "sandbox"},
        ],
    }
    if encrypted:
        settings["KmsKeyId"] = KEY.format(region=region)
    if i % 7 == 0:
        settings["DBClusterParameterGroupName"] = groups[i // 7 % len(groups)]
    neptune.create_db_cluster(DBClusterIdentifier=name, Engine="neptune", **settings)
    make_members(neptune, region, name, "neptune", count=i % 3, one_zone=i // 5 % 2 == 1)


def make_aurora_cluster(rds, region, i):
    """Aurora answers the same calls as Neptune. It breaks every rule here, so that a mix-up would show."""
    name = f"orders-{i:03d}"
    engine = ("aurora-mysql", "aurora-postgresql")[i % 2]
    rds.create_db_cluster(
        DBClusterIdentifier=name,
        Engine=engine,
        MasterUsername="admin1",
        MasterUserPassword="not-a-secret",
        BackupRetentionPeriod=1,
    )
    make_members(rds, region, name, engine, count=1, one_zone=True)


def make_members(client, region, cluster, engine, count, one_zone):
    """The first member is the writer; more than one zone is what AWS calls Multi-AZ."""
    for n in range(count):
        zone = "a" if one_zone else "abc"[n]
        client.create_db_instance(
            DBInstanceIdentifier=f"{cluster}-{n + 1}",
            DBClusterIdentifier=cluster,
            DBInstanceClass=INSTANCE_CLASS,
            Engine=engine,
            AvailabilityZone=region + zone,
        )


def make_snapshots(neptune, rds):
    """Manual snapshots in every state of sharing, and a public one of Aurora beside them."""
    plain, encrypted = (first_cluster(neptune, encrypted=e) for e in (False, True))
    for name, cluster, shared in (
        ("public-1", plain, ["all"]),
        ("public-2", plain, ["all"]),
        ("public-and-partner", plain, ["all", PARTNER]),
        ("partner-only", plain, [PARTNER]),
        ("private-plain", plain, []),
        ("private-encrypted", encrypted, []),
        ("partner-encrypted", encrypted, [PARTNER]),
    ):
        make_snapshot(neptune, name, cluster, shared)
    make_snapshot(rds, "orders-public", "orders-000", ["all"])


def make_snapshot(client, name, cluster, shared):
    client.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=name, DBClusterIdentifier=cluster)
    if shared:
        client.modify_db_cluster_snapshot_attribute(
            DBClusterSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=shared
        )


def first_cluster(neptune, encrypted):
    clusters = readback.pages(
        neptune, "describe_db_clusters", "DBClusters", Filters=[{"Name": "engine", "Values": ["neptune"]}]
    )
    return next(c["DBClusterIdentifier"] for c in clusters if c["StorageEncrypted"] == encrypted)


if __name__ == "__main__":
    main()
