"""The handler of a queue's worker: which messages fail, and what the timer sends."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import pytest
from psycopg import Connection

from musicconnect.platform import database
from musicconnect.platform.database import Database
from musicconnect.platform.logging import correlation_id
from musicconnect.platform.work import worker
from musicconnect.platform.work.deadline import Deadline
from musicconnect.platform.work.message import Message
from musicconnect.platform.work.worker import Worker
from tests.support.lambda_context import Context
from tests.support.logs import written

SUSPENDED = 99


class FakeConnection:
    """Knows who is suspended."""

    def execute(self, _query: str, parameters: Sequence[int]) -> "FakeConnection":
        """Remember whom it is asked about."""
        self._asked = parameters[0]
        return self

    def fetchone(self) -> tuple[bool]:
        """Whether they are active."""
        return (self._asked != SUSPENDED,)


class FakeDatabase:
    """Counts transactions."""

    def __init__(self) -> None:
        self.transactions = 0

    @contextmanager
    def statement(self) -> Iterator[FakeConnection]:
        """Lend a connection for one statement."""
        yield FakeConnection()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin one."""
        self.transactions += 1
        yield


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch) -> Database:
    """What handlers get for a database."""
    made = cast("Database", FakeDatabase())
    monkeypatch.setattr(database, "shared", lambda: made)
    return made


class PageMessage(Message):
    """A message with a number."""

    page: int


def batch(*bodies: object) -> dict[str, Any]:
    """An event of the queue, whose messages are called 0, 1, ..."""
    return {
        "Records": [
            {"messageId": str(number), "body": body if isinstance(body, str) else json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
    }


def failed(answer: Mapping[str, Any]) -> list[str]:
    """The ids of the messages that come again."""
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def handling(handle: Callable[[PageMessage], None]) -> Worker[PageMessage]:
    """A worker that looks at messages only."""
    return Worker(PageMessage, lambda _database, message, _deadline: handle(message))


def test_work_of_whoever_is_suspended_rests_and_its_message_is_done() -> None:
    handled: list[int] = []
    made = handling(lambda message: handled.append(message.user_id))

    assert failed(made(batch({"user_id": SUSPENDED, "page": 1}, {"user_id": 1, "page": 2}), Context())) == []
    assert handled == [1]


def test_every_message_of_a_batch_is_handled_with_its_correlation_id(shared: Database) -> None:
    seen = []

    def handle(given: Database, message: PageMessage, _deadline: Deadline) -> None:
        assert given is shared
        seen.append((message.user_id, message.page, correlation_id()))

    bodies = [{"user_id": 1, "page": page, "correlation_id": f"cause-{page}"} for page in (1, 2)]
    assert failed(Worker(PageMessage, handle)(batch(*bodies), Context())) == []
    assert seen == [(1, 1, "cause-1"), (1, 2, "cause-2")]


@pytest.mark.parametrize(
    "body",
    ["{", "null", "[]", "{}", {"user_id": 1}, {"user_id": 0, "page": 1}, {"user_id": 2**63, "page": 1}],
)
def test_what_is_no_message_of_ours_fails_alone_and_its_content_is_not_logged(body: object) -> None:
    seen = []
    event = batch({"user_id": 1, "page": 1}, body, {"user_id": 1, "page": 2, "later_field": "secret"})
    with written() as log:
        answer = handling(lambda message: seen.append(message.page))(event, Context())
    assert failed(answer) == ["1"]
    assert seen == [1, 2]
    (line,) = log.lines("message failed")
    assert line["message_id"] == "1"
    assert "input_value" not in json.dumps(line)


def test_a_message_whose_handler_raises_comes_again_and_the_others_do_not() -> None:
    def handle(message: PageMessage) -> None:
        if message.page == 1:
            raise LookupError("a bug")

    event = batch(*({"user_id": 1, "page": page} for page in range(3)))
    with written() as log:
        assert failed(handling(handle)(event, Context())) == ["1"]
    (line,) = log.lines("message failed")
    assert line["exception_name"] == "LookupError"
    assert [line["message_id"] for line in log.lines("message handled")] == ["0", "2"]


def test_a_batch_whose_messages_all_fail_is_no_error_of_the_function() -> None:
    def handle(_message: PageMessage) -> None:
        raise LookupError("a bug")

    event = batch({"user_id": 1, "page": 1}, {"user_id": 1, "page": 2})
    assert failed(handling(handle)(event, Context())) == ["0", "1"]


def test_a_killed_worker_answers_nothing() -> None:
    class Killed(BaseException):
        """What nothing of ours catches."""

    def handle(_message: PageMessage) -> None:
        raise Killed

    with pytest.raises(Killed):
        handling(handle)(batch({"user_id": 1, "page": 1}), Context())


def test_the_messages_of_a_batch_share_its_time() -> None:
    given: list[float] = []
    made = Worker(
        PageMessage,
        lambda _database, _message, deadline: given.append(deadline.remaining_ms),
        reserve_ms=10_000,
    )
    made(batch(*({"user_id": 1, "page": page} for page in range(4))), Context(remaining_ms=50_000))
    # The context of the test stands still, so that each gets a part of the whole.
    assert given == pytest.approx([10_000, 40_000 / 3, 20_000, 40_000], abs=200)


def test_no_message_holds_the_worker_for_longer_than_it_may() -> None:
    given: list[float] = []
    made = Worker(
        PageMessage,
        lambda _database, _message, deadline: given.append(deadline.remaining_s),
        max_hold_s=60,
    )
    for remaining_ms in (300_000, 20_000):
        made(batch({"user_id": 1, "page": 1}), Context(remaining_ms=remaining_ms))
    assert 59 < given[0] <= 60
    assert given[1] == 20


def test_any_other_event_is_the_timers(shared: Database) -> None:
    def on_timer(given: Database, event: Mapping[str, Any], deadline: Deadline) -> dict[str, Any]:
        assert given is shared
        return {"sent": 3, "source": event["source"], "remaining_ms": deadline.remaining_ms}

    made = Worker(PageMessage, lambda *_: None, on_timer, reserve_ms=1_000)
    with written() as log:
        answer = made({"source": "aws.scheduler"}, Context(remaining_ms=5_000))
    assert answer == {"sent": 3, "source": "aws.scheduler", "remaining_ms": 4_000}
    assert log.lines("timer handled")[0]["sent"] == 3


def test_each_run_of_a_timer_is_its_own_cause() -> None:
    ids = []
    made = Worker(PageMessage, lambda *_: None, lambda *_: ids.append(correlation_id()) or {})
    for _ in range(2):
        made({}, Context())
    assert len(set(ids)) == 2


@pytest.mark.parametrize(("away_after", "sent"), [(None, 3), (0, 0), (1, 1)])
def test_a_dispatcher_sends_what_it_claimed_until_the_queue_is_away(
    shared: Database, away_after: int | None, sent: int
) -> None:
    tried: list[str] = []

    def claim(_connection: Connection[Any], _now: datetime, limit: int) -> Sequence[str]:
        assert limit == worker.MAX_DISPATCHED
        return ["a", "b", "c"]

    def send(row: str) -> bool:
        assert cast("FakeDatabase", shared).transactions == 1
        tried.append(row)
        return away_after is None or len(tried) <= away_after

    with written() as log:
        assert worker.dispatch(shared, claim, send, work="pages") == sent
    assert len(tried) == min(3, sent + 1)
    (line,) = log.lines("dispatched")
    assert (line["work"], line["due"], line["sent"]) == ("pages", 3, sent)
