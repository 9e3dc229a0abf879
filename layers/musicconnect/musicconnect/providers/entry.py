"""Say what a provider's entry in the registry tells, before a line of its client is imported."""

import importlib
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, Protocol, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from musicconnect.music.model import ItemType, ListKind, ProviderName
from musicconnect.music.search_policy import SearchPolicy
from musicconnect.platform.config import provider_setting
from musicconnect.providers.protocol import Client, Credentials, Exhaust, OAuth, Reserve

ROLLING_WAIT: Final = timedelta(hours=1)
"""How long to wait for a rolling allowance when the provider does not say: some of it is back by then."""
type LinkedBy = Literal["consent", "token"]
ALBUM_PREFIX: Final = "album:"
"""Of our id of an album that is read as a playlist. No provider's own ids of playlists begin so."""
NEW_PLAYLISTS: Final = "new_playlists"
"""The personal allowance of providers that let a person make only so many playlists a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A bucket of tokens: calls that come too fast wait a moment, and none is ever refused for the day."""

    size: int
    """Tokens in a full bucket."""
    per_s: float
    """Tokens that come back each second."""
    variable: str
    """Setting with another rate: ``size per_s``, for a provider that publishes neither."""

    @property
    def current(self) -> tuple[int, float]:
        """Size and tokens per second in this deployment."""
        own = provider_setting(self.variable, "").split()
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
    is_opt_in: bool = False
    """Whether it is offered only where ``OPTIONAL_PROVIDERS`` names it, since it needs no application."""
    linked_by: LinkedBy = "consent"
    """How a person links an account: by agreeing on the provider's page, or by pasting a token that they find
    there."""
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
    search_calls: Mapping[ItemType, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """Bucket and cost of the calls that a search for a type is all but sure to need: they are booked together
    when somebody searches. Others are booked one by one, and so is what a bucket of tokens pays for."""
    max_searches_per_request: int | None = None
    """Searches that one request for counterparts may make, where all people share a few; None: no limit."""
    seconds_per_track: float
    """What moving a track to it takes, for estimates: its share of searching and of writing."""
    private_playlists: bool = True
    """Whether playlists can be made that only their owner sees."""
    addresses: Mapping[ItemType, str]
    """Where people see an entry of its catalogue: the address up to the id."""
    search_page: str | None = None
    """Where anybody can search its catalogue by themselves, with ``{query}`` for the words; None: it has
    no such page."""
    search_page_of: Mapping[ItemType, str] = field(default_factory=dict)
    """The same for one type of entries alone, where it has pages for that."""
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
    library: Mapping[ListKind, str] = field(default_factory=dict)
    """The parts of a person's library that its API reads and writes, and where the person sees each."""

    def address(self, kind: ItemType, item_id: str) -> str:
        """Build the address at which people see an entry of its catalogue."""
        return self.addresses[kind] + quote(item_id, safe="@")

    def search_address(self, query: str, types: Collection[ItemType]) -> str | None:
        """Build the address of its own page for a search; None where it has none for these words."""
        page = self.search_page
        if len(types) == 1:
            page = self.search_page_of.get(next(iter(types)), page)
        if page is None:
            return None
        # Browsers take these two for steps of a path, however they are written, and end on another page.
        is_step = query in (".", "..") and "?" not in page
        return None if is_step else page.replace("{query}", quote(query, safe=""))

    def calls_of_search(self, types: Collection[ItemType]) -> tuple[tuple[str, int], ...]:
        """List bucket and cost of the calls of one search for these types, as far as they are known."""
        return tuple(dict.fromkeys(call for kind in types for call in self.search_calls.get(kind, ())))

    def playlist_address(self, playlist_id: str) -> str:
        """Build the address at which people see one of their playlists, or what they liked."""
        if playlist_id == self.liked_id and self.liked_address is not None:
            return self.liked_address
        for kind, address in self.library.items():
            if playlist_id == self.library_id(kind):
                return address
        if playlist_id.startswith(ALBUM_PREFIX):
            return self.address(ItemType.ALBUM, playlist_id.removeprefix(ALBUM_PREFIX))
        return self.address(ItemType.PLAYLIST, playlist_id)

    def has_library(self, kind: ListKind) -> bool:
        """Whether its API has this part of a person's library."""
        return kind in self.library

    def library_id(self, kind: ListKind) -> str:
        """Give what stands for a part of a person's library where a playlist's id stands."""
        return f"{self.name}:{kind}"

    @property
    def is_offered(self) -> bool:
        """Whether people can link it here: the operator of a deployment may have to switch it on."""
        if self.is_opt_in:
            return self.name in os.environ.get("OPTIONAL_PROVIDERS", "").split(",")
        return self.switch_variable is None or os.environ.get(self.switch_variable) == "true"

    @property
    def is_optional(self) -> bool:
        """Whether people without an account of it are not told about it where everything is asked."""
        return self.is_opt_in or self.switch_variable is not None

    def day_of(self, moment: datetime) -> date:
        """Get the provider's day at a moment."""
        return moment.astimezone(self._zone).date()

    def next_reset(self, moment: datetime) -> datetime:
        """Get when there will be more, in UTC: the provider's next midnight, or `ROLLING_WAIT` later."""
        if self.day_zone is None:
            return moment + ROLLING_WAIT
        # From the date, not by adding 24 hours: two days a year are longer or shorter.
        midnight = datetime.combine(self.day_of(moment) + timedelta(days=1), time(), self._zone)
        return midnight.astimezone(UTC)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.day_zone or "UTC")

    def load(self) -> ProviderModule:
        """Import the provider's package: it costs what an HTTP client costs."""
        return cast("ProviderModule", importlib.import_module(f"musicconnect.providers.{self.name}"))

    def oauth(self) -> OAuth:
        """Make the client of its authorization server."""
        return self.load().make_oauth()

    def bucket(self, name: str) -> Bucket:
        """Get one of the allowances; `KeyError` for a name that is none of them."""
        return {bucket.name: bucket for bucket in (*self.buckets, *self.personal_buckets)}[name]

    def has_bucket(self, name: str) -> bool:
        """Whether there is an allowance of this name."""
        return any(bucket.name == name for bucket in (*self.buckets, *self.personal_buckets))


FILE: Final = "file"
"""Stands where a provider's name stands when something comes out of a file that a person uploaded."""
LISTED: Final[dict[ProviderName, Provider]] = {}
"""Every entry that the registry lists. What the providers' own packages use looks here: the registry is above
them, and imports their entries."""


def list_entries(*entries: Provider) -> dict[ProviderName, Provider]:
    """Make entries known by their names; gives all of them, in this order."""
    LISTED.update({entry.name: entry for entry in entries})
    return LISTED


def title(name: ProviderName) -> str:
    """Give what people call a provider; the name itself where there is no entry."""
    if name == FILE:
        return "a file"
    return LISTED[name].title if name in LISTED else name
