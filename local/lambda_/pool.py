"""Run functions as Lambda does: one process under awslambdaric per concurrent invocation.

An instance that has answered stays warm for the next event; when all are busy another one starts; what has
been idle for a while ends. Time-outs are enforced by ending the process. Whoever invokes a function gets an
outcome, whatever happens to the process.
"""

import asyncio
import json
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.lambda_.instance import SHUTDOWN_LIMIT, Instance
from local.lambda_.invocation import Invocation, Outcome, throttled
from local.lambda_.logs import LogWriter
from local.template.model import Function

_NEXT_POLL_LIMIT = 0.05
"""Seconds from an answer to the next poll before which no other instance is started in its place."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many instances a function gets and how long they live."""

    instances: int = 10
    idle_seconds: float = 300.0
    queue_seconds: float = 60.0
    """How long an invocation waits while all instances are busy."""


class Pool:
    """All instances of one function, and the invocations that wait for one."""

    def __init__(
        self, function: Function, environment: Mapping[str, str], log_writer: LogWriter, limits: Limits
    ) -> None:
        self.function = function
        self.history: list[dict[str, Any]] = []
        """Every instance that has ended, as ``describe`` has it."""
        self._environment = environment
        self._log_writer = log_writer
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
        abandon = asyncio.get_running_loop().call_later(self._limits.queue_seconds, self._abandon, invocation)
        try:
            return await asyncio.shield(invocation.outcome)
        finally:
            abandon.cancel()

    def log(self, text: str) -> None:
        """Add to the function's log."""
        self._log_writer.write(self.function.id, text)

    def is_ready(self, instance: Instance) -> None:
        """An instance asks for an event."""
        self._starting.discard(instance)
        self._settling.discard(instance)
        self._idle.append(instance)
        self._assign()

    def is_settling(self, instance: Instance) -> None:
        """An instance has answered and will ask for its next event in a moment."""
        self._settling.add(instance)
        asyncio.get_running_loop().call_later(_NEXT_POLL_LIMIT, self._has_settled, instance)

    def _has_settled(self, instance: Instance) -> None:
        if instance in self._settling:
            self._settling.discard(instance)
            self._assign()

    def discard(self, instance: Instance) -> None:
        """An instance is of no more use."""
        self._starting.discard(instance)
        self._settling.discard(instance)
        if instance in self._idle:
            self._idle.remove(instance)

    def has_ended(self, instance: Instance, failure: Outcome | None) -> None:
        """An instance's process is gone; ``failure`` says why it never became ready."""
        self.discard(instance)
        self._instances.pop(instance, None)
        self.history.append(instance.describe("ended"))
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
            self.discard(instance)
            instance.end()

    def end_instances(self, number: int = signal.SIGTERM, *, busy_only: bool = False) -> int:
        """End every instance, by SIGKILL as in a crash if wanted. Returns how many there were."""
        chosen = [one for one in self._instances if not (busy_only and one in self._idle)]
        for instance in chosen:
            self.discard(instance)
            instance.end(number)
        return len(chosen)

    def describe(self) -> list[dict[str, Any]]:
        """The instances of now: pid, state, ``started_at`` and ``first_poll_at`` (monotonic seconds)."""
        states: Callable[[Instance], str] = lambda one: (  # noqa: E731
            "starting" if one in self._starting else "idle" if one in self._idle else "busy"
        )
        return [one.describe(states(one)) for one in self._instances]

    async def close(self) -> None:
        """End everything and wait for it; waiting invocations are told that there is no room."""
        self._closed = True
        while self._waiting:
            self._waiting.popleft().finish(throttled(self.function.id))
        tasks = list(self._instances.values())
        self.end_instances()
        if tasks:
            await asyncio.wait(tasks, timeout=SHUTDOWN_LIMIT + 2.0)

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

    def _abandon(self, invocation: Invocation) -> None:
        if invocation not in self._waiting:
            return
        if self._starting:  # there will be room, or an error that says why not
            asyncio.get_running_loop().call_later(self._limits.queue_seconds, self._abandon, invocation)
            return
        self._waiting.remove(invocation)
        invocation.finish(throttled(self.function.id))


class Runtime:
    """Every function of a template, ready to be invoked by logical id or by name."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self.pools = pools
        self._ids = {
            key: one for one, pool in pools.items() for key in (one, pool.function.name, pool.function.arn)
        }

    def pool(self, function: str) -> Pool:
        """The pool of a function by its logical id, name or ARN; ``KeyError`` when there is none."""
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
