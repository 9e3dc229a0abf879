"""Describe calls of TIDAL's API, and what they cost."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from musicconnect.providers.transport import ApiCall

BUCKET: Final = "tokens"
MEDIA_TYPE: Final = "application/vnd.api+json"
NESTED_COST: Final = 5
"""Tokens of a call that includes what is included by what is included: five have been seen."""


def get(
    path: str,
    place: str = "",
    *,
    filters: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
) -> ApiCall:
    """Describe a call that reads; ``place`` is the cursor of a page."""
    sent = {f"filter[{name}]": value for name, value in (filters or {}).items()} | dict(params or {})
    if place:
        sent["page[cursor]"] = place
    return ApiCall(method="GET", path=path, bucket=BUCKET, cost=_cost(sent.get("include", "")), params=sent)


def _cost(include: str) -> int:
    """One token, and one for each include."""
    included = [one for one in include.split(",") if one]
    return NESTED_COST if any("." in one for one in included) else 1 + len(included)


def playlist_path(playlist_id: str) -> str:
    """Give where a playlist is."""
    return f"/playlists/{quote(playlist_id, safe='')}"
