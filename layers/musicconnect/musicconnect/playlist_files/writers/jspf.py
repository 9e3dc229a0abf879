"""JSPF (https://www.xspf.org/jspf): XSPF's words in JSON."""

from dataclasses import dataclass
from typing import Any, Final

from musicconnect.playlist_files import json_fields, xspf
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.xspf import Terms

_NUMBERS: Final = ("duration", "trackNum")


@dataclass(frozen=True, slots=True)
class JspfWriter:
    """Writes ``{"playlist": {..., "track": [...]}}``, a track a line."""

    mime_type: str = "application/jspf+json"
    extension: str = "jspf"

    def begin(self, head: PlaylistHeader) -> bytes:
        """The playlist's members, and the array's bracket."""
        terms = xspf.playlist_terms(head)
        rest = json_fields.extension_fields(head, xspf.parse_playlist(terms))
        playlist = json_fields.to_bytes(_members(terms, rest))[:-1]
        return b'{"playlist":' + playlist + (b"," if playlist != b"{" else b"") + b'"track":[\n'

    def entry(self, entry: Entry) -> bytes:
        """A track, after a comma unless it is the first."""
        terms = xspf.track_terms(entry)
        rest = json_fields.extension_fields(entry, xspf.parse_track(terms))
        return (b",\n" if entry.position else b"") + json_fields.to_bytes(
            _members(terms, rest, always=json_fields.is_nameless(entry))
        )

    def end(self) -> bytes:
        """The closing brackets."""
        return b"\n]}}\n"


def _members(terms: Terms, rest: dict[str, Any], *, always: bool = False) -> dict[str, Any]:
    members: dict[str, Any] = dict(terms)
    members |= {name: int(members[name]) for name in _NUMBERS if name in members}
    return members | ({"extension": {xspf.APPLICATION: [rest]}} if rest or always else {})
