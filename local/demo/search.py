"""The demonstration's last part: one question to both catalogues, and a link that finds its counterpart."""

from typing import Any
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from local.demo.user import ApiUser

SHOWN = 3
"""Hits of each provider."""


def show(person: ApiUser, track: dict[str, Any], console: Console) -> None:
    """Search for a track, and resolve the link to it.

    Args:
        person: Who asks; has both accounts.
        track: Of a migration from Spotify, as the API gives it.
        console: Where to print.
    """
    words = f"{track['source_artist']} {track['source_title']}"
    answer = person.call("GET", f"/v1/search?{urlencode({'q': words, 'limit': SHOWN})}")
    _print_groups(answer, console)
    link = f"https://open.spotify.com/track/{track['source_track_id']}"
    resolved = person.call("GET", f"/v1/resolve?{urlencode({'url': link})}")
    console.print(f"{link} is {_name(resolved['item'])}.", markup=False, soft_wrap=True)
    for counterpart in resolved["counterparts"]:
        found = counterpart["item"]
        says = f"score {counterpart['score']:.0f}: {', '.join(counterpart['reasons'])}" if found else ""
        console.print(
            f"On the other side: {_name(found)} {found['url']} ({says})"
            if found
            else f"On the other side: {counterpart['outcome']}",
            markup=False,
            soft_wrap=True,
        )


def _print_groups(answer: dict[str, Any], console: Console) -> None:
    for group in answer["groups"]:
        table = Table(title=f"{answer['query']}: {group['title']} ({group['source'] or 'nothing'})")
        for column in ("Title", "By", "Length"):
            table.add_column(column, overflow="fold")
        for item in group["items"]:
            minutes, seconds = divmod((item["duration_ms"] or 0) // 1000, 60)
            by = ", ".join(item["artists"]) or item["channel"] or ""
            table.add_row(item["title"], by, f"{minutes}:{seconds:02}")
        console.print(table)
        if group["error"]:
            console.print(group["error"]["what_to_do"], markup=False)


def _name(item: dict[str, Any] | None) -> str:
    if item is None:
        return "unknown"
    return f"{', '.join(item['artists']) or item['channel']} - {item['title']}"
