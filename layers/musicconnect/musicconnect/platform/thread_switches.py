"""Let threads that wait for the network go on as soon as they have their answer."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

INTERVAL_S: Final = 0.0003
"""After which a thread that computes lets another one go on; Python's own is 5 ms."""


@contextmanager
def fast_thread_switches() -> Iterator[None]:
    """Let a thread that waited resume after 0.3 ms of another one's computing, and not after 5."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(INTERVAL_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
