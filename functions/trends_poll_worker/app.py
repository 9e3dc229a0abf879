"""Polls Spotify for what users played: a message per due account; the timer sends them."""

import json
from typing import Any

from musicconnect.platform import database
from musicconnect.platform.logging import logger, start_trace
from musicconnect.trends.polling import worker


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The Lambda handler, for batches of the queue and for the timer."""
    if "Records" not in event:
        start_trace()
        sent = worker.dispatch(database.shared())
        logger.info("polls sent", count=sent)
        return {"sent": sent}
    failures = [{"itemIdentifier": record["messageId"]} for record in event["Records"] if not _polled(record)]
    return {"batchItemFailures": failures}


def _polled(record: dict[str, Any]) -> bool:
    try:
        body = json.loads(record["body"])
        start_trace(body.get("correlation_id"))
        worker.poll(database.shared(), int(body["user_id"]))
    except Exception:  # noqa: BLE001 - one message's failure is not the batch's: the queue brings it again
        logger.exception("poll failed", message_id=record.get("messageId"))
        return False
    logger.info("message handled", message_id=record["messageId"])
    return True
