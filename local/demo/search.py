"""Search both catalogues at once, and find the counterpart of a link."""

from typing import Any
from urllib.parse import urlencode

from local.demo.user import ApiUser

LIMIT = 10
"""Hits of each provider; the first is printed."""


def search_and_resolve(user: ApiUser, track: dict[str, Any]) -> list[str]:
    """Search for a track of a migration from Spotify and resolve the link to it; gives the lines to print."""
    words = f"{track['source_artist']} {track['source_title']}"
    found = user.call("GET", f"/v1/search?{urlencode({'q': words, 'limit': LIMIT})}")
    lines = [f'Searched all of them for "{words}":']
    for group in found["groups"]:
        first = f": {group['items'][0]['title']}" if group["items"] else ""
        lines.append(f"  {group['title']}, {len(group['items'])} hits{first}")
    link = f"https://open.spotify.com/track/{track['source_track_id']}"
    resolved = user.call("GET", f"/v1/resolve?{urlencode({'url': link})}")
    lines.append(link)
    for counterpart in resolved["counterparts"]:
        item = counterpart["item"]
        lines.append(f"On the other side: {_name(item) if item else counterpart['outcome']}")
        if item:
            lines.append(f"  {item['url']} (score {counterpart['score']:.0f})")
    return lines


def _name(item: dict[str, Any]) -> str:
    return f"{', '.join(item['artists']) or item['channel']} - {item['title']}"
