"""Treat a person's followed artists or saved albums as a client's only playlist."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, Protocol, cast

from musicconnect.music.model import ItemKind, ItemType, ListKind, Page, Playlist, PlaylistItem, Track
from musicconnect.providers.entry import ALBUM_PREFIX
from musicconnect.providers.errors import NotFoundError
from musicconnect.providers.protocol import Added, Albums, Client, Library

ITEM_TYPES: Final = {ListKind.ARTISTS: ItemType.ARTIST, ListKind.ALBUMS: ItemType.ALBUM}
ITEM_KINDS: Final = {ListKind.ARTISTS: ItemKind.ARTIST, ListKind.ALBUMS: ItemKind.ALBUM}
NAMES: Final = {ListKind.ARTISTS: "Followed artists", ListKind.ALBUMS: "Saved albums"}


class LibraryClient(Client, Protocol):
    """A client of a provider whose registry entry names a ``library``."""

    library: Library


class AlbumClient(LibraryClient, Protocol):
    """A client of a provider whose registry entry names saved albums in its ``library``."""

    albums: Albums


class LibraryView:
    """A client whose playlist methods act on one part of the library, whatever id they are given.

    So whatever moves playlists moves this part, too. All else is the client's.
    """

    def __init__(self, client: Client, kind: ListKind) -> None:
        self._client = client
        self._library = cast("LibraryClient", client).library
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def playlist(self, playlist_id: str) -> Playlist:
        """Get how much there is."""
        return replace(self._library.summary(self._kind), id=playlist_id)

    def playlist_items(self, _playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page."""
        return self._library.items(self._kind, cursor)

    def add_items(
        self,
        _playlist_id: str,
        ids: Sequence[str],
        _position: int | None = None,
        *,
        key: str | None = None,
    ) -> Added:
        """Add to the library, which has no places."""
        return self._library.add(self._kind, ids, key=key)

    def remove_items(self, _playlist_id: str, items: Sequence[PlaylistItem], /) -> None:
        """Remove from the library."""
        self._library.remove(self._kind, items)

    def tracks(self, ids: Sequence[str]) -> list[Track]:
        """Look up artists or albums by their ids; unknown ids are left out."""
        found = self._client.items(ITEM_TYPES[self._kind], ids)
        return [
            Track(
                provider=item.provider,
                id=item.id,
                title=item.title,
                artists=item.artists,
                kind=ITEM_KINDS[self._kind],
            )
            for item in found
        ]


class AlbumView:
    """A client to which an album is a playlist, named by `ALBUM_PREFIX` and the album's id.

    For reading only. All else is the client's.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._albums = cast("AlbumClient", client).albums
        self._known: dict[str, Track] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def playlist(self, playlist_id: str) -> Playlist:
        """Get what it is called and how much is on it."""
        album = self._album(playlist_id)
        return Playlist(
            provider=album.provider,
            id=playlist_id,
            name=album_name(album),
            track_count=album.track_count or 0,
        )

    def playlist_items(self, playlist_id: str, cursor: str | None = None) -> Page[PlaylistItem]:
        """Get one page; each track is told the album, which a provider may leave out there."""
        album = self._album(playlist_id)
        page = self._albums.tracks(album.id, cursor)
        items = [
            replace(
                item,
                track=replace(
                    item.track,
                    album=item.track.album or album.title,
                    release_date=item.track.release_date or album.release_date,
                ),
            )
            for item in page.items
        ]
        return replace(page, items=items)

    def _album(self, playlist_id: str) -> Track:
        if playlist_id not in self._known:
            album = self._albums.album(playlist_id.removeprefix(ALBUM_PREFIX))
            if album is None:
                raise NotFoundError("There is no such album.", provider=self._client.name)
            self._known[playlist_id] = album
        return self._known[playlist_id]


def album_name(album: Track) -> str:
    """Name the playlist that an album becomes."""
    return f"{album.artist_line} – {album.title}" if album.artist_line else album.title


def is_album(playlist_id: str) -> bool:
    """Tell whether an id names an album that is read as a playlist."""
    return playlist_id.startswith(ALBUM_PREFIX)


def source_view(client: Client, kind: ListKind, playlist_id: str) -> Client:
    """Give the client that reads a source: a part of a library, an album, or a playlist."""
    return cast("Client", AlbumView(client)) if is_album(playlist_id) else view(client, kind)


def view(client: Client, kind: ListKind) -> Client:
    """Give the client that acts on a kind of list; the client itself for playlists."""
    return client if kind is ListKind.PLAYLIST else cast("Client", LibraryView(client, kind))
