"""What is on the simulated Spotify: tracks, people, their playlists and libraries. No HTTP in here."""

import base64
import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus

from local.simulators.catalog_generator.random_source import spotify_id
from local.simulators.catalogue import Album, Artist, Catalogue, Person, SpotifyPlaylist, SpotifyTrack
from local.simulators.clock import Clock

REACHABLE_PLAYS = 50
"""Of recently played, no more than about this many can be reached."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on the listener's own device."""

    artist: str
    album: str
    title: str
    seconds: int

    @property
    def uri(self) -> str:
        """``spotify:local:artist:album:title:seconds``."""
        parts = (quote_plus(text) for text in (self.artist, self.album, self.title))
        return f"spotify:local:{':'.join(parts)}:{self.seconds}"


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of a podcast."""

    id: str
    name: str
    duration_ms: int
    show_id: str
    show_name: str
    publisher: str

    @property
    def uri(self) -> str:
        """``spotify:episode:ID``."""
        return f"spotify:episode:{self.id}"


type Item = SpotifyTrack | LocalFile | Episode | None
"""What an entry of a playlist holds; None where the track has been withdrawn."""


def uri_of(item: Item) -> str | None:
    """The URI of an entry's contents."""
    if item is None:
        return None
    return f"spotify:track:{item.id}" if isinstance(item, SpotifyTrack) else item.uri


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in a playlist."""

    item: Item
    added_at: datetime
    added_by: str


@dataclass(slots=True)
class Playlist:
    """A playlist and its history of versions."""

    id: str
    name: str
    owner: str
    description: str = ""
    public: bool = False
    collaborative: bool = False
    collaborators: set[str] = field(default_factory=set)
    entries: list[Entry] = field(default_factory=list)
    revision: int = 1

    @property
    def snapshot_id(self) -> str:
        """Changes with every write: the revision and a digest, as Spotify's do."""
        digest = hashlib.sha1(f"{self.id} {self.revision}".encode(), usedforsecurity=False).digest()
        return base64.b64encode(self.revision.to_bytes(4) + digest).decode()

    def knows_snapshot(self, snapshot_id: str) -> bool:
        """Whether the playlist ever had this version."""
        try:
            revision = int.from_bytes(base64.b64decode(snapshot_id, validate=True)[:4])
        except ValueError:
            return False
        return 1 <= revision <= self.revision

    def is_writable_by(self, user_id: str) -> bool:
        """Owner or collaborator."""
        return user_id == self.owner or (self.collaborative and user_id in self.collaborators)

    def is_visible_to(self, user_id: str | None) -> bool:
        """Whether it can be seen at all."""
        return self.public or (user_id is not None and self.is_writable_by(user_id))


@dataclass(frozen=True, slots=True)
class PlayedTrack:
    """One play."""

    track: SpotifyTrack
    played_at: datetime


@dataclass(slots=True)
class Account:
    """A person's account."""

    id: str
    account_id: str
    display_name: str
    playlists: list[str] = field(default_factory=list)
    """Ids of the playlists in the library, the newest first."""
    liked: dict[str, datetime] = field(default_factory=dict)
    """Track id to when it was liked, the oldest first."""
    albums: dict[str, datetime] = field(default_factory=dict)
    """Ids of saved albums to when they were saved, the oldest first."""
    following: dict[str, datetime] = field(default_factory=dict)
    """Ids of followed artists."""
    other_saved: set[str] = field(default_factory=set)
    """URIs of shows, people and so on."""
    plays: list[PlayedTrack] = field(default_factory=list)
    """The newest first."""


class SpotifyState:
    """Everything that can be changed, on top of a catalogue that cannot."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """As the catalogue has it."""
        self.tracks: dict[str, SpotifyTrack] = dict(self._catalogue.tracks_by_id)
        self.unplayable: set[str] = set()
        self.extra_tracks: list[SpotifyTrack] = []
        self.albums: dict[str, Album] = {}
        self.artists: dict[str, Artist] = {}
        for track in self.tracks.values():
            self._register(track)
        self.episodes: dict[str, Episode] = {}
        self.playlists: dict[str, Playlist] = {}
        self.accounts: dict[str, Account] = {}
        for person in self._catalogue.people:
            self._settle(person)

    def _register(self, track: SpotifyTrack) -> None:
        self.albums.setdefault(track.album.id, track.album)
        for artist in (*track.artists, *track.album.artists):
            self.artists.setdefault(artist.id, artist)

    def _settle(self, person: Person) -> None:
        now = self._clock.now()
        account = Account(person.id, person.spotify.account_id, person.display_name)
        self.accounts[person.id] = account
        for listed in (*person.spotify.playlists, *person.spotify.followed):
            if listed.id not in self.playlists:
                self.playlists[listed.id] = self._playlist(listed)
            account.playlists.append(listed.id)
        for minutes, track_id in enumerate(reversed(person.spotify.liked)):
            account.liked[track_id] = now - timedelta(days=30) + timedelta(minutes=minutes)
        for index, play in enumerate(person.spotify.plays):
            played_at = now - timedelta(minutes=play.minutes_ago)
            # Plays carry milliseconds; whole seconds would hide mistakes in reading them.
            played_at = played_at.replace(microsecond=(123 + 211 * index) % 1000 * 1000)
            account.plays.append(PlayedTrack(self.tracks[play.track_id], played_at))

    def _playlist(self, listed: SpotifyPlaylist) -> Playlist:
        start = datetime.fromisoformat(listed.added_at)
        return Playlist(
            id=listed.id,
            name=listed.name,
            owner=listed.owner,
            description=listed.description,
            public=listed.public,
            collaborative=listed.collaborative,
            entries=[
                Entry(self.item_of(raw), start + timedelta(minutes=minutes), listed.owner)
                for minutes, raw in enumerate(listed.items)
            ],
        )

    def item_of(self, raw: Any) -> Item:
        """Read an entry as the catalogue file and the control endpoint write it.

        ``KeyError``, ``TypeError`` and ``ValueError``: not of any known form.
        """
        match raw:
            case None:
                return None
            case str():
                return self.tracks[raw.removeprefix("spotify:track:")]
            case {"local": {"artist": artist, "album": album, "title": title, "duration_s": seconds}}:
                return LocalFile(artist, album, title, int(seconds))
            case {"episode": {"id": id_, "name": name, "duration_ms": duration, "show": show}}:
                episode = Episode(id_, name, int(duration), show["id"], show["name"], show["publisher"])
                self.episodes[id_] = episode
                return episode
            case {"track": dict() as track}:
                return self._add_track(track)
            case _:
                raise ValueError(f"no entry of a playlist: {raw!r}")

    def _add_track(self, raw: dict[str, Any]) -> SpotifyTrack:
        """A track that the catalogue does not have; the same description gives the same track."""
        names = [str(name) for name in raw["artists"]]
        identity = f"{raw.get('id', '')} {raw['title']} {names} {raw.get('album')} {raw['duration_ms']}"
        track_id = raw.get("id") or spotify_id(f"raw {identity}")
        if track_id in self.tracks:
            return self.tracks[track_id]
        artists = tuple(Artist(id=spotify_id(f"artist {name}"), name=name) for name in names)
        album_name = str(raw.get("album") or raw["title"])
        track = SpotifyTrack(
            id=track_id,
            title=str(raw["title"]),
            artists=artists,
            album=Album(
                id=spotify_id(f"album {names} {album_name}"),
                name=album_name,
                release_date=str(raw.get("release_date", "2020-01-01")),
                album_type="album",
                artists=artists[:1],
                total_tracks=1,
            ),
            duration_ms=int(raw["duration_ms"]),
            isrc=raw.get("isrc"),
            explicit=bool(raw.get("explicit", False)),
            track_number=1,
            disc_number=1,
            popularity=int(raw.get("popularity", 30)),
        )
        self.tracks[track_id] = track
        self.extra_tracks.append(track)
        self._register(track)
        return track

    def add_account(self, user_id: str, display_name: str) -> Account:
        """A new, empty account."""
        account = Account(user_id, spotify_id(f"account {user_id}"), display_name)
        self.accounts[user_id] = account
        return account

    def create_playlist(
        self,
        owner: Account,
        name: str,
        *,
        description: str = "",
        public: bool = False,
        collaborative: bool = False,
    ) -> Playlist:
        """A new, empty playlist at the top of the owner's library."""
        playlist = Playlist(
            id=spotify_id(secrets.token_hex()),
            name=name,
            owner=owner.id,
            description=description,
            public=public,
            collaborative=collaborative,
        )
        self.playlists[playlist.id] = playlist
        owner.playlists.insert(0, playlist.id)
        return playlist

    def entries(self, items: Iterable[Item], user_id: str) -> list[Entry]:
        """Items as entries that the person adds now."""
        now = self._clock.now()
        return [Entry(item, now, user_id) for item in items]

    def like(self, account: Account, track_ids: Sequence[str]) -> None:
        """Put tracks on top of the liked songs; those that are there stay where they are."""
        now = self._clock.now()
        for track_id in track_ids:
            account.liked.setdefault(track_id, now)

    def save_albums(self, account: Account, album_ids: Iterable[str]) -> None:
        """Put albums on top of the saved ones; those that are there stay where they are."""
        now = self._clock.now()
        for album_id in album_ids:
            account.albums.setdefault(album_id, now)

    def change_album(self, album_id: str, facts: Mapping[str, Any]) -> None:
        """Tell other facts of an album from now on."""
        self.albums[album_id] = replace(self.albums[album_id], **facts)

    def withdraw_album(self, album_id: str, *, comes_back: bool) -> str | None:
        """Take an album away; gives the id under which it comes back, with its songs and codes."""
        old = self.albums.pop(album_id)
        if not comes_back:
            return None
        new = replace(old, id=spotify_id(f"again {album_id}"))
        for track in [one for one in self.tracks.values() if one.album.id == album_id]:
            self.tracks[track.id] = replace(track, album=new)
        self.albums[new.id] = new
        return new.id

    def follow(self, account: Account, artist_ids: Iterable[str]) -> None:
        """Let a person follow artists."""
        now = self._clock.now()
        for artist_id in artist_ids:
            account.following.setdefault(artist_id, now)

    def display_name(self, user_id: str) -> str:
        """The name shown for an owner, who may be nobody with an account here."""
        account = self.accounts.get(user_id)
        return account.display_name if account else user_id.title()
