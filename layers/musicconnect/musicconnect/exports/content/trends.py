"""Daily figures as CSV."""

from datetime import date
from typing import Any, Final

from psycopg import Connection

from musicconnect.exports.content.filters import Batch, CsvSource, Cursor
from musicconnect.exports.model import Job
from musicconnect.trends.rollup import export

FIRST: Final = date(1900, 1, 1)
LAST: Final = date(2300, 1, 1)


class TrendsCsv(CsvSource):
    """Days as CSV, oldest first: a line for all providers, whose ``provider`` is empty, and one for each."""

    batch = 10_000
    columns = (
        "date", "provider", "plays", "unique_tracks", "unique_artists", "ms_listened", "untimed_plays",
        "skips", "starts",
    )  # fmt: skip
    texts = frozenset()
    words = frozenset({"provider"})
    counting = export.COUNT_DAYS

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        # The days of the person's time zone, by which they were counted; no other can be asked for.
        first, last = job.filters.get("from"), job.filters.get("to")
        self._values |= {
            "first": date.fromisoformat(first) if first else FIRST,
            "last": date.fromisoformat(last) if last else LAST,
        }

    def read(self, connection: Connection[Any], cursor: Cursor) -> Batch:
        """Read lines of days, all lines of a day in one batch."""
        values = self._values | {
            "after": date.fromisoformat(cursor[0]) if cursor else FIRST,
            "rows": self.batch,
        }
        end = connection.execute(export.LAST_DAY, values).fetchone()
        values["upto"] = end[0] if end else LAST
        return Batch(*self._lines(connection, export.DAYS, values), [end[0].isoformat()] if end else None)
