"""JSON: one document, or an object a line."""

from dataclasses import dataclass
from typing import Any, Final

from musicconnect.playlist_files import json_fields, urls
from musicconnect.playlist_files.model import Entry, PlaylistHeader

FORMAT: Final = "musicconnect-playlist"
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class JsonWriter:
    """``{"format": ..., "version": 1, "playlist": {...}, "entries": [...]}``, an entry a line."""

    mime_type: str = "application/json"
    extension: str = "json"

    def begin(self, head: PlaylistHeader) -> bytes:
        """The playlist, and the array's bracket."""
        return _document(head)[:-1] + b',"entries":[\n'

    def entry(self, entry: Entry) -> bytes:
        """An object, after a comma unless it is the first."""
        return (b",\n" if entry.position else b"") + json_fields.to_bytes(_entry(entry))

    def end(self) -> bytes:
        """The closing brackets."""
        return b"\n]}\n"


@dataclass(frozen=True, slots=True)
class LinesWriter:
    """A line for the playlist, with ``"format"``, then one for each entry. Files can be put together."""

    mime_type: str = "application/x-ndjson"
    extension: str = "jsonl"

    def begin(self, head: PlaylistHeader) -> bytes:
        """The playlist's line."""
        return _document(head) + b"\n"

    def entry(self, entry: Entry) -> bytes:
        """A line."""
        return json_fields.to_bytes(_entry(entry)) + b"\n"

    def end(self) -> bytes:
        """Nothing."""
        return b""


def _document(head: PlaylistHeader) -> bytes:
    return json_fields.to_bytes({"format": FORMAT, "version": VERSION, "playlist": _head(head)})


def _head(head: PlaylistHeader) -> dict[str, Any]:
    return {"name": head.name, **json_fields.to_json(head)} | _with_url(
        urls.playlist_url(head.provider, head.provider_playlist_id)
    )


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "position": entry.position,
        "kind": entry.kind,
        "title": entry.title,
        **json_fields.to_json(entry),
    }


def _with_url(url: str | None) -> dict[str, str]:
    return {"url": url} if url else {}
