"""Google Takeout's watch history and activity, in JSON and in HTML: starts of music."""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from musicconnect.trends.imports.formats import takeout_verbs, times
from musicconnect.trends.imports.formats.base import (
    NO_TIME,
    NOT_A_PLAY,
    NOT_MUSIC,
    Format,
    ParseContext,
    Parsed,
    Rejection,
    iso_ms,
    record_parser,
)
from musicconnect.trends.plays.model import listen

ADVERT: Final = Rejection("skipped", "advert")
NO_VIDEO: Final = Rejection("skipped", "not_a_video")
REMOVED: Final = Rejection("skipped", "removed_video")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_VIDEO_PATH = re.compile(r"/(?:shorts|live|embed|v)/([A-Za-z0-9_-]{11})/?")
_MUSIC = "YouTube Music"


@record_parser
def watched(record: Any, context: ParseContext) -> Parsed:
    """Parse a row of ``watch-history.json`` or ``MyActivity.json``.

    Titles are in the account's language, so the id is taken from the address.
    """
    title = record.get("title")
    found = _watch(record, title)
    if isinstance(found, Rejection):
        return found
    verbs = [(verb[0], verb[1]) for verb in context.facts.get("verbs", ())]
    bare = takeout_verbs.strip(title, verbs)
    if bare is None:
        if takeout_verbs.strip(title, takeout_verbs.OTHER_ACTIVITY) is not None:
            return NOT_A_PLAY
        bare = takeout_verbs.strip(title, takeout_verbs.WATCHED) or title.strip()
    if not record.get("time"):
        return NO_TIME
    return _start(found, bare, iso_ms(record["time"]))


@record_parser
def watched_html(block: str, context: ParseContext) -> Parsed:
    """Parse an activity of ``watch-history.html``: the verb stands outside the link, the time behind it."""
    row = html_row(block)
    if row is None:
        return NO_VIDEO
    found = _watch(row, row["title"])
    if isinstance(found, Rejection):
        return found
    # No verb has to be known to find the title; only what is not watching has.
    written = f"{row['before']}{row['title']}{row['behind']}"
    if (
        takeout_verbs.strip(written, takeout_verbs.WATCHED) is None
        and takeout_verbs.strip(written, takeout_verbs.OTHER_ACTIVITY) is not None
    ):
        return NOT_A_PLAY
    # Google writes day and month in figures for languages that put the day first.
    moment = times.read(row["time"], day_first=context.facts.get("day_first", True))
    if moment is None:
        return NO_TIME
    if moment.is_local:
        # Takeout wrote UTC without saying so until about 2018.
        return _start(found, row["title"], moment.at("UTC"))
    return _start(found, row["title"], moment.at(context.zone))


def _watch(row: Mapping[str, Any], title: Any) -> Rejection | tuple[str, str]:
    """Give the video and the channel of a row that is about music."""
    url = row.get("titleUrl")
    details = [str(detail.get("name")) for detail in row.get("details") or () if isinstance(detail, dict)]
    if any(_MUSIC not in detail for detail in details):
        return ADVERT
    if not (row.get("header") == _MUSIC or details or (url and _host(url) == "music.youtube.com")):
        return NOT_MUSIC
    video = video_of(url)
    if url and video is None:
        return NO_VIDEO
    channels = row.get("subtitles")
    name = channels[0].get("name") if channels else None
    # The title of a video that is gone is its address.
    if video is None or not name or not title or re.search(r"https?://\S+$", title):
        return REMOVED
    return video, name


def _start(found: tuple[str, str], title: str, played_at: int) -> Parsed:
    video, channel = found
    return listen(
        # To the second: the files of one export cut the rest differently, and list every start twice.
        played_at=played_at // 1000 * 1000,
        title=title or video,
        artist=channel.strip().removesuffix(" - Topic"),
        source="youtube_takeout",
        provider="youtube",
        provider_track_id=video,
        kind="start",
    )


def learn(records: Iterable[Any]) -> dict[str, Any]:
    """Learn the verbs of a JSON file from the rows of its head."""
    return {"verbs": takeout_verbs.learn(takeout_verbs.titles_of(records))}


def learn_html(text: str) -> dict[str, Any]:
    """Learn from the head of an HTML file how it writes dates."""
    written = re.findall(r">\s*(\d{1,2}[/-]\d{1,2}[/-]\d{4})", text)
    day_first = times.is_day_first(written)
    return {} if day_first is None else {"day_first": day_first}


_HEADER: Final = re.compile(r'<p class="mdl-typography--title">(.*?)</p>', re.DOTALL)
_CONTENT: Final = re.compile(r'<div class="content-cell[^"]*body-1">(.*?)</div>', re.DOTALL)
_CAPTION: Final = re.compile(r'<div class="content-cell[^"]*caption">(.*?)</div>', re.DOTALL)
_BREAK: Final = re.compile(r"<br\s*/?>")
_LINK: Final = re.compile(r'<a\s[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
MAX_DETAIL_LENGTH: Final = 60
"""Characters of a caption's value that names a product or an advertiser; explanations are longer."""


def html_row(block: str) -> dict[str, Any] | None:
    """Convert an activity's HTML to the members of a JSON row, and what stands around its link."""
    content = _CONTENT.search(block)
    if content is None:
        return None
    what, *parts = _BREAK.split(content[1])
    header = _HEADER.search(block)
    row: dict[str, Any] = {"header": _text(header[1]) if header else ""}
    # What is gone is named without a link.
    link = _LINK.search(what)
    if link is None:
        row |= {"title": "", "before": _text(what), "behind": ""}
    else:
        row |= {
            "titleUrl": html.unescape(link[1]),
            "title": _text(link[2]),
            "before": _text(what[: link.start()], trim=False),
            "behind": _text(what[link.end() :], trim=False),
        }
    channels = [found for part in parts for found in _LINK.finditer(part)]
    row["subtitles"] = [{"name": _text(found[2])} for found in channels[:1]]
    # Some languages put another break behind the time.
    row["time"] = next((text for part in reversed(parts) if "<a" not in part and (text := _text(part))), "")
    row["details"] = _details(block)
    return row


def _details(block: str) -> list[dict[str, str]]:
    """Find the advertiser in the caption, whose headings are in the account's language: it names Google."""
    caption = _CAPTION.search(block)
    sections = re.split(r"<b>", caption[1])[1:] if caption else []
    values = [_text(section.partition("</b>")[2]) for section in sections if "<a " not in section]
    return [{"name": value} for value in values if "Google" in value and len(value) <= MAX_DETAIL_LENGTH]


def _text(markup: str, *, trim: bool = True) -> str:
    text = html.unescape(_TAG.sub("", markup)).replace("\u00a0", " ").replace("\u2003", " ")
    return text.strip() if trim else text.lstrip("\n\r\t")


def _host(url: Any) -> str | None:
    try:
        return urlsplit(str(url)).hostname
    except ValueError:
        return None


def video_of(url: Any) -> str | None:
    """Find the id of a video in its address, in any of YouTube's forms."""
    if not isinstance(url, str) or not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.hostname or ""
    if host == "youtu.be":
        found = parts.path[1:]
    elif host.removeprefix("www.").removeprefix("music.").removeprefix("m.") != "youtube.com":
        return None
    elif parts.path.rstrip("/") == "/watch":
        found = parse_qs(parts.query).get("v", [""])[0]
    else:
        path = _VIDEO_PATH.fullmatch(parts.path)
        found = path[1] if path else ""
    return found if _VIDEO_ID.fullmatch(found) else None


TAKEOUT = Format("youtube_takeout", "Google Takeout watch history (JSON)", "json", watched)
TAKEOUT_HTML = Format("youtube_takeout", "Google Takeout watch history (HTML)", "html", watched_html)
