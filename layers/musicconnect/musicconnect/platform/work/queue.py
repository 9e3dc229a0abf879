"""Send work to SQS. What a message says is never more than which row to work on.

Work is recorded in its table first, due at a time; a message only wakes a worker sooner than the timer would.
"""

import json
import math
from datetime import datetime
from functools import cache
from typing import Any, Final

from musicconnect.platform import clock
from musicconnect.platform.logging import correlation_id, logger

MAX_DELAY: Final = 900
"""Seconds; SQS delays no message longer."""


def enqueue(queue_url: str, body: dict[str, Any], *, group: str, delay: float = 0) -> bool:
    """Send one message, after the commit that it speaks of; False if the queue is away.

    Never fails: the work is recorded as due, and the timer sends what was not sent. The message carries the
    id of the work at hand, unless it has one already.

    Args:
        queue_url: Where to.
        body: A JSON object.
        group: Whose work it is; SQS shares the queue fairly among groups.
        delay: Seconds until it becomes visible, rounded up: nobody comes before the work is due.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - needed only to send

    text = json.dumps(
        {**body, "correlation_id": body.get("correlation_id") or correlation_id()}, separators=(",", ":")
    )
    try:
        _client().send_message(
            QueueUrl=queue_url,
            MessageBody=text,
            DelaySeconds=max(0, min(MAX_DELAY, math.ceil(delay))),
            MessageGroupId=group,
        )
    except (BotoCoreError, ClientError):
        logger.warning(
            "message not sent, left to the timer", queue=queue_url.rpartition("/")[2], exc_info=True
        )
        return False
    return True


def delay_until(due_at: datetime) -> float | None:
    """Give the seconds that a message has to wait; None where SQS cannot: then the timer sends it."""
    delay = (due_at - clock.now()).total_seconds()
    return max(0.0, delay) if delay <= MAX_DELAY else None


@cache
def _client() -> Any:
    import boto3  # noqa: PLC0415 - a third of a second; only paths that send pay it
    from botocore.config import Config  # noqa: PLC0415

    # A caller waits for it: with the queue away, the answer still comes long before the API's own limit.
    return boto3.client(
        "sqs", config=Config(connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 2})
    )
