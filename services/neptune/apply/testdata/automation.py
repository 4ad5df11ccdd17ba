"""Runs an Automation runbook with boto3, as far as Holdfast's runbooks go.

Parameters are checked against AWS's own model of each operation. Pauses go on
by themselves and waits are short.
"""
import re
import sys
import time

import boto3
import jmespath
import yaml
from botocore import xform_name


def main(path):
    with open(path) as file:
        document = yaml.safe_load(file)
    for step in document["mainSteps"]:
        run(step["action"], step)


def run(action, step):
    inputs = step["inputs"]
    if action == "aws:pause" or action == "aws:sleep":
        return
    if action == "aws:executeScript":
        scope = {}
        exec(inputs["Script"], scope)
        scope["time"] = Impatient
        scope[inputs["Handler"]](inputs["InputPayload"], None)
        return
    arguments = dict(inputs)
    client = boto3.client(arguments.pop("Service"))
    method = getattr(client, xform_name(arguments.pop("Api")))
    if action == "aws:executeAwsApi":
        method(**arguments)
        return
    selector = re.sub(r"^\$\.", "", arguments.pop("PropertySelector"))
    desired = arguments.pop("DesiredValues")
    attempts = {"aws:assertAwsResourceProperty": 1, "aws:waitForAwsResourceProperty": 50}[action]
    for _ in range(attempts):
        if str(jmespath.search(selector, method(**arguments))) in desired:
            return
        time.sleep(0.05)
    sys.exit(step["name"] + " does not hold")


class Impatient:
    time = staticmethod(time.time)

    @staticmethod
    def sleep(_):
        time.sleep(0.05)


main(sys.argv[1])
