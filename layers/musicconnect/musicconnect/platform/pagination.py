"""Page lists by key: a cursor names the last row seen, never an offset."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from musicconnect.platform.problems import Problem
from musicconnect.platform.text import is_storable


def encode(key: Sequence[Any]) -> str:
    """Pack a row's key into an opaque cursor."""
    raw = json.dumps(list(key), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Unpack a cursor whose parts have the given types.

    Raises:
        Problem: 400 if it is not one of ours.
    """
    if cursor is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):  # not base64, not UTF-8, not JSON, or a hostile depth of it
        key = None
    if (
        not isinstance(key, list)
        or len(key) != len(kinds)
        or not all(type(part) is kind for part, kind in zip(key, kinds, strict=True))
        or any(isinstance(part, int) and not -(2**63) <= part < 2**63 for part in key)
        or not all(is_storable(part) for part in key if isinstance(part, str))
    ):
        raise invalid()
    return tuple(key)


def invalid() -> Problem:
    """Make the 400 for a cursor that is not one of ours, or not of this list."""
    detail = "Start again without a cursor, and use next_cursor as given."
    return Problem(400, "invalid-cursor", "The cursor is not valid", detail)


def page[T](rows: list[T], limit: int, key: Any) -> tuple[list[T], str | None]:
    """Cut ``limit + 1`` fetched rows to a page and the cursor of the next one.

    Args:
        rows: What a query with ``LIMIT limit + 1`` gave.
        limit: Rows per page.
        key: Gives the key of a row as a sequence.
    """
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode(key(rows[limit - 1]))
