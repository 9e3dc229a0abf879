"""What accepted matches teach about names, and how that is used. Pure.

Two things can be learned that no text says: that a channel which bears another name publishes an artist's
recordings (a label's), and that two names are one artist's (a new name, another script). Whoever stores
lessons decides when enough people have taught the same; what is passed in here is believed. Names are kept as
keys, from which they cannot be read.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b

from musicconnect.matching.keys import normal_form, same_edition
from musicconnect.matching.model import (
    SAME_LENGTH_MS,
    ChannelKind,
    Choice,
    LearnedNames,
    Lesson,
    Scored,
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
    if read.channel_kind in _OWN and named[0] not in own and _is_same_but_for_names(stated, upload, read):
        first, second = sorted((artist, named[0]))
        return (Lesson("alias", first, second, recording),)
    return ()


def _bears_name(upload: Track, names: Sequence[str]) -> bool:
    """Tell whether a channel says itself whose it is: ``Some Band``, ``SomeBandVEVO``."""
    channel = _letters(_channel_name(upload)).removesuffix("vevo")
    return any(_letters(name) in channel for name in names)


def _letters(text: str) -> str:
    return "".join(words(clean(text)))


def _is_same_but_for_names(stated: Track, upload: Track, read: Upload) -> bool:
    """Tell whether titles and lengths leave no doubt: covers are of other lengths."""
    if not stated.duration_ms or not upload.duration_ms or not read.title:
        return False
    if not same_edition(stated, upload):
        return False
    titles = {name_key(clean_title(title, featured="drop")) for title in (stated.title, read.title)}
    return len(titles) == 1 and abs(stated.duration_ms - upload.duration_ms) <= SAME_LENGTH_MS


def read_as_known(
    source: Track, candidates: Sequence[Track], learned: LearnedNames
) -> tuple[Track, list[Track]]:
    """Write into entries what their texts do not say: whose channel it is, and the name the source has.

    Gives the source and the candidates in their order; those about which nothing was learned as they are.
    """
    source = _on_own_channel(source, learned)
    names = _names(source)
    return source, [_renamed(_on_own_channel(candidate, learned), names, learned) for candidate in candidates]


def restored(choice: Choice, read: Sequence[Track], candidates: Sequence[Track]) -> Choice:
    """Give a choice among entries as `read_as_known` gave them in terms of the candidates themselves."""
    originals = {id(known): original for known, original in zip(read, candidates, strict=True)}

    def original(scored: Scored) -> Scored:
        return Scored(originals[id(scored.track)], scored.score)

    best = None if choice.best is None else original(choice.best)
    return replace(choice, best=best, ranked=[original(scored) for scored in choice.ranked])


def _on_own_channel(track: Track, learned: LearnedNames) -> Track:
    if not track.channel_id or track.artists or not learned.channels:
        return track
    for name in _read(track).artists[:1]:
        # Only where the title names the artist: a label publishes others too, and covers by them.
        if (track.channel_id, name_key(name)) in learned.channels:
            return replace(track, channel=name)
    return track


def _renamed(track: Track, names: Iterable[str], learned: LearnedNames) -> Track:
    for own in names:
        for other in _names(track):
            if (name_key(own), name_key(other)) in learned.aliases:
                return _with_name(track, other, own)
    return track


def _with_name(track: Track, old: str, new: str) -> Track:
    pattern = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)", re.IGNORECASE)

    def changed(text: str | None) -> str | None:
        return None if text is None else pattern.sub(lambda _: new, text)

    return replace(
        track,
        title=track.title if track.artists else changed(track.title) or "",
        artists=tuple(changed(name) or "" for name in track.artists),
        channel=new + _TOPIC if (track.channel or "").endswith(_TOPIC) else changed(track.channel),
        description=changed(track.description),
    )


def _names(track: Track) -> list[str]:
    if track.artists:
        return list(track.artists)
    channel = _channel_name(track)
    return [*_read(track).artists, *([channel] if channel else [])]


def _channel_name(track: Track) -> str:
    return (track.channel or "").removesuffix(_TOPIC)


def _read(track: Track) -> Upload:
    return parse_upload(track.title, track.channel, track.description)
