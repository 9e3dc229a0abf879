"""Reads ``data/people.txt`` and ``data/video_only.txt``: accounts, playlists, what Spotify does not know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.simulators.catalog_generator.random_source import (
    Dice,
    channel_id,
    playlist_id,
    spotify_id,
    video_id,
)
from local.simulators.catalog_generator.source import seconds_of
from local.simulators.catalogue import (
    Person,
    Play,
    Recording,
    SpotifyEntry,
    SpotifyPerson,
    SpotifyPlaylist,
    Upload,
    YouTubeEntry,
    YouTubePerson,
    YouTubePlaylist,
)

_DISPLAY_NAMES = {"ada": "Ada", "grace": "Grace"}
_ADDED_AT = "2026-10-01T12:00:00Z"


def read_video_only(file: Path) -> list[Recording]:
    """Groups of one upload each, without Spotify tracks."""
    groups = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        title, channel, length, description = (text.strip() for text in line.split("|"))
        dice = Dice(f"video only {title}")
        day = f"{dice.randrange(2014, 2026)}-0{dice.randrange(1, 10)}-1{dice.randrange(10)}"
        upload = Upload(
            video_id=video_id(title),
            title=title,
            channel=channel,
            channel_id=channel_id(channel),
            duration_s=seconds_of(length),
            description=description,
            kind="video_only",
            published_at=f"{day}T18:00:00Z",
            view_count=dice.randrange(40, 90_000),
            category_id=dice.pick(("10", "10", "22", "24")),
            same_recording=False,
        )
        groups.append(Recording(key=title, language="", tracks=(), uploads=(upload,)))
    return groups


def read_people(file: Path, recordings: Sequence[Recording]) -> tuple[Person, ...]:
    """Read everybody, in the order of first appearance."""
    by_key = {recording.key: recording for recording in recordings}
    lists: dict[str, list[_List]] = {}
    for section in _sections(file):
        lists.setdefault(section.person, []).append(section)
    return tuple(_person(user_id, sections, by_key) for user_id, sections in lists.items())


@dataclass(slots=True)
class _List:
    person: str
    side: str
    kind: str
    owner: str
    name: str
    description: str
    entries: list[str] = field(default_factory=list)


def _sections(file: Path) -> Iterator[_List]:
    section: _List | None = None
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith(">"):
            if section is not None:
                yield section
            person, where, name, description = (text.strip() for text in (line[1:] + "|").split("|")[:4])
            side, _, kind = where.partition(" ")
            kind, _, owner = kind.partition("=")
            section = _List(person, side, kind, owner or person, name, description)
        elif section is None:
            raise ValueError(f"an entry before the first list: {line!r}")
        else:
            section.entries.append(line)
    if section is not None:
        yield section


def _person(user_id: str, lists: Sequence[_List], by_key: Mapping[str, Recording]) -> Person:
    def chosen(side: str, *kinds: str) -> list[_List]:
        return [section for section in lists if section.side == side and section.kind in kinds]

    liked = [entry for section in chosen("spotify", "liked") for entry in section.entries]
    plays = [entry for section in chosen("spotify", "plays") for entry in section.entries]
    name = _DISPLAY_NAMES[user_id]
    return Person(
        id=user_id,
        display_name=name,
        spotify=SpotifyPerson(
            account_id=spotify_id(f"account {user_id}"),
            playlists=tuple(_spotify_playlist(s, by_key) for s in chosen("spotify", "own", "public")),
            followed=tuple(_spotify_playlist(s, by_key) for s in chosen("spotify", "followed")),
            liked=tuple(_track_id(entry, by_key) for entry in liked),
            plays=tuple(
                Play(track_id=_track_id(entry, by_key), minutes_ago=25 + 11 * index + 7 * index * index)
                for index, entry in enumerate(plays)
            ),
        ),
        youtube=YouTubePerson(
            channel_id=channel_id(f"person {user_id}"),
            channel_title=name,
            playlists=tuple(
                YouTubePlaylist(
                    id=playlist_id(f"{user_id} {section.name}"),
                    title=section.name,
                    description=section.description,
                    privacy="private" if section.kind == "own" else "public",
                    items=tuple(_youtube_entry(entry, by_key) for entry in section.entries),
                    added_at=_ADDED_AT,
                )
                for section in chosen("youtube", "own", "public")
            ),
            liked=tuple(_youtube_entry(e, by_key) for s in chosen("youtube", "liked") for e in s.entries),
        ),
    )


def _spotify_playlist(section: _List, by_key: Mapping[str, Recording]) -> SpotifyPlaylist:
    return SpotifyPlaylist(
        id=spotify_id(f"playlist {section.owner} {section.name}"),
        name=section.name,
        owner=section.owner,
        description=section.description,
        public=section.kind != "own",
        items=tuple(_spotify_entry(entry, by_key) for entry in section.entries),
        added_at=_ADDED_AT,
    )


def _track_id(entry: str, by_key: Mapping[str, Recording]) -> str:
    key, _, number = entry.partition(" #")
    return by_key[key].tracks[int(number or 1) - 1].id


def _spotify_entry(entry: str, by_key: Mapping[str, Recording]) -> SpotifyEntry:
    word, _, rest = entry.partition(" ")
    match word:
        case "null":
            return None
        case "local":
            artist, album, title, length = rest.split("/")
            return {
                "local": {"artist": artist, "album": album, "title": title, "duration_s": seconds_of(length)}
            }
        case "episode":
            show, name, length = rest.split("/")
            return {
                "episode": {
                    "id": spotify_id(f"episode {show} {name}"),
                    "name": name,
                    "duration_ms": seconds_of(length) * 1000,
                    "show": {"id": spotify_id(f"show {show}"), "name": show, "publisher": "Foghorn Audio"},
                }
            }
        case _:
            return _track_id(entry, by_key)


def _youtube_entry(entry: str, by_key: Mapping[str, Recording]) -> YouTubeEntry:
    word, _, rest = entry.partition(" ")
    if word in ("deleted", "private"):
        return {word: video_id(f"{word} {rest}")}
    if word == "video":
        return by_key[rest].uploads[0].video_id
    key, _, kind = entry.rpartition(" @ ")
    for upload in by_key[key].uploads:
        if upload.kind == kind:
            return upload.video_id
    raise KeyError(f"{entry}: there are {[upload.kind for upload in by_key[key].uploads]}")
