"""Pins as CSV."""

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from musicconnect.exports.content.filters import Batch, CsvSource, Cursor
from musicconnect.music.model import ItemType
from musicconnect.playlist_files import csv_safety
from musicconnect.providers import registry
from musicconnect.search import export


class PinsCsv(CsvSource):
    """Pins as CSV, in the order in which they were made."""

    batch = 5_000
    columns = ("pinned_at", "local_time", "provider", "type", "id", "title", "subtitle", "url")
    counting = export.COUNT_PINS

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read lines of pins."""
        values = self._values | {"after": cursor[0] if cursor else 0, "limit": self.batch}
        rows = connection.execute(export.PINS, values).fetchall()
        lines = [
            csv_line(at, local, provider, kind, item_id, shown, subtitle, _address(provider, kind, item_id))
            for _, provider, kind, item_id, shown, subtitle, at, local in rows
        ]
        return Batch(b"".join(lines), len(rows), [rows[-1][0]] if len(rows) == self.batch else None)


def _address(provider: str, kind: str, item_id: str) -> str | None:
    entry = registry.PROVIDERS.get(provider)
    if entry is None or kind not in {known.value for known in entry.addresses}:
        return None
    return entry.address(ItemType(kind), item_id)


def csv_line(*values: str | datetime | None) -> bytes:
    """Make a line of a CSV, texts in quotes and escaped."""
    return ",".join(map(_cell, values)).encode("utf-8", "replace") + b"\r\n"


def _cell(value: str | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        text = value.astimezone(UTC) if value.tzinfo else value
        return text.isoformat(" ").replace("+00:00", "+00")  # as Postgres writes it
    return f'"{csv_safety.escape_formula(value).replace('"', '""')}"'
