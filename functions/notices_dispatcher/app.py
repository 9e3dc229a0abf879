"""Tells people, every minute, what was recorded about them, and sends webhooks' deliveries that are due."""

from typing import Any

from musicconnect.notices import dispatcher
from musicconnect.platform import database
from musicconnect.platform.logging import logger, start_trace
from musicconnect.platform.work.deadline import Deadline

RESERVE_MS = 5_000


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Run once."""
    start_trace()
    answer = dispatcher.on_timer(database.shared(), event, Deadline.of(context, reserve_ms=RESERVE_MS))
    logger.info("timer handled", **answer)
    return answer
