"""Reads ``data/recordings.txt``, whose head explains the form: artists, releases, songs, editions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

EDITIONS = ("live", "acoustic", "remix", "remaster", "demo", "instrumental", "radio", "clean")
FLAGS = ("x", "single", "best", "noisrc", "noyt", "onlywrong", "noart", "twin")
VALUES = ("feat", "with", "film", "composer", "odd")

type Size = Literal["a", "b", "c"]
type ReleaseKind = Literal["album", "single", "compilation"]

_SIZES: dict[str, Size] = {"a": "a", "b": "b", "c": "c"}
_KINDS: dict[str, ReleaseKind] = {"album": "album", "single": "single", "compilation": "compilation"}


@dataclass(frozen=True, slots=True)
class SourceArtist:
    """A line that begins with ``@``."""

    name: str
    size: Size
    language: str
    label: str
    romanised: str | None


@dataclass(frozen=True, slots=True)
class SourceRelease:
    """A line that begins with ``+``."""

    name: str
    date: str
    kind: ReleaseKind

    @property
    def year(self) -> int:
        """The year of release."""
        return int(self.date[:4])


@dataclass(frozen=True, slots=True)
class Song:
    """A song in its studio recording, as one line describes it."""

    artist: SourceArtist
    release: SourceRelease
    title: str
    seconds: int
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def featured(self) -> tuple[str, ...]:
        """Who stands behind ``feat.`` in the title."""
        return tuple(self.tags["feat"].split("+")) if "feat" in self.tags else ()

    @property
    def artists(self) -> tuple[str, ...]:
        """Who stands in the credits; the composer of a classical work first, as Spotify has it."""
        composer = (self.tags["composer"],) if "composer" in self.tags else ()
        partners = tuple(self.tags["with"].split("+")) if "with" in self.tags else ()
        return (*composer, self.artist.name, *partners, *self.featured)

    @property
    def editions(self) -> Iterator[tuple[str, str]]:
        """The other recordings of it: kind and detail (a place, a year, a name)."""
        for kind in EDITIONS:
            if kind in self.tags:
                yield kind, self.tags[kind]


def _fields(line: str, count: int) -> list[str]:
    fields = [text.strip() for text in line.split("|")]
    return fields + [""] * (count - len(fields))


def _tags(text: str) -> dict[str, str]:
    tags = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        if name not in (*EDITIONS, *FLAGS, *VALUES):
            raise ValueError(f"unknown tag {part!r}")
        tags[name] = value
    return tags


def seconds_of(text: str) -> int:
    """Read ``minutes:seconds``."""
    minutes, seconds = text.split(":")
    return int(minutes) * 60 + int(seconds)


def read_songs(file: Path) -> list[Song]:
    """Read every song of the list, in its order."""
    songs: list[Song] = []
    artist: SourceArtist | None = None
    release: SourceRelease | None = None
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            name, size, language, label, romanised = _fields(line[1:], 5)
            if size not in _SIZES:
                raise ValueError(f"unknown size in {line!r}")
            artist = SourceArtist(name, _SIZES[size], language, label, romanised or None)
        elif line.startswith("+"):
            name, date, kind = _fields(line[1:], 3)
            if kind not in _KINDS:
                raise ValueError(f"unknown kind of release in {line!r}")
            release = SourceRelease(name, date, _KINDS[kind])
        else:
            if artist is None or release is None:
                raise ValueError(f"no artist or release before {line!r}")
            title, length, tags = _fields(line, 3)
            songs.append(Song(artist, release, title, seconds_of(length), _tags(tags)))
    return songs
