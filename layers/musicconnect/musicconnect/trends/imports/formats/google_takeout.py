"""Google Takeout's watch history in JSON: starts of music."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from musicconnect.trends.imports.formats.base import (
    NO_TIME,
    Format,
    ParseContext,
    Parsed,
    Rejection,
    iso_ms,
    record_parser,
)
from musicconnect.trends.plays.model import listen

NOT_MUSIC: Final = Rejection("skipped", "not_music")
ADVERT: Final = Rejection("skipped", "advert")
NO_VIDEO: Final = Rejection("skipped", "not_a_video")
REMOVED: Final = Rejection("skipped", "removed_video")
MIN_TITLES: Final = 5
"""Different titles that are needed to learn what they have in common."""
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_MUSIC = "YouTube Music"
# For files too short to learn the verb from.
_PREFIXES = ("Watched ", "Vous avez regardé ", "Has visto ", "Hai guardato ", "Zhlédnuto: ", "Zhlédnuto ")
_SUFFIXES = (" angesehen",)


@record_parser
def watched(record: Any, context: ParseContext) -> Parsed:
    """Parse a row of ``watch-history.json``. Titles are localized, so the id is taken from the URL."""
    get = record.get
    url = get("titleUrl")
    details = [detail.get("name") for detail in get("details") or ()]
    if "From Google Ads" in details:
        return ADVERT
    if not (
        get("header") == _MUSIC
        or "From YouTube Music" in details
        or (url and urlsplit(url).hostname == "music.youtube.com")
    ):
        return NOT_MUSIC
    video, channels = _video(url), get("subtitles")
    if url and video is None:
        return NO_VIDEO
    if video is None or not channels or not channels[0].get("name"):
        return REMOVED
    if not get("time"):
        return NO_TIME
    return listen(
        played_at=iso_ms(get("time")),
        title=_without_verb(get("title"), context.facts) or video,
        artist=channels[0]["name"].removesuffix(" - Topic"),
        source="youtube_takeout",
        provider="youtube",
        provider_track_id=video,
        kind="start",
    )


def learn(records: Iterable[Any]) -> dict[str, Any]:
    """Learn the verb of the file's language: what the titles of watched videos begin and end with."""
    titles = {
        record["title"]
        for record in records
        if isinstance(record, dict)
        and isinstance(record.get("title"), str)
        and isinstance(record.get("titleUrl"), str)
        and record.get("subtitles")
        and _video(record["titleUrl"])
    }
    if len(titles) < MIN_TITLES:
        return {}
    ordered = sorted(titles)
    before = re.match(r"(?:.*[\s:\"«„“])?", _common(ordered), re.DOTALL)
    backwards = _common(sorted(title[::-1] for title in titles))[::-1]
    after = re.search(r"(?:[\s\"»”].*)?$", backwards, re.DOTALL)
    return {"before": before[0] if before else "", "after": after[0] if after else ""}


def _common(ordered: Sequence[str]) -> str:
    """Find the common beginning of sorted texts: the first and the last differ earliest."""
    first, last = ordered[0], ordered[-1]
    length = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
        min(map(len, (first, last))),
    )
    return first[:length]


def _without_verb(title: str, facts: dict[str, Any]) -> str:
    if facts:
        return title.removeprefix(facts["before"]).removesuffix(facts["after"]).strip()
    for prefix in _PREFIXES:
        if title.startswith(prefix):
            return title.removeprefix(prefix)
    for suffix in _SUFFIXES:
        if title.endswith(suffix):
            return title.removesuffix(suffix)
    return title


def _video(url: str | None) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    found = parse_qs(parts.query).get("v", [""])[0] if parts.path == "/watch" else ""
    if parts.hostname == "youtu.be":
        found = parts.path[1:]
    return found if _VIDEO_ID.fullmatch(found) else None


TAKEOUT = Format("youtube_takeout", "Google Takeout watch history", "array", watched)
