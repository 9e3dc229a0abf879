"""A recording's normal form: equal for the entries of one recording that are written alike."""

from hashlib import blake2b

from musicconnect.matching import facts
from musicconnect.matching.cleaning import clean_title, tidy
from musicconnect.matching.facts import HARD
from musicconnect.matching.lexicon import Fact
from musicconnect.matching.text import clean, words
from musicconnect.matching.uploads import parse_upload
from musicconnect.providers.base import Track

_EDITION = HARD | int(Fact.REMASTER | Fact.MONO | Fact.CLEAN)


def normal_form(track: Track) -> str | None:
    """An opaque key of main artist, title and version; None where one of them cannot be told.

    A key of exact equality, for finding what is worth comparing: whoever finds something by it compares the
    lengths (see `model.SAME_LENGTH_MS`) and scores the pair.
    """
    artist, title, flags = _read(track)
    plain = words(clean(clean_title(title, featured="drop")))
    named = words(clean(artist))
    if not plain or not named:
        return None
    text = "|".join((" ".join(named), " ".join(plain), format(flags & HARD, "x")))
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def same_edition(one: Track, other: Track) -> bool:
    """Whether two entries say the same about version and mastering.

    Stricter than a score, which lets a remaster pass for the original: that is right among the hits of a
    search, where the original would come first, and not where nothing else was looked at.
    """
    return (_read(one)[2] ^ _read(other)[2]) & _EDITION == 0


def _read(track: Track) -> tuple[str, str, int]:
    """Main artist, title, and the version facts outside the plain title."""
    if track.artists:
        title = tidy(track.title)
        return track.artists[0], title, _versions(title)
    upload = parse_upload(track.title, track.channel, track.description)
    flags = sum(Fact[version.upper()] for version in upload.versions)
    return (upload.artists[0] if upload.artists else ""), upload.title or "", flags


def _versions(title: str) -> int:
    """The version facts outside the plain title."""
    every, plain = words(clean(title)), words(clean(clean_title(title, featured="drop")))
    taken = bytearray(len(every))
    for start in range(len(every) - len(plain) + 1):
        if plain and every[start : start + len(plain)] == plain:
            taken[start : start + len(plain)] = bytes([facts.TITLE_WORD]) * len(plain)
            break
    return facts.find(every, [0] * len(every), taken).flags
