"""One process of a function under awslambdaric, with its time-outs, its output and its end."""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any, Protocol

from local.lambda_.invocation import PAYLOAD_LIMIT, Invocation, Outcome, error, exited, timed_out, too_large
from local.lambda_.runtime_api import RuntimeConnection
from local.supervisor import die_with_parent
from local.template.model import Function

INIT_LIMIT = 10.0
"""Seconds that Lambda gives a function to start, before the function's own time-out begins to count."""

SHUTDOWN_LIMIT = 2.0
"""Seconds between SIGTERM and SIGKILL: enough to write coverage data."""


class Owner(Protocol):
    """The pool that an instance belongs to, as the instance sees it."""

    function: Function

    def log(self, text: str) -> None: ...  # noqa: D102 - see Pool, also the next four
    def is_ready(self, instance: "Instance") -> None: ...  # noqa: D102
    def is_settling(self, instance: "Instance") -> None: ...  # noqa: D102
    def discard(self, instance: "Instance") -> None: ...  # noqa: D102
    def has_ended(self, instance: "Instance", failure: Outcome | None) -> None: ...  # noqa: D102


class Instance:
    """One process of a function, and the execution environment around it."""

    def __init__(self, pool: Owner, number: int) -> None:
        self.timeout = pool.function.timeout
        self.function_arn = pool.function.arn
        self.number = number
        self.pid: int | None = None
        self.started_at = time.monotonic()
        self.first_poll_at: float | None = None
        self.idle_since = 0.0
        self.invocations = 0
        self._pool = pool
        self._connection: RuntimeConnection | None = None
        self._current: Invocation | None = None
        self._init_error: Outcome | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._ending = False

    async def run(self, environment: Mapping[str, str]) -> None:
        """Start the process and stay until it has ended."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: RuntimeConnection(self), "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        output = asyncio.create_task(asyncio.sleep(0))
        try:
            self.started_at = time.monotonic()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "awslambdaric", self._pool.function.handler,
                cwd=self._pool.function.code,
                env={**environment, "AWS_LAMBDA_RUNTIME_API": f"{host}:{port}"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                preexec_fn=die_with_parent(),
            )  # fmt: skip
            self.pid = self._process.pid
            output = asyncio.create_task(self._copy_output())
            self._set_deadline(INIT_LIMIT + self.timeout)
            code = await self._process.wait()
        except OSError as failure:
            self._init_error = error("Runtime.InvalidEntrypoint", f"cannot start: {failure}")
            code = 1
        finally:
            self._clear_deadline()
            server.close()
            # A process that the function left behind could hold the pipe open for ever.
            await asyncio.wait({output}, timeout=1.0)
            output.cancel()
        self._ended(code)

    async def _copy_output(self) -> None:
        """Pass what the process prints on to the log, whole lines at a time."""
        assert self._process is not None
        assert self._process.stdout is not None
        rest = b""
        while chunk := await self._process.stdout.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            if lines:
                self._pool.log(b"\n".join(lines).decode(errors="replace"))
        if rest:
            self._pool.log(rest.decode(errors="replace"))

    def ready(self, connection: RuntimeConnection) -> None:
        """The process asks for its next event."""
        if self._ending:
            return
        self._clear_deadline()
        self._connection = connection
        self.idle_since = time.monotonic()
        if self.first_poll_at is None:
            self.first_poll_at = self.idle_since
        self._pool.is_ready(self)

    def answered(self, request_id: str, body: bytes, *, failed: bool) -> bool:
        """The process answers its event."""
        invocation = self._current
        if invocation is None or invocation.id != request_id:
            return False
        is_too_large = len(body) > PAYLOAD_LIMIT
        self._finish(too_large(len(body)) if is_too_large else Outcome(body, failed=failed))
        return True

    def init_failed(self, body: bytes) -> None:
        """The process says why it cannot start, and then exits."""
        self._init_error = Outcome(body, failed=True)

    def give(self, invocation: Invocation) -> bool:
        """Hand an event to the waiting process; False when it is not there any more."""
        connection, self._connection = self._connection, None
        if self._ending or connection is None or not connection.deliver(invocation):
            return False
        invocation.started_at = time.monotonic()
        self._current = invocation
        self.invocations += 1
        self._set_deadline(self.timeout)
        return True

    def end(self, number: int = signal.SIGTERM) -> None:
        """Ask the process to end, and make sure that it does."""
        if self._process is None or self._process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        if not self._ending:
            self._ending = True
            asyncio.get_running_loop().call_later(SHUTDOWN_LIMIT, self._kill)

    def describe(self, state: str) -> dict[str, Any]:
        """Describe the instance as the control address shows it."""
        names = ("number", "pid", "started_at", "first_poll_at", "invocations")
        return {"state": state, **{name: getattr(self, name) for name in names}}

    def _set_deadline(self, seconds: float) -> None:
        self._clear_deadline()
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._expired)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expired(self) -> None:
        if self._current is not None:
            self._finish(timed_out(self.timeout, self._current.id))
        else:
            self._init_error = timed_out(INIT_LIMIT + self.timeout, "")
        self._pool.discard(self)
        self.end()

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _finish(self, outcome: Outcome) -> None:
        invocation, self._current = self._current, None
        assert invocation is not None
        self._clear_deadline()
        self._report(invocation, outcome)
        if not self._ending:
            self._pool.is_settling(self)
        invocation.finish(outcome)

    def _report(self, invocation: Invocation, outcome: Outcome) -> None:
        now = time.monotonic()
        line = f"REPORT {invocation.id} {'failed' if outcome.failed else 'ok'}"
        line += f" {(now - invocation.started_at) * 1000:.1f} ms"
        if self.invocations == 1 and self.first_poll_at is not None:
            line += f", started in {(self.first_poll_at - self.started_at) * 1000:.0f} ms"
        if outcome.failed:
            line += f": {outcome.payload[:500].decode(errors='replace')}"
        self._pool.log(line)

    def _ended(self, code: int) -> None:
        if self._current is not None:
            self._finish(exited(code, self._current.id))
        failure = None
        if self.first_poll_at is None and not (self._ending and self._init_error is None):
            failure = self._init_error or exited(code, "")
        self._pool.has_ended(self, failure)
