"""The JSON that the Web API writes for tracks, albums, artists, people and playlists.

Everything takes ``base``, the address of the Web API as the client knows it, because pages link to each
other. Development mode leaves out what went in February 2026, such as ``popularity``.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from local.simulators.catalogue import Album, Artist, SpotifyTrack
from local.simulators.clock import iso
from local.simulators.spotify.settings import Settings
from local.simulators.spotify.state import (
    Account,
    Entry,
    Episode,
    Item,
    LocalFile,
    Playlist,
    SpotifyState,
    uri_of,
)

type Json = dict[str, Any]

_MARKETS = ["DE", "ES", "FR", "GB", "IN", "JP", "KR", "US"]


class Resources:
    """Writes resources in the shape that the mode asks for."""

    def __init__(self, state: SpotifyState, settings: Settings) -> None:
        self._state = state
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """Drop what was written before; needed when the state is reset."""
        self._tracks: dict[tuple[str, bool, str], Json] = {}

    @property
    def old(self) -> bool:
        """Whether the shapes from before February 2026 are in force."""
        return self._settings.has_old_shapes

    def track(self, base: str, track: SpotifyTrack) -> Json:
        """A full track object. Shared between answers: not to be changed."""
        key = (base, self.old, track.id)
        if key not in self._tracks:
            self._tracks[key] = self._full_track(base, track)
        written = self._tracks[key]
        if track.id in self._state.unplayable:
            return {**written, "is_playable": False, "restrictions": {"reason": "market"}}
        return written

    def _full_track(self, base: str, track: SpotifyTrack) -> Json:
        written: Json = {
            "album": self.album(base, track.album),
            "artists": [self.artist_link(base, artist) for artist in track.artists],
            "disc_number": track.disc_number,
            "duration_ms": track.duration_ms,
            "explicit": track.explicit,
            "external_ids": {} if track.isrc is None else {"isrc": track.isrc},
            "external_urls": _open("track", track.id),
            "href": f"{base}/tracks/{track.id}",
            "id": track.id,
            "is_local": False,
            "name": track.title,
            "track_number": track.track_number,
            "type": "track",
            "uri": f"spotify:track:{track.id}",
        }
        if self.old:
            written |= {"available_markets": _MARKETS, "popularity": track.popularity, "preview_url": None}
        return written

    def album(self, base: str, album: Album) -> Json:
        """A simplified album object."""
        written: Json = {
            "album_type": album.album_type,
            "artists": [self.artist_link(base, artist) for artist in album.artists],
            "external_urls": _open("album", album.id),
            "href": f"{base}/albums/{album.id}",
            "id": album.id,
            "images": _images(album.id),
            "name": album.name,
            "release_date": album.release_date,
            "release_date_precision": {4: "year", 7: "month"}.get(len(album.release_date), "day"),
            "total_tracks": album.total_tracks,
            "type": "album",
            "uri": f"spotify:album:{album.id}",
        }
        if self.old:
            written["available_markets"] = _MARKETS
        return written

    def full_album(self, base: str, album: Album, tracks: Sequence[SpotifyTrack]) -> Json:
        """A full album object with its first 50 tracks."""
        listed = [self.simplified_track(base, track) for track in tracks[:50]]
        written = self.album(base, album) | {
            "copyrights": [],
            "external_ids": {} if album.upc is None else {"upc": album.upc},
            "genres": [],
            "tracks": page(f"{base}/albums/{album.id}/tracks", listed, limit=50, offset=0, total=len(tracks)),
        }
        return written | ({"label": "", "popularity": 40} if self.old else {})

    def simplified_track(self, base: str, track: SpotifyTrack) -> Json:
        """A track as it stands in an album."""
        dropped = ("album", "external_ids", "popularity")
        return {name: value for name, value in self.track(base, track).items() if name not in dropped}

    def artist_link(self, base: str, artist: Artist) -> Json:
        """A simplified artist object."""
        return {
            "external_urls": _open("artist", artist.id),
            "href": f"{base}/artists/{artist.id}",
            "id": artist.id,
            "name": artist.name,
            "type": "artist",
            "uri": f"spotify:artist:{artist.id}",
        }

    def artist(self, base: str, artist: Artist) -> Json:
        """A full artist object."""
        written = self.artist_link(base, artist) | {"images": _images(artist.id)}
        if self.old:
            written |= {"genres": [], "popularity": 40, "followers": {"href": None, "total": 1234}}
        return written

    def item(self, base: str, item: Item) -> Json | None:
        """What an entry of a playlist holds."""
        match item:
            case None:
                return None
            case SpotifyTrack():
                return self.track(base, item)
            case LocalFile():
                return _local(item)
            case Episode():
                return _episode(base, item)

    def entry(self, base: str, entry: Entry) -> Json:
        """One place in a playlist: ``item`` now, ``track`` before February 2026."""
        return {
            "added_at": iso(entry.added_at),
            "added_by": _user(base, entry.added_by),
            "is_local": isinstance(entry.item, LocalFile),
            "track" if self.old else "item": self.item(base, entry.item),
        }

    def playlist(self, base: str, playlist: Playlist) -> Json:
        """A playlist object as lists have it, contents by reference."""
        link = f"{base}/playlists/{playlist.id}/{'tracks' if self.old else 'items'}"
        contents = {"href": link, "total": len(playlist.entries)}
        return {
            "collaborative": playlist.collaborative,
            "description": playlist.description,
            "external_urls": _open("playlist", playlist.id),
            "href": f"{base}/playlists/{playlist.id}",
            "id": playlist.id,
            "images": _images(playlist.id) if playlist.entries else [],
            "name": playlist.name,
            "owner": _user(base, playlist.owner) | {"display_name": self._state.display_name(playlist.owner)},
            "public": playlist.public,
            "snapshot_id": playlist.snapshot_id,
            "tracks" if self.old else "items": contents,
            "type": "playlist",
            "uri": f"spotify:playlist:{playlist.id}",
        }

    def profile(self, base: str, account: Account) -> Json:
        """The signed-in person."""
        written = _user(base, account.id) | {
            "account_id": account.account_id,
            "display_name": account.display_name,
            "images": [],
        }
        if self.old:
            written |= {
                "country": "DE",
                "email": f"{account.id}@example.com",
                "explicit_content": {"filter_enabled": False, "filter_locked": False},
                "followers": {"href": None, "total": 0},
                "product": "premium",
            }
        return written

    def public_profile(self, base: str, user_id: str) -> Json:
        """Somebody else, as extended mode still shows them."""
        return _user(base, user_id) | {
            "display_name": self._state.display_name(user_id),
            "followers": {"href": None, "total": 0},
            "images": [],
        }


def page(
    link: str,
    items: Sequence[Any],
    *,
    limit: int,
    offset: int,
    total: int,
    query: dict[str, str] | None = None,
) -> Json:
    """A page of a list; ``link`` is the list's address, ``query`` what its links carry besides."""

    def at(start: int) -> str:
        return f"{link}?{urlencode({**(query or {}), 'offset': start, 'limit': limit})}"

    return {
        "href": at(offset),
        "items": items,
        "limit": limit,
        "next": at(offset + limit) if offset + limit < total else None,
        "offset": offset,
        "previous": at(max(0, offset - limit)) if offset > 0 else None,
        "total": total,
    }


def _open(kind: str, id_: str) -> Json:
    return {"spotify": f"https://open.spotify.com/{kind}/{id_}"}


def _images(id_: str) -> list[Json]:
    return [{"height": 640, "url": f"https://i.scdn.co/image/{id_}", "width": 640}]


def _user(base: str, user_id: str) -> Json:
    return {
        "external_urls": _open("user", user_id),
        "href": f"{base}/users/{user_id}",
        "id": user_id,
        "type": "user",
        "uri": f"spotify:user:{user_id}",
    }


def _local(file: LocalFile) -> Json:
    artist: Json = {
        "external_urls": {},
        "href": None,
        "id": None,
        "name": file.artist,
        "type": "artist",
        "uri": None,
    }
    return {
        "album": {
            "album_type": None,
            "artists": [],
            "available_markets": [],
            "external_urls": {},
            "href": None,
            "id": None,
            "images": [],
            "name": file.album,
            "release_date": None,
            "release_date_precision": None,
            "type": "album",
            "uri": None,
        },
        "artists": [artist],
        "disc_number": 0,
        "duration_ms": file.seconds * 1000,
        "explicit": False,
        "external_ids": {},
        "external_urls": {},
        "href": None,
        "id": None,
        "is_local": True,
        "name": file.title,
        "track_number": 0,
        "type": "track",
        "uri": uri_of(file),
    }


def _episode(base: str, episode: Episode) -> Json:
    return {
        "audio_preview_url": None,
        "description": episode.name,
        "duration_ms": episode.duration_ms,
        "explicit": False,
        "external_urls": _open("episode", episode.id),
        "href": f"{base}/episodes/{episode.id}",
        "html_description": f"<p>{episode.name}</p>",
        "id": episode.id,
        "images": _images(episode.id),
        "is_externally_hosted": False,
        "is_playable": True,
        "language": "en",
        "languages": ["en"],
        "name": episode.name,
        "release_date": "2024-02-01",
        "release_date_precision": "day",
        "show": {
            "available_markets": _MARKETS,
            "copyrights": [],
            "description": episode.show_name,
            "explicit": False,
            "external_urls": _open("show", episode.show_id),
            "href": f"{base}/shows/{episode.show_id}",
            "html_description": f"<p>{episode.show_name}</p>",
            "id": episode.show_id,
            "images": _images(episode.show_id),
            "is_externally_hosted": False,
            "languages": ["en"],
            "media_type": "audio",
            "name": episode.show_name,
            "publisher": episode.publisher,
            "total_episodes": 24,
            "type": "show",
            "uri": f"spotify:show:{episode.show_id}",
        },
        "type": "episode",
        "uri": uri_of(episode),
    }
