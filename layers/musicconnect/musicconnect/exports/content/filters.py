"""Select the rows of an export by its filters, and hand them on in batches."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Final, NamedTuple
from zoneinfo import ZoneInfo

from psycopg import Connection

from musicconnect.exports.content import sql_csv, store
from musicconnect.exports.model import Job

BOM: Final = b"\xef\xbb\xbf"
# Of time, as far as anybody has listened to anything.
BEGINNING: Final = datetime(1900, 1, 1, tzinfo=UTC)
END: Final = datetime(2300, 1, 1, tzinfo=UTC)
type Cursor = list[Any] | None
"""The key of the last row that was read, as JSON; None: none was."""


class Batch(NamedTuple):
    """Some rows."""

    data: bytes
    rows: int
    cursor: Cursor
    """Of the last of them; None: no row follows."""


class Source(ABC):
    """Reads the rows of one document."""

    batch: int
    """Rows of a batch, some megabytes at most."""

    @abstractmethod
    def count(self, connection: Connection[Any]) -> int:
        """Count the rows at this moment."""

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """Write what stands before the first row."""
        return b""

    @abstractmethod
    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read the rows behind a cursor."""

    def end(self) -> bytes:
        """Write what stands behind the last row."""
        return b""


@dataclass(frozen=True, slots=True)
class ExportFilters:
    """What the filters of an export come to."""

    provider: str | None
    since: datetime | None
    until: datetime | None
    """Not included."""
    zone: str

    @classmethod
    def of(cls, job: Job) -> "ExportFilters":
        """Days are the filters' time zone's, from midnight to midnight, however long they are."""
        filters = job.filters
        zone = filters.get("time_zone", "UTC")
        first, last = filters.get("from"), filters.get("to")
        return cls(
            provider=filters.get("provider"),
            since=_midnight(date.fromisoformat(first), zone) if first else None,
            until=_midnight(date.fromisoformat(last) + timedelta(days=1), zone) if last else None,
            zone=zone,
        )

    def values(self, user_id: int) -> dict[str, Any]:
        """Give the parameters of the statements that read a user's rows."""
        return {
            "user": user_id,
            "provider": self.provider,
            "zone": self.zone,
            "since": self.since or BEGINNING,
            "until": self.until or END,
        }


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


class CsvSource(Source):
    """Base of the sources that write a table of one user's rows. Postgres writes the lines."""

    columns: ClassVar[tuple[str, ...]]
    texts: ClassVar[frozenset[str]]
    """Columns that are written in quotes, and escaped."""
    words: ClassVar[frozenset[str]] = frozenset()
    """Other columns that may hold truth values or empty texts."""
    counting: ClassVar[str]
    """A statement."""

    def __init__(self, job: Job) -> None:
        self._values = ExportFilters.of(job).values(job.user_id)
        self._bom = bool(job.options["bom"])

    def count(self, connection: Connection[Any]) -> int:
        """Count the rows."""
        return store.count(connection, self.counting, self._values)

    def begin(self, connection: Connection[Any]) -> bytes:  # noqa: ARG002
        """Write the header."""
        return (BOM if self._bom else b"") + ",".join(self.columns).encode() + b"\r\n"

    def _lines(self, connection: Connection[Any], query: str, values: Mapping[str, Any]) -> tuple[bytes, int]:
        cells = sql_csv.cells(self.columns, texts=self.texts, words=self.words)
        return store.write_lines(connection, query, cells, self.texts, values)
