"""What the gateway does when a function is slow or has no room."""

import asyncio
from typing import cast

import pytest

from local.gateway.http_api import Gateway
from local.gateway.payload import Request, Response
from local.lambda_ import invocation
from local.lambda_.invocation import Outcome
from local.lambda_.pool import Runtime
from local.template.loader import load
from tests.support import SAMPLE

REQUEST = Request(
    method="GET", path="/public", query="", headers=[], body=b"", source_ip="127.0.0.1",
    protocol="HTTP/1.1", request_id="r",
)  # fmt: skip


class _Functions:
    """Stands in for the functions: answers after a while."""

    def __init__(self, outcome: Outcome, seconds: float) -> None:
        self.finished = asyncio.Event()
        self._outcome = outcome
        self._seconds = seconds

    async def invoke(self, function: str, event: bytes) -> Outcome:
        await asyncio.sleep(self._seconds)
        self.finished.set()
        return self._outcome


def test_a_function_over_the_integrations_limit_goes_on_but_nobody_waits() -> None:
    async def run() -> Response:
        functions = _Functions(Outcome(b'"late"'), seconds=0.1)
        gateway = Gateway(load(SAMPLE, {}), cast("Runtime", functions), integration_limit=0.01)
        answer = await gateway.answer(REQUEST)
        assert not functions.finished.is_set()
        async with asyncio.timeout(10):
            await functions.finished.wait()
        return answer

    answer = asyncio.run(run())
    assert (answer.status, answer.body) == (503, b'{"message": "Service Unavailable"}')


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (invocation.throttled("EchoFunction"), 503),
        (invocation.timed_out(1.0, "r"), 500),
        (Outcome(b'{"statusCode": 204}'), 204),
    ],
)
def test_outcomes_become_statuses(outcome: Outcome, status: int) -> None:
    async def run() -> Response:
        return await Gateway(load(SAMPLE, {}), cast("Runtime", _Functions(outcome, 0.0))).answer(REQUEST)

    assert asyncio.run(run()).status == status
