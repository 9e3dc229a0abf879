"""Public benchmarks of entity resolution in the form of Ditto (Li et al., VLDB 2021).

A line is ``COL name VAL value ... TAB COL name VAL value ... TAB label``; the text is tokenised, with blanks
around punctuation.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.datasets.files import open_text
from benchmarks.datasets.matching_sets import Pair
from musicconnect.music.model import Track

_COLUMN = re.compile(r"COL (.+?) VAL(.*?)(?=\s+COL .+? VAL|$)")
_MASK = "[MASK]"


def _entry(text: str) -> dict[str, str]:
    return {name: re.sub(r"\\(.)", r"\1", value).strip() for name, value in _COLUMN.findall(text)}


def _lines(paths: Sequence[Path]) -> Iterator[tuple[dict[str, str], dict[str, str], bool]]:
    seen = set()
    for path in paths:
        with open_text(path) as file:
            for line in file:
                parts = line.rstrip("\r\n").split("\t")
                if len(parts) == 3 and line not in seen:
                    seen.add(line)
                    yield _entry(parts[0]), _entry(parts[1]), parts[2].strip() == "1"


def joined(text: str) -> str:
    """Undo tokenising: no blank inside brackets, before punctuation, or within ``do n't`` and ``I 'm``."""
    text = re.sub(r"``|''", '"', text)
    text = re.sub(r"([(\[{])\s+", r"\1", text)
    text = re.sub(r"\s+([)\]},.;:!?])", r"\1", text)
    text = re.sub(r"\s+('(?:s|m|d|ll|re|ve)\b)", r"\1", text, flags=re.IGNORECASE)
    text = re.sub(r"(\w)\s+(n't)\b", r"\1\2", text, flags=re.IGNORECASE)
    return re.sub(r"(\w)\s+'(?=\s|$)", r"\1'", text)


def _milliseconds(clock: str) -> int | None:
    """Read ``3:26`` or ``1:02:03``."""
    if not re.fullmatch(r"\d+(?::\d\d){1,2}", clock):
        return None
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return seconds * 1000


def _shop_entry(provider: str, number: int, entry: dict[str, str]) -> Track:
    artist = joined(entry.get("Artist_Name", ""))
    return Track(
        provider=provider,
        id=f"{provider}-{number}",
        title=joined(entry.get("Song_Name", "")),
        artists=(artist,) if artist else (),
        album=joined(entry.get("Album_Name", "")) or None,
        duration_ms=_milliseconds(entry.get("Time", "")),
    )


def read_itunes_amazon(paths: Sequence[Path]) -> list[Pair]:
    """Read iTunes-Amazon (University of Wisconsin, CS 784): songs of two shops, with their lengths."""
    return [
        Pair(_shop_entry("itunes", number, left), _shop_entry("amazon", number, right), same)
        for number, (left, right, same) in enumerate(_lines(paths))
    ]


def _video(number: int, entry: dict[str, str]) -> Track:
    return Track(
        provider="youtube",
        id=f"video-{number}",
        title=entry.get("video title", ""),
        channel=entry.get("channel name") or None,
    )


def read_er_csi(paths: Sequence[Path]) -> list[Pair]:
    """Read a set of cover-song identification as pairs of kind ``own``, ``covers`` and ``others``.

    The left side is a song of SecondHandSongs with its own video. Label 1 says that the right side's video is
    the same work by others, label 0 that it is another work. No lengths are given.
    """
    pairs: list[Pair] = []
    own: set[tuple[Track, str, str | None]] = set()
    for number, (left, right, is_same_work) in enumerate(_lines(paths)):
        artists = (left.get("performer", ""),) if left.get("performer", "") not in ("", _MASK) else ()
        source = Track(provider="spotify", id="song", title=left.get("title", ""), artists=artists)
        video = _video(number, left)
        if (key := (source, video.title, video.channel)) not in own:
            own.add(key)
            pairs.append(Pair(source, video, same=True, kind="own"))
        kind = "covers" if is_same_work else "others"
        pairs.append(Pair(source, _video(number, right), same=False, kind=kind))
    return pairs
