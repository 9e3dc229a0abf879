"""What accepted matches teach about names, and how that is used. Pure.

Two things can be learned that no text says: that a channel which bears another name publishes an artist's
recordings (a label's), and that two names are one artist's (a new name, another script). Whoever stores
lessons decides when enough people have taught the same; what is passed in here is believed. Names are kept as
keys, from which they cannot be read.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

from musicconnect.matching.keys import normal_form, same_edition
from musicconnect.matching.model import (
    SAME_LENGTH_MS,
    ChannelKind,
    Knowledge,
    LearnedNames,
    Lesson,
    Upload,
)
from musicconnect.matching.normalization import clean, words
from musicconnect.matching.titles.cleaning import clean_title
from musicconnect.matching.titles.youtube import parse_upload
from musicconnect.music.model import Track

_TOPIC = " - Topic"
_OWN = frozenset({ChannelKind.ART_TRACK, ChannelKind.VEVO, ChannelKind.OFFICIAL})
_OTHERS = frozenset({ChannelKind.LABEL, ChannelKind.OTHER, ChannelKind.VEVO})
_OFFICIAL = re.compile(
    r"\b(?:official|oficial|officiel(?:le)?|ufficiale|offiziell(?:es)?|resm[iî]|officieel)\b"
    r"|официальн|公式|官方|공식",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Give the key of a name, equal for names that are written alike; empty of a name without letters."""
    plain = " ".join(words(clean(name)))
    return blake2b(plain.encode("utf-8", "replace"), digest_size=16).hexdigest() if plain else ""


def keys_of(track: Track) -> frozenset[str]:
    """Give the keys of the names by which a track's artist may be known."""
    names = [*track.artists[:1]] if track.artists else [*_read(track).artists[:1], _channel_name(track)]
    return frozenset(filter(None, map(name_key, names)))


def lessons(one: Track, other: Track) -> tuple[Lesson, ...]:
    """Give what a pair teaches that was accepted without anything learned."""
    stated, upload = (one, other) if one.artists else (other, one)
    recording = normal_form(stated)
    if not stated.artists or upload.artists or recording is None:
        return ()
    read = _read(upload)
    named = [name_key(name) for name in read.artists]
    own = {name_key(name) for name in stated.artists}
    artist = name_key(stated.artists[0])
    if not artist or not named or not named[0]:
        return ()
    if artist in named:
        is_official = read.channel_kind in _OTHERS and _OFFICIAL.search(upload.title) is not None
        if upload.channel_id and is_official and not _bears_name(upload, stated.artists):
            return (Lesson("channel", upload.channel_id, artist, recording),)
        return ()
    # "Name (Name in Latin letters)" says no other name than one that it is found by anyway.
    is_other = _letters(stated.artists[0]) not in _letters(read.artists[0])
    if read.channel_kind in _OWN and is_other and named[0] not in own and _is_same(stated, upload, read):
        first, second = sorted((artist, named[0]))
        return (Lesson("alias", first, second, recording),)
    return ()


def _bears_name(upload: Track, names: Sequence[str]) -> bool:
    """Tell whether a channel says itself whose it is: ``Some Band``, ``SomeBandVEVO``."""
    channel = _letters(_channel_name(upload)).removesuffix("vevo")
    return any(_letters(name) in channel for name in names)


def _letters(text: str) -> str:
    return "".join(words(clean(text)))


def _is_same(stated: Track, upload: Track, read: Upload) -> bool:
    """Tell whether titles and lengths leave no doubt: covers are of other lengths."""
    if not stated.duration_ms or not upload.duration_ms or not read.title:
        return False
    if not same_edition(stated, upload):
        return False
    titles = {name_key(clean_title(title, featured="drop")) for title in (stated.title, read.title)}
    return len(titles) == 1 and abs(stated.duration_ms - upload.duration_ms) <= SAME_LENGTH_MS


def knowledge_of(learned: LearnedNames, source: Track, candidates: Sequence[Track]) -> Knowledge:
    """Give what has been learned that concerns a track and its candidates, in their own words."""
    channels: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for track in (source, *candidates):
        channel = track.channel_id
        for name in _read(track).artists[:1] if channel and not track.artists else ():
            # Only where the title names the artist: a label publishes others too, and covers by them.
            if channel and (channel, name_key(name)) in learned.channels:
                channels.setdefault(channel, set()).add(name)
    own = _names(source)
    for other in {name for candidate in candidates for name in _names(candidate)}:
        for name in own:
            if (name_key(name), name_key(other)) in learned.aliases:
                names.setdefault(name, set()).add(other)
                names.setdefault(other, set()).add(name)
    return Knowledge(channels=channels, names=names)


def _names(track: Track) -> list[str]:
    if track.artists:
        return list(track.artists)
    channel = _channel_name(track)
    return [*_read(track).artists, *([channel] if channel else [])]


def _channel_name(track: Track) -> str:
    return (track.channel or "").removesuffix(_TOPIC)


def _read(track: Track) -> Upload:
    return parse_upload(track.title, track.channel, track.description)
