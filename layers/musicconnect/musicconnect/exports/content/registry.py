"""Where the content of files comes from: rows of Postgres, batch by batch, as bytes.

Batches are read by key, so that reading goes on at exactly the row where it stopped, in whatever transaction,
invocation or process: a row that is there all the time is told exactly once. Every batch ends with a row.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from musicconnect.exports.content import tables
from musicconnect.exports.content.filters import Source
from musicconnect.exports.content.plays import PlaysCsv, PlaysJson
from musicconnect.exports.content.rows import MigrationsCsv, PinsCsv, PlaylistEntries, TableLines
from musicconnect.exports.plan import Document
from musicconnect.exports.store import Job


def source_of(job: Job, document: Document) -> Source:
    """The rows of a document; of all but the manifest."""
    match document.kind:
        case "plays_csv":
            return PlaysCsv(job)
        case "plays_json":
            return PlaysJson(job, is_array=document.format == "array")
        case "pins_csv":
            return PinsCsv(job)
        case "migrations_csv":
            return MigrationsCsv(job)
        case "playlist":
            return PlaylistEntries(job, document)
        case "table":
            return TableLines(tables.TABLES[document.format], {})
        case "playlist_list":
            return TableLines(tables.PLAYLISTS, {"job": job.id})
        case "manifest":
            raise ValueError("the manifest is written by whoever has built the rest")


def expected_rows(connection: Connection[Any], job: Job, documents: Sequence[Document]) -> int:
    """How many rows all documents together have at this moment; a manifest has none of its own."""
    return sum(
        source_of(job, document).count(connection) for document in documents if document.kind != "manifest"
    )
