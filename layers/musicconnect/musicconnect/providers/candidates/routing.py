"""Offer what artists' own channels list before tracks are searched for.

A search costs one of the few of the day, a listing next to nothing. So of an artist's tracks one is searched
for, whose hits name the channel; the others wait for what the channel lists, and are searched for when it
does not hold them. Nothing here asks anybody: migrations' `MatchRunner` and `finder.Finder` make the calls.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from musicconnect.matching import topic_key
from musicconnect.matching.candidate_search import CandidateSearch
from musicconnect.matching.listings import TitleIndex, artist_key
from musicconnect.music.model import ItemKind, ProviderName, Track
from musicconnect.music.search_policy import ChannelListing, SearchPolicy
from musicconnect.providers.candidates import channels
from musicconnect.providers.candidates.channels import KnownChannel, Listing

MAX_BLIND: Final = 2
"""Tracks of an artist that are searched for before the others no longer wait for a channel."""
MAX_HELD: Final = 2_000
"""Tracks that wait at once; some kilobytes each."""

type Route = Literal["search", "offered", "held"]
"""Search for the track; look up what was offered; or wait for what its artist's channel lists."""


@dataclass(slots=True)
class _Artist:
    """What is known of the channels of an artist, and which tracks wait for more."""

    listed: dict[str, TitleIndex] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    listing: set[str] = field(default_factory=set)
    """Channels that are being listed."""
    open: int = 0
    """Tracks that have no counterpart yet."""
    blind: int = 0
    """Searches begun while no channel was known."""
    awaited: CandidateSearch | None = None
    """The track whose hits may name the channel: the others wait for them."""
    held: list[CandidateSearch] = field(default_factory=list)


class ChannelCandidates:
    """The channels of the artists of one playlist's tracks."""

    def __init__(self, provider: ProviderName, listing: ChannelListing) -> None:
        self._provider = provider
        self._listing = listing
        self._artists: dict[str, _Artist] = {}
        self._artist_of: dict[str, str] = {}
        """Keys of artists, by id of a channel that is to be listed."""
        self._queue: list[str] = []

    @classmethod
    def of(cls, provider: ProviderName, policy: SearchPolicy) -> "ChannelCandidates | None":
        """Begin for the tracks of a playlist; None where a provider's channels are not listed."""
        return None if policy.channels is None else cls(provider, policy.channels)

    @property
    def held_count(self) -> int:
        """Tracks that wait."""
        return sum(len(artist.held) for artist in self._artists.values())

    def learn(self, searches: Sequence[CandidateSearch], known: Iterable[KnownChannel]) -> None:
        """Take in tracks that will be routed, and what everybody knows of their artists' channels."""
        for key, count in Counter(artist_key(search.source) for search in searches).items():
            self._artists.setdefault(key, _Artist()).open += count
        for channel in known:
            artist = self._artists.setdefault(channel.artist, _Artist())
            if channel.listing is None:
                artist.unlisted.add(channel.channel_id)
            elif channel.channel_id not in artist.listed:
                artist.listed[channel.channel_id] = TitleIndex(channel.listing.uploads)

    def route(self, search: CandidateSearch) -> Route:
        """Decide how to go on with a track that would be searched for now."""
        key = artist_key(search.source)
        artist = self._artists.get(key)
        if not key or artist is None or search.tried or "channel" in search.offered.values():
            return "search"
        if artist.unlisted and channels.is_worth_listing(self._listing, self._provider, artist.open):
            for channel_id in sorted(artist.unlisted):
                self._artist_of[channel_id] = key
                self._queue.append(channel_id)
            artist.listing |= artist.unlisted
            artist.unlisted = set()
        if artist.listing:
            artist.held.append(search)
            return "held"
        if artist.listed:
            return "offered" if self._offer(search, artist) else "search"
        if artist.awaited is not None:
            artist.held.append(search)
            return "held"
        if artist.blind < MAX_BLIND and artist.open > 1:
            artist.blind += 1
            artist.awaited = search
        return "search"

    def expect(self, search: CandidateSearch) -> None:
        """Let an artist's other tracks wait for the lookup of one: it may be on the channel."""
        artist = self._artists.get(artist_key(search.source))
        if artist is not None and artist.awaited is None and not artist.listed and not artist.listing:
            artist.awaited = search

    def next_listings(self) -> list[str]:
        """Give the ids of channels to be listed now; each once."""
        queue, self._queue = self._queue, []
        return queue

    def list_id(self, channel_id: str) -> str:
        """Give the id of the playlist of a channel's uploads."""
        return self._listing.list_id(channel_id)

    def answered(self, search: CandidateSearch, hits: Iterable[Track]) -> list[CandidateSearch]:
        """Look for the channel in what was found for a track; gives the tracks that no longer wait for it."""
        key = artist_key(search.source)
        artist = self._artists.get(key)
        if artist is None:
            return []
        for hit in hits:
            is_known = hit.channel_id in artist.listed or hit.channel_id in artist.listing
            if hit.channel_id and not is_known and topic_key(hit, self._listing.suffix) == key:
                artist.unlisted.add(hit.channel_id)
        if artist.awaited is not search:
            return []
        artist.awaited = None
        return _release(artist)

    def listed(self, channel_id: str, listing: Listing) -> tuple[str, list[CandidateSearch]]:
        """Take in what a channel lists; gives its artist, and the tracks that no longer wait for it."""
        key = self._artist_of[channel_id]
        artist = self._artists[key]
        artist.listing.discard(channel_id)
        artist.listed[channel_id] = TitleIndex(listing.uploads)
        return key, [] if artist.listing else _release(artist)

    def decided(self, search: CandidateSearch) -> None:
        """Take note that a track needs nothing any more."""
        if (artist := self._artists.get(artist_key(search.source))) is not None:
            artist.open -= 1

    def expected_searches(self) -> int:
        """Estimate how many searches the tracks still take that were routed and are not decided."""
        return math.ceil(
            sum(_expected(key, artist) for key, artist in self._artists.items() if artist.open > 0)
        )

    def not_listed(self, channel_id: str) -> None:
        """Have a channel listed later: there was no time for it."""
        self._queue.append(channel_id)

    def _offer(self, search: CandidateSearch, artist: _Artist) -> bool:
        title = search.source.title
        likely = (
            Track(provider=self._provider, id=upload, title="", kind=ItemKind.VIDEO)
            for index in artist.listed.values()
            for upload in index.likely(title)
        )
        return search.offer(likely, "channel")


def _release(artist: _Artist) -> list[CandidateSearch]:
    held, artist.held = artist.held, []
    return held


def _expected(key: str, artist: _Artist) -> float:
    may_be_found = not artist.listed and (artist.awaited is not None or artist.blind < MAX_BLIND)
    if not key or not may_be_found:
        return artist.open
    return 1 + (artist.open - 1) * (1 - channels.HIT_SHARE)
