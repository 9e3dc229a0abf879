"""Turn an SQS event into steps, and steps into the next messages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from musicconnect.migrations.engine import step
from musicconnect.migrations.engine.context import StepBudget
from musicconnect.migrations.engine.messages import StepMessage, send
from musicconnect.platform.config import ProviderSettings
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger, start_trace

SHUTDOWN_MARGIN_S = 5.0
"""Seconds reserved at the end of an invocation for the last commit and the next message."""


def work(
    database: Database,
    records: Sequence[Mapping[str, Any]],
    *,
    queue_url: str,
    remaining_seconds: Callable[[], float],
) -> dict[str, Any]:
    """Take one step for each record of an SQS event.

    Returns:
        The records to deliver again: what ended in a bug of ours, or without a database. A message that
        cannot be read is among them, and ends in the dead-letter queue.
    """
    failures = []
    for index, record in enumerate(records):
        share = remaining_seconds() / (len(records) - index)
        try:
            _work_on(database, record["body"], queue_url, budget_seconds(share))
        except Exception:  # noqa: BLE001 - the record's failure is the answer; the others go on
            logger.exception("step failed", message_id=record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}


def budget_seconds(remaining: float) -> float:
    """Give the seconds in which a step may begin calls: a call may take all of its time-out.

    However short the invocation is, half of it is used, so that there is always some progress.
    """
    longest_call = sum(ProviderSettings.from_environment().timeout)
    return max(remaining / 2, remaining - longest_call - SHUTDOWN_MARGIN_S)


def _work_on(database: Database, body: str, queue_url: str, seconds: float) -> None:
    try:
        message = StepMessage.model_validate_json(body)
    except ValidationError:
        raise ValueError("the message is not one of ours") from None
    start_trace(message.correlation_id)
    delay = step.step(
        database, message.playlist_migration_id, message.user_id, StepBudget.of(seconds), seconds=seconds
    )
    if delay is not None:
        send(queue_url, message, delay=delay)
