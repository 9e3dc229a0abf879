"""People with webhooks, and the timer and worker that serve them."""

from collections.abc import Iterator

import boto3
import pytest

from musicconnect.outbox import service as outbox
from musicconnect.platform import clock, database
from tests.integration.notices.endpoint import Endpoint, serving
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner, Person, new_person


@pytest.fixture
def person(core_harness: FunctionRunner) -> Person:
    """Somebody."""
    return new_person(core_harness)


@pytest.fixture
def other(core_harness: FunctionRunner) -> Person:
    """Somebody else."""
    return new_person(core_harness)


@pytest.fixture
def endpoint(core_harness: FunctionRunner) -> Iterator[Endpoint]:
    """An endpoint on this machine, which this deployment allows."""
    core_harness.environment["WEBHOOK_LOOPBACK"] = "true"
    with serving() as made:
        yield made
    del core_harness.environment["WEBHOOK_LOOPBACK"]


class Timers:
    """What comes every minute, and the queue's worker."""

    def __init__(self, harness: FunctionRunner, shifted_clock: ShiftedClock) -> None:
        self.harness, self._clock, self.offset_s = harness, shifted_clock, 0.0

    def tick(self, seconds: float = 0.0) -> dict[str, int]:
        """Let so much time pass, run the timer, and work through the queue."""
        self.pass_time(seconds)
        answer: dict[str, int] = self.harness.invoke("notices_dispatcher", {})
        self.harness.drain("NOTICES_WEBHOOK_QUEUE_URL", "notices_webhook_worker")
        return answer

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.offset_s += seconds
        self._clock.set_offset(self.offset_s)

    def record(self, person: Person, code: str, key: str, **params: object) -> None:
        """Record an event as some package does, in a transaction of its own."""
        with (
            self.harness.environment_of("notices_api"),
            database.shared().transaction(person.id) as connection,
        ):
            outbox.record(connection, person.id, code, params, key=key, at=clock.now())


@pytest.fixture
def timers(core_harness: FunctionRunner, shifted_clock: ShiftedClock) -> Timers:
    """Time, and what it does; without messages that earlier tests left in the queue."""
    while records := core_harness.messages("NOTICES_WEBHOOK_QUEUE_URL"):
        for record in records:
            boto3.client("sqs").delete_message(
                QueueUrl=core_harness.queues["NOTICES_WEBHOOK_QUEUE_URL"],
                ReceiptHandle=record["receiptHandle"],
            )
    return Timers(core_harness, shifted_clock)
