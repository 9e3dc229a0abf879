"""Event sources: queues that are polled and schedules that fire."""

import asyncio
import contextlib
import uuid
from datetime import UTC, datetime
from typing import Any

from local.events import schedule_expressions
from local.events.sqs import LONG_POLL, Sqs, SqsError, failed_messages, record
from local.lambda_.invocation import Outcome
from local.lambda_.pool import Runtime
from local.template.model import QueueSource, Schedule, Template

_CONCURRENCY = 5
"""Batches at a time of a source that sets no MaximumConcurrency."""
_PAUSE_AFTER_ERROR = 0.5


class QueuePoller:
    """Hands the messages of a queue to a function, batch by batch.

    What succeeded is deleted; what failed is left alone and comes back after the queue's visibility time-out,
    until the queue's redrive policy moves it to the dead-letter queue.
    """

    def __init__(self, source: QueueSource, template: Template, runtime: Runtime, sqs: Sqs) -> None:
        self._source = source
        self._queue = template.queues[source.queue]
        self._region = template.deployment.region
        self._runtime = runtime
        self._sqs = sqs
        self._room = asyncio.Semaphore(source.max_concurrency or _CONCURRENCY)
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Poll for ever. A message is only received when there is room to work on it."""
        while True:
            await self._room.acquire()
            try:
                messages = await self._batch()
            except SqsError as error:
                self._log(f"polling {self._queue.name}: {error}")
                await asyncio.sleep(_PAUSE_AFTER_ERROR)
                messages = []
            if not messages:
                self._room.release()
                continue
            task = asyncio.create_task(self._work(messages))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _batch(self) -> list[dict[str, Any]]:
        size = self._source.batch_size
        messages = await self._sqs.receive(self._queue, most=min(size, 10), wait=LONG_POLL)
        deadline = asyncio.get_running_loop().time() + self._source.window
        while messages and len(messages) < size:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            wait = max(1, min(LONG_POLL, round(left)))
            messages += await self._sqs.receive(self._queue, most=min(size - len(messages), 10), wait=wait)
        return messages

    async def _work(self, messages: list[dict[str, Any]]) -> None:
        try:
            event = {"Records": [record(message, self._queue, self._region) for message in messages]}
            outcome = await self._runtime.invoke_json(self._source.function, event)
            failed = self._failed(outcome, {message["MessageId"] for message in messages})
            done = [message for message in messages if message["MessageId"] not in failed]
            if failed:
                self._log(f"{len(failed)} of {len(messages)} messages of {self._queue.name} failed")
            if done:
                with contextlib.suppress(SqsError):  # they come again: SQS delivers at least once
                    await self._sqs.delete(self._queue, done)
        finally:
            self._room.release()

    def _failed(self, outcome: Outcome, message_ids: set[str]) -> set[str]:
        if outcome.failed:
            return message_ids
        if not self._source.partial_failures:
            return set()
        try:
            return failed_messages(outcome.json(), message_ids)
        except ValueError:
            return message_ids

    def _log(self, text: str) -> None:
        self._runtime.pool(self._source.function).log(text)


class Scheduler:
    """Fires schedules: by the clock, and at once when asked to."""

    def __init__(self, template: Template, runtime: Runtime) -> None:
        self._template = template
        self._runtime = runtime
        self._running: set[asyncio.Task[Outcome]] = set()

    async def run(self, schedule: Schedule) -> None:
        """Fire a schedule whenever its time comes, for ever. The first time is an interval from now."""
        at = schedule_expressions.next_after(schedule.expression, datetime.now(UTC))
        while True:
            # A wall clock that is moved is noticed within a minute.
            while (left := (at - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110 - the clock, no event
                await asyncio.sleep(min(left, 60.0))
            task = asyncio.create_task(self.fire(schedule))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            at = max(schedule_expressions.next_after(schedule.expression, at), datetime.now(UTC))

    async def fire(self, schedule: Schedule) -> Outcome:
        """Invoke the function of a schedule now."""
        event = schedule_expressions.event(
            schedule, datetime.now(UTC), self._template.deployment, str(uuid.uuid4())
        )
        return await self._runtime.invoke(schedule.function, event.encode())

    def find(self, name: str) -> Schedule:
        """A schedule by its id, or by its function if that has only one.

        Raises:
            KeyError: there is none, or more than one.
        """
        found = [one for one in self._template.schedules if one.id == name]
        found = found or [one for one in self._template.schedules if one.function == name]
        if len(found) != 1:
            known = ", ".join(one.id for one in self._template.schedules) or "none"
            raise KeyError(f"{len(found)} schedules go by {name}; there are: {known}")
        return found[0]


class EventSources:
    """All queues and schedules of a template."""

    def __init__(self, template: Template, runtime: Runtime) -> None:
        self.scheduler = Scheduler(template, runtime)
        sqs = Sqs(template.deployment.aws_url, template.deployment.region)
        pollers = [
            QueuePoller(source, template, runtime, sqs).run()
            for source in template.queue_sources
            if source.enabled
        ]
        timers = [self.scheduler.run(schedule) for schedule in template.schedules if schedule.enabled]
        self._work = [*pollers, *timers]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to poll and to keep time."""
        self._tasks = [asyncio.create_task(work) for work in self._work]

    async def stop(self) -> None:
        """Stop polling and keeping time; what is running goes on."""
        if not self._tasks:
            for work in self._work:
                work.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
