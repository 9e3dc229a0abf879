"""The one place that knows what time it is."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path


def now() -> datetime:
    """The current time, timezone-aware, in UTC.

    ``MUSICCONNECT_CLOCK_FILE``, which only the local stack sets, names a file with a number of seconds to
    add, so that whole days of waiting can be tried out in a moment.
    """
    current = datetime.now(UTC)
    path = os.environ.get("MUSICCONNECT_CLOCK_FILE")
    return current + timedelta(seconds=_offset(path)) if path else current


def _offset(path: str) -> float:
    try:
        return float(Path(path).read_text(encoding="ascii") or 0)
    except FileNotFoundError:
        return 0.0
