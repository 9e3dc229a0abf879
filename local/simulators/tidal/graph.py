"""The resources of the API and how they refer to each other, as one caller sees them."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from local.simulators.clock import Clock, iso
from local.simulators.tidal.accounts import Token
from local.simulators.tidal.catalogue import TidalAlbum, TidalTrack
from local.simulators.tidal.search import Search
from local.simulators.tidal.settings import Settings
from local.simulators.tidal.state import Account, Playlist, TidalState

type Ref = dict[str, Any]
"""A resource identifier: ``{"type", "id", "meta"?}``."""

RELATIONS: Final[dict[str, tuple[str, ...]]] = {
    "tracks": ("artists", "albums", "usageRules"),
    "videos": ("artists",),
    "albums": ("artists", "coverArt", "items", "usageRules"),
    "artists": ("albums", "tracks", "profileArt"),
    "playlists": ("items", "coverArt", "ownerProfiles", "owners"),
    "searchResults": ("tracks", "albums", "artists", "playlists", "videos", "topHits"),
    "userCollectionTracks": ("items", "owners"),
    "userCollectionAlbums": ("items", "owners"),
    "userCollectionArtists": ("items", "owners"),
    "userCollectionPlaylists": ("items", "owners"),
    "artworks": (),
    "users": (),
    "usageRules": (),
}
"""The relationships of each type that are simulated; asking for another is refused like an unknown one."""

TARGETS: Final[dict[str, tuple[str, ...]]] = {
    "items": ("tracks", "videos", "playlists", "albums", "artists"),
    "topHits": ("tracks", "albums", "artists", "playlists"),
    "coverArt": ("artworks",),
    "profileArt": ("artworks",),
    "ownerProfiles": ("artists",),
    "owners": ("users",),
}
"""The types that a relationship leads to, where they are not its name."""

TO_ONE: Final = frozenset({"usageRules"})
_SIZES = (1280, 640, 320, 160)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who calls."""

    token: Token
    account: Account | None
    """None: the application itself."""
    country: str


class Graph:
    """Tells attributes and relationships."""

    def __init__(self, state: TidalState, settings: Settings, clock: Clock, search: Search) -> None:
        self._state = state
        self._settings = settings
        self._clock = clock
        self._search = search

    # --- attributes ---------------------------------------------------------------------------------------

    def attributes(self, kind: str, id_: str, viewer: Viewer) -> dict[str, Any] | None:
        """Give what stands in ``attributes``; None where the caller sees no such resource."""
        writers: dict[str, Callable[[str, Viewer], dict[str, Any] | None]] = {
            "tracks": self._track,
            "videos": self._video,
            "albums": self._album,
            "artists": self._artist,
            "playlists": self._playlist,
            "artworks": _artwork,
            "users": self._user,
            "usageRules": self._usage_rules,
            "searchResults": self._search_result,
            "userCollectionTracks": self._collection("tracks"),
            "userCollectionAlbums": self._collection("albums"),
            "userCollectionArtists": self._collection("artists"),
            "userCollectionPlaylists": self._collection("playlists"),
        }
        return writers[kind](id_, viewer)

    def _track(self, id_: str, viewer: Viewer) -> dict[str, Any] | None:
        track = self._state.tracks.get(id_)
        if track is None or not track.is_playable_in(viewer.country):
            return None
        return track_attributes(track)

    def _video(self, id_: str, _: Viewer) -> dict[str, Any] | None:
        video = self._state.videos.get(id_)
        if video is None:
            return None
        return {
            "title": video.title,
            "isrc": f"TIDAL{video.id}",
            "duration": duration(video.duration_s),
            "explicit": False,
            "popularity": 0.2,
            "externalLinks": [_link(f"https://tidal.com/browse/video/{video.id}")],
        }

    def _album(self, id_: str, viewer: Viewer) -> dict[str, Any] | None:
        album = self._state.albums.get(id_)
        if album is None:
            return None
        tracks = self._tracks_of(album, viewer)
        return {
            "title": album.title,
            "albumType": album.album_type,
            "barcodeId": album.barcode_id,
            "duration": duration(sum(track.duration_s for track in tracks)),
            "explicit": any(track.explicit for track in tracks),
            "numberOfItems": len(tracks),
            "numberOfVolumes": 1,
            "mediaTags": ["LOSSLESS"],
            "popularity": max((track.popularity for track in tracks), default=0.0),
            "releaseDate": album.release_date,
            "externalLinks": [_link(f"https://tidal.com/browse/album/{album.id}")],
        }

    def _artist(self, id_: str, _: Viewer) -> dict[str, Any] | None:
        artist = self._state.artists.get(id_)
        if artist is None:
            return None
        return {
            "name": artist.name,
            "popularity": 0.5,
            "externalLinks": [_link(f"https://tidal.com/browse/artist/{artist.id}")],
        }

    def _playlist(self, id_: str, viewer: Viewer) -> dict[str, Any] | None:
        playlist = self.visible(id_, viewer)
        if playlist is None:
            return None
        entries = self.seen(playlist, viewer)
        tracks = sum(entry.type == "tracks" for entry in entries)
        seconds = sum(self._state.tracks[e.id].duration_s for e in entries if e.id in self._state.tracks)
        written: dict[str, Any] = {
            "name": playlist.name,
            "accessType": playlist.access,
            "bounded": True,
            "playlistType": "USER" if playlist.owner in self._state.accounts else "EDITORIAL",
            "numberOfItems": len(entries),
            "numberOfTrackItems": tracks,
            "numberOfVideoItems": len(entries) - tracks,
            "numberOfFollowers": 0,
            "duration": duration(seconds),
            "createdAt": iso(playlist.created_at),
            "lastModifiedAt": iso(playlist.modified_at, millis=True),
            "externalLinks": [_link(f"https://tidal.com/browse/playlist/{playlist.id}")],
        }
        if playlist.description:
            written["description"] = playlist.description
        return written

    def _user(self, id_: str, viewer: Viewer) -> dict[str, Any] | None:
        account = viewer.account
        if account is None or account.user_id != id_:
            return None
        if "user.read" not in viewer.token.scopes:
            return {}  # redacted
        return {
            "username": f"{account.id}@example.org",
            "country": account.country,
            "developerAccessTier": "THIRD_PARTY",
            "email": f"{account.id}@example.org",
            "emailVerified": True,
            "firstName": account.display_name,
        }

    def _usage_rules(self, id_: str, viewer: Viewer) -> dict[str, Any] | None:
        track = self._state.tracks.get(base64.b64decode(id_).decode().rpartition(":")[2])
        if track is None:
            return None
        allowed = ["STREAM", "DJ"] if track.is_playable_in(viewer.country) else []
        return {"countryCode": viewer.country, "subscription": allowed, "free": [], "paid": []}

    def _search_result(self, id_: str, _: Viewer) -> dict[str, Any] | None:
        query = self._search.query_of(id_)
        if query is None:
            return None
        return {"query": query, "trackingId": hashlib.sha256(id_.encode()).hexdigest()[:32]}

    @staticmethod
    def _collection(kind: str) -> Callable[[str, Viewer], dict[str, Any] | None]:
        def write(id_: str, viewer: Viewer) -> dict[str, Any] | None:
            account = viewer.account
            if account is None or account.user_id != id_:
                return None
            items = account.collection(kind)
            changed = max(items.values(), default=None)
            return {"numberOfItems": len(items)} | (
                {"lastModifiedAt": iso(changed, millis=True)} if changed else {}
            )

        return write

    # --- relationships ------------------------------------------------------------------------------------

    def related(self, kind: str, id_: str, name: str, viewer: Viewer) -> list[Ref]:
        """List what a relationship leads to, all pages of it, what is gone or out of reach included."""
        match kind, name:
            case "tracks", "artists":
                return _refs("artists", [one.id for one in self._state.tracks[id_].artists])
            case "tracks", "albums":
                return _refs("albums", [self._state.tracks[id_].album.id])
            case (("tracks" | "albums"), "usageRules"):
                return _refs("usageRules", [base64.b64encode(f"{kind}:{id_}".encode()).decode()])
            case "videos", "artists":
                return _refs("artists", [one.id for one in self._state.videos[id_].artists])
            case "albums", "artists":
                return _refs("artists", [one.id for one in self._state.albums[id_].artists])
            case "albums", "items":
                tracks = self._tracks_of(self._state.albums[id_], viewer)
                return [
                    {"type": "tracks", "id": track.id, "meta": {"trackNumber": number, "volumeNumber": 1}}
                    for number, track in enumerate(tracks, 1)
                ]
            case _, ("coverArt" | "profileArt"):
                return _refs("artworks", [f"{kind}-{id_}"])
            case "artists", "tracks":
                tracks = [t for t in self._state.tracks.values() if id_ in {one.id for one in t.artists}]
                return _refs("tracks", [t.id for t in sorted(tracks, key=lambda t: -t.popularity)])
            case "artists", "albums":
                albums = self._state.albums.values()
                return _refs("albums", [a.id for a in albums if id_ in {one.id for one in a.artists}])
            case "playlists", "items":
                return [
                    {
                        "type": entry.type,
                        "id": entry.id,
                        "meta": {"itemId": entry.item_id, "addedAt": iso(entry.added_at)},
                    }
                    for entry in self.seen(self._state.playlists[id_], viewer)
                ]
            case "playlists", "owners":
                owner = self._state.accounts.get(self._state.playlists[id_].owner)
                return _refs("users", [owner.user_id]) if owner else []
            case "searchResults", _:
                return [ref for ref in self._search.hits(id_, name) if self._is_seen(ref, viewer)]
            case "userCollectionTracks", "items":
                return _collected("tracks", viewer.account.liked if viewer.account else {})
            case "userCollectionAlbums", "items":
                return _collected("albums", viewer.account.albums if viewer.account else {})
            case "userCollectionArtists", "items":
                return _collected("artists", viewer.account.artists if viewer.account else {})
            case "userCollectionPlaylists", "items":
                return _collected("playlists", viewer.account.saved if viewer.account else {})
            case _:
                return _refs("users", [viewer.account.user_id]) if viewer.account else []

    def _is_seen(self, ref: Ref, viewer: Viewer) -> bool:
        return self.attributes(ref["type"], ref["id"], viewer) is not None

    def _tracks_of(self, album: TidalAlbum, viewer: Viewer) -> list[TidalTrack]:
        """Give an album's songs; the edition of a song for another country is on another country's album."""
        tracks = [
            track
            for track in self._state.tracks.values()
            if track.album.id == album.id and track.is_playable_in(viewer.country)
        ]
        return sorted(tracks, key=lambda track: (track.track_number, track.id))

    def visible(self, id_: str, viewer: Viewer) -> Playlist | None:
        """Find a playlist that the caller may see."""
        playlist = self._state.playlists.get(id_)
        if playlist is None:
            return None
        is_own = viewer.account is not None and playlist.owner == viewer.account.id
        return playlist if is_own or playlist.access != "PRIVATE" else None

    def seen(self, playlist: Playlist, viewer: Viewer) -> list[Any]:
        """List the entries that the caller sees by now."""
        return playlist.seen_by(viewer.token.text, self._clock.now(), self._settings.others_delay_s)


def _refs(kind: str, ids: Sequence[str]) -> list[Ref]:
    return [{"type": kind, "id": id_} for id_ in ids]


def _collected(kind: str, items: dict[str, Any]) -> list[Ref]:
    newest_first = reversed(items.items())
    return [{"type": kind, "id": id_, "meta": {"addedAt": iso(at, millis=True)}} for id_, at in newest_first]


def _link(href: str) -> dict[str, Any]:
    return {"href": href, "meta": {"type": "TIDAL_SHARING"}}


def _artwork(id_: str, _: Viewer) -> dict[str, Any]:
    name = hashlib.sha256(id_.encode()).hexdigest()[:32]
    return {
        "mediaType": "IMAGE",
        "files": [
            {
                "href": f"https://resources.tidal.com/images/{name}/{size}x{size}.jpg",
                "meta": {"width": size, "height": size},
            }
            for size in _SIZES
        ],
    }


def track_attributes(track: TidalTrack) -> dict[str, Any]:
    """Write what is known of a track."""
    written: dict[str, Any] = {
        "title": track.title,
        "isrc": track.isrc,
        "duration": duration(track.duration_s),
        "explicit": track.explicit,
        "popularity": track.popularity,
        "accessType": "PUBLIC",
        "mediaTags": ["LOSSLESS", "HIRES_LOSSLESS"],
        "copyright": {"text": f"(P) {track.album.release_date[:4]} A label"},
        "key": "UNKNOWN",
        "keyScale": "UNKNOWN",
        "externalLinks": [_link(f"https://tidal.com/browse/track/{track.id}")],
    }
    if track.version is not None:
        written["version"] = track.version
    return written


def duration(seconds: int) -> str:
    """ISO 8601, without the parts that are nothing."""
    whole = timedelta(seconds=seconds)
    minutes, rest = divmod(int(whole.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (rest, "S"))
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")
