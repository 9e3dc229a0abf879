"""Write queries for a provider's search, so that as few searches as possible are needed."""

import re

from musicconnect.matching.data.version_phrases import Fact
from musicconnect.matching.normalization import clean, words
from musicconnect.matching.titles.cleaning import strip_additions, tidy
from musicconnect.matching.titles.youtube import parse_upload
from musicconnect.matching.versions import find_in
from musicconnect.music.model import Track

MAX_QUERIES = 4
MAX_QUERY_LENGTH = 120
"""Characters: what follows narrows a search to nothing."""

_GUESTS = re.compile(r"\s*[(\[]\s*(?:feat|ft|featuring|with)\b[^)\]]*[)\]]", re.IGNORECASE)
_SYNTAX = re.compile(r"[\"|:*()\[\]{}<>~]+|(?<!\w)-+(?!\w)|(?<!\w)-(?=\w)")
_QUERY_FACTS = int(
    Fact.LIVE | Fact.ACOUSTIC | Fact.REMIX | Fact.EDIT | Fact.RADIO_EDIT | Fact.EXTENDED | Fact.DEMO
    | Fact.INSTRUMENTAL | Fact.KARAOKE | Fact.SPED_UP | Fact.SLOWED | Fact.RERECORDED | Fact.LANGUAGE
    | Fact.A_CAPPELLA | Fact.ARRANGEMENT | Fact.ALTERNATE | Fact.OTHER_VERSION | Fact.COVER | Fact.MONO
)  # fmt: skip


def _asks_for_version(title: str) -> bool:
    found = words(clean(title))
    return bool(find_in(found).flags & _QUERY_FACTS)


def _plain(text: str) -> str:
    """Remove the characters that a search reads as operators."""
    text = " ".join(_SYNTAX.sub(" ", text).split())
    return text if len(text) <= MAX_QUERY_LENGTH else text[:MAX_QUERY_LENGTH].rsplit(" ", 1)[0]


def queries(source: Track, target_provider: str) -> list[str]:
    """List search queries for a track on a provider, best first, at most four.

    The first carries the main artist and the title with what makes its version, without guests, remasters and
    editions: those are written differently everywhere. The next ones give up one thing each.
    Spotify finds by ISRC and by fields as well.
    """
    if source.artists:
        artists, title, album = source.artists, tidy(source.title), source.album
    else:
        upload = parse_upload(source.title, source.channel, source.description)
        artists, title, album = upload.artists, upload.title or tidy(source.title), upload.album
    short = strip_additions(_GUESTS.sub("", title)) or title
    # "Song - Live at Somewhere": what the short form loses, the recording needs.
    full = _GUESTS.sub("", title)
    wanted = full if full != short and _asks_for_version(full) and not _asks_for_version(short) else short
    main = artists[0] if artists else ""
    found: list[str] = []
    if source.isrc and target_provider == "spotify":
        found.append(f"isrc:{source.isrc.upper()}")
    found.append(_plain(f"{main} {wanted}"))
    if target_provider == "spotify" and main:
        found.append(f"track:{_plain(short)} artist:{_plain(main)}")
    if len(artists) > 1:
        found.append(_plain(f"{short} {' '.join(artists[:3])}"))
    if wanted != short:
        found.append(_plain(f"{main} {short}"))
    if album and album.casefold() != short.casefold():
        found.append(_plain(f"{short} {album}"))
    found.append(_plain(short))
    return [query for query in dict.fromkeys(found) if query][:MAX_QUERIES]
