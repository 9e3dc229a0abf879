"""The SQL of MusicBrainz' tables while they are loaded: a schema of its own, which goes at the end."""

from collections.abc import Iterator
from typing import Any, Final

from psycopg import Connection, sql

COLUMNS: Final = {
    "recording": "id bigint, name text, credit bigint, length bigint",
    "artist_credit_name": "credit bigint, name text",
    "isrc": "recording bigint, isrc text",
    "url": "id bigint, video text",
    "link": "id bigint",
    "l_recording_url": "recording bigint, url bigint, link bigint",
}
"""What is loaded of each table."""


def begin(connection: Connection[Any], dump: str) -> dict[str, int]:
    """Make the tables, unless an earlier load of the dump did; gives bad lines of those that are loaded."""
    with connection.transaction():
        connection.execute("CREATE SCHEMA IF NOT EXISTS seed_staging")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS seed_staging.loaded (dump text, name text, bad bigint)"
        )
        connection.execute("DELETE FROM seed_staging.loaded WHERE dump <> %s", [dump])
        for name, columns in COLUMNS.items():
            connection.execute(
                sql.SQL("CREATE TABLE IF NOT EXISTS seed_staging.{} ({})").format(
                    sql.Identifier(name), sql.SQL(columns)
                )
            )
    rows = connection.execute("SELECT name, bad FROM seed_staging.loaded").fetchall()
    return {str(name): int(bad) for name, bad in rows}


def load(connection: Connection[Any], dump: str, name: str, rows: Iterator[Any], bad: list[int]) -> None:
    """Load a table whole or not at all; ``bad`` holds how many lines were skipped once the rows are read."""
    table = sql.Identifier("seed_staging", name)
    with connection.transaction():
        connection.execute(sql.SQL("TRUNCATE {}").format(table))
        with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute("INSERT INTO seed_staging.loaded VALUES (%s, %s, %s)", [dump, name, bad[0]])


def index(connection: Connection[Any]) -> None:
    """Make what joining needs, once all tables are loaded."""
    with connection.transaction():
        connection.execute(
            "CREATE TABLE IF NOT EXISTS seed_staging.named AS "
            "SELECT DISTINCT l.recording, u.video FROM seed_staging.l_recording_url l "
            "JOIN seed_staging.url u ON u.id = l.url "
            "WHERE NOT EXISTS (SELECT FROM seed_staging.link k WHERE k.id = l.link)"
        )
        for table, column in (
            ("named", "recording"),
            ("recording", "id"),
            ("artist_credit_name", "credit"),
            ("isrc", "recording"),
        ):  # fmt: skip
            connection.execute(
                sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} ({})").format(
                    sql.Identifier(f"{table}_{column}"), sql.Identifier("seed_staging", table),
                    sql.Identifier(column),
                )
            )  # fmt: skip


def named(connection: Connection[Any], after: int, limit: int) -> list[tuple[Any, ...]]:
    """Give the next recordings: id, name, artist, length in ms, videos, ISRCs."""
    return connection.execute(
        """
        SELECT n.recording, r.name, c.name, r.length, n.videos,
               ARRAY(SELECT DISTINCT i.isrc FROM seed_staging.isrc i WHERE i.recording = n.recording)
        FROM (SELECT recording, array_agg(video ORDER BY video) AS videos FROM seed_staging.named
              WHERE recording > %s GROUP BY recording ORDER BY recording LIMIT %s) n
        JOIN seed_staging.recording r ON r.id = n.recording
        LEFT JOIN seed_staging.artist_credit_name c ON c.credit = r.credit
        ORDER BY n.recording""",
        [after, limit],
    ).fetchall()


def end(connection: Connection[Any]) -> None:
    """Take the tables away."""
    connection.execute("DROP SCHEMA IF EXISTS seed_staging CASCADE")
