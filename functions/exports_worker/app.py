"""Builds exports: a message per export; the timer sends what is due and takes away what has expired."""

import json
from typing import Any

from musicconnect.exports import retention, worker
from musicconnect.platform import database
from musicconnect.platform.logging import logger, start_trace


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler, for batches of the queue and for the timer."""
    if "Records" not in event:
        start_trace()
        sent = worker.dispatch(database.shared())
        expired = retention.sweep(database.shared())
        logger.info("exports looked after", sent=sent, expired=expired)
        return {"sent": sent, "expired": expired}
    failures = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if not _advanced(record, context)
    ]
    return {"batchItemFailures": failures}


def _advanced(record: dict[str, Any], context: Any) -> bool:
    try:
        body = json.loads(record["body"])
        start_trace(body.get("correlation_id"))
        user_id, export_id = worker.parse_message(body)
        worker.advance(database.shared(), user_id, export_id, context.get_remaining_time_in_millis)
    except Exception:  # noqa: BLE001 - one message's failure is not the batch's: the queue brings it again
        logger.exception("export failed", message_id=record.get("messageId"))
        return False
    logger.info("message handled", message_id=record["messageId"])
    return True
