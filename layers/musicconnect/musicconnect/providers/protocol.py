"""What every provider offers, in one vocabulary: recordings, playlists, the client protocol, errors.

Light on purpose: the standard library only, so that pure packages (``matching``) and functions that never
call a provider can import it at no cost.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

type ProviderName = str
"""Registry key of a provider, in lower case: ``spotify``, ``youtube``."""

type Access = Literal["read", "write"]
"""What the person consented to. ``write`` includes ``read``."""


class ItemKind(StrEnum):
    """What an entry of a playlist or of a result list is."""

    TRACK = "track"
    VIDEO = "video"
    EPISODE = "episode"
    LOCAL = "local"
    """A file on the listener's own device that a playlist refers to. It cannot be added by API."""
    UNAVAILABLE = "unavailable"
    """Withdrawn, deleted or private: the provider keeps the place but tells nothing about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One playable entry in a provider's catalogue.

    On Spotify ``artists``, ``album`` and ``isrc`` are facts. On YouTube ``title`` is the raw title of the
    upload, ``channel`` its uploader, ``description`` its text, and ``artists`` is empty: reading artist and
    title out of them is the business of ``musicconnect.matching``.
    """

    provider: ProviderName
    id: str
    title: str
    artists: tuple[str, ...] = ()
    album: str | None = None
    duration_ms: int | None = None
    isrc: str | None = None
    explicit: bool | None = None
    channel: str | None = None
    channel_id: str | None = None
    description: str | None = None
    release_date: str | None = None
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, as the provider gives it."""
    kind: ItemKind = ItemKind.TRACK
    is_public: bool = True
    """False: only some people may see it, by a link or as its owner. Nobody else is to be told of it."""

    @property
    def artist_line(self) -> str:
        """The artists as a person would write them; the channel where a provider knows no artists."""
        return ", ".join(self.artists) if self.artists else (self.channel or "")


class ItemType(StrEnum):
    """What a search can be for. A recording is a track where the provider knows tracks, a video elsewhere."""

    TRACK = "track"
    VIDEO = "video"
    ALBUM = "album"
    ARTIST = "artist"
    """An artist; on YouTube a channel."""
    PLAYLIST = "playlist"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueItem:
    """An entry of a provider's public catalogue, with what is needed to show it as the provider asks."""

    provider: ProviderName
    type: ItemType
    id: str
    title: str
    """As the provider has it; of an artist the name."""
    url: str
    """Where the provider shows it to people."""
    artists: tuple[str, ...] = ()
    channel: str | None = None
    """Uploader of a video, owner of a playlist."""
    album: str | None = None
    duration_ms: int | None = None
    artwork: str | None = None
    """Address of a picture at the provider, about 300 pixels wide where there is a choice."""
    explicit: bool | None = None
    isrc: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """A playlist as its provider lists it."""

    provider: ProviderName
    id: str
    name: str
    description: str = ""
    track_count: int
    """As the provider counts: deleted and private entries included."""
    version: str | None = None
    """Changes whenever the playlist changes: Spotify's ``snapshot_id``, YouTube's etag."""
    is_own: bool = True
    """False for followed playlists, whose contents Spotify does not give out."""
    is_liked: bool = False
    """The person's liked songs, presented as a playlist of their own."""
    owner: str | None = None
    """What people see as its owner."""
    is_public: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a list tells of a track beside what finding its counterpart needs: for those who keep the list."""

    artist_ids: tuple[str, ...] = ()
    """Of ``Track.artists``, one each; of the channel where there are no artists."""
    album_id: str | None = None
    album_artists: tuple[str, ...] = ()
    album_artist_ids: tuple[str, ...] = ()
    disc_number: int | None = None
    """1-based."""
    track_number: int | None = None
    """1-based, on its disc."""
    popularity: int | None = None
    """0 to 100."""
    artwork: str | None = None
    """Address of a picture at the provider, as large as there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaylistItem:
    """One place in a playlist."""

    position: int
    """0-based."""
    track: Track
    item_id: str | None = None
    """The provider's id of this place where it has one (YouTube), for taking exactly this one out again."""
    added_at: datetime | None = None
    added_by: str | None = None
    """The provider's id of whoever added it."""
    details: Details = Details()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[T]:
    """One page of a list. ``cursor`` fetches the next one; None on the last."""

    items: Sequence[T]
    cursor: str | None = None
    total: int | None = None
    version: str | None = None
    following: Sequence[str] = ()
    """On a first page: the cursors of all that follow, where the provider's pages need not be walked through
    one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who the person is on the provider."""

    provider_user_id: str
    """Immutable: Spotify's ``account_id`` (``id`` where it is absent), YouTube's channel id."""
    display_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What one write into a playlist did."""

    item_ids: Sequence[str | None]
    """One per track written, in order; None where the provider does not name places."""
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenGrant:
    """What a token endpoint answered."""

    access_token: str = field(repr=False)
    expires_in: int
    """Seconds."""
    scope: str = ""
    refresh_token: str | None = field(default=None, repr=False)
    """None when the provider keeps the old one valid."""


type Reserve = Callable[[str, int], None]
"""``reserve(bucket, cost)``: books the cost of a call before it is made; raises ``QuotaExhaustedError``."""

type Exhaust = Callable[[str, datetime | None], None]
"""``exhaust(bucket, until)``: writes into the ledger that the provider said the bucket is empty."""


class Credentials(Protocol):
    """The access token of one linked account, loaded when first needed and renewed when it has to be.

    Every method may raise ``NotLinkedError``, ``ConsentRevokedError``, ``ScopeMissingError`` or
    ``RetryableError``.
    """

    def access_token(self) -> str:
        """A token that is good for another minute at least, as far as anybody knows."""
        ...

    def renewed_token(self, refused: str) -> str:
        """Another token after the provider has refused this one."""
        ...

    def no_channel(self) -> None:
        """Write down that the account lacks what the provider needs (Google: a YouTube channel)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one call of a provider carries."""

    add_batch: int
    """Tracks per write into a playlist."""
    remove_batch: int
    """Entries per removal from a playlist."""
    removes_by_track: bool
    """Whether a removal takes every entry of a track, wherever it stands."""
    lookup_batch: int
    """Ids per lookup."""
    page_size: int
    search_limit: int
    playlist_size: int
    """Entries at which a playlist is full."""
    name_length: int
    """Characters of a playlist's name."""
    description_length: int
    reads_at_once: int = 1
    """Searches and lookups that may be under way together. Writes into a playlist never are."""


class Client(Protocol):
    """Acts on a provider for one linked account. Every method is one HTTP call unless it says otherwise.

    Raises:
        ProviderError: one of its subclasses, which say what to do next.
    """

    name: ProviderName
    limits: Limits

    def profile(self) -> Profile:
        """Who the account belongs to."""
        ...

    def playlists(self, cursor: str | None = None) -> Page[Playlist]:
        """The person's playlists, liked songs first as a playlist of their own."""
        ...

    def playlist(self, playlist_id: str) -> Playlist:
        """One playlist's metadata."""
        ...

    def playlist_items(self, playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """One page of a playlist's contents, in playlist order."""
        ...

    def create_playlist(self, name: str, description: str) -> Playlist:
        """Make a private, empty playlist."""
        ...

    def add_items(self, playlist_id: str, track_ids: Sequence[str]) -> Added:
        """Append at most ``limits.add_batch`` tracks, in order. Not idempotent."""
        ...

    def remove_items(self, playlist_id: str, items: Sequence[PlaylistItem], /) -> None:
        """Take entries out, at most ``limits.remove_batch`` of them. One call.

        Where ``limits.removes_by_track`` holds, every other entry of the same track goes too. Entries that
        are gone already are no error.
        """
        ...

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """The provider's own search, best first. YouTube's hits carry no duration and a cut description."""
        ...

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Everything known about at most ``limits.lookup_batch`` ids; unknown ids are left out."""
        ...

    def search(
        self, query: str, types: Collection[ItemType], limit: int, cursor: str | None = None
    ) -> Page[CatalogueItem]:
        """One page of the provider's own search in its public catalogue, best first within each type.

        Args:
            query: As a person typed it, the provider's operators included.
            types: As many as the registry's ``types_per_search`` allows, of those it names.
            limit: Hits of each type, at most ``limits.search_limit``.
            cursor: Of the page before. Its text is the client's own; what is none of it is the first page.
        """
        ...

    def durations(self, ids: Sequence[str]) -> dict[str, int]:
        """Milliseconds by id, of at most ``limits.lookup_batch`` recordings; unknown ids are left out."""
        ...

    def items(self, kind: ItemType, ids: Sequence[str]) -> list[CatalogueItem]:
        """What is shown of at most ``limits.lookup_batch`` ids; unknown ids are left out."""
        ...


class OAuth(Protocol):
    """A provider's authorization server."""

    @property
    def name(self) -> ProviderName:
        """Registry key of the provider."""
        ...

    def scopes(self, access: Access) -> tuple[str, ...]:
        """The scopes that an access level needs."""
        ...

    def granted_access(self, scope: str) -> Access | None:
        """What the scopes that a token endpoint reports amount to; None when they are too few to read."""
        ...

    def authorize_url(self, *, redirect_uri: str, state: str, code_challenge: str, access: Access) -> str:
        """Where to send the person to consent."""
        ...

    def exchange(self, *, code: str, redirect_uri: str, code_verifier: str) -> TokenGrant:
        """Trade an authorization code for tokens. Raises ``RejectedError`` on a code that buys nothing."""
        ...

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Get a new access token. Raises ``ConsentRevokedError`` on ``invalid_grant``."""
        ...

    def revoke(self, token: str) -> bool:
        """Tell the provider to forget a token; False where the provider has no such call."""
        ...


class ProviderError(Exception):
    """Something a provider answered, or failed to answer. Subclasses say what to do next."""

    def __init__(self, message: str, *, provider: ProviderName, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.reason = reason
        """The provider's own machine-readable reason, for logs."""


class NotLinkedError(ProviderError):
    """The person has not linked an account with this provider."""


class ConsentRevokedError(ProviderError):
    """The tokens are dead: the person has to link the account again."""


class ScopeMissingError(ProviderError):
    """The person's consent does not cover this call: link again with more access."""


class NotAllowedError(ProviderError):
    """The provider refuses this to this account or application, now and on every retry."""


class NoChannelError(NotAllowedError):
    """The Google account has no YouTube channel: the person has to create one."""


class NotFoundError(ProviderError):
    """The thing is gone or never was."""


class RejectedError(ProviderError):
    """The request itself is refused for good (a bad id, a playlist that is full, an unavailable video)."""


class PlaylistFullError(RejectedError):
    """The playlist holds as many entries as the provider allows."""


class DuplicateRefusedError(RejectedError):
    """The playlist already holds this entry and the provider refuses it twice."""


class RetryableError(ProviderError):
    """Worth trying again after a while."""

    def __init__(
        self,
        message: str,
        *,
        provider: ProviderName,
        reason: str | None = None,
        retry_after: float | None = None,
        may_have_applied: bool = False,
    ) -> None:
        super().__init__(message, provider=provider, reason=reason)
        self.retry_after = retry_after
        """Seconds, where the provider said so."""
        self.may_have_applied = may_have_applied
        """True when a write could have taken effect all the same: look before writing again."""


class RateLimitedError(RetryableError):
    """A burst limit: wait ``retry_after`` seconds."""


class TransientError(RetryableError):
    """A time-out, a 5xx, a 409 on fast writes, a garbled answer."""


class QuotaExhaustedError(ProviderError):
    """A daily allowance is spent: nothing more from this bucket before ``until``."""

    def __init__(
        self, message: str, *, provider: ProviderName, bucket: str, until: datetime, reason: str | None = None
    ) -> None:
        super().__init__(message, provider=provider, reason=reason)
        self.bucket = bucket
        self.until = until
