"""Waiting for conditions, in one place: poll with a deadline, never sleep and hope."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class DeadlineExceededError(Exception):
    """What was waited for did not come about in time."""


def wait_until[T](
    probe: Callable[[], T | None], *, seconds: float, what: str, interval: float = 0.01, slowest: float = 0.1
) -> T:
    """Call ``probe`` until it gives something true, and return that.

    The pause between calls grows from ``interval`` to ``slowest`` seconds.

    Raises:
        DeadlineExceededError: ``seconds`` have passed; the message names ``what``.
    """
    deadline = time.monotonic() + seconds
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() >= deadline:
            raise DeadlineExceededError(f"waited {seconds:g} s for {what}")
        time.sleep(interval)
        interval = min(slowest, interval * 1.3)


def announced(output: Path) -> dict[str, Any] | None:
    """The first line of a process's output that is a JSON object with ``url``; None while there is none."""
    if not output.exists():
        return None
    for line in output.read_text(errors="replace").splitlines(keepends=True):
        if line.startswith("{") and line.endswith("\n"):
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict) and "url" in message:
                return message
    return None
