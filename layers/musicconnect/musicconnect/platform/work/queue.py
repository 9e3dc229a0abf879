"""Sending work to SQS. What a message says is never more than which row to work on."""

import json
from functools import cache
from typing import Any

from musicconnect.platform.logging import correlation_id

MAX_DELAY = 900
"""Seconds; SQS delays no message longer."""


def send(queue_url: str, body: dict[str, Any], *, group: str, delay: float = 0) -> None:
    """Send one message. Call it after the commit that it speaks of, never before.

    It carries the id of the work at hand, unless it has one already.

    Args:
        queue_url: Where to.
        body: A JSON object.
        group: Whose work it is; SQS shares the queue fairly among groups.
        delay: Seconds until it becomes visible, at most ``MAX_DELAY``.
    """
    _client().send_message(
        QueueUrl=queue_url,
        MessageBody=json.dumps(
            {**body, "correlation_id": body.get("correlation_id") or correlation_id()}, separators=(",", ":")
        ),
        DelaySeconds=max(0, min(MAX_DELAY, round(delay))),
        MessageGroupId=group,
    )


@cache
def _client() -> Any:
    import boto3  # noqa: PLC0415 - a third of a second; only paths that send pay it

    return boto3.client("sqs")
