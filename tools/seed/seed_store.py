"""The SQL of loading. Rows go in by COPY; those that are there already stay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a dump was read."""

    position: int
    read: int
    bad: int
    is_finished: bool


def begin(connection: Connection[Any], source: str, dump: str) -> Progress:
    """Give how far a dump was read; nothing of a new one. One load of a source at a time.

    Raises:
        BlockingIOError: another load of the source is under way.
    """
    held = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 18))", [source]).fetchone()
    if held is None or not held[0]:
        raise BlockingIOError(f"another load of {source} is under way")
    connection.execute(
        "INSERT INTO providers.seed_loads (source, dump) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        [source, dump],
    )
    row = connection.execute(
        """
        SELECT position, read_count, bad_count, finished_at IS NOT NULL
        FROM providers.seed_loads WHERE (source, dump) = (%s, %s)""",
        [source, dump],
    ).fetchone()
    assert row is not None
    return Progress(*row)


def copy_lines(rows: Iterable[tuple[str, str, str, int | None]]) -> bytes:
    """Write rows (key, provider, id, ms) as COPY takes them; nothing in them has to be escaped."""
    return "".join(
        f"{key}\t{provider}\t{track_id}\t{r'\N' if length is None else length}\n"
        for key, provider, track_id, length in rows
    ).encode("ascii")


def save(
    connection: Connection[Any],
    source: str,
    dump: str,
    lines: Iterable[bytes],
    progress: Progress,
) -> None:
    """Add rows, as `copy_lines` gives them, and say how far the dump was read, in one transaction."""
    with connection.transaction():
        connection.execute(
            "CREATE TEMP TABLE IF NOT EXISTS part (key text, provider text, track_id text, ms integer)"
        )
        with connection.cursor().copy("COPY part FROM STDIN") as copy:
            for some in lines:
                copy.write(some)
        connection.execute(
            """
            INSERT INTO providers.seeds (key, provider, track_id, source, duration_ms)
            SELECT DISTINCT ON (key, provider, track_id) key, provider, track_id, %s, ms FROM part
            ORDER BY key, provider, track_id, ms
            ON CONFLICT DO NOTHING""",
            [source],
        )
        connection.execute("TRUNCATE part")
        connection.execute(
            """
            UPDATE providers.seed_loads SET position = %s, read_count = %s, bad_count = %s
            WHERE (source, dump) = (%s, %s)""",
            [progress.position, progress.read, progress.bad, source, dump],
        )


def finish(connection: Connection[Any], source: str, dump: str, now: datetime) -> None:
    """Say that a dump was read to its end."""
    connection.execute(
        "UPDATE providers.seed_loads SET finished_at = %s WHERE (source, dump) = (%s, %s)",
        [now, source, dump],
    )


def forget(connection: Connection[Any], source: str) -> int:
    """Delete what a source named; gives how many rows."""
    with connection.transaction():
        connection.execute("DELETE FROM providers.seed_loads WHERE source = %s", [source])
        return connection.execute("DELETE FROM providers.seeds WHERE source = %s", [source]).rowcount
