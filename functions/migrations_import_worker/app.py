"""Makes migrations out of uploaded files: a message per import; the timer sends forgotten ones."""

import json
from typing import Any

from musicconnect.migrations.imports import worker
from musicconnect.platform import config, database
from musicconnect.platform.logging import logger, start_trace


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler, for batches of the queue and for the timer."""
    if "Records" not in event:
        start_trace()
        sent = worker.dispatch(database.shared())
        logger.info("forgotten imports sent", count=sent)
        return {"sent": sent}
    failures = [
        {"itemIdentifier": record["messageId"]} for record in event["Records"] if not _read(record, context)
    ]
    return {"batchItemFailures": failures}


def _read(record: dict[str, Any], context: Any) -> bool:
    try:
        body = json.loads(record["body"])
        start_trace(body.get("correlation_id"))
        user_id, import_id = worker.parse_message(body)
        worker.read(
            database.shared(),
            user_id,
            import_id,
            queue_url=config.require("MIGRATIONS_QUEUE_URL"),
            remaining_ms=context.get_remaining_time_in_millis,
        )
    except Exception:  # noqa: BLE001 - one message's failure is not the batch's: the queue brings it again
        logger.exception("playlist import failed", message_id=record.get("messageId"))
        return False
    logger.info("message handled", message_id=record["messageId"])
    return True
