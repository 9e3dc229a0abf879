"""Read the parameters of a request to Last.fm's API. Pure.

Clients send them in the query, in the body, or some here and some there; of one that is in both the body
counts. Names are compared without case, and an empty value is none.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from musicconnect.platform.text import storable

MAX_FIELDS: Final = 20_000
_INDEXED: Final = re.compile(r"([a-z]+)(?:\[([0-9]{1,9})\])?")
_SCROBBLE: Final = frozenset(
    {"artist", "track", "timestamp", "album", "albumartist", "tracknumber", "duration", "mbid"}
)


class Parameters:
    """The parameters of one request.

    Args:
        query: Of the address.
        body: Of the request, ``application/x-www-form-urlencoded``.
    """

    def __init__(self, query: Mapping[str, Any], body: str = "") -> None:
        try:
            sent = parse_qsl(body.strip(), max_num_fields=MAX_FIELDS, errors="replace")
        except ValueError:
            sent = []
        pairs = [*((name, str(value)) for name, value in query.items() if value is not None), *sent]
        self._values = {name.lower(): storable(value).strip() for name, value in pairs if value.strip()}

    def get(self, name: str) -> str | None:
        """Get a parameter; None if it is not there or empty."""
        return self._values.get(name)

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        """Get a whole number between bounds; the default where there is none."""
        text = self._values.get(name, "")
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text, re.ASCII):
            return default
        return min(max(int(text), least), most)

    def scrobbles(self) -> list[dict[str, str]]:
        """List the tracks of a request in the order of their indexes; one without an index is the first."""
        found: dict[int, dict[str, str]] = {}
        for name, value in self._values.items():
            match = _INDEXED.fullmatch(name)
            if match and match[1] in _SCROBBLE:
                found.setdefault(int(match[2] or 0), {})[match[1]] = value
        return [found[index] for index in sorted(found)]


def wants_json(parameters: Parameters, accept: str) -> bool | None:
    """Whether an answer is to be JSON rather than XML; None if it is to be neither."""
    match (parameters.get("format") or "").lower():
        case "json":
            return True
        case "xml":
            return False
        case "":
            return "application/json" in accept.lower()
        case _:
            return None
