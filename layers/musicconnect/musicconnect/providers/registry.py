"""List the providers, and what is known of each before a line of its client is imported.

Adding a provider is a module with ``make_client`` and ``make_oauth`` (see `ProviderModule`), an entry here,
and a simulator.
"""

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, cast
from urllib.parse import quote

from musicconnect.music.model import ItemType, ProviderName
from musicconnect.music.search_policy import ChannelListing, SearchPolicy
from musicconnect.platform import problems
from musicconnect.providers.protocol import Client, Credentials, Exhaust, OAuth, Reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A bucket of tokens: calls that come too fast wait a moment, and none is ever refused for the day."""

    size: int
    """Tokens in a full bucket."""
    per_s: float
    """Tokens that come back each second."""
    variable: str
    """Environment variable that sets another rate: ``size per_s``, for a provider that publishes neither."""

    @property
    def current(self) -> tuple[int, float]:
        """Size and tokens per second in this deployment."""
        own = os.environ.get(self.variable, "").split()
        return (int(own[0]), float(own[1])) if own else (self.size, self.per_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One allowance that calls draw from."""

    name: str
    title: str
    """What draws from it, in words for people."""
    unit: str
    default_limit: int | None = None
    """Units per day of the provider; None where the provider publishes no number."""
    variable: str | None = None
    """Environment variable that sets another limit, for deployments that were granted one."""
    rate: Rate | None = None
    """How fast its units come back, where it is a bucket of tokens and no allowance of a day."""
    units_per_write: int | None = None
    """What writing one track costs, where it is paid for by the track."""

    @property
    def limit(self) -> int | None:
        """Units per day of the provider that this deployment may use; None: nobody knows."""
        own = os.environ.get(self.variable, "") if self.variable else ""
        return int(own) if own else self.default_limit


class ProviderModule(Protocol):
    """What a provider's module offers."""

    def make_client(self, credentials: Credentials, reserve: Reserve, exhaust: Exhaust) -> Client:
        """Make a client that acts with these credentials and books its calls."""

    def make_oauth(self) -> OAuth:
        """Make the provider's authorization server, as this deployment is known to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A registry entry."""

    name: ProviderName
    title: str
    switch_variable: str | None = None
    """Environment variable that has to be ``true`` for it to be offered; None: it always is."""
    module: str
    """Imported when first used: it costs what an HTTP client costs."""
    buckets: tuple[Bucket, ...]
    """Those of the whole deployment, which all people share."""
    personal_buckets: tuple[Bucket, ...] = ()
    """Those that every person has for themselves."""
    day_zone: str | None
    """Where the allowances are renewed at midnight; None: they come back gradually, over 24 hours."""
    consent_months: int | None
    """Calendar months after which a consent ends by itself; None: it does not."""
    consent_warning_days: int = 0
    """Days after the consent from which the person is told that it will end."""
    apps_page: str
    """Where a person sees and withdraws what they consented to."""
    item_types: tuple[ItemType, ...]
    """What its search finds; the first is what it calls a recording."""
    types_per_search: int
    """How many of them one call of its search covers."""
    search: SearchPolicy
    """How its search is asked for a recording."""
    max_searches_per_request: int | None = None
    """Searches that one request for counterparts may make, where all people share a few; None: no limit."""
    seconds_per_track: float
    """What moving a track to it takes, for estimates: its share of searching and of writing."""
    private_playlists: bool = True
    """Whether playlists can be made that only their owner sees."""
    addresses: Mapping[ItemType, str]
    """Where people see an entry of its catalogue: the address up to the id."""
    delete_days: int
    """Days within which everything that an account brought has to be gone once it is unlinked."""
    fresh_days: int | None
    """Days for which what it says may be kept without asking again; None where it names no number."""
    attribution: str
    """What has to stand beside anything that comes from its catalogue, together with a link to it."""
    liked_id: str | None = None
    """What stands for a person's likes where a playlist's id stands; None: they cannot be written."""
    liked_address: str | None = None
    """Where a person sees what they liked; None: at the address of a playlist."""

    def address(self, kind: ItemType, item_id: str) -> str:
        """Build the address at which people see an entry of its catalogue."""
        return self.addresses[kind] + quote(item_id, safe="@")

    def playlist_address(self, playlist_id: str) -> str:
        """Build the address at which people see one of their playlists, or what they liked."""
        if playlist_id == self.liked_id and self.liked_address is not None:
            return self.liked_address
        return self.address(ItemType.PLAYLIST, playlist_id)

    @property
    def is_offered(self) -> bool:
        """Whether people can link it here: the operator of a deployment may have to switch it on."""
        return self.switch_variable is None or os.environ.get(self.switch_variable) == "true"

    @property
    def is_optional(self) -> bool:
        """Whether people without an account of it are not told about it where everything is asked."""
        return self.switch_variable is not None

    def load(self) -> ProviderModule:
        """Import the provider's module."""
        return cast("ProviderModule", importlib.import_module(self.module))

    def oauth(self) -> OAuth:
        """Make the client of its authorization server."""
        return self.load().make_oauth()

    def bucket(self, name: str) -> Bucket:
        """Get one of the allowances; `KeyError` for a name that is none of them."""
        return {bucket.name: bucket for bucket in (*self.buckets, *self.personal_buckets)}[name]

    def has_bucket(self, name: str) -> bool:
        """Whether there is an allowance of this name."""
        return any(bucket.name == name for bucket in (*self.buckets, *self.personal_buckets))


NEW_PLAYLISTS: Final = "new_playlists"
"""The personal allowance of providers that let a person make only so many playlists a day."""

_ENTRIES = (
    Provider(
        name="spotify",
        title="Spotify",
        module="musicconnect.providers.spotify",
        # Quotas exist since July 2026, their size is not published: what counts is that Spotify says stop.
        buckets=(Bucket(name="requests", title="All calls", unit="calls"),),
        day_zone=None,
        # https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration
        consent_months=6,
        consent_warning_days=150,
        apps_page="https://www.spotify.com/account/apps/",
        item_types=(ItemType.TRACK, ItemType.ALBUM, ItemType.ARTIST, ItemType.PLAYLIST),
        types_per_search=4,
        search=SearchPolicy(finds_isrc=True, finds_fields=True),
        seconds_per_track=0.05,
        addresses={
            ItemType.TRACK: "https://open.spotify.com/track/",
            ItemType.ALBUM: "https://open.spotify.com/album/",
            ItemType.ARTIST: "https://open.spotify.com/artist/",
            ItemType.PLAYLIST: "https://open.spotify.com/playlist/",
        },
        liked_id="liked",
        liked_address="https://open.spotify.com/collection/tracks",
        # Developer Terms, Appendix A, 5.c.
        delete_days=5,
        fresh_days=None,
        # Developer Policy II.4: the logo, a link back, metadata and covers unchanged.
        attribution="Content from Spotify",
    ),
    Provider(
        name="youtube",
        title="YouTube",
        module="musicconnect.providers.youtube",
        # https://developers.google.com/youtube/v3/determine_quota_cost, as of 2026-06-01
        buckets=(
            Bucket(
                name="general",
                title="Reading and writing playlists",
                unit="units",
                default_limit=10_000,
                variable="YOUTUBE_DAILY_UNITS",
                units_per_write=50,
            ),
            Bucket(
                name="search",
                title="Searching",
                unit="searches",
                default_limit=100,
                variable="YOUTUBE_DAILY_SEARCHES",
            ),
        ),
        # YouTube stops at about ten a day, and has closed channels that made many. It publishes no number.
        personal_buckets=(
            Bucket(name=NEW_PLAYLISTS, title="New playlists", unit="playlists", default_limit=5),
        ),
        day_zone="America/Los_Angeles",
        consent_months=None,
        apps_page="https://myaccount.google.com/permissions",
        item_types=(ItemType.VIDEO, ItemType.PLAYLIST, ItemType.ARTIST),
        types_per_search=1,
        # A hundred searches a day for everybody; every track is a write of its own, one after the other.
        search=SearchPolicy(
            max_queries=1,
            uses_seeds=True,
            channels=ChannelListing(
                suffix=" - Topic",
                channel_prefix="UC",
                list_prefix="UU",
                list_bucket="general",
                search_bucket="search",
                page_size=50,
            ),
        ),
        max_searches_per_request=20,
        seconds_per_track=0.7,
        addresses={
            ItemType.VIDEO: "https://www.youtube.com/watch?v=",
            ItemType.PLAYLIST: "https://www.youtube.com/playlist?list=",
            ItemType.ARTIST: "https://www.youtube.com/channel/",
        },
        liked_id="LL",
        # Developer Policies III.D.2 and III.E.4.g.
        delete_days=7,
        # Developer Policies III.E.4: refreshed or deleted within 30 days; one day is for doing it.
        fresh_days=29,
        # Branding guidelines: YouTube is shown as the source.
        attribution="Content from YouTube",
    ),
    Provider(
        name="tidal",
        title="TIDAL",
        # Its Developer Terms could not be read by us: whoever deploys says that they were.
        switch_variable="TIDAL_TERMS_READ",
        module="musicconnect.providers.tidal",
        buckets=(
            Bucket(
                name="tokens",
                title="All calls",
                unit="tokens",
                # Seen in the headers of answers, never published. A call costs more than one.
                rate=Rate(size=10, per_s=1.0, variable="TIDAL_TOKENS"),
            ),
        ),
        day_zone=None,
        consent_months=None,
        apps_page="https://account.tidal.com/",
        item_types=(ItemType.TRACK, ItemType.ALBUM, ItemType.ARTIST, ItemType.PLAYLIST),
        types_per_search=4,
        search=SearchPolicy(finds_isrc=True),
        # Most tracks are found by their ISRC, at four tokens of one each second.
        seconds_per_track=5.0,
        private_playlists=False,
        addresses={
            ItemType.TRACK: "https://tidal.com/browse/track/",
            ItemType.ALBUM: "https://tidal.com/browse/album/",
            ItemType.ARTIST: "https://tidal.com/browse/artist/",
            ItemType.PLAYLIST: "https://tidal.com/browse/playlist/",
        },
        liked_id="liked",
        liked_address="https://listen.tidal.com/my-collection/tracks",
        # The strictest of what the others ask for, until somebody has read TIDAL's terms.
        delete_days=5,
        fresh_days=29,
        attribution="Content from TIDAL",
    ),
)

PROVIDERS: dict[ProviderName, Provider] = {entry.name: entry for entry in _ENTRIES}
"""All of them, in the order in which people see them, whether they are offered here or not."""


def offered() -> dict[ProviderName, Provider]:
    """Give those that people can use here, in the order in which they see them."""
    return {name: entry for name, entry in PROVIDERS.items() if entry.is_offered}


def get(name: ProviderName) -> Provider:
    """Get the entry of a provider; `Problem` 404 if there is none."""
    if name not in PROVIDERS:
        raise problems.not_found("provider")
    return PROVIDERS[name]


FILE: Final = "file"
"""Stands where a provider's name stands when something comes out of a file that a person uploaded."""


def title(name: ProviderName) -> str:
    """Give what people call a provider; the name itself where there is no entry."""
    if name == FILE:
        return "a file"
    return PROVIDERS[name].title if name in PROVIDERS else name
