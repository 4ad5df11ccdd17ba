import json
import time
import boto3
import jmespath
from botocore.exceptions import ClientError
from botocore import xform_name


def check(event, context):
    client = boto3.client(event["service"])
    method = getattr(client, xform_name(event["operation"]))
    end = time.time() + int(event["seconds"])
    while True:
        if holds(method, event):
            return {}
        if time.time() >= end:
            raise Exception("does not hold: " + event["says"])
        time.sleep(15)


def holds(method, event):
    try:
        answer = method(**event["parameters"])
    except ClientError as error:
        if "NotFound" not in error.response["Error"]["Code"]:
            raise
        return event["gone"]
    # Times as the AWS CLI writes them.
    plain = json.loads(json.dumps(answer, default=lambda time: time.isoformat()))
    return not event["gone"] and jmespath.search(event["query"], plain) is True
