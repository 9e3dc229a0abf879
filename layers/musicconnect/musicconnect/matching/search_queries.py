"""Write queries for a provider's search, so that as few searches as possible are needed."""

import re

from musicconnect.matching.artists import read_channel
from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.data.word_weights import word_set
from musicconnect.matching.normalization import clean, is_han, words
from musicconnect.matching.titles.cleaning import strip_additions, tidy
from musicconnect.matching.titles.youtube import parse_upload
from musicconnect.matching.versions import find_in
from musicconnect.music.model import Track
from musicconnect.music.search_policy import SearchPolicy

MAX_QUERIES = 4
MAX_QUERY_LENGTH = 120
"""Characters: what follows narrows a search to nothing."""

_GUESTS = re.compile(r"\s*[(\[]\s*(?:feat|ft|featuring|with)\b[^)\]]*[)\]]", re.IGNORECASE)
_LABEL = re.compile(
    r"\s*[(\[【][^)\]】]*\b(?:records?|recordings?|label)\b[^)\]】]*[)\]】]",
    re.IGNORECASE,
)
_SYNTAX = re.compile(r"[\"|:*()\[\]{}<>~]+|(?<!\w)-+(?!\w)|(?<!\w)-(?=\w)")
_QUERY_FACTS = int(
    Fact.LIVE | Fact.ACOUSTIC | Fact.REMIX | Fact.EDIT | Fact.RADIO_EDIT | Fact.EXTENDED | Fact.DEMO
    | Fact.INSTRUMENTAL | Fact.KARAOKE | Fact.SPED_UP | Fact.SLOWED | Fact.RERECORDED | Fact.LANGUAGE
    | Fact.A_CAPPELLA | Fact.ARRANGEMENT | Fact.ALTERNATE | Fact.OTHER_VERSION | Fact.COVER | Fact.MONO
)  # fmt: skip


_FOREIGN = re.compile(r"[^\x00-\u024f\u1e00-\u1eff]+")
"""What is not written in Latin letters."""
_WORDS = re.compile(r"(?<=[a-z])([A-Z])")
"""Where a transliteration begins a word: ``HongLianHua``."""
_STRANGERS = word_set(
    "records recordings label entertainment productions distribution promotion network lyrics karaoke"
)
"""Words of channels that are named after no artist."""


def _asks_for_version(title: str) -> bool:
    found = words(clean(title))
    return bool(find_in(found).flags & _QUERY_FACTS)


def _plain(text: str) -> str:
    """Remove the characters that a search reads as operators."""
    text = " ".join(_SYNTAX.sub(" ", text).split())
    return text if len(text) <= MAX_QUERY_LENGTH else text[:MAX_QUERY_LENGTH].rsplit(" ", 1)[0]


def _facts(source: Track) -> tuple[tuple[str, ...], str, str | None]:
    """Give artists, title and album, read where they are not stated; without the name of a label."""
    if source.artists:
        return source.artists, tidy(source.title), source.album
    upload = parse_upload(source.title, source.channel, source.description)
    artists = upload.artists
    if source.channel and not _STRANGERS.isdisjoint(read_channel(source.channel).words):
        artists = tuple(name for name in artists if name not in parse_upload("", source.channel).artists)
    title = upload.title or tidy(source.title)
    return artists, _LABEL.sub("", title).strip() or title, upload.album


def _in_other_script(artist: str, title: str) -> str:
    """Write a query in Latin letters for a title in another script; empty where there is nothing to change.

    A title in two scripts has its Latin part already, which is a translation or how it sounds.
    """
    if words(clean(title)) == words(clean(title).encode("ascii", "ignore").decode()):
        return ""
    latin = " ".join(_FOREIGN.sub(" ", title).split())
    if any(is_han(ord(char)) for char in title) and not any(char.isalpha() for char in latin):
        return ""  # how it sounds depends on the language
    if not any(char.isalpha() for char in latin):
        from anyascii import anyascii  # noqa: PLC0415  (its tables are only needed for other scripts)

        latin = _WORDS.sub(r" \1", anyascii(title))
    return _plain(f"{artist} {latin}")


def queries(source: Track, policy: SearchPolicy) -> list[str]:
    """List search queries for a track on a provider with this policy, best first, at most four.

    The first carries the main artist and the title with what makes its version, without guests, remasters,
    editions and labels: those are written differently everywhere. A title in another script is asked for in
    Latin letters next. The others give up one thing each.
    """
    artists, title, album = _facts(source)
    short = strip_additions(_GUESTS.sub("", title)) or title
    # "Song - Live at Somewhere": what the short form loses, the recording needs.
    full = _GUESTS.sub("", title)
    wanted = full if full != short and _asks_for_version(full) and not _asks_for_version(short) else short
    main = artists[0] if artists else ""
    found: list[str] = []
    if source.isrc and policy.finds_isrc:
        found.append(f"isrc:{source.isrc.upper()}")
    if policy.needs_fields:
        titles = (wanted, short) if main else ()
        found += [f"track:{_plain(one)} artist:{_plain(main)}" for one in titles]
        return [query for query in dict.fromkeys(found) if query][:MAX_QUERIES]
    found.append(_plain(f"{main} {wanted}"))
    if policy.finds_fields and main:
        found.append(f"track:{_plain(short)} artist:{_plain(main)}")
    found.append(_in_other_script(main, short))
    if len(artists) > 1:
        found.append(_plain(f"{short} {' '.join(artists[:3])}"))
    if wanted != short:
        found.append(_plain(f"{main} {short}"))
    if album and album.casefold() != short.casefold():
        found.append(_plain(f"{short} {album}"))
    found.append(_plain(short))
    return [query for query in dict.fromkeys(found) if query][:MAX_QUERIES]
