"""A worker's process: the real handler on the queue's messages until there are none."""

import json
import os
import time
import uuid
from pathlib import Path

import boto3

from migrations_worker.app import handler
from musicconnect.platform import config, database

QUEUE = "MIGRATIONS_QUEUE_URL"
IDLE_SECONDS = 1


class Context:
    """The part of Lambda's context that is read: five minutes for every message."""

    function_name = "benchmark"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:benchmark"

    def __init__(self) -> None:
        self.aws_request_id = str(uuid.uuid4())

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds."""
        return 300_000


def main() -> None:
    """Work; print what it took."""
    client, url = boto3.client("sqs"), config.require(QUEUE)
    started = time.perf_counter()
    while messages := client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=IDLE_SECONDS
    ).get("Messages", []):
        for message in messages:
            handler({"Records": [{"messageId": message["MessageId"], "body": message["Body"]}]}, Context())
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    elapsed = time.perf_counter() - started - IDLE_SECONDS
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    used = os.times()
    print(
        json.dumps(
            {
                "seconds": elapsed,
                "statements": database.timing.statements,
                "megabytes": peak / 1024,
                "cpu_seconds": used.user + used.system,
            }
        )
    )


if __name__ == "__main__":
    main()
