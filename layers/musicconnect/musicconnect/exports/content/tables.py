"""What the archive tells a person about themselves, table by table.

No password, no token, nothing that would open anything. Row-level security keeps everybody else's out.
"""

import json
from typing import Any, Final

from psycopg import Connection

from musicconnect.changes import export as changes
from musicconnect.core import export as core
from musicconnect.exports.content import store
from musicconnect.exports.content.filters import Batch, Cursor, Source
from musicconnect.migrations import export as migrations
from musicconnect.notices import export as notices
from musicconnect.operators import export as operators
from musicconnect.providers.accounts import export as accounts
from musicconnect.providers.match_store import export as match_store
from musicconnect.providers.shares import export as shares
from musicconnect.search import export as search
from musicconnect.sync import export as sync
from musicconnect.trends.plays import export as plays
from musicconnect.trends.scrobbling import export as scrobbling

TABLES: Final[dict[str, str]] = (
    core.TABLES
    | accounts.TABLES
    | match_store.TABLES
    | shares.TABLES
    | migrations.TABLES
    | changes.TABLES
    | sync.TABLES
    | search.TABLES
    | notices.TABLES
    | operators.TABLES
    | plays.TABLES
    | scrobbling.TABLES
    | store.TABLES
)
"""Statements of `key` to read on by, and the row as JSON."""


class TableLines(Source):
    """A table as JSON lines, in the order of its key."""

    batch = 5_000

    def __init__(self, query: str, values: dict[str, Any]) -> None:
        self._query = query
        self._values = values

    def count(self, connection: Connection[Any]) -> int:
        """Count the rows."""
        return store.count_rows(connection, self._query, self._values)

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read rows as lines."""
        after = cursor[0] if cursor else 0
        rows = store.list_rows(connection, self._query, self._values, after=after, limit=self.batch)
        text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for _, row in rows)
        data = text.encode("utf-8", "replace")
        return Batch(data, len(rows), [rows[-1][0]] if len(rows) == self.batch else None)
