"""Read Discogs' monthly dump of releases: which videos are named for which recordings. No database.

A release's videos hang on the release and not on its tracks. A video is taken for a track only where its
title names exactly one of them and the lengths agree, or where it names nothing else. Texts of videos come
from YouTube: they are compared while reading, and not stored.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from musicconnect.matching import normal_form
from musicconnect.music.model import Track

BLOCK_BYTES: Final = 4 << 20
MAX_RELEASE_BYTES: Final = 16 << 20
"""A release that does not end within so much is a damaged part of the dump."""
MAX_APART_S: Final = 3
MAX_OVER_S: Final = 60
"""Longer than the longest track by more than this: a whole album in one video."""
_BEGIN: Final = b"<release "
_END: Final = b"</release>"
_VIDEO: Final = re.compile(
    r"https?://(?:www\.|music\.|m\.)?youtube\.com/watch\?v=([\w-]{11})(?![\w-])", re.ASCII
)
_NUMBER: Final = re.compile(r" \(\d+\)$")
"""Tells artists of one name apart: ``Phoenix (3)``."""
_WORD: Final = re.compile(r"\w+")
_CONTROLS: Final = bytes(code for code in range(32) if code not in (9, 10, 13))


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a dump that ends with a release."""

    end: int
    """Where it ends, in bytes of the unpacked dump."""
    content: bytes
    is_damaged: bool = False
    """Whether it is something that no release ends."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a part of a dump names."""

    releases: int
    bad: int
    """Releases that could not be read."""
    rows: tuple[tuple[str, str, int | None], ...]
    """Key of the recording, id of the video, its length in ms."""


class CutError(Exception):
    """The dump ends in the middle."""


def blocks(stream: BinaryIO, position: int = 0) -> Iterator[Block]:
    """Read a dump in parts, from a position that was a part's end.

    Raises:
        CutError: it ends before its last release does. What came before is whole.
    """
    _skip(stream, position)
    rest, end = b"", position
    try:
        while part := stream.read(BLOCK_BYTES):
            rest += part
            cut = rest.rfind(_END)
            if cut >= 0:
                content, rest = rest[: cut + len(_END)], rest[cut + len(_END) :]
                end += len(content)
                yield Block(end, content)
            elif len(rest) > MAX_RELEASE_BYTES:
                end += len(rest)
                rest = b""
                yield Block(end, b"", is_damaged=True)
    except (EOFError, OSError, zlib.error):
        raise CutError(f"the file is cut or damaged behind {end:,} bytes") from None
    if _BEGIN in rest or (position == 0 and b"</releases>" not in rest):
        raise CutError(f"the dump ends in the middle, behind {end:,} bytes")


def _skip(stream: BinaryIO, count: int) -> None:
    while count > 0:
        try:
            part = stream.read(min(count, BLOCK_BYTES))
        except (EOFError, OSError, zlib.error):
            part = b""
        if not part:
            raise CutError("the file is shorter than what was read of it before")
        count -= len(part)


@dataclass(frozen=True, slots=True)
class Selection:
    """What has to be read of a part: most releases have no videos, and are counted only."""

    releases: int
    bad: int
    texts: list[bytes]


def select(block: Block) -> Selection:
    """Find the releases with videos in a part, without reading any."""
    if block.is_damaged:
        return Selection(0, 1, [])
    content, texts, after = block.content, [], 0
    while (video := content.find(b"<video ", after)) >= 0:
        begin = content.rfind(_BEGIN, after, video)
        after = content.find(_END, video) + len(_END)
        if after < len(_END):
            break
        if begin >= 0:
            texts.append(content[begin:after])
    return Selection(content.count(_BEGIN), 0, texts)


def read(block: Block) -> Found:
    """Read the releases of a part. Pure."""
    return read_selected(select(block))


def read_selected(part: Selection) -> Found:
    """Read the releases of a part that have videos. Pure."""
    releases = _parsed(part.texts)
    rows: dict[tuple[str, str], int | None] = {}
    for release in releases:
        if release is not None:
            for key, video, length in _named(release):
                rows.setdefault((key, video), length)
    found = tuple((*names, length) for names, length in rows.items())
    return Found(part.releases, part.bad + releases.count(None), found)


def _parsed(texts: list[bytes]) -> list[Element | None]:
    """Parse releases: all at once what is needed of them, and one by one where any is damaged.

    A parser for each costs more than what it reads, and notes and labels are the greater part of a release.
    """
    try:
        together = b"".join((b"<releases>", *map(_needed, texts), b"</releases>"))
        found = list(fromstring(together))  # noqa: S314 - no document type, so that there are no entities
        if len(found) == len(texts):
            return list(found)
    except (ParseError, ValueError):
        pass
    return [_parse(text) for text in texts]


def _needed(text: bytes) -> bytes:
    """Give a release with its first artists, its tracks and its videos alone; raises `ValueError`."""
    begin = text.index(b"<tracklist>")
    parts = [b"<release>"]
    artists = text.find(b"<artists>", 0, begin)
    if artists >= 0:
        parts.append(text[artists : text.index(b"</artists>", artists) + len(b"</artists>")])
    parts.append(text[begin : text.index(b"</tracklist>", begin) + len(b"</tracklist>")])
    videos = text.index(b"<videos>")
    parts += (text[videos : text.index(b"</videos>", videos) + len(b"</videos>")], _END)
    return b"".join(parts)


def _parse(text: bytes) -> Element | None:
    try:
        return fromstring(text)  # noqa: S314 - a fragment without a document type declares no entities
    except (ParseError, ValueError):
        pass
    try:
        return fromstring(text.translate(None, _CONTROLS))  # noqa: S314 - as above
    except (ParseError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class _Part:
    """A track of a release."""

    title: str
    folded: str
    seconds: int | None
    names: tuple[str, ...]
    """Of the main artist: as Discogs files it, and as it was credited."""


def _named(release: Element) -> Iterator[tuple[str, str, int | None]]:
    videos = [
        (match[1], _number(video.get("duration")), f" {_fold(video.findtext('title') or '')} ")
        for video in release.iterfind("videos/video")
        if (match := _VIDEO.match(video.get("src", ""))) is not None
    ]
    if not videos:
        return
    tracks = () if (tracklist := release.find("tracklist")) is None else tuple(tracklist.iter("track"))
    parts = _parts(tracks, _names(release.find("artists")), "|".join(title for _, _, title in videos))
    for video_id, seconds, title in videos:
        part = _only(parts, title, seconds)
        if part is None or (seconds and part.seconds is None and _is_too_long(seconds, tracks)):
            continue
        for name in part.names:
            key = normal_form(Track(provider="discogs", id="", title=part.title, artists=(name,)))
            if key is not None:
                yield key, video_id, seconds * 1000 if seconds else None


def _is_too_long(seconds: int, tracks: Sequence[Element]) -> bool:
    """Decide whether a video is longer than any of the tracks. One whose length fits its track never is."""
    longest = max((_seconds(track.findtext("duration")) or 0 for track in tracks), default=0)
    return bool(longest) and seconds > longest + MAX_OVER_S


def _only(parts: list[_Part], title: str, seconds: int | None) -> _Part | None:
    """Give the one track that a video's padded title and length name; None where it is none or several."""
    named = [part for part in parts if f" {part.folded} " in title]
    # "Low" stands in "Low Tide", too.
    whole = [
        part for part in named if not any(part.folded in other.folded for other in named if other is not part)
    ]
    fitting = [part for part in whole if _fits(part, title, seconds)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(part: _Part, padded: str, seconds: int | None) -> bool:
    if part.seconds and seconds:
        return abs(part.seconds - seconds) <= MAX_APART_S
    rest = padded
    for name in part.names:
        rest = rest.replace(f" {_fold(name)} ", " ", 1)
    return rest.strip() == part.folded


def _parts(tracks: Sequence[Element], artists: tuple[str, ...], videos: str) -> list[_Part]:
    """Give the tracks whose titles stand among those of the videos."""
    found: dict[str, _Part] = {}
    for track in tracks:
        title = track.findtext("title") or ""
        folded = _fold(title)
        if folded and f" {folded} " in videos and track.find("sub_tracks") is None:
            names = _names(track.find("artists")) or artists
            if names:
                found[folded] = _Part(title, folded, _seconds(track.findtext("duration")), names)
    return list(found.values())


def _names(artists: Element | None) -> tuple[str, ...]:
    first = None if artists is None else artists.find("artist")
    if first is None:
        return ()
    found = (_NUMBER.sub("", first.findtext("name") or ""), (first.findtext("anv") or "").rstrip("*"))
    return tuple(dict.fromkeys(name for name in found if name.strip()))


def _fold(text: str) -> str:
    folded = text.casefold()
    if folded.isascii() and folded.replace(" ", "").isalnum():
        return " ".join(folded.split())
    return " ".join(_WORD.findall(folded))


@lru_cache(maxsize=20_000)
def _seconds(text: str | None) -> int | None:
    """Give the seconds of ``m:ss`` or ``h:mm:ss``."""
    total = 0
    for piece in (text or "").split(":"):
        value = _number(piece)
        if value is None:
            return None
        total = total * 60 + value
    return total if 0 < total < 86_400 else None


@lru_cache(maxsize=20_000)
def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None
