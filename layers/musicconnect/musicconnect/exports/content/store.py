"""The SQL of what is written: batches of rows that statements give, and exports' own rows in the archive."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from psycopg import Connection, ServerCursor
from psycopg.rows import scalar_row

from musicconnect.platform import copy_out

TABLES: Final = {
    "exports": """
        SELECT id AS key, json_build_object('id', id, 'type', export_type, 'status', status,
            'filters', filters, 'options', options, 'requested_at', requested_at,
            'completed_at', completed_at) AS row
        FROM exports.jobs WHERE user_id = (SELECT core.current_user_id())""",
}
PLAYLISTS: Final = """
    SELECT id AS key, json_build_object('provider', provider, 'provider_playlist_id', provider_playlist_id,
        'name', head ->> 'name', 'description', head ->> 'description', 'entries', read_count,
        'captured_at', captured_at, 'left_out', reason) AS row
    FROM exports.playlists WHERE user_id = (SELECT core.current_user_id()) AND export_job_id = %(job)s"""
"""Every playlist of an archive, those that could not be read included."""


def count(connection: Connection[Any], query: str, values: Mapping[str, Any]) -> int:
    """Run a statement that counts."""
    row = connection.execute(query, values).fetchone()
    return int(row[0]) if row else 0


def count_rows(connection: Connection[Any], query: str, values: Mapping[str, Any]) -> int:
    """Count the rows of a statement."""
    return count(connection, f"SELECT count(*) FROM ({query}) t", values)  # noqa: S608 - a constant


def list_rows(
    connection: Connection[Any], query: str, values: Mapping[str, Any], *, after: int, limit: int
) -> list[tuple[int, Any]]:
    """List the next rows of a statement of ``key`` and ``row``, in the order of the key."""
    return connection.execute(
        f"SELECT key, row FROM ({query}) t WHERE key > %(after)s ORDER BY key LIMIT %(limit)s",  # noqa: S608
        {**values, "after": after, "limit": limit},
    ).fetchall()


def list_every(
    connection: Connection[Any], query: str, values: Mapping[str, Any], *, rows: int, number: int
) -> list[Any]:
    """List the only column of every ``rows``-th row of a statement, so many of them at most."""
    found: list[Any] = []
    # What a cursor moves past is neither numbered nor sorted nor sent.
    with ServerCursor(connection, "every", row_factory=scalar_row) as cursor:
        cursor.execute(query, values)
        while len(found) < number:
            cursor.scroll(rows - 1)
            if (value := cursor.fetchone()) is None:
                break
            found.append(value)
    return found


def write_lines(
    connection: Connection[Any], query: str, cells: str, texts: Collection[str], values: Mapping[str, Any]
) -> tuple[bytes, int]:
    """Write the rows of a statement as lines of CSV, in its order; gives how many, too.

    Times are in UTC, and end in ``+00``; times without a zone are as they are.

    Args:
        connection: As the user.
        query: The statement.
        cells: Of a row, expressions; see `sql_csv.cells`.
        texts: Names of the cells that are in quotes.
        values: Of the statement's parameters.
    """
    quoted = f", FORCE_QUOTE ({', '.join(sorted(texts))})" if texts else ""
    blocks, count = [], 0
    for rows in _copied(connection, f"SELECT {cells} FROM ({query}) q", f"FORMAT csv{quoted}", values):  # noqa: S608
        count += len(rows)
        block = b"".join(rows)
        ended = block.replace(b"\n", b"\r\n")
        if len(ended) == len(block) + len(rows):
            blocks.append(ended)
        else:
            # A line end within a cell stays as it is.
            blocks += [bytes(row[:-1]) + b"\r\n" for row in rows]
    return b"".join(blocks), count


def write_values(
    connection: Connection[Any], query: str, values: Mapping[str, Any], *, end: bytes
) -> tuple[list[bytes], int]:
    """Write a statement's only column in its order, in pieces of many values; gives how many values, too.

    Texts have no control characters and are not empty: nothing is written for a null but its end.

    Args:
        connection: As the user.
        query: The statement.
        values: Of its parameters.
        end: What ends each, with a line end and without a backslash.
    """
    blocks, count = [], 0
    for rows in _copied(connection, query, "FORMAT text, NULL ''", values):
        count += len(rows)
        # COPY writes a backslash as two; all others are written as they are.
        blocks.append(b"".join(rows).replace(b"\\\\", b"\\").replace(b"\n", end))
    return blocks, count


def _copied(
    connection: Connection[Any], query: str, form: str, values: Mapping[str, Any]
) -> Iterator[copy_out.Rows]:
    # A primary key gives rows in their order. Where somebody owns most of a table, the planner would rather
    # take the index of times and sort those of the same moment, which costs as much as half of the rest.
    connection.execute(
        "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true), "
        "set_config('enable_incremental_sort', 'off', true)"
    )
    return copy_out.read_blocks(connection, f"COPY ({query}) TO STDOUT ({form})", values)
