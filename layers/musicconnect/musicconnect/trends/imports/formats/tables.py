"""Find what the columns of a table of plays hold: CSV and tab-separated files of scrobblers and others. Pure.

What a column holds is known by its word (`musicconnect.files.headers` and the words below) and checked by its
cells: "time" may head lengths, "date" a day of release. Tables without a header are known by their cells.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from musicconnect.files import headers, tables
from musicconnect.files.tables import Dialect
from musicconnect.trends.imports.formats import times

SAMPLE_ROWS: Final = 200
# Words over times of listening, beside those that playlists have as well.
_PLAYED_AT: Final = """
    Played At | Listened At | Listen Time | Listening Date | Play Date | Play Time | Scrobble Date |
    Scrobbled | Last.fm Time | Local Time | Track Played | Start Time | Started At | Gespielt am |
    Abgespielt am | Gehört am | Zeitpunkt | Zeitstempel | Hörzeit | Date d'écoute | Écouté le |
    Horodatage | Joué le | Date et heure | Fecha de reproducción | Escuchado el | Fecha y hora |
    Marca de tiempo | Ascoltato il | Data e ora | Data di ascolto | Data e hora | Ouvido em |
    Reproduzido em | Beluisterd op | Afgespeeld op | Datum en tijd | Lyssnad | Spelad | Afspillet |
    Avspilt | Toistettu | Odtworzono | Data i godzina | Прослушано | Дата и время |
    Время прослушивания | Відтворено | Dinlenme Tarihi | Tarih ve saat | 再生日時 | 再生日 | 日時 |
    재생일 | 재생 날짜 | 播放时间 | 播放時間 | 收听时间 | Přehráno | Ημερομηνία και ώρα |
    تاريخ التشغيل
"""
_KEYS: Final = frozenset(headers.key_of(word) for word in _PLAYED_AT.split("|"))
_CLOCK: Final = re.compile(r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?(?:\s?[AaPp]\.?\s?[Mm]\.?)?")
_DAY: Final = re.compile(
    r"\s*(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|[^:]{6,30}\d{4})\s*"
)
UTF7: Final = re.compile(r"\+[A-Za-z0-9/]+-")
_SECONDS: Final = frozenset({"listeningtime"})

type Columns = dict[str, Any]


def _meaning(word: str) -> str | None:
    # lastfmstats.com puts the user's name into the last word: "Date#somebody".
    word = word.strip().partition("#")[0] or word
    found = headers.meaning_of(word)
    return "played_at" if found in {None, "time", "date"} and headers.key_of(word) in _KEYS else found


def _places(cells: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        meaning = _meaning(cell)
        if meaning is not None:
            found.setdefault(meaning, []).append(place)
    return found


_TIMES: Final = ("unix_time", "unix_ms", "played_at", "date", "time")
"""Meanings of columns that may tell when something was played, the most exact first."""


def score(cells: Sequence[str]) -> int:
    """Count what some cells mean, if they are a header of plays; otherwise 0."""
    found = _places(cells)
    if "title" not in found or not {"artist", "artists"} & found.keys() or not set(_TIMES) & found.keys():
        return 0
    return len(found)


def find(text: str) -> dict[str, Any] | str | None:
    """Find the facts of a table of plays by its head.

    Gives a code of `status_text` for a table of something else, and None for what is no table.
    """
    header = tables.find_header(text, score)
    if header is not None:
        facts = _with_header(text, header)
        if facts is not None:
            return facts
        return "table-without-times"
    return _without_header(text) or _of_something_else(text)


def _with_header(text: str, header: tables.HeaderLine) -> dict[str, Any] | None:
    found = _places(header.cells)
    rows = _sample(text, header.dialect, header.line)
    columns = _time_columns(found, header.cells, rows)
    if columns is None:
        return None
    columns |= {
        "title": found["title"][0],
        "artist": [*found.get("artist", ()), *found.get("artists", ())][0],
        **{
            name: next(iter(found.get(name, ())), None)
            for name in ("album", "duration_ms", "duration", "played_ms")
        },
    }
    names = [headers.key_of(cell.partition("#")[0]) for cell in header.cells]
    columns["event"] = names.index("event") if "event" in names else None
    columns["played_in_seconds"] = (
        columns["played_ms"] is not None and names[columns["played_ms"]] in _SECONDS
    )
    return {
        "dialect": asdict(header.dialect),
        "skip": header.line,
        "header": header.cells,
        "columns": columns,
        "source": _source(names, text),
        "utf7": UTF7.search(text[: text.find("\n") + 1]) is not None,
    }


def _source(names: Sequence[str], text: str) -> str:
    if {"timems", "event"} <= set(names):
        return "pano_scrobbler"
    if {"datetime", "artist", "song", "release"} <= set(names):
        return "spinitron"
    if "libre.fm" in text[:400].casefold():
        return "librefm"
    return "lastfm"


def _sample(text: str, dialect: Dialect, skip: int) -> list[list[str]]:
    lines = text.split("\n")[skip : skip + SAMPLE_ROWS]
    return [
        cells for line in lines if line.strip() and any(cells := tables.split(line.rstrip("\r"), dialect))
    ]


def _cells(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [row[place].strip() for row in rows if place < len(row) and row[place].strip()]


def _time_columns(
    found: dict[str, list[int]], words: Sequence[str], rows: Sequence[Sequence[str]]
) -> Columns | None:
    """Choose the columns of the time; None if no column has any."""
    candidates = [place for meaning in _TIMES for place in found.get(meaning, ())]
    written = {place: _cells(rows, place) for place in candidates}
    good = [place for place in candidates if any(_is_moment(cell) for cell in written[place])]
    pair = _pair(candidates, written)
    if not good and pair is None:
        exact = [place for meaning in _TIMES[:3] for place in found.get(meaning, ())]
        if rows and not exact:
            return None
        good = exact or candidates[:1]
    # One that no sample contradicts before one that is empty now and then.
    day_first = times.is_day_first([cell for place in candidates for cell in written[place]])
    return {
        "times": good,
        "pair": pair if not good else None,
        "day_first": day_first,
        "utc": [place for place in candidates if "utc" in headers.key_of(words[place])],
    }


def _is_moment(cell: str) -> bool:
    if times.number_ms(cell) is not None:
        return True
    try:
        return times.read(cell, day_first=True) is not None
    except ValueError:
        return False


def _pair(candidates: Sequence[int], written: dict[int, list[str]]) -> list[int] | None:
    """Find a column of days and one of times of day."""
    days = [place for place in candidates if written[place] and all(map(_DAY.fullmatch, written[place]))]
    clocks = [place for place in candidates if written[place] and all(map(_CLOCK.fullmatch, written[place]))]
    return [days[0], clocks[0]] if days and clocks else None


def _without_header(text: str) -> dict[str, Any] | None:
    """Know a table without a header by the cells of its first rows."""
    lines = [line for line in text.split("\n")[:SAMPLE_ROWS] if line.strip()]
    if not lines:
        return None
    # The last line may be cut.
    lines = lines[:-1] if len(lines) == SAMPLE_ROWS or (not text.endswith("\n") and len(lines) > 1) else lines
    dialect = tables.dialect_of(text, tables.guess_separator(lines[:20]))
    rows = [cells for line in lines if any(cells := tables.split(line.rstrip("\r"), dialect))]
    if not rows:
        return None
    width = max(map(len, rows))
    for columns, source in (_PANO, *_SCROBBLER):
        place = columns["times"][0]
        if width not in columns["widths"]:
            continue
        cells = [row[place].strip() if place < len(row) else "" for row in rows]
        good = [cell for cell in cells if cell and _is_moment(cell)]
        # All but what was playing when the table was made.
        if good and len(good) >= 0.8 * sum(map(bool, cells)):
            return {
                "dialect": asdict(dialect),
                "skip": 0,
                "columns": {
                    **_NO_COLUMNS, **columns, "widths": None,
                    "day_first": times.is_day_first(cells),
                },
                "source": source,
            }  # fmt: skip
    return None


_NO_COLUMNS: Final[Columns] = {
    "pair": None, "utc": [], "album": None, "duration_ms": None, "duration": None, "played_ms": None,
    "played_in_seconds": False, "event": None,
}  # fmt: skip
# Pano Scrobbler's log without its first line.
_PANO: Final[tuple[Columns, str]] = (
    {
        "widths": range(8, 12),
        "times": [1],
        "artist": 2,
        "title": 3,
        "album": 4,
        "duration_ms": 6,
        "event": 10,
    },
    "pano_scrobbler",
)
_SCROBBLER: Final[tuple[tuple[Columns, str], ...]] = (
    # Artist, album, track, time: lastfm-to-csv; with an empty cell and a length: Scrubbler.
    ({"widths": range(4, 7), "times": [3], "artist": 0, "album": 1, "title": 2, "duration": 5}, "lastfm"),
)


def _of_something_else(text: str) -> str | None:
    """Tell a table of something else that people take for their history."""

    def is_chart(cells: Sequence[str]) -> int:
        found = _places(cells)
        return int("rank" in found and "play_count" in found)

    def is_list(cells: Sequence[str]) -> int:
        found = _places(cells)
        return int("title" in found and bool({"artist", "artists"} & found.keys()))

    if tables.find_header(text, is_chart):
        return "table-of-ranks"
    return "table-without-times" if tables.find_header(text, is_list) else None
