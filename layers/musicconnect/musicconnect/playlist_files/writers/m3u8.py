"""M3U8: what players open. What its lines do not say stands in comments that players pass over."""

import json
from dataclasses import dataclass
from typing import Any

from musicconnect.playlist_files import json_fields, m3u
from musicconnect.playlist_files.model import Entry, PlaylistHeader


@dataclass(frozen=True, slots=True)
class M3u8Writer:
    """Writes a playlist in lines of UTF-8 without a byte order mark."""

    mime_type: str = "audio/x-mpegurl"
    extension: str = "m3u8"

    def begin(self, head: PlaylistHeader) -> bytes:
        """The playlist's lines."""
        name = m3u.head_name(head)
        rest = json_fields.extension_fields(head, {"name": name})
        return _lines(
            m3u.HEADER,
            m3u.NAME + name if name else "",
            m3u.HEADER_EXTENSION + _json(rest) if rest else "",
        )

    def entry(self, entry: Entry) -> bytes:
        """An entry's lines, of which the last is its address; one line where it has none."""
        address = m3u.address_of(entry)
        if not address:
            return _lines(m3u.UNADDRESSED + _json(json_fields.to_json(entry)))
        directives = m3u.directives_of(entry)
        rest = json_fields.extension_fields(entry, m3u.parse_directives(directives, address))
        return _lines(
            *(name + value for name, value in directives.items()),
            m3u.EXTENSION + _json(rest) if rest or json_fields.is_nameless(entry) else "",
            address,
        )

    def end(self) -> bytes:
        """Nothing."""
        return b""


def _json(value: dict[str, Any]) -> str:
    # Escaped: some programs take more characters for line ends than M3U has.
    return json.dumps(value, separators=(",", ":"))


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines if line).encode("utf-8", "replace")
