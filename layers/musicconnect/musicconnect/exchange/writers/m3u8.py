"""M3U8: what players open. What its lines do not say stands in comments that players pass over."""

import json
from dataclasses import dataclass
from typing import Any

from musicconnect.exchange import fields, m3u_lines
from musicconnect.exchange.model import Entry, Head


@dataclass(frozen=True, slots=True)
class M3u8Writer:
    """Writes a playlist in lines of UTF-8 without a byte order mark."""

    mime_type: str = "audio/x-mpegurl"
    extension: str = "m3u8"

    def begin(self, head: Head) -> bytes:
        """The playlist's lines."""
        name = m3u_lines.head_name(head)
        rest = fields.unsaid(head, {"name": name})
        return _lines(
            m3u_lines.HEADER,
            m3u_lines.NAME + name if name else "",
            m3u_lines.HEAD_REST + _json(rest) if rest else "",
        )

    def entry(self, entry: Entry) -> bytes:
        """An entry's lines, of which the last is its address; one line where it has none."""
        address = m3u_lines.address_of(entry)
        if not address:
            return _lines(m3u_lines.PLACE + _json(fields.whole(entry)))
        directives = m3u_lines.lines_of(entry)
        rest = fields.unsaid(entry, m3u_lines.said_by(directives, address))
        # Without any word of ours, what has no name is called after its address.
        is_nameless = not entry.title and entry.provider_id is None
        return _lines(
            *(name + value for name, value in directives.items()),
            m3u_lines.REST + _json(rest) if rest or is_nameless else "",
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
