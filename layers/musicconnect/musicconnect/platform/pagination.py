"""Page lists by key: a cursor names the last row seen, never an offset."""

import base64
import json
from collections.abc import Sequence
from typing import Any, Final

from musicconnect.platform.problems import Problem
from musicconnect.platform.text import is_storable

MAX_PAGE_BYTES: Final = 2_000_000
"""Of the rows of an answer, in UTF-8. Lambda takes 6 MB, where a quote counts two and an emoji twelve."""


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

    A page of long rows has fewer than ``limit``: see `fitting`.

    Args:
        rows: What a query with ``LIMIT limit + 1`` gave.
        limit: Rows per page.
        key: Gives the key of a row as a sequence.
    """
    shown = fitting(rows[:limit])
    return shown, encode(key(shown[-1])) if len(shown) < len(rows) else None


def fitting[T](rows: list[T]) -> list[T]:
    """Give as many of the first rows as fit into one answer, and one at least."""
    size = 0
    for count, row in enumerate(rows):
        size += len(repr(row).encode(errors="replace"))
        if size > MAX_PAGE_BYTES and count > 0:
            return rows[:count]
    return rows
