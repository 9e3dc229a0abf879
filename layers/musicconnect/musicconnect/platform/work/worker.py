"""Run a queue's worker: batches of messages in, failed ones out; on the timer, dispatch what is due."""

import gc
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from psycopg import Connection
from pydantic import ValidationError

from musicconnect.platform import clock, database
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger, start_trace
from musicconnect.platform.work import people_store
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.message import BaseMessage, Message

MAX_DISPATCHED = 500
"""Messages that one run of a dispatcher sends; the next run comes in a minute."""


class Worker[M: BaseMessage]:
    """The handler of a function that works on a queue and, where it has one, on a timer.

    Args:
        message: What a message of the queue is.
        handle: Works on one message, by the deadline. What it raises is logged and the message comes again.
        on_timer: Runs on any other event, which it gets too; gives the function's answer.
        reserve_ms: Kept back of the invocation for what follows the work.
        max_hold_s: After so many seconds a message has to be done: its deadline is that, or the
            invocation's if it is earlier. What is left to do goes to the end of the queue.
    """

    def __init__(
        self,
        message: type[M],
        handle: Callable[[Database, M, Deadline], None],
        on_timer: Callable[[Database, Mapping[str, Any], Deadline], dict[str, Any]] | None = None,
        *,
        reserve_ms: float = 0,
        max_hold_s: float = math.inf,
    ) -> None:
        self._message = message
        self._handle = handle
        self._on_timer = on_timer
        self._reserve_ms = reserve_ms
        self._max_hold_s = max_hold_s
        gc.freeze()  # what was imported stays: the collector need not walk through it again and again

    def __call__(self, event: dict[str, Any], context: Any) -> Mapping[str, Any]:
        """Handle one invocation: the Lambda handler."""
        if "Records" in event or self._on_timer is None:
            return self._batch(event, context)
        start_trace()
        answer = self._on_timer(database.shared(), event, Deadline.of(context, reserve_ms=self._reserve_ms))
        logger.info("timer handled", **answer)
        return answer

    def _batch(self, event: dict[str, Any], context: Any) -> Mapping[str, Any]:
        # Half as much again as everything else that a worker imports, so only once there is a batch.
        from aws_lambda_powertools.utilities.batch import (  # noqa: PLC0415
            BatchProcessor,
            EventType,
            process_partial_response,
        )

        deadline, left = Deadline.of(context, reserve_ms=self._reserve_ms), len(event["Records"])

        def handle(record: Any) -> None:
            nonlocal left
            try:
                self._one(record.body, deadline.share(left).within(self._max_hold_s))
            except Exception:
                logger.exception("message failed", message_id=record.message_id)
                raise
            finally:
                left -= 1
            logger.info("message handled", message_id=record.message_id)

        processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
        return process_partial_response(event, handle, processor, context)

    def _one(self, body: str, deadline: Deadline) -> None:
        try:
            message = self._message.model_validate_json(body)
        except ValidationError:
            raise ValueError("the message is not one of ours") from None
        start_trace(message.correlation_id)
        if isinstance(message, Message) and not self._is_active(message.user_id):
            # The work stays as it is, due: the dispatcher sends it once its person is restored.
            logger.info("work rests, its person is suspended or gone")
            return
        self._handle(database.shared(), message, deadline)

    def _is_active(self, user_id: int) -> bool:
        with database.shared().statement() as connection:
            return people_store.is_active(connection, user_id)


def dispatch[Row](
    database: Database,
    claim: Callable[[Connection[Any], datetime, int], Sequence[Row]],
    send: Callable[[Row], bool],
    *,
    work: str,
) -> int:
    """Send a message for everything that is due and in nobody's hands; gives how many were sent.

    With the queue away it ends at once: what was not sent is due again in a minute.

    Args:
        database: The service's.
        claim: Marks rows as sent and gives them, at most so many.
        send: Enqueues one; False if the queue is away.
        work: What it is called in the log.
    """
    with database.transaction() as connection:
        due = claim(connection, clock.now(), MAX_DISPATCHED)
    sent = sum(1 for _ in takewhile(send, due))
    logger.info("dispatched", work=work, due=len(due), sent=sent)
    return sent
