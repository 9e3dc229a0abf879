"""What is on the simulated ListenBrainz and MusicBrainz: recordings, people, playlists. No HTTP in here."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.simulators.catalogue import Catalogue
from local.simulators.clock import Clock
from local.simulators.listenbrainz.catalogue import MusicBrainzCatalogue, MusicBrainzRecording, mbid


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in a playlist: there is no id of a place."""

    mbid: str
    """Of a recording, which need not exist."""
    added_at: datetime
    added_by: str


@dataclass(slots=True)
class Playlist:
    """A playlist."""

    mbid: str
    title: str
    creator: str
    """The creator's user name."""
    annotation: str
    public: bool
    created_at: datetime
    modified_at: datetime
    collaborators: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Account:
    """A person's account."""

    id: str
    """By which the control endpoint knows them."""
    user_name: str
    token: str
    playlists: list[str] = field(default_factory=list)
    """Ids of their own, the newest first."""


class ListenBrainzState:
    """Everything that can be changed, on top of a catalogue that cannot."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._people = catalogue.people
        self._clock = clock
        self.catalogue = MusicBrainzCatalogue(catalogue)
        self.reset()

    def reset(self) -> None:
        """As the catalogue has it."""
        self.recordings: dict[str, MusicBrainzRecording] = dict(self.catalogue.recordings)
        self.by_isrc: dict[str, list[str]] = {}
        for recording in self.recordings.values():
            self._index(recording)
        self.playlists: dict[str, Playlist] = {}
        self.accounts: dict[str, Account] = {}
        for person in self._people:
            account = self.add_account(person.id, person.display_name)
            known = self.catalogue.of_spotify
            played = [
                known[raw]
                for playlist in person.spotify.playlists
                for raw in playlist.items
                if isinstance(raw, str) and raw in known
            ]
            self.create_playlist(
                account, "Morning listens", ids=[*played[:30], *played[:2]], id_=mbid(f"playlist {person.id}")
            )

    def enter(self, spotify_id: str) -> str:
        """Let somebody enter a recording that MusicBrainz lacks, by Spotify's id; gives its MBID."""
        made = self.catalogue.lacking[spotify_id]
        self.recordings[made.id] = made
        self._index(made)
        return made.id

    def remove(self, recording_id: str) -> None:
        """Let MusicBrainz remove a recording; it stays in playlists as an id."""
        gone = self.recordings.pop(recording_id)
        for isrc in gone.isrcs:
            self.by_isrc[isrc.upper()].remove(recording_id)

    def _index(self, recording: MusicBrainzRecording) -> None:
        for isrc in recording.isrcs:
            self.by_isrc.setdefault(isrc.upper(), []).append(recording.id)

    def add_account(self, account_id: str, user_name: str) -> Account:
        """Add a new, empty account."""
        account = Account(account_id, user_name, str(uuid.uuid4()))
        self.accounts[account_id] = account
        return account

    def account_of_token(self, token: str) -> Account | None:
        """Whose token it is."""
        return next((one for one in self.accounts.values() if one.token == token), None)

    def account_named(self, user_name: str) -> Account | None:
        """Find somebody by name, in which case does not matter."""
        return next(
            (one for one in self.accounts.values() if one.user_name.casefold() == user_name.casefold()), None
        )

    def create_playlist(
        self,
        owner: Account,
        title: str,
        *,
        annotation: str = "",
        public: bool = False,
        ids: Iterable[str] = (),
        id_: str | None = None,
    ) -> Playlist:
        """Add a playlist at the top of the owner's."""
        now = self._clock.now()
        playlist = Playlist(id_ or str(uuid.uuid4()), title, owner.user_name, annotation, public, now, now)
        playlist.entries = self.entries(ids, owner)
        self.playlists[playlist.mbid] = playlist
        owner.playlists.insert(0, playlist.mbid)
        return playlist

    def entries(self, ids: Iterable[str], account: Account) -> list[Entry]:
        """Make entries that are added now."""
        now = self._clock.now()
        return [Entry(one, now, account.user_name) for one in ids]

    def write(self, playlist: Playlist, entries: list[Entry]) -> None:
        """Put other entries in place."""
        playlist.entries, playlist.modified_at = entries, self._clock.now()

    def item_of(self, raw: Any) -> str:
        """Read an entry as the control endpoint writes it: an MBID, of a recording that exists or not.

        ``{"spotify": id}`` is the recording of a track of Spotify's; ``{"dead": id}`` one that it does not
        know; ``{"track": {"title", "artists", "duration_ms", "album"?, "isrc"?, "disambiguation"?}}``
        one that the catalogue lacks.

        Raises:
            KeyError, TypeError, ValueError: not of any known form.
        """
        match raw:
            case str():
                return self.recordings[raw].id
            case {"spotify": str(id_)}:
                return self.catalogue.of_spotify[id_]
            case {"dead": str(id_)}:
                return str(uuid.UUID(id_))
            case {"track": dict() as track}:
                return self._described(track).id
            case _:
                raise ValueError(f"no entry of a playlist: {raw!r}")

    def _described(self, raw: dict[str, Any]) -> MusicBrainzRecording:
        identity = f"{raw['title']} {raw['artists']} {raw['duration_ms']} {raw.get('disambiguation')}"
        made = MusicBrainzRecording(
            id=mbid(identity),
            title=str(raw["title"]),
            artists=tuple(str(name) for name in raw["artists"]),
            album=raw.get("album"),
            release_date=str(raw.get("release_date", "2020")),
            length_ms=raw["duration_ms"],
            isrcs=(str(raw["isrc"]),) if raw.get("isrc") else (),
            disambiguation=str(raw.get("disambiguation", "")),
        )
        if made.id not in self.recordings:
            self.recordings[made.id] = made
            self._index(made)
        return made
