"""CSV written by Postgres itself: millions of cells are not to pass through Python one by one.

COPY writes CSV as RFC 4180 has it but for the ends of its lines. What a spreadsheet would run as a formula is
the matter of `musicconnect.exchange.cells`; here is the same in SQL, and a test compares both for every
character.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Any, Final

from psycopg import Connection

# `cells` in the words of Postgres' regular expressions, with every blank that Python knows spelled out.
_BLANK: Final = r"[\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]"
_SIGN: Final = r"[=+@\-\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207a\u207b\u207c]"
FORMULA: Final = rf"^''*(?:[\t\r\n]|{_BLANK}*{_SIGN})"


def harmless(value: str) -> str:
    """An SQL expression for the harmless form of a text, itself an SQL expression."""
    return (
        # Most texts begin with a letter or a digit, and need no closer look.
        f"CASE WHEN ascii({value}) BETWEEN 97 AND 122 OR ascii({value}) BETWEEN 65 AND 90 "
        f"OR ascii({value}) BETWEEN 48 AND 57 THEN {value} "
        f"WHEN {value} ~ '{FORMULA}' THEN '''' || {value} ELSE {value} END"
    )


def copied(connection: Connection[Any], query: str, values: Mapping[str, Any]) -> tuple[bytes, int]:
    """The rows of a query as CSV without a header, and how many they are.

    Times are in UTC, and end in ``+00``; times without a zone are as they are.
    """
    connection.execute("SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true)")
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", values) as copy:
        # One piece per row: that is how libpq hands them out (PQgetCopyData).
        rows = list(copy)
    return with_crlf(rows), len(rows)


def with_crlf(rows: list[Any]) -> bytes:
    """Lines that end in CR LF, as RFC 4180 wants them; what is within a cell stays as it is."""
    return b"".join([_ended(some) for some in batched(rows, 1000, strict=False)])


def _ended(rows: Sequence[Any]) -> bytes:
    data = b"".join(rows)
    if data.count(b"\n") == len(rows):
        return data.replace(b"\n", b"\r\n")
    return b"".join([part for row in rows for part in (bytes(row)[:-1], b"\r\n")])


def header(names: Iterable[str]) -> bytes:
    """The first line."""
    return ",".join(names).encode() + b"\r\n"
