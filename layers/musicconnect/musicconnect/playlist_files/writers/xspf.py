"""XSPF 1 (https://www.xspf.org/spec), with what it has no words for in an extension of ours."""

import json
import re
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

from musicconnect.playlist_files import json_fields, xspf
from musicconnect.playlist_files.model import Entry, PlaylistHeader
from musicconnect.playlist_files.xspf import Terms

# https://www.w3.org/TR/xml/#charsets: what no XML document may hold, written out or as a reference.
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class XspfWriter:
    """Writes a playlist in XML."""

    mime_type: str = "application/xspf+xml"
    extension: str = "xspf"

    def begin(self, head: PlaylistHeader) -> bytes:
        """The playlist's elements, and the list's first tag."""
        terms = _allowed(xspf.playlist_terms(head))
        rest = json_fields.extension_fields(head, xspf.parse_playlist(terms))
        return _bytes(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<playlist version="1" xmlns="{xspf.NAMESPACE}">\n'
            f"{_elements(terms)}{_extension(rest)}<trackList>\n"
        )

    def entry(self, entry: Entry) -> bytes:
        """A track."""
        terms = _allowed(xspf.track_terms(entry))
        rest = json_fields.extension_fields(entry, xspf.parse_track(terms))
        ours = _extension(rest, always=json_fields.is_nameless(entry))
        return _bytes(f"<track>\n{_elements(terms)}{ours}</track>\n")

    def end(self) -> bytes:
        """The closing tags."""
        return b"</trackList>\n</playlist>\n"


def _allowed(terms: Terms) -> Terms:
    """The terms as XML can hold them."""
    return {
        name: _FORBIDDEN.sub("\ufffd", value) if isinstance(value, str) else value
        for name, value in terms.items()
    }


def _elements(terms: Terms) -> str:
    return "".join(
        f"  <{name}>{_escaped(text)}</{name}>\n"
        for name, value in terms.items()
        for text in (value if isinstance(value, list) else [value])
    )


def _extension(rest: dict[str, Any], *, always: bool = False) -> str:
    if not rest and not always:
        return ""
    # Escaped, so that whatever is in it can stand in XML.
    text = _escaped(json.dumps(rest, separators=(",", ":")))
    return (
        f'  <extension application="{xspf.APPLICATION}">'
        f'<more xmlns="{xspf.APPLICATION}">{text}</more></extension>\n'
    )


def _escaped(text: str) -> str:
    # A carriage return that is not a reference is read as a line feed.
    return escape(text, {"\r": "&#13;"})


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
