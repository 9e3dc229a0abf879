"""Runs functions as Lambda does: one process under awslambdaric per concurrent invocation.

An instance that has answered stays warm for the next event; when all are busy another one starts; what has
been idle for a while ends. Time-outs are enforced by ending the process. Whoever invokes a function gets an
outcome, whatever happens to the process.
"""

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.lambda_.invocation import (
    PAYLOAD_LIMIT,
    Invocation,
    Outcome,
    error,
    exited,
    throttled,
    timed_out,
    too_large,
)
from local.lambda_.runtime_api import RuntimeConnection
from local.stack.logs import Logbook
from local.stack.supervisor import die_with_parent
from local.template.model import Function

INIT_LIMIT = 10.0
"""Seconds that Lambda gives a function to start, before the function's own time-out begins to count."""

_LAST_WORDS = 2.0
"""Seconds between SIGTERM and SIGKILL: enough to write coverage data."""


_SETTLING = 0.05
"""Seconds from an answer to the next poll before which no other instance is started in its place."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many instances a function gets and how long they live."""

    instances: int = 10
    idle_seconds: float = 300.0
    queue_seconds: float = 60.0
    """How long an invocation waits while all instances are busy."""


class Instance:
    """One process of a function, and the execution environment around it."""

    def __init__(self, pool: "Pool", number: int) -> None:
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

    # What the Runtime API calls

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
        outcome = Outcome(body, failed=failed)
        if len(body) > PAYLOAD_LIMIT:
            outcome = too_large(len(body))
        self._finish(outcome)
        return True

    def init_failed(self, body: bytes) -> None:
        """The process says why it cannot start, and then exits."""
        self._init_error = Outcome(body, failed=True)

    # What the pool calls

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
            asyncio.get_running_loop().call_later(_LAST_WORDS, self._kill)

    # Ends of all kinds

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
        self._pool.forget(self)
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


class Pool:
    """All instances of one function, and the invocations that wait for one."""

    def __init__(
        self, function: Function, environment: Mapping[str, str], logbook: Logbook, limits: Limits
    ) -> None:
        self.function = function
        self.history: list[dict[str, Any]] = []
        """Every instance that has ended, as ``describe`` has it."""
        self._environment = environment
        self._logbook = logbook
        self._limits = limits
        self._most = limits.instances if function.max_instances is None else function.max_instances
        self._waiting: deque[Invocation] = deque()
        self._idle: list[Instance] = []
        self._instances: dict[Instance, asyncio.Task[None]] = {}
        self._starting: set[Instance] = set()
        self._settling: set[Instance] = set()
        self._count = 0
        self._closed = False

    async def invoke(self, invocation: Invocation) -> Outcome:
        """Run the function on an event. Always comes to an outcome."""
        if self._closed:
            return throttled(self.function.id)
        self._waiting.append(invocation)
        self._assign()
        give_up = asyncio.get_running_loop().call_later(self._limits.queue_seconds, self._give_up, invocation)
        try:
            return await asyncio.shield(invocation.outcome)
        finally:
            give_up.cancel()

    def log(self, text: str) -> None:
        """Add to the function's log."""
        self._logbook.write(self.function.id, text)

    def is_ready(self, instance: Instance) -> None:
        """An instance asks for an event."""
        self._starting.discard(instance)
        self._settling.discard(instance)
        self._idle.append(instance)
        self._assign()

    def is_settling(self, instance: Instance) -> None:
        """An instance has answered and will ask for its next event in a moment."""
        self._settling.add(instance)
        asyncio.get_running_loop().call_later(_SETTLING, self._has_settled, instance)

    def _has_settled(self, instance: Instance) -> None:
        if instance in self._settling:
            self._settling.discard(instance)
            self._assign()

    def forget(self, instance: Instance) -> None:
        """An instance is of no more use."""
        self._starting.discard(instance)
        self._settling.discard(instance)
        if instance in self._idle:
            self._idle.remove(instance)

    def has_ended(self, instance: Instance, failure: Outcome | None) -> None:
        """An instance's process is gone; ``failure`` says why it never became ready."""
        self.forget(instance)
        self._instances.pop(instance, None)
        self.history.append(_described(instance, "ended"))
        if failure is not None:
            self.log(f"could not start: {failure.payload.decode(errors='replace')}")
            while self._waiting:
                invocation = self._waiting.popleft()
                if not invocation.outcome.done():
                    invocation.finish(failure)
                    break
        self._assign()

    def end_idle(self) -> None:
        """End what has been idle for too long."""
        oldest = time.monotonic() - self._limits.idle_seconds
        for instance in [one for one in self._idle if one.idle_since < oldest]:
            self.forget(instance)
            instance.end()

    def end_instances(self, number: int = signal.SIGTERM, *, busy_only: bool = False) -> int:
        """End every instance, by SIGKILL as in a crash if wanted. Returns how many there were."""
        chosen = [one for one in self._instances if not (busy_only and one in self._idle)]
        for instance in chosen:
            self.forget(instance)
            instance.end(number)
        return len(chosen)

    def describe(self) -> list[dict[str, Any]]:
        """The instances of now: pid, state, ``started_at`` and ``first_poll_at`` (monotonic seconds)."""
        states: Callable[[Instance], str] = lambda one: (  # noqa: E731
            "starting" if one in self._starting else "idle" if one in self._idle else "busy"
        )
        return [_described(one, states(one)) for one in self._instances]

    async def close(self) -> None:
        """End everything and wait for it; waiting invocations are told that there is no room."""
        self._closed = True
        while self._waiting:
            self._waiting.popleft().finish(throttled(self.function.id))
        tasks = list(self._instances.values())
        self.end_instances()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS + 2.0)

    def _assign(self) -> None:
        """Give waiting events to idle instances, the last used first; start as many as are missing."""
        while self._waiting and self._waiting[0].outcome.done():
            self._waiting.popleft()
        while self._waiting and self._idle:
            if self._idle.pop().give(self._waiting[0]):
                self._waiting.popleft()
        while (
            len(self._starting) + len(self._settling) < len(self._waiting)
            and len(self._instances) < self._most
        ):
            self._count += 1
            instance = Instance(self, self._count)
            self._starting.add(instance)
            self._instances[instance] = asyncio.create_task(instance.run(self._environment))

    def _give_up(self, invocation: Invocation) -> None:
        if invocation not in self._waiting:
            return
        if self._starting:  # there will be room, or an error that says why not
            asyncio.get_running_loop().call_later(self._limits.queue_seconds, self._give_up, invocation)
            return
        self._waiting.remove(invocation)
        invocation.finish(throttled(self.function.id))


def _described(instance: Instance, state: str) -> dict[str, Any]:
    return {
        "number": instance.number,
        "pid": instance.pid,
        "state": state,
        "started_at": instance.started_at,
        "first_poll_at": instance.first_poll_at,
        "invocations": instance.invocations,
    }


class Runtime:
    """Every function of a template, ready to be invoked by logical id or by name."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self.pools = pools
        self._ids = {
            key: one for one, pool in pools.items() for key in (one, pool.function.name, pool.function.arn)
        }

    def pool(self, function: str) -> Pool:
        """The pool of a function by its logical id, name or ARN.

        Raises:
            KeyError: there is no such function.
        """
        return self.pools[self._ids[function]]

    async def invoke(self, function: str, event: bytes, client_context: str | None = None) -> Outcome:
        """Run a function on an event (JSON)."""
        return await self.pool(function).invoke(Invocation(event, client_context))

    async def invoke_json(self, function: str, event: object) -> Outcome:
        """Run a function on an event."""
        return await self.invoke(function, json.dumps(event, separators=(",", ":")).encode())

    async def watch_idle(self) -> None:
        """End idle instances, for ever."""
        while True:
            await asyncio.sleep(5.0)
            for pool in self.pools.values():
                pool.end_idle()

    async def close(self) -> None:
        """End every instance of every function."""
        await asyncio.gather(*(pool.close() for pool in self.pools.values()))
