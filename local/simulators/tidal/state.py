"""What is on the simulated TIDAL: tracks, people, playlists and collections. No HTTP in here."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from local.simulators.catalogue import Catalogue, Person
from local.simulators.clock import Clock
from local.simulators.tidal.catalogue import (
    TidalAlbum,
    TidalArtist,
    TidalCatalogue,
    TidalTrack,
    artist,
    digits,
    invented_isrc,
)

type Access = Literal["PUBLIC", "UNLISTED", "PRIVATE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A music video."""

    id: str
    title: str
    duration_s: int
    artists: tuple[TidalArtist, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in a playlist."""

    item_id: str
    type: Literal["tracks", "videos"]
    id: str
    """Of a track or video, which may be gone."""
    added_at: datetime


@dataclass(slots=True)
class Playlist:
    """A playlist, and what was in it before."""

    id: str
    name: str
    owner: str
    description: str
    access: Access
    created_at: datetime
    modified_at: datetime
    entries: list[Entry] = field(default_factory=list)
    writer: str = ""
    """The access token that wrote last; it sees its writes at once."""
    before: list[tuple[datetime, list[Entry]]] = field(default_factory=list)
    """What others see until a write has reached them: until when which entries held."""

    def seen_by(self, token: str, now: datetime, delay_s: float) -> list[Entry]:
        """The entries that this access token sees."""
        if token != self.writer and delay_s:
            for until, entries in self.before:
                if now < until + timedelta(seconds=delay_s):
                    return entries
        return self.entries

    def write(self, entries: list[Entry], token: str, now: datetime) -> None:
        """Put other entries in place."""
        self.before.append((now, self.entries))
        self.before = self.before[-50:]
        self.entries, self.writer, self.modified_at = entries, token, now


@dataclass(slots=True)
class Account:
    """A person's account."""

    id: str
    """The name they log in by."""
    user_id: str
    display_name: str
    country: str = "US"
    playlists: list[str] = field(default_factory=list)
    """Ids of their own playlists, the newest first."""
    saved: dict[str, datetime] = field(default_factory=dict)
    """Ids of playlists in the collection."""
    liked: dict[str, datetime] = field(default_factory=dict)
    """Track id to when it was liked, the oldest first."""
    albums: dict[str, datetime] = field(default_factory=dict)
    """Ids of albums in the collection."""
    artists: dict[str, datetime] = field(default_factory=dict)
    """Ids of artists in the collection."""

    def collection(self, kind: str) -> dict[str, datetime]:
        """What is in a collection of tracks, albums, artists or playlists, the oldest first."""
        return {
            "tracks": self.liked, "albums": self.albums, "artists": self.artists, "playlists": self.saved,
        }[kind]  # fmt: skip


class TidalState:
    """Everything that can be changed, on top of a catalogue that cannot."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._people = catalogue.people
        self._clock = clock
        self.catalogue = TidalCatalogue(catalogue)
        self.reset()

    def reset(self) -> None:
        """As the catalogue has it."""
        self.tracks: dict[str, TidalTrack] = dict(self.catalogue.tracks)
        self.by_isrc: dict[str, list[str]] = {}
        self.albums: dict[str, TidalAlbum] = {}
        self.artists: dict[str, TidalArtist] = {}
        self.videos: dict[str, Video] = {}
        self.revision = 0
        """Grows with every new track; search indexes what it has not seen."""
        self.new_tracks: list[TidalTrack] = []
        for track in self.tracks.values():
            self._register(track)
        self.playlists: dict[str, Playlist] = {}
        self.accounts: dict[str, Account] = {}
        for person in self._people:
            self._settle(person)

    def _register(self, track: TidalTrack) -> None:
        self.by_isrc.setdefault(track.isrc, []).append(track.id)
        self.albums.setdefault(track.album.id, track.album)
        for one in (*track.artists, *track.album.artists):
            self.artists.setdefault(one.id, one)

    def _settle(self, person: Person) -> None:
        """Give a person of the catalogue a playlist, one to follow and some liked songs, out of Spotify's."""
        account = self.add_account(person.id, person.display_name)
        known = self.catalogue.of_spotify
        played = [
            known[raw]
            for playlist in person.spotify.playlists
            for raw in playlist.items
            if isinstance(raw, str) and raw in known
        ]
        items = [*reversed(played[:42]), *played[:3]]
        self.create_playlist(
            account,
            "Late tide",
            items=self.entries(("tracks", id_) for id_ in items),
            id_=str(uuid.uuid5(uuid.NAMESPACE_URL, f"tidal {person.id}")),
        )
        editors = Account("tidal", digits("account tidal", 9), "TIDAL")
        followed = self.create_playlist(
            editors,
            "Rising",
            access="PUBLIC",
            items=self.entries(("tracks", id_) for id_ in list(self.tracks)[:30]),
            id_=str(uuid.uuid5(uuid.NAMESPACE_URL, "tidal rising")),
        )
        now = self._clock.now()
        account.saved[followed.id] = now - timedelta(days=9)
        for minutes, raw in enumerate(reversed(person.spotify.liked)):
            if raw in known:
                account.liked[known[raw]] = now - timedelta(days=30) + timedelta(minutes=minutes)

    def add_account(self, user_id: str, display_name: str) -> Account:
        """Add a new, empty account."""
        account = Account(user_id, digits(f"account {user_id}", 9), display_name)
        self.accounts[user_id] = account
        return account

    def create_playlist(
        self,
        owner: Account,
        name: str,
        *,
        description: str = "",
        access: Access = "UNLISTED",
        items: Sequence[Entry] = (),
        id_: str | None = None,
    ) -> Playlist:
        """Add a playlist at the top of the owner's."""
        now = self._clock.now()
        playlist = Playlist(
            id_ or str(uuid.uuid4()), name, owner.id, description, access, now, now, entries=list(items)
        )
        self.playlists[playlist.id] = playlist
        owner.playlists.insert(0, playlist.id)
        return playlist

    def entries(self, items: Iterable[tuple[Literal["tracks", "videos"], str]]) -> list[Entry]:
        """Make entries that are added now."""
        now = self._clock.now().replace(microsecond=0)
        return [Entry(str(uuid.uuid4()), kind, id_, now) for kind, id_ in items]

    def item_of(self, raw: Any) -> tuple[Literal["tracks", "videos"], str]:
        """Read an entry as the control endpoint writes it.

        A track id, ``{"spotify": id}`` for the track that stands for one of Spotify's, ``{"dead": id}``,
        ``{"video": {"title", "artists", "duration_s"}}`` or ``{"track": {"title", "artists", "duration_ms",
        "album"?, "isrc"?, "version"?, "explicit"?, "country"?}}`` for one that the catalogue lacks.

        Raises:
            KeyError, TypeError, ValueError: not of any known form.
        """
        match raw:
            case str():
                return "tracks", self.tracks[raw].id
            case {"spotify": str(id_)}:
                return "tracks", self.catalogue.of_spotify[id_]
            case {"dead": str(id_)}:
                return "tracks", id_
            case {"video": dict() as video}:
                id_ = digits(f"video {video['title']} {video['artists']}", 8)
                names = tuple(artist(str(name)) for name in video["artists"])
                self.videos[id_] = Video(
                    id=id_, title=str(video["title"]), duration_s=int(video["duration_s"]), artists=names
                )
                self.artists.update({one.id: one for one in names})
                return "videos", id_
            case {"track": dict() as track}:
                return "tracks", self._described(track).id
            case _:
                raise ValueError(f"no entry of a playlist: {raw!r}")

    def _described(self, raw: dict[str, Any]) -> TidalTrack:
        names = tuple(artist(str(name)) for name in raw["artists"])
        identity = (
            f"{raw['title']} {raw['artists']} {raw.get('album')} {raw['duration_ms']} {raw.get('version')}"
        )
        id_ = str(raw.get("id") or digits(f"described {identity}", 9))
        if id_ in self.tracks:
            return self.tracks[id_]
        title = str(raw.get("album") or raw["title"])
        return self.add_track(
            TidalTrack(
                id=id_,
                title=str(raw["title"]),
                version=raw.get("version"),
                isrc=str(raw.get("isrc") or invented_isrc(identity)).upper(),
                duration_s=round(int(raw["duration_ms"]) / 1000),
                explicit=bool(raw.get("explicit", False)),
                popularity=float(raw.get("popularity", 30)) / 100,
                artists=names,
                album=TidalAlbum(
                    id=digits(f"album {raw['artists']} {title}", 8),
                    title=title,
                    album_type="ALBUM",
                    release_date=str(raw.get("release_date", "2020-01-01")),
                    barcode_id="0" + digits(f"barcode {title}", 12),
                    artists=names[:1],
                ),
                track_number=1,
                country=str(raw.get("country", "")),
            )
        )

    def add_track(self, track: TidalTrack) -> TidalTrack:
        """Add a track that is found from now on."""
        self.tracks[track.id] = track
        self.new_tracks.append(track)
        self._register(track)
        return track

    def change_album(self, album_id: str, facts: Mapping[str, Any]) -> None:
        """Tell other facts of an album from now on."""
        self.albums[album_id] = replace(self.albums[album_id], **facts)

    def withdraw_album(self, album_id: str, *, comes_back: bool) -> str | None:
        """Take an album away; gives the id under which it comes back, with its songs and barcode."""
        old = self.albums.pop(album_id)
        if not comes_back:
            return None
        new = replace(old, id=digits(f"again {album_id}", 8))
        for track in [one for one in self.tracks.values() if one.album.id == album_id]:
            self.tracks[track.id] = replace(track, album=new)
        self.albums[new.id] = new
        return new.id

    def churn(self, track_id: str) -> str:
        """Delete a track and bring the song back under another id with the same ISRC; gives the new id."""
        old = self.tracks.pop(track_id)
        self.by_isrc[old.isrc].remove(track_id)
        return self.add_track(replace(old, id=digits(f"again {track_id}", 9))).id
