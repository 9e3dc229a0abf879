"""Learn from a list of candidates how the recording is written in another script. Pure.

One upload says ``Name (이름) '제목 (Title)'``; another, delivered by the label, says ``제목`` by ``이름``
only. The first is recognised by what it has in common with the source, and tells what the second is.
"""

from collections.abc import Sequence
from dataclasses import replace

from musicconnect.matching.artists import read_channel
from musicconnect.matching.model import Score, Scored
from musicconnect.matching.normalization import clean, words
from musicconnect.matching.titles.parsing import read_text
from musicconnect.matching.titles.youtube import read_description
from musicconnect.music.model import Track

MIN_PART = 90.0
"""Title and artist of an upload have to be recognised so surely, 0 to 100, before it teaches anything."""
MAX_APART_MS = 2000
"""What is recognised by another upload's words alone has to have the source's length."""


def _key(text: str) -> str:
    return "".join(words(clean(text)))


def _is_latin(text: str) -> bool:
    return _key(text).isascii()


def _parts(track: Track) -> set[str]:
    """Give the parts of an upload's text, between marks and where the script changes."""
    found: set[str] = set()
    for title in (track.title, track.channel or ""):
        text = read_text(title)
        for run in text.runs:
            part: list[str] = []
            for index in run:
                word = text.words[index]
                if part and part[-1].isascii() != word.isascii():
                    found.add("".join(part))
                    part = []
                part.append(word)
            found.add("".join(part))
    return found


def _stated(track: Track) -> tuple[str, str] | None:
    """Give title and artist of what a label delivered."""
    stated = read_description(track.description) if track.description else None
    if stated is not None:
        return stated[0], stated[1][0]
    channel = read_channel(track.channel) if track.channel else None
    return (track.title, channel.raw) if channel is not None and channel.is_topic else None


def rewrite(source: Track, scored: Sequence[Scored]) -> dict[int, Track]:
    """Give the candidates that another one names in the source's words, as the source would write them.

    Args:
        source: the track that is looked for, with its artists.
        scored: all candidates with their scores.

    Returns:
        By index of the candidate: the same entry with the source's title and artist.
    """
    if not source.artists or not source.duration_ms:
        return {}
    learners: dict[int, tuple[str, str]] = {}
    for index, track in enumerate(entry.track for entry in scored):
        if track.duration_ms is None or abs(track.duration_ms - source.duration_ms) > MAX_APART_MS:
            continue
        stated = _stated(track)
        if stated is not None and _is_latin(stated[0]) != _is_latin(source.title):
            learners[index] = stated
    if not learners:
        return {}
    known = {_key(artist) for artist in source.artists}
    taught = [
        _parts(entry.track)
        for index, entry in enumerate(scored)
        if index not in learners and _teaches(entry.score)
    ]
    found: dict[int, Track] = {}
    for index, (title, artist) in learners.items():
        name = _key(artist)
        if any(_key(title) in parts and (name in known or name in parts) for parts in taught):
            found[index] = replace(
                scored[index].track,
                title=source.title,
                channel=f"{source.artists[0]} - Topic",
                description=None,
            )
    return found


def _teaches(score: Score) -> bool:
    return min(score.parts.get("title", 0.0), score.parts.get("artist", 0.0)) >= MIN_PART
