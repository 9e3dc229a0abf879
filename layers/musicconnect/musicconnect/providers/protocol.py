"""Define what every provider offers: the client, consents, credentials, limits."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from musicconnect.music.model import (
    CatalogueItem,
    ItemType,
    ListKind,
    Page,
    Playlist,
    PlaylistItem,
    ProviderName,
    Track,
)

type Access = Literal["read", "write"]
"""What the person consented to. ``write`` includes ``read``."""


type Privacy = Literal["private", "unlisted", "public"]
"""Who may see a playlist."""


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
    missing: Sequence[int] = ()
    """Indices of tracks that were left out, since the provider does not have them (any more)."""


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
        """Get a token that is good for another minute at least, as far as anybody knows."""

    def renewed_token(self, refused: str) -> str:
        """Get another token after the provider has refused this one."""

    def no_channel(self) -> None:
        """Record that the account lacks what the provider needs (Google: a YouTube channel)."""


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
    key_lifetime_s: int = 0
    """Seconds for which a write that is repeated with its key is answered as the first time; 0: it is a write
    of its own."""
    move_batch: int = 1
    """Neighbours that one move carries."""
    likes_batch: int = 1
    """Tracks per write into the person's likes, and per removal from them."""
    lists_absence: bool = True
    """Whether a listed playlist says what the person cannot play; else `Client.tracks` has to be asked."""
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
        """Get who the account belongs to."""

    def playlists(self, cursor: str | None = None) -> Page[Playlist]:
        """List the person's playlists, liked songs first as a playlist of their own."""

    def playlist(self, playlist_id: str) -> Playlist:
        """Get one playlist's metadata."""

    def look(self, playlist_ids: Sequence[str]) -> dict[str, Playlist]:
        """Get the metadata of several of the person's playlists by as few calls as there can be.

        What the provider does not name among them is left out.
        """

    def playlist_items(self, playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page of a playlist's contents, in playlist order."""

    def create_playlist(self, name: str, description: str, privacy: Privacy = "private") -> Playlist:
        """Create an empty playlist. Where a provider lacks this privacy, it is what comes next to it."""

    def add_items(
        self,
        playlist_id: str,
        track_ids: Sequence[str],
        position: int | None = None,
        *,
        key: str | None = None,
    ) -> Added:
        """Add at most ``limits.add_batch`` tracks, in order; at the end, or from a 0-based position on.

        Not idempotent, except by its ``key`` where `Limits.key_lifetime_s` holds. Raises `SelfSortedError`
        for a position in a playlist that sorts itself.

        The person's likes (the registry's ``liked_id``) are a set whose last one is listed first: at most
        ``limits.likes_batch``, without a position, and idempotent.
        """

    def remove_items(self, playlist_id: str, items: Sequence[PlaylistItem], /) -> None:
        """Remove at most ``limits.remove_batch`` entries, of the likes ``limits.likes_batch``. One call.

        Where ``limits.removes_by_track`` holds, every other entry of the same track goes too. Entries that
        are gone already are no error.
        """

    def move_items(self, playlist_id: str, items: Sequence[PlaylistItem], position: int, /) -> None:
        """Move at most ``limits.move_batch`` neighbours, in order; the first one stands at ``position`` then.

        Positions are 0-based, those of ``items`` as the playlist is now. Raises `SelfSortedError` as
        `add_items` does.
        """

    def change_playlist(self, playlist_id: str, name: str, description: str) -> None:
        """Give a playlist another name and description; the rest stays as it is. Idempotent."""

    def search_tracks(self, query: str, limit: int) -> list[Track]:
        """Search as the provider does, best first. YouTube's hits carry no duration and a cut description."""

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up tracks, at most ``limits.lookup_batch``; unknown ids are left out."""

    def search(
        self, query: str, types: Collection[ItemType], limit: int, cursor: str | None = None
    ) -> Page[CatalogueItem]:
        """Search the provider's public catalogue; one page, best first within each type.

        Args:
            query: As a person typed it, the provider's operators included.
            types: As many as the registry's ``types_per_search`` allows, of those it names.
            limit: Hits of each type, at most ``limits.search_limit``.
            cursor: Of the page before. Its text is the client's own; what is none of it is the first page.
        """

    def durations(self, ids: Sequence[str]) -> dict[str, int]:
        """Look up milliseconds by id, of at most ``limits.lookup_batch``; unknown ids are left out."""

    def items(self, kind: ItemType, ids: Sequence[str]) -> list[CatalogueItem]:
        """Look up what is shown of at most ``limits.lookup_batch`` ids; unknown ids are left out."""


class Library(Protocol):
    """What a person has with a provider beside playlists: followed artists, saved albums.

    Sets: who adds what is there changes nothing. Every method is one HTTP call unless it says otherwise, for
    kinds that the registry's ``library`` names. Raises `ProviderError`, as `Client` does.
    """

    def summary(self, kind: ListKind) -> Playlist:
        """Get how much there is, in the form of a playlist's metadata."""

    def items(self, kind: ListKind, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page; an artist or an album stands as a track of that kind, its name as the title."""

    def add(self, kind: ListKind, ids: Sequence[str], *, key: str | None = None) -> Added:
        """Add at most ``limits.likes_batch``.

        Raises `DuplicateRefusedError` where the provider says that the only one is there already.
        """

    def remove(self, kind: ListKind, items: Sequence[PlaylistItem]) -> None:
        """Remove at most ``limits.likes_batch``; what is not there is no error."""

    def titles_by(self, artist_id: str) -> list[str]:
        """List titles of what an artist has published, as many as one call tells; none of an unknown one."""


class Albums(Protocol):
    """What a provider tells of albums as a whole. Every method is one HTTP call unless it says otherwise.

    An album stands as a track of that kind, with its title, artists, date, number of tracks and barcode as
    far as the call tells them. Raises `ProviderError`, as `Client` does.
    """

    def album(self, album_id: str) -> Track | None:
        """Get everything that is known of an album; None where there is none of that id."""

    def by_barcode(self, barcode: str) -> list[Track]:
        """Find albums by their barcode, however many zeros lead it. A call for each way of writing it."""

    def search(self, artist: str, title: str) -> list[Track]:
        """Search for an album, best first. What a hit leaves out, `album` may tell."""

    def tracks(self, album_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page of what is on an album, in its order. Raises `NotFoundError` where there is none."""


class OAuth(Protocol):
    """A provider's authorization server."""

    @property
    def name(self) -> ProviderName:
        """The provider's registry key."""

    def scopes(self, access: Access, *, follows: bool = False) -> tuple[str, ...]:
        """List the scopes that an access level needs; ``follows``: of followed artists, too."""

    def covers_follows(self, scope: str, access: Access) -> bool:
        """Tell whether reported scopes cover followed artists; True where nothing was reported."""

    def granted_access(self, scope: str) -> Access | None:
        """Give the access that reported scopes amount to; None when they are too few to read."""

    def authorize_url(
        self, *, redirect_uri: str, state: str, code_challenge: str, access: Access, follows: bool = False
    ) -> str:
        """Build the address at which the person consents."""

    def exchange(self, *, code: str, redirect_uri: str, code_verifier: str) -> TokenGrant:
        """Trade an authorization code for tokens. Raises ``RejectedError`` on a code that buys nothing."""

    def refresh(self, refresh_token: str) -> TokenGrant:
        """Get a new access token. Raises ``ConsentRevokedError`` on ``invalid_grant``."""

    def revoke(self, token: str) -> bool:
        """Revoke a token; False where the provider has no such call."""
