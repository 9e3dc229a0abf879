"""Show strangers a playlist that its owner shares, as one service has it.

What its own service says of it was read when it was shared. Where its tracks are at another one, the match
store knows; nobody is asked.
"""

import re
from collections.abc import Sequence
from itertools import batched
from typing import Any, Final

from psycopg import Connection

from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.core import rate_limits
from musicconnect.music.codec import decode
from musicconnect.music.model import Track
from musicconnect.platform import clock, config
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.registry import Provider
from musicconnect.providers.shares import pages as shares
from musicconnect.providers.shares.pages import SharedPlaylist
from musicconnect.public_pages import answers, html
from musicconnect.public_pages.html import Line, Place, Preview, View
from musicconnect.public_pages.schemas import ListQuery

CACHE_S: Final = 60
"""How long a page may outlive its being withdrawn, in somebody's cache."""
LINES: Final = 100
"""Of a page."""
PATH: Final = "p"
_SLUG: Final = re.compile(r"[0-9A-Za-z_-]{22}")


def show(database: Database, slug: str, query: ListQuery, request: Request) -> Reply:
    """Show a page of a shared playlist.

    Raises:
        Problem: 404, there is nothing, or no longer; 429, too many pages.
    """
    if not config.has_playlist_pages() or not _SLUG.fullmatch(slug):
        raise answers.nothing_here()
    now = clock.now()
    with database.transaction() as connection:
        rate_limits.consume_page(connection, rate_limits.source_of(request.source_ip), now)
        shared = shares.find_shared(connection, slug, now)
        if shared is None:
            raise answers.nothing_here()
        offered = registry.offered()
        shown = query.at or shared.provider
        pages = list(batched(shared.entries, LINES, strict=False)) or [()]
        if (shown not in offered and shown != shared.provider) or query.page > len(pages):
            raise answers.nothing_here()
        tracks = [decode(shared.provider, entry) for entry in pages[query.page - 1]]
        entry = registry.get(shown)
        is_own = shown == shared.provider
        lines = (
            [_own_line(track, entry) for track in tracks]
            if is_own
            else _counterparts(connection, tracks, entry)
        )
    return answers.page(
        _page(shared, slug, query, request, lines=lines, entry=entry, pages=len(pages)), CACHE_S
    )


def _page(
    shared: SharedPlaylist,
    slug: str,
    query: ListQuery,
    request: Request,
    *,
    lines: Sequence[Line],
    entry: Provider,
    pages: int,
) -> str:
    own = registry.get(shared.provider)
    path = html.address(PATH, slug)
    services = {own.name: own} | dict(registry.offered())
    views = [
        View(
            title=one.title,
            url=path if one.name == own.name else f"{path}?at={one.name}",
            is_current=one.name == entry.name,
        )
        for one in services.values()
    ]
    about = _about(shared)
    whole = shared.address if entry.name == own.name else None
    content = html.playlist(
        shared.name,
        about,
        views,
        lines,
        first=(query.page - 1) * LINES + 1,
        missing=f"Not known at {entry.title}",
        more=_more(path, query, pages, entry.name if entry.name != own.name else None),
        whole=Place(service=own.title, url=whole) if whole else None,
        attribution=Place(service=entry.attribution, url=_first_address(lines) or _home(entry)),
    )
    preview = Preview(
        kind=html.LIST_TYPE,
        title=shared.name,
        text=about,
        url=request.base_url + path,
        image=request.base_url + answers.CARD,
    )
    return html.page(shared.name, content, preview)


def _about(shared: SharedPlaylist) -> str:
    shown = len(shared.entries)
    count = f"{shown:,} track{'' if shown == 1 else 's'}"
    if shared.total > shown:
        count = f"The first {shown:,} of {shared.total:,} tracks"
    day = f"{shared.read_at.day} {shared.read_at:%B %Y}"
    by = f"A playlist from {shared.shared_by}. " if shared.shared_by else ""
    return f"{by}{count}, as of {day}."


def _own_line(track: Track, entry: Provider) -> Line:
    return Line(
        title=track.title,
        artists=track.artist_line,
        duration_ms=track.duration_ms,
        url=entry.address(entry.item_types[0], track.id),
    )


def _counterparts(connection: Connection[Any], tracks: Sequence[Track], entry: Provider) -> list[Line]:
    """Find what another service has in each track's place, in its own words and no others."""
    found = match_store.find(connection, tracks, entry.name, clock.now()) if tracks else {}
    lines: list[Line] = []
    for track in tracks:
        match = found.get(track.id)
        if match is None or match.target_id is None or not match.settled:
            lines.append(Line(title=None))
            continue
        url = entry.address(entry.item_types[0], match.target_id)
        if match.target is None:  # only its id may still be told
            lines.append(Line(title=f"Open at {entry.title}", url=url))
        else:
            lines.append(
                Line(
                    title=match.target.title,
                    artists=match.target.artist_line,
                    duration_ms=match.target.duration_ms,
                    url=url,
                )
            )
    return lines


def _more(path: str, query: ListQuery, pages: int, at: str | None) -> list[View]:
    def view(title: str, number: int) -> View:
        of = f"at={at}&" if at else ""
        return View(title=title, url=f"{path}?{of}page={number}", is_current=False)

    before = [view("Before", query.page - 1)] if query.page > 1 else []
    return before + ([view("Further", query.page + 1)] if query.page < pages else [])


def _first_address(lines: Sequence[Line]) -> str | None:
    return next((line.url for line in lines if line.url), None)


def _home(entry: Provider) -> str:
    """Give the front page of a service."""
    return "/".join(entry.addresses[entry.item_types[0]].split("/")[:3]) + "/"
