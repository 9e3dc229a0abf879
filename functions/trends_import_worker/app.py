"""Reads uploaded histories into plays: a message per import; the timer sends due ones."""

import json
from typing import Any

from musicconnect.platform import database
from musicconnect.platform.logging import logger, start_trace
from musicconnect.trends.imports import worker


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler, for batches of the queue and for the timer."""
    if "Records" not in event:
        start_trace()
        sent = worker.dispatch(database.shared())
        logger.info("due imports sent", count=sent)
        return {"sent": sent}
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
        user_id, import_id = worker.parse_message(body)
        worker.advance(database.shared(), user_id, import_id, context.get_remaining_time_in_millis)
    except Exception:  # noqa: BLE001 - one message's failure is not the batch's: the queue brings it again
        logger.exception("play import failed", message_id=record.get("messageId"))
        return False
    logger.info("message handled", message_id=record["messageId"])
    return True
