"""Runs every hour, and again right away when it was not done: expiry, retention, what the terms ask for.

Events beside the schedule's: ``{"tasks": ["key_rotation"]}``, and the same as messages of its own queue.
"""

import json
from typing import Any

from musicconnect.maintenance import runner
from musicconnect.platform import config, database
from musicconnect.platform.logging import logger, start_trace

RESERVE = 20.0
"""Seconds kept back of the function's time for the step that has just begun. Being cut off does no harm."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda handler, for the timer, for batches of the queue, and by hand."""
    if "Records" not in event:
        start_trace()
        return _run(event.get("tasks"), context)
    failures = [
        {"itemIdentifier": record["messageId"]} for record in event["Records"] if not _ran(record, context)
    ]
    return {"batchItemFailures": failures}


def _ran(record: dict[str, Any], context: Any) -> bool:
    try:
        body = json.loads(record["body"])
        start_trace(body.get("correlation_id"))
        _run(body["tasks"], context)
    except Exception:  # noqa: BLE001 - one message's failure is not the batch's: the queue brings it again
        logger.exception("maintenance failed", message_id=record.get("messageId"))
        return False
    return True


def _run(names: list[str] | None, context: Any) -> dict[str, Any]:
    def seconds_left() -> float:
        return float(context.get_remaining_time_in_millis()) / 1000 - RESERVE

    report = runner.run(database.shared(), runner.select_tasks(names), seconds_left=seconds_left)
    runner.reschedule(config.require("MAINTENANCE_QUEUE_URL"), report)
    logger.info("maintenance done", **report.as_answer())
    return report.as_answer()
