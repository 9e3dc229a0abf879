"""Followed artists and saved albums on Spotify."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel

from musicconnect.music.model import Absence, ItemKind, ListKind, Page, Playlist, PlaylistItem, Track
from musicconnect.platform import pagination
from musicconnect.providers.errors import (
    FollowsMissingError,
    NotAllowedError,
    NotFoundError,
    RejectedError,
    ScopeMissingError,
)
from musicconnect.providers.protocol import Added
from musicconnect.providers.spotify.albums import AlbumShape
from musicconnect.providers.spotify.responses import NAME, Named
from musicconnect.providers.transport import ApiCall, EmptyResponse, Transport

BUCKET = "requests"
PAGE_SIZE = 50
BATCH: Final = {ListKind.ARTISTS: 50, ListKind.ALBUMS: 40}
"""Of one write; `Limits.likes_batch` is not larger."""


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


class SavedAlbum(BaseModel):
    """A saved album; null where Spotify cannot load it."""

    added_at: datetime | None = None
    album: AlbumShape | None = None


class SavedAlbums(BaseModel):
    """``GET /me/albums``."""

    items: list[SavedAlbum | None]
    total: int | None = None
    next: str | None = None


class Releases(BaseModel):
    """``GET /artists/{id}/albums``."""

    items: list[Named | None]


class SpotifyLibrary:
    """Reads and writes whom a person follows and which albums they saved."""

    def __init__(self, call: Transport) -> None:
        self._call = call

    def summary(self, kind: ListKind) -> Playlist:
        """Get how many there are."""
        if kind is ListKind.ALBUMS:
            name, total = "Saved albums", self._saved(limit=1).total
        else:
            name, total = "Followed artists", self._following(limit=1).total
        return Playlist(provider=NAME, id=kind, name=name, track_count=total or 0, kind=kind)

    def items(self, kind: ListKind, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get 50: artists behind the one that the cursor names, albums with the last saved first."""
        return self._albums(cursor) if kind is ListKind.ALBUMS else self._artists(cursor)

    def add(self, kind: ListKind, ids: Sequence[str], *, key: str | None = None) -> Added:  # noqa: ARG002
        """Follow artists, or save albums.

        The call that is to replace the one for artists takes none, and applications in development mode have
        lost the old one: they can follow nobody.
        """
        self._change(kind, "PUT", ids)
        return Added(item_ids=[None] * len(ids))

    def remove(self, kind: ListKind, items: Sequence[PlaylistItem]) -> None:
        """Follow artists no longer, or keep albums no longer."""
        self._change(kind, "DELETE", [item.track.id for item in items])

    def titles_by(self, artist_id: str) -> list[str]:
        """List the names of an artist's albums and singles, the newest 50."""
        path = f"/artists/{quote(artist_id, safe='')}/albums"
        params: dict[str, str | int] = {"include_groups": "album,single", "limit": PAGE_SIZE}
        try:
            found = self._call(Releases, ApiCall(method="GET", path=path, bucket=BUCKET, params=params))
        except (NotFoundError, RejectedError):
            return []
        return [album.name for album in found.items if album is not None and album.name]

    def _artists(self, cursor: str | None) -> Page[PlaylistItem]:
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

    def _albums(self, cursor: str | None) -> Page[PlaylistItem]:
        key = pagination.decode(cursor, int)
        offset = key[0] if key else 0
        page = self._saved(limit=PAGE_SIZE, offset=offset)
        return Page(
            items=[_saved_item(saved or SavedAlbum(), offset + at) for at, saved in enumerate(page.items)],
            cursor=pagination.encode((offset + PAGE_SIZE,)) if page.next else None,
            total=page.total,
        )

    def _saved(self, **params: str | int) -> SavedAlbums:
        return self._call(SavedAlbums, ApiCall(method="GET", path="/me/albums", bucket=BUCKET, params=params))

    def _change(self, kind: ListKind, method: str, ids: Sequence[str]) -> None:
        if not 0 < len(ids) <= BATCH[kind]:
            raise ValueError(f"change 1 to {BATCH[kind]} at a time")
        known = dict.fromkeys(ids)
        if kind is ListKind.ARTISTS:
            self._follow(method, ",".join(known))
            return
        params: dict[str, str | int] = {"uris": ",".join(f"spotify:album:{album_id}" for album_id in known)}
        self._call(EmptyResponse, ApiCall(method=method, path="/me/library", bucket=BUCKET, params=params))

    def _following(self, **params: str | int) -> ArtistPage:
        asked = {"type": "artist", **params}
        call = ApiCall(method="GET", path="/me/following", bucket=BUCKET, params=asked)
        try:
            return self._call(FollowedArtists, call).artists
        except ScopeMissingError:
            raise FollowsMissingError("read", provider=NAME) from None

    def _follow(self, method: str, ids: str) -> None:
        params: dict[str, str | int] = {"type": "artist", "ids": ids}
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


def _saved_item(saved: SavedAlbum, position: int) -> PlaylistItem:
    track = (
        Track(provider=NAME, id="", title="", kind=ItemKind.UNAVAILABLE, absence=Absence.UNAVAILABLE)
        if saved.album is None
        else saved.album.as_track()
    )
    return PlaylistItem(position=position, track=track, added_at=saved.added_at)
