"""Answers with the event and what it sees of its environment."""

import json
import os
from pathlib import Path

from sample_layer import NAME


def handler(event, context):
    print("echo was here")
    body = {
        "event": event,
        "layer": NAME,
        "cwd": str(Path.cwd()),
        "pid": os.getpid(),
        "environment": dict(os.environ),
        "context": {
            "request_id": context.aws_request_id,
            "arn": context.invoked_function_arn,
            "name": context.function_name,
            "remaining_ms": context.get_remaining_time_in_millis(),
        },
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
