"""Prints, as JSON, what an account holds now, as boto3 alone sees it.

This is the truth that Holdfast is measured against, so nothing here comes from Holdfast. Settings carry the
names of the AWS API; times and endpoints are left out because they say nothing about a control.
"""

import json
import sys

import boto3

REGIONS = ("ap-southeast-2", "eu-central-1", "us-east-1", "us-west-2")

CLUSTER_SETTINGS = (
    "Engine",
    "EngineVersion",
    "Status",
    "DbClusterResourceId",
    "StorageEncrypted",
    "BackupRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "DeletionProtection",
    "CopyTagsToSnapshot",
    "MultiAZ",
    "IAMDatabaseAuthenticationEnabled",
    "DBClusterParameterGroup",
)


def read() -> dict:
    account = boto3.client("sts", region_name=REGIONS[0]).get_caller_identity()["Account"]
    truth = {"Account": account, "Regions": list(REGIONS), "Clusters": [], "Snapshots": [], "ParameterGroups": []}
    for region in REGIONS:
        rds = boto3.client("rds", region_name=region)
        truth["Clusters"] += sorted(clusters(rds, region), key=lambda c: c["ID"])
        truth["Snapshots"] += sorted(snapshots(rds, region), key=lambda s: s["ID"])
        truth["ParameterGroups"] += sorted(parameter_groups(rds, region), key=lambda g: g["ID"])
    return truth


def clusters(rds, region):
    instances = {i["DBInstanceIdentifier"]: i for i in pages(rds, "describe_db_instances", "DBInstances")}
    for c in pages(rds, "describe_db_clusters", "DBClusters"):
        members = [member(m, instances[m["DBInstanceIdentifier"]]) for m in c["DBClusterMembers"]]
        yield {
            "Region": region,
            "ID": c["DBClusterIdentifier"],
            "ARN": c["DBClusterArn"],
            **{name: c[name] for name in CLUSTER_SETTINGS},
            "EnabledCloudwatchLogsExports": sorted(c.get("EnabledCloudwatchLogsExports", [])),
            "Members": sorted(members, key=lambda m: m["ID"]),
            "Tags": tags(c["TagList"]),
        }


def member(m, instance):
    return {
        "ID": m["DBInstanceIdentifier"],
        "Writer": m["IsClusterWriter"],
        "Class": instance["DBInstanceClass"],
        "Zone": instance["AvailabilityZone"],
    }


def snapshots(rds, region):
    for s in pages(rds, "describe_db_cluster_snapshots", "DBClusterSnapshots"):
        yield {
            "Region": region,
            "ID": s["DBClusterSnapshotIdentifier"],
            "ARN": s["DBClusterSnapshotArn"],
            "Engine": s["Engine"],
            "Cluster": s["DBClusterIdentifier"],
            "Type": s["SnapshotType"],
            "StorageEncrypted": s["StorageEncrypted"],
            "SharedWith": shared_with(rds, s),
            "Tags": tags(s["TagList"]),
        }


def shared_with(rds, snapshot):
    """The accounts that may restore it, "all" for everybody. Only manual snapshots can be shared."""
    if snapshot["SnapshotType"] != "manual":
        return []
    answer = rds.describe_db_cluster_snapshot_attributes(
        DBClusterSnapshotIdentifier=snapshot["DBClusterSnapshotIdentifier"]
    )
    attributes = answer["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"]
    return sorted(v for a in attributes if a["AttributeName"] == "restore" for v in a["AttributeValues"])


def parameter_groups(rds, region):
    for g in pages(rds, "describe_db_cluster_parameter_groups", "DBClusterParameterGroups"):
        name = g["DBClusterParameterGroupName"]
        parameters = pages(rds, "describe_db_cluster_parameters", "Parameters", DBClusterParameterGroupName=name)
        yield {
            "Region": region,
            "ID": name,
            "ARN": g["DBClusterParameterGroupArn"],
            "Family": g["DBParameterGroupFamily"],
            "Parameters": {p["ParameterName"]: p["ParameterValue"] for p in parameters if "ParameterValue" in p},
        }


def pages(client, operation, key, **kwargs):
    for page in client.get_paginator(operation).paginate(**kwargs):
        yield from page[key]


def tags(tag_list):
    return {t["Key"]: t["Value"] for t in tag_list}


if __name__ == "__main__":
    json.dump(read(), sys.stdout, indent=1)
