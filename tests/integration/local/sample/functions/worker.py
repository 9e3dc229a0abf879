"""Fails the messages that ask for it; keeps a note of every message in the bucket."""

import json
import os
import time

import boto3


def handler(event, context):
    s3 = boto3.client("s3")
    failures = []
    for record in event["Records"]:
        body = json.loads(record["body"])
        time.sleep(body.get("seconds", 0))
        count = record["attributes"]["ApproximateReceiveCount"]
        note = {"record": record, "pid": os.getpid(), "batch": len(event["Records"])}
        s3.put_object(
            Bucket=os.environ["BUCKET"], Key=f"{body['name']}/{count}", Body=json.dumps(note).encode()
        )
        if body.get("raise"):
            raise RuntimeError("the whole batch")
        if body.get("fail"):
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
