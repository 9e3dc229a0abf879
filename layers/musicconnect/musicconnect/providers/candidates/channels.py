"""Know artists' own channels and what they list: found by anybody's matching, for everybody.

It is kept for as long as the provider lets it be (`Provider.fresh_days`). An upload that is listed is a
candidate and no match: whoever offers it looks it up and decides as always.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.matching import topic_key
from musicconnect.matching.candidate_search import CandidateSearch
from musicconnect.matching.listings import artist_key
from musicconnect.music.model import ItemKind, ProviderName, Track
from musicconnect.music.search_policy import ChannelListing
from musicconnect.platform.text import storable
from musicconnect.providers import registry
from musicconnect.providers.candidates import channels_store
from musicconnect.providers.errors import NoChannelError, NotAllowedError, NotFoundError, RejectedError
from musicconnect.providers.protocol import Client

MAX_PAGES: Final = 20
"""Pages of one channel that are read, the newest uploads first: a thousand, for less than a search."""
MEAN_PAGES: Final = 4
"""Pages of an artist's channel, as a rule."""
HIT_SHARE: Final = 0.8
"""Of an artist's tracks that their channel turns out to hold, before anything is known of it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a channel lists."""

    uploads: list[tuple[str, str]]
    """Id and title, the newest first."""
    is_complete: bool
    """Whether it was read to its end."""


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """An artist's own channel."""

    channel_id: str
    artist: str
    """Key of the artist's name."""
    listing: Listing | None
    """None: it has not been listed yet."""


def is_worth_listing(listing: ChannelListing, provider: ProviderName, tracks: int) -> bool:
    """Decide whether listing a channel costs less than searching for so many of its artist's tracks.

    A day's allowances say what a search is worth: YouTube gives 100 units for every search.
    """
    entry = registry.get(provider)
    searches, units = entry.bucket(listing.search_bucket).limit, entry.bucket(listing.list_bucket).limit
    if searches is None:
        return False
    if units is None:
        return True
    return tracks * HIT_SHARE * units >= MEAN_PAGES * searches


def find(
    connection: Connection[Any], provider: ProviderName, artists: Sequence[str], now: datetime
) -> list[KnownChannel]:
    """Find the channels of artists, by the keys of their names; those that were listed first."""
    days = registry.get(provider).fresh_days
    since = datetime.min.replace(tzinfo=now.tzinfo) if days is None else now - timedelta(days=days)
    rows = channels_store.find(connection, provider, artists, since) if artists else []
    return [
        KnownChannel(
            channel_id, artist,
            None if uploads is None else Listing([(one, title) for one, title in uploads], is_complete),
        )
        for channel_id, artist, uploads, is_complete in rows
    ]  # fmt: skip


def find_of(
    connection: Connection[Any], provider: ProviderName, searches: Sequence[CandidateSearch], now: datetime
) -> list[KnownChannel]:
    """Find the channels of the artists of tracks that are looked for."""
    keys = {key for search in searches if (key := artist_key(search.source))}
    return find(connection, provider, sorted(keys), now)


def list_uploads(client: Client, list_id: str, may_go_on: Callable[[], bool]) -> Listing | None:
    """Read what a channel lists, the newest first; None when there is no time for it.

    Raises:
        ProviderError: of a call; a channel that gives nothing out lists nothing.
    """
    uploads: dict[str, str] = {}
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        if not may_go_on():
            return None
        try:
            page = client.playlist_items(list_id, cursor)
        except NoChannelError:
            raise
        except (NotFoundError, NotAllowedError, RejectedError):
            break  # an empty channel has no list
        uploads |= {
            item.track.id: item.track.title
            for item in page.items
            if item.track.kind is not ItemKind.UNAVAILABLE and item.track.is_public
        }
        if page.cursor is None:
            break
        cursor = page.cursor
    else:
        return Listing(list(uploads.items()), is_complete=False)
    return Listing(list(uploads.items()), is_complete=True)


def note(connection: Connection[Any], tracks: Iterable[Track], now: datetime) -> None:
    """Note whose channels uploads are on, where the channel itself says that it is an artist's own."""
    rows: dict[tuple[str, str], str] = {}
    for track in tracks:
        entry = registry.PROVIDERS.get(track.provider)
        policy = entry.search.channels if entry is not None else None
        if policy is not None and track.channel_id and (key := topic_key(track, policy.suffix)):
            rows[track.provider, storable(track.channel_id)] = key
    if rows:
        channels_store.note(connection, [(*channel, key) for channel, key in sorted(rows.items())], now)


def save_listing(
    connection: Connection[Any], provider: ProviderName, channel: KnownChannel, now: datetime
) -> None:
    """Store what a channel lists, for everybody."""
    assert channel.listing is not None
    channels_store.save_listing(
        connection,
        {
            "provider": provider,
            "channel": storable(channel.channel_id),
            "artist": channel.artist,
            "uploads": [[storable(one), storable(title)] for one, title in channel.listing.uploads],
            "complete": channel.listing.is_complete,
        },
        now,
    )


def delete_stale(connection: Connection[Any], provider: ProviderName, before: datetime, limit: int) -> int:
    """Delete channels of a provider that were last heard of before then; gives how many."""
    return channels_store.delete_stale(connection, provider, before, limit)
