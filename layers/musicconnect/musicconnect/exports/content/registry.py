"""Find where the content of a file comes from: rows of Postgres, batch by batch, as bytes.

Batches are read by key, so that reading goes on at exactly the row where it stopped, in whatever transaction,
invocation or process: a row that is there all the time is read exactly once. Every batch ends with a row.

An export holds what other schemas own. Its role may read a user's own rows there and nothing else, by the
statements that their owners give (``export`` in each of their packages).
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from musicconnect.exports.content import store, tables
from musicconnect.exports.content.filters import Source
from musicconnect.exports.model import Job
from musicconnect.exports.plan import Document


def source_of(job: Job, document: Document) -> Source:
    """Make the source of a document's rows; all but the manifest has one."""
    # Imported where needed: each brings another part of the product along.
    match document.kind:
        case "plays_csv" | "plays_json":
            from musicconnect.exports.content import plays  # noqa: PLC0415

            if document.kind == "plays_csv":
                return plays.PlaysCsv(job)
            return plays.PlaysJson(job, is_array=document.format == "array")
        case "pins_csv":
            from musicconnect.exports.content import pins  # noqa: PLC0415

            return pins.PinsCsv(job)
        case "migrations_csv":
            from musicconnect.exports.content import migrations  # noqa: PLC0415

            return migrations.MigrationsCsv(job)
        case "trends_csv":
            from musicconnect.exports.content import trends  # noqa: PLC0415

            return trends.TrendsCsv(job)
        case "playlist":
            from musicconnect.exports.content import playlists  # noqa: PLC0415

            return playlists.PlaylistEntries(job, document)
        case "table":
            return tables.TableLines(tables.TABLES[document.format], {})
        case "playlist_list":
            return tables.TableLines(store.PLAYLISTS, {"job": job.id})
        case "manifest":
            raise ValueError("the manifest is written by whoever has built the rest")


def expected_rows(connection: Connection[Any], job: Job, documents: Sequence[Document]) -> int:
    """Count the rows of all documents at this moment; a manifest has none of its own."""
    return sum(
        source_of(job, document).count(connection) for document in documents if document.kind != "manifest"
    )
