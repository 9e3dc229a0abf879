"""One invocation of a function, its outcome, and the errors that Lambda itself reports."""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

PAYLOAD_LIMIT = 6_291_556
"""Bytes of a synchronous invocation's event or answer (Lambda quotas)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an invocation came to."""

    payload: bytes
    """JSON: the function's answer, or an object with errorType and errorMessage."""
    failed: bool = False
    throttled: bool = False
    """There was no room to run it; nothing was run."""

    def json(self) -> Any:
        """The payload, read."""
        return json.loads(self.payload) if self.payload else None


@dataclass(eq=False, slots=True)
class Invocation:
    """An event on its way to a function."""

    event: bytes
    client_context: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = ""
    outcome: asyncio.Future[Outcome] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    started_at: float = 0.0
    """``time.monotonic()`` when an instance got it."""

    def __post_init__(self) -> None:
        root = f"{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"
        self.trace_id = self.trace_id or f"Root=1-{root};Parent={uuid.uuid4().hex[:16]};Sampled=0"

    def finish(self, outcome: Outcome) -> None:
        """Tell whoever waits; the first outcome counts."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def error(kind: str, message: str, request_id: str = "", **more: object) -> Outcome:
    """A failure in the shape that functions report theirs."""
    text = f"RequestId: {request_id} Error: {message}" if request_id else message
    return Outcome(json.dumps({"errorType": kind, "errorMessage": text, **more}).encode(), failed=True)


def timed_out(seconds: float, request_id: str) -> Outcome:
    """The function did not answer within its time-out."""
    return error("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds", request_id)


def exited(code: int, request_id: str) -> Outcome:
    """The process ended instead of answering. ``code`` is negative for a signal."""
    if code == 0:
        reason = "Runtime exited without providing a reason"
    elif code > 0:
        reason = f"Runtime exited with error: exit status {code}"
    else:
        reason = f"Runtime exited with error: signal: {-code}"
    return error("Runtime.ExitError", reason, request_id)


def throttled(function: str) -> Outcome:
    """Every instance that the function may have is busy."""
    failure = error("TooManyRequestsException", f"Rate Exceeded: every instance of {function} is busy")
    return Outcome(failure.payload, failed=True, throttled=True)


def too_large(size: int) -> Outcome:
    """The answer does not fit through Lambda."""
    return error(
        "Function.ResponseSizeTooLarge",
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size"
        f" ({PAYLOAD_LIMIT} bytes).",
    )
