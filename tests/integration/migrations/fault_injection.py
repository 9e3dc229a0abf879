"""Interrupting a worker at a provider call of its choice."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from musicconnect.providers import transport


class Killed(BaseException):
    """The worker is gone, from one instruction to the next: nothing of ours may catch this."""


class Interruption:
    """Does something at the n-th call from now on, before or after the provider has seen it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._send = transport.send
        self._act: Callable[[], None] | None = None
        self._countdown = 0
        self._after = False
        patch.setattr(transport, "send", self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._countdown -= 1
        act = self._act if self._countdown == 0 else None
        if act is None:
            return self._send(*args, **kwargs)
        self._act = None
        if self._after:
            answer = self._send(*args, **kwargs)
            act()
            return answer
        act()
        return self._send(*args, **kwargs)

    def at(self, call: int, act: Callable[[], None], *, after: bool) -> None:
        """Do ``act`` at the call with this number, from 1."""
        self._countdown, self._act, self._after = call, act, after

    def kill_in(self, work: Callable[[], object], call: int, *, after: bool) -> bool:
        """Do some work whose worker is killed at a call; False if it made fewer calls."""
        self.at(call, kill, after=after)
        with suppress(Killed):
            work()
        was_killed = not self.is_pending
        self.at(0, kill, after=after)
        return was_killed

    @property
    def is_pending(self) -> bool:
        return self._act is not None


def kill() -> None:
    raise Killed
