"""Say what waits for a person, in one wording for the whole product."""

from collections.abc import Mapping
from typing import Any, Final

from musicconnect.platform.status import Reader, Status, Text, plural, quoted
from musicconnect.platform.status import render as render_status


def _to_review(p: Mapping[str, Any], _: Reader) -> str:
    where = f" in {quoted(p['name'])}" if p["name"] else ""
    more = f" and {plural(p['others'], 'other move')}" if p["others"] else ""
    return f"{plural(p['count'], 'track')} to look at{where}{more}. They wait for you and hold nothing up."


def _pairs(p: Mapping[str, Any], _: Reader) -> str:
    more = f" and {plural(p['others'], 'other pair')}" if p["others"] else ""
    verb = "wait" if p["others"] else "waits"
    return f"{quoted(p['name'])}{more} {verb} for your word before anything is written."


TEXTS: Final[dict[str, Text]] = {
    "nothing-linked": lambda _p, _r: "No account is linked yet. Link one to see and move its playlists.",
    "tracks-to-review": _to_review,
    "pairs-ask": _pairs,
}
"""By code; what providers and migrations say is theirs."""


def render(status: Status, reader: Reader) -> str:
    """Write a status of this package as sentences."""
    return render_status(TEXTS, status, reader)
