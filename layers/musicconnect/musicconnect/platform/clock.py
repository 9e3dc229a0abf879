"""Tell the time, in one place for the whole product."""

import os
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """Get the current time, timezone-aware, in UTC.

    ``MUSICCONNECT_CLOCK_FILE``, which only the local stack sets, names a file with a number of seconds to
    add, so that whole days of waiting can be tried out in a moment.
    """
    current = datetime.now(UTC)
    path = os.environ.get("MUSICCONNECT_CLOCK_FILE")
    return current + timedelta(seconds=_offset(path)) if path else current


def _offset(path: str) -> float:
    # Asked many times per request, so without the layers of a text file.
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return 0.0
    try:
        return float(os.read(file, 100) or 0)
    finally:
        os.close(file)
