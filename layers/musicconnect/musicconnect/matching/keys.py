"""Give recordings a normal form, equal for entries of one recording that are written alike."""

from functools import lru_cache
from hashlib import blake2b

from musicconnect.matching import versions
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.differences import HARD
from musicconnect.matching.normalization import clean, words
from musicconnect.matching.titles.cleaning import clean_title, tidy
from musicconnect.matching.titles.youtube import parse_upload
from musicconnect.music.model import Track

_EDITION = HARD | int(Fact.REMASTER | Fact.MONO | Fact.CLEAN)


def normal_form(track: Track) -> str | None:
    """Give an opaque key of main artist, title and version; None where one of them is unknown.

    A key of exact equality, for finding what is worth comparing: whoever finds something by it compares the
    lengths (see `model.SAME_LENGTH_MS`) and scores the pair.
    """
    return _keys_of(track)[0]


def same_edition(one: Track, other: Track) -> bool:
    """Decide whether two entries say the same about version and mastering.

    Stricter than a score, which lets a remaster pass for the original: that is right among the hits of a
    search, where the original would come first, and not where nothing else was looked at.
    """
    return (_keys_of(one)[1] ^ _keys_of(other)[1]) & _EDITION == 0


def version_flags(track: Track) -> int:
    """Give the version facts that an entry states about itself, as flags of `Fact`."""
    return _keys_of(track)[1]


def _keys_of(track: Track) -> tuple[str | None, int]:
    return read_keys(
        track.title, track.artists[0] if track.artists else None, track.channel, track.description
    )


@lru_cache(maxsize=4096)
def _words_of(name: str) -> tuple[str, ...]:
    """Read an artist's name; one stands beside every track of an album."""
    return tuple(words(clean(name)))


@lru_cache(maxsize=4096)
def read_keys(
    title: str, artist: str | None, channel: str | None, description: str | None
) -> tuple[str | None, int]:
    """Give normal form and version facts; cached, since finding a counterpart asks several times."""
    if artist is not None:
        name, plain_title = artist, tidy(title)
        short, whole = clean_title(plain_title, featured="drop"), words(clean(plain_title))
        plain = whole if short == plain_title else words(clean(short))
        # A title that nothing was taken out of states nothing about its version.
        flags = 0 if plain is whole else versions.find_outside(whole, plain)
    else:
        upload = parse_upload(title, channel, description)
        name, plain_title = (upload.artists[0] if upload.artists else ""), upload.title or ""
        plain = words(clean(clean_title(plain_title, featured="drop")))
        flags = sum(Fact[version.upper()] for version in upload.versions)
    named = _words_of(name)
    if not plain or not named:
        return None, flags
    text = "|".join((" ".join(named), " ".join(plain), format(flags & HARD, "x")))
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest(), flags
