"""Followed artists on Spotify."""

from collections.abc import Sequence
from urllib.parse import quote

from pydantic import BaseModel

from musicconnect.music.model import ItemKind, ListKind, Page, Playlist, PlaylistItem, Track
from musicconnect.platform import pagination
from musicconnect.providers.errors import (
    FollowsMissingError,
    NotAllowedError,
    NotFoundError,
    RejectedError,
    ScopeMissingError,
)
from musicconnect.providers.protocol import Added
from musicconnect.providers.spotify.responses import NAME, Named
from musicconnect.providers.transport import ApiCall, EmptyResponse, Transport

BUCKET = "requests"
PAGE_SIZE = 50
BATCH = 50
"""Artists of one write; `Limits.likes_batch` is smaller."""


class Cursors(BaseModel):
    """Where the next page begins."""

    after: str | None = None


class ArtistPage(BaseModel):
    """A page of followed artists."""

    items: list[Named | None]
    cursors: Cursors | None = None
    total: int | None = None


class FollowedArtists(BaseModel):
    """``GET /me/following``."""

    artists: ArtistPage


class Releases(BaseModel):
    """``GET /artists/{id}/albums``."""

    items: list[Named | None]


class SpotifyLibrary:
    """Reads and writes whom a person follows."""

    def __init__(self, call: Transport) -> None:
        self._call = call

    def summary(self, kind: ListKind) -> Playlist:
        """Get how many there are."""
        found = self._following(limit=1)
        return Playlist(
            provider=NAME, id=kind, name="Followed artists", track_count=found.total or 0, kind=kind
        )

    def items(self, kind: ListKind, cursor: str | None = None) -> Page[PlaylistItem]:  # noqa: ARG002 - one
        """Get 50, behind the one that the cursor names."""
        key = pagination.decode(cursor, str)
        page = self._following(limit=PAGE_SIZE, **({"after": key[0]} if key else {}))
        artists = [artist for artist in page.items if artist is not None and artist.id]
        following = page.cursors.after if page.cursors else None
        return Page(
            items=[
                PlaylistItem(
                    position=position,
                    track=Track(
                        provider=NAME, id=artist.id or "", title=artist.name or "", kind=ItemKind.ARTIST
                    ),
                )
                for position, artist in enumerate(artists)
            ],
            cursor=pagination.encode((following,)) if following else None,
            total=page.total,
        )

    def add(self, kind: ListKind, ids: Sequence[str], *, key: str | None = None) -> Added:  # noqa: ARG002
        """Follow artists.

        The call that is to replace this one takes no artists, and applications in development mode have lost
        this one: they can follow nobody.
        """
        self._change("PUT", ids)
        return Added(item_ids=[None] * len(ids))

    def remove(self, kind: ListKind, items: Sequence[PlaylistItem]) -> None:  # noqa: ARG002 - one kind
        """Follow artists no longer."""
        self._change("DELETE", [item.track.id for item in items])

    def titles_by(self, artist_id: str) -> list[str]:
        """List the names of an artist's albums and singles, the newest 50."""
        path = f"/artists/{quote(artist_id, safe='')}/albums"
        params: dict[str, str | int] = {"include_groups": "album,single", "limit": PAGE_SIZE}
        try:
            found = self._call(Releases, ApiCall(method="GET", path=path, bucket=BUCKET, params=params))
        except (NotFoundError, RejectedError):
            return []
        return [album.name for album in found.items if album is not None and album.name]

    def _following(self, **params: str | int) -> ArtistPage:
        asked = {"type": "artist", **params}
        call = ApiCall(method="GET", path="/me/following", bucket=BUCKET, params=asked)
        try:
            return self._call(FollowedArtists, call).artists
        except ScopeMissingError:
            raise FollowsMissingError("read", provider=NAME) from None

    def _change(self, method: str, ids: Sequence[str]) -> None:
        if not 0 < len(ids) <= BATCH:
            raise ValueError(f"change 1 to {BATCH} artists at a time")
        params: dict[str, str | int] = {"type": "artist", "ids": ",".join(dict.fromkeys(ids))}
        try:
            self._call(
                EmptyResponse, ApiCall(method=method, path="/me/following", bucket=BUCKET, params=params)
            )
        except ScopeMissingError:
            raise FollowsMissingError("write", provider=NAME) from None
        except NotAllowedError as error:
            if error.reason != "forbidden":
                raise
            raise NotAllowedError(
                "Spotify lets this installation's application follow no artists: that takes extended access. "
                "Follow them on Spotify yourself, by the links beside their names.",
                provider=NAME,
                reason=error.reason,
            ) from None
