"""Fills an empty region with RDS instances, Aurora and Multi-AZ DB clusters and snapshots of both, then prints
what boto3 reads of them, under the names of the AWS API. With --read it only prints.

Everything follows from a position in a loop: two runs make the same account.
"""

import json
import sys

import boto3

REGION = "eu-central-1"
ENGINES = ("mysql", "postgres", "oracle-ee", "oracle-se2", "sqlserver-se")
RETENTION_DAYS = (0, 1, 7, 14)
PARTNER = "210987654321"  # an account that snapshots are shared with
INSTANCES = 120  # more than a page of a hundred

INSTANCE = (
    "DBInstanceIdentifier Engine BackupRetentionPeriod DeletionProtection CopyTagsToSnapshot StorageEncrypted MultiAZ"
    " DBClusterIdentifier ReadReplicaSourceDBInstanceIdentifier"
).split()
CLUSTER = "DBClusterIdentifier Engine BackupRetentionPeriod DeletionProtection CopyTagsToSnapshot StorageEncrypted MultiAZ".split()


def main() -> None:
    rds = boto3.client("rds", region_name=REGION)
    if "--read" not in sys.argv:
        make_instances(rds)
        make_clusters(rds)
        make_snapshots(rds)
    json.dump(read(rds), sys.stdout, indent=1)


def make_instances(rds):
    for i in range(INSTANCES):
        rds.create_db_instance(
            DBInstanceIdentifier=f"db-{i:03}",
            Engine=ENGINES[i % len(ENGINES)],
            DBInstanceClass="db.m6g.large",
            AllocatedStorage=20,
            MasterUsername="owner",
            MasterUserPassword="not-a-secret",
            BackupRetentionPeriod=RETENTION_DAYS[i % 4],
            DeletionProtection=i % 2 == 0,
            CopyTagsToSnapshot=i % 3 == 0,
            StorageEncrypted=i % 5 == 0,
            MultiAZ=i % 7 == 0,
        )
    for i in (5, 6):  # of MySQL and of PostgreSQL
        rds.create_db_instance_read_replica(
            DBInstanceIdentifier=f"db-{i:03}-replica", SourceDBInstanceIdentifier=f"db-{i:03}"
        )


def make_clusters(rds):
    for i in range(24):
        engine = ("aurora-mysql", "aurora-postgresql", "neptune")[i % 3]
        extra = {} if engine == "neptune" else {"MasterUsername": "owner", "MasterUserPassword": "not-a-secret"}
        rds.create_db_cluster(
            DBClusterIdentifier=f"cluster-{i:02}",
            Engine=engine,
            BackupRetentionPeriod=(1, 6, 7, 35)[i % 4],
            DeletionProtection=i % 2 == 0,
            CopyTagsToSnapshot=i % 4 == 0,
            StorageEncrypted=i % 5 == 0,
            **extra,
        )
        for n in range(i % 3):
            rds.create_db_instance(
                DBInstanceIdentifier=f"cluster-{i:02}-{n}",
                DBClusterIdentifier=f"cluster-{i:02}",
                Engine=engine,
                DBInstanceClass="db.r6g.large",
                AvailabilityZone=REGION + "abc"[n if i % 2 else 0],
            )


def make_snapshots(rds):
    for i, accounts in enumerate(([], ["all"], [PARTNER], ["all", PARTNER])):
        for kind in ("db", "cluster"):
            name = f"{kind}-kept-{i}"
            if kind == "db":
                rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier="db-001")
                share, key = rds.modify_db_snapshot_attribute, "DBSnapshotIdentifier"
            else:
                rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=name, DBClusterIdentifier="cluster-01")
                share, key = rds.modify_db_cluster_snapshot_attribute, "DBClusterSnapshotIdentifier"
            if accounts:
                share(**{key: name}, AttributeName="restore", ValuesToAdd=accounts)


def read(rds):
    return {
        "Instances": [pick(x, INSTANCE) for x in all_of(rds, "describe_db_instances", "DBInstances")],
        "Clusters": [pick(x, CLUSTER) for x in all_of(rds, "describe_db_clusters", "DBClusters")],
        "Snapshots": [
            snapshot(x, "DBSnapshotIdentifier", "Encrypted", rds.describe_db_snapshot_attributes, "DBSnapshotAttributes")
            for x in all_of(rds, "describe_db_snapshots", "DBSnapshots")
            if x["Engine"] != "neptune"  # moto takes snapshots of Neptune's instances; AWS only of its clusters
        ]
        + [
            snapshot(
                x,
                "DBClusterSnapshotIdentifier",
                "StorageEncrypted",
                rds.describe_db_cluster_snapshot_attributes,
                "DBClusterSnapshotAttributes",
            )
            for x in all_of(rds, "describe_db_cluster_snapshots", "DBClusterSnapshots")
        ],
    }


def all_of(rds, operation, key):
    pages = rds.get_paginator(operation).paginate()
    return [x for page in pages for x in page[key]]


def pick(x, names):
    return {name: x[name] for name in names if x.get(name) is not None}


def snapshot(x, name, encrypted, attributes, key):
    answer = attributes(**{name: x[name]})[key + "Result"][key]
    shared = [v for a in answer if a["AttributeName"] == "restore" for v in a["AttributeValues"]]
    return {
        "ID": x[name],
        "Engine": x["Engine"],
        "Encrypted": x[encrypted],
        "Manual": x["SnapshotType"] == "manual",
        "SharedWith": sorted(shared),
    }


if __name__ == "__main__":
    main()
