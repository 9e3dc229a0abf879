"""Traps built by rule from real playlists: a track whose title states a version, and its plain upload.

Nothing here comes from the matcher: what a version is, is told by a list of words of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.datasets.files import json_lines
from musicconnect.music.model import Track

_ADDITION = re.compile(
    r"^(?P<plain>.*\S)\s*(?:\s-\s+(?P<dash>[^-].*)|\((?P<round>[^()]+)\)|\[(?P<square>[^\[\]]+)\])\s*$"
)
_GUESTS = re.compile(r"^(?:feat|ft|featuring|with|w)\b", re.IGNORECASE)
_EDITION = re.compile(r"\b(?:edit|mixed|single|version|remaster(?:ed)?|bonus)\b", re.IGNORECASE)
_VERSIONS = {
    "live": r"live|unplugged|en vivo|ao vivo|en directo",
    "acoustic": r"acoustic|acústic[oa]|acoustique",
    "remix": r"remix(?:ed)?|rmx|rework|bootleg|vip mix",
    "instrumental": r"instrumental",
    "karaoke": r"karaoke",
    "demo": r"demo",
    "a cappella": r"a ?cappella|acapella",
    "extended": r"extended",
    "session": r"sessions?",
    "cover": r"cover",
    "tempo": r"sped up|slowed|nightcore",
    "arrangement": r"(?:solo )?piano (?:version|solo)|orchestral|string quartet",
    "language": (
        r"(?:spanish|english|french|german|italian|portuguese|japanese|korean|chinese|mandarin) version"
    ),
}
"""Words by which a title says that it is another recording than the plain one. Remasters, edits, mixes and
releases (single, album, mono) are left out: their plain uploads are often that very recording."""
_WORDS = {kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) for kind, words in _VERSIONS.items()}


@dataclass(frozen=True, slots=True)
class Trap:
    """A track, the plain upload that it is not, and the right one that is 4 s longer."""

    source: Track
    plain_source: Track
    """The source as if it were the plain recording: for it the plain upload is right."""
    plain: Track
    right: Track
    results: tuple[Track, ...]
    """All plain uploads with the right one, for the first trap of a source; empty for its others."""
    form: str
    """How the plain upload looks."""
    kind: str
    """Which version the title states."""


def split_version(title: str) -> tuple[str, str] | None:
    """Split a title into what is plain and the kind of version that stands behind it.

    None where it states none: the words count only in brackets or behind a dash at the end, and not in the
    names of guests. Guests and editions behind the version go with it: ``Song (Remix) [feat. Somebody]``.
    """
    kind, plain = None, title
    while (found := _ADDITION.match(plain)) is not None:
        addition = found["dash"] or found["round"] or found["square"]
        is_guest = _GUESTS.match(addition) is not None
        stated = next((kind for kind, words in _WORDS.items() if words.search(addition)), None)
        if stated is not None and not is_guest:
            kind = kind or stated
        elif kind or not (is_guest or _EDITION.search(addition)):
            break
        plain = found["plain"]
    return (plain, kind) if kind else None


def _upload(source: Track, suffix: str, title: str, seconds: int) -> Track:
    length = None if source.duration_ms is None else round(source.duration_ms / 1000 + seconds) * 1000
    return Track(
        provider="youtube",
        id=f"{source.id}-{suffix}",
        title=f"{source.artists[0]} - {title}",
        channel=source.artists[0],
        duration_ms=length,
    )


_FORMS = (
    ("same length", "", 0),
    ("5 s longer", "", 5),
    ("official video 30 s longer", " (Official Video)", 30),
)


def _traps(source: Track, plain: str, kind: str) -> Iterator[Trap]:
    plain_source = replace(source, title=plain, album=None)
    uploads = [
        _upload(source, f"plain-{seconds}", f"{plain}{ending}", seconds) for _, ending, seconds in _FORMS
    ]
    right = _upload(source, "right", source.title, 4)
    for number, (form, _, _) in enumerate(_FORMS):
        results = () if number else (*uploads, right)
        yield Trap(source, plain_source, uploads[number], right, results, form, kind)


def _tracks(paths: Sequence[Path]) -> Iterator[Track]:
    seen = set()
    rows: Iterator[dict[str, Any]] = (row for playlist in json_lines(paths) for row in playlist["tracks"])
    for row in rows:
        if row["uri"] in seen or not row["title"] or not row["artists"]:
            continue
        seen.add(row["uri"])
        yield Track(
            provider="spotify",
            id=row["uri"].rpartition(":")[2],
            title=row["title"],
            artists=tuple(row["artists"]),
            album=row.get("album") or None,
            duration_ms=row.get("duration_ms") or None,
        )


def read_traps(paths: Sequence[Path]) -> list[Trap]:
    """``playlists.jsonl.gz``: three traps for each distinct track whose own title states a version."""
    return [
        trap
        for track in _tracks(paths)
        if (found := split_version(track.title)) is not None
        for trap in _traps(track, *found)
    ]
