"""Detect the format of an uploaded file by its content, never by its name."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, Final

from musicconnect.files import tables
from musicconnect.trends.imports.formats import (
    apple_music,
    google_takeout,
    lastfm,
    listenbrainz,
    own,
    spotify,
    table_rows,
)
from musicconnect.trends.imports.formats import tables as play_tables
from musicconnect.trends.imports.formats.base import NO_TIME, Format, record_parser
from musicconnect.trends.imports.readers.json_values import (
    depth_of,
    first_key_of,
    list_under,
    read_values,
)

MAX_SAMPLE: Final = 5_000
"""Records of a head that are looked at; it has some hundreds."""

EMPTY: Final = Format("empty", "empty list", "json", record_parser(lambda *_: NO_TIME))
"""A list without records is a history of nothing."""

FORMATS: Final = {
    # By the key that an import's position stores.
    "spotify_extended": spotify.EXTENDED,
    "spotify_account": spotify.ACCOUNT,
    "youtube_takeout": google_takeout.TAKEOUT,
    "youtube_takeout_html": google_takeout.TAKEOUT_HTML,
    "apple_activity": apple_music.ACTIVITY,
    "apple_history": apple_music.HISTORY,
    "listenbrainz": listenbrainz.LISTENS,
    "musicconnect": own.PLAYS,
    "table": table_rows.TABLE,
    "scrobbler_log": lastfm.LOG,
    "lastfm_json": lastfm.SCROBBLES,
    "maloja": lastfm.MALOJA,
    "koito": lastfm.KOITO,
    "empty": EMPTY,
}

_LISTS: Final = ("scrobbles", "listens", "payload", "track", "tracks", "items", "history", "data")
"""Keys under which lists of records stand."""
_GAP: Final = re.compile(r"[\s,\[\]\ufeff]*")
_EMPTY: Final = re.compile(r"\s*\[[\s\[\],]*\]\s*")


@dataclass(frozen=True, slots=True)
class DetectedFormat:
    """A file's format, and what its head says about the rest."""

    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    """JSON values."""

    @property
    def format(self) -> Format:
        """Get the format itself."""
        return FORMATS[self.key]

    @property
    def is_own(self) -> bool:
        """Whether it is an export of this service."""
        return bool(self.facts.get("is_own"))


def detect(text: str) -> DetectedFormat | str | None:
    """Detect a format from the head of a file.

    Gives a code of `status_text` for a known kind that cannot be read, and None for an unknown one.
    """
    text = text.lstrip("\ufeff")
    begin = text.lstrip()[:1]
    if text.startswith("#AUDIOSCROBBLER/"):
        return _log(text)
    if begin in {"[", "{"}:
        return _json(text)
    if begin == "<":
        return _markup(text)
    return _table(text)


def _log(text: str, *, has_header: bool = True) -> DetectedFormat:
    facts = lastfm.log_facts(text)
    dialect = asdict(tables.Dialect("\t", is_quoted=False))
    return DetectedFormat(
        "scrobbler_log", {**facts, "dialect": dialect, "comment": "#" if has_header else None}
    )


def _markup(text: str) -> DetectedFormat | str | None:
    if "outer-cell" in text or "mdl-typography" in text:
        return DetectedFormat("youtube_takeout_html", google_takeout.learn_html(text))
    if re.search(r"<(?:recenttracks|lfm)[\s>]", text):
        return "lastfm-xml"
    return None


def _json(text: str) -> DetectedFormat | str | None:
    if _EMPTY.fullmatch(text):
        return DetectedFormat("empty")
    records = _records(text)
    found = _of_records(records)
    if found is not None:
        gap = _GAP.match(text)
        depth = text[: gap.end()].count("[") if gap else 0
        is_lines = depth == 0 and _is_json(text.lstrip().partition("\n")[0])
        facts = {"depth": depth, "is_lines": is_lines, "first_key": first_key_of(text)}
        return DetectedFormat(found.key, {**found.facts, **facts})
    for key in _LISTS:
        list_begin = list_under(key).search(text)
        if list_begin is None:
            continue
        inside = text[list_begin.end() :]
        found = _of_records(_records(inside))
        if found is None and re.match(r"\[\s*\]", inside):
            found = DetectedFormat("empty")
        if found is not None:
            depth = depth_of(text[: list_begin.end()]) + inside.startswith("[")
            facts = {"within": key, "depth": depth, "first_key": first_key_of(inside)}
            return DetectedFormat(found.key, {**found.facts, **facts})
    first = next((record for record in records if isinstance(record, dict)), {})
    return "playlist-file" if first.keys() & {"playlists", "playlist", "tracks"} else None


def _is_json(line: str) -> bool:
    try:
        json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return False
    return True


def _records(text: str) -> list[Any]:
    """Read the objects of a head, as far as they are whole."""
    # The head is cut: what it ends in is no record.
    values = read_values(io.BytesIO(text.encode("utf-8", "replace")), within=None, depth=0)
    return [record.value for record in islice(values, MAX_SAMPLE) if isinstance(record.value, dict)]


def _of_records(records: Sequence[dict[str, Any]]) -> DetectedFormat | None:
    """Tell the format of some records: what the first of them that is known is."""
    for record in records[:100]:
        key = _of_record(record)
        if key == "youtube_takeout":
            return DetectedFormat(key, google_takeout.learn(records))
        if key == "listenbrainz":
            return DetectedFormat(key, {"is_own": listenbrainz.is_own(record)})
        if key == "lastfm_json" and {"timeMs", "event"} & record.keys():
            return DetectedFormat(key, {"source": "pano_scrobbler"})
        if key is not None:
            return DetectedFormat(key)
    return None


def _of_record(record: dict[str, Any]) -> str | None:
    keys = record.keys()
    track = record.get("track")
    if {"ts", "ms_played"} <= keys:
        return "spotify_extended"
    if {"endTime", "msPlayed"} <= keys:
        return "spotify_account"
    if {"listened_at", "track_metadata"} <= keys:
        return "listenbrainz"
    if {"title", "time"} <= keys and keys & {"header", "titleUrl", "products", "activityControls"}:
        return "youtube_takeout"
    if isinstance(track, dict) and "time" in keys:
        return "maloja"
    if isinstance(track, dict) and {"listened_at", "artists"} <= keys:
        return "koito"
    if "listened_at" in keys and {"artists"} <= keys:
        return "koito"
    is_named = bool(keys & {"artist", "artist_name", "artistName"}) and bool(
        keys & {"name", "track", "title", "track_name", "trackName", "song"}
    )
    is_timed = bool(
        keys
        & {
            "date",
            "uts",
            "timestamp",
            "timeMs",
            "time",
            "played_at",
            "listened_at",
            "datetime",
            "utc_time",
            "@attr",
        }
    )
    return "lastfm_json" if is_named and is_timed and not isinstance(track, list) else None


def _table(text: str) -> DetectedFormat | str | None:
    facts = own.find(text)
    if facts is not None:
        return DetectedFormat("musicconnect", facts)
    apple = apple_music.find(text)
    if isinstance(apple, tuple):
        return DetectedFormat(*apple)
    rows = [line.split("\t") for line in text.split("\n")[:20] if line.strip() and not line.startswith("#")]
    if rows and all(
        len(row) >= lastfm.LOG_WIDTH and row[5].strip() in {"L", "S"} for row in rows[:-1] or rows
    ):
        return _log(text, has_header=text.startswith("#"))
    found = play_tables.find(text)
    if isinstance(found, dict):
        return DetectedFormat("table", found)
    return apple or found
