"""What the columns of a table hold: by the words over them, or by what stands in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from musicconnect.files import cells as contents
from musicconnect.files import headers, tables
from musicconnect.files.headers import Meaning
from musicconnect.files.tables import Dialect
from musicconnect.playlist_files import exportify, urls

HISTORY: Final = "This is a history of plays, not a playlist. Import it as a listening history."
CHARTS: Final = "This is a chart, a list of how often something was played, not a playlist."
PLAYLISTS: Final = "It lists playlists, not what is in them. Their tracks are in files of their own."
_TELLING: Final[set[Meaning]] = {"title", "track_uri", "spotify_id", "video_id"}
"""One of these a table must have."""
_PLAYED: Final[set[Meaning]] = {"played_at", "unix_time", "unix_ms", "played_ms"}
_LOVED: Final = re.compile(r"(?:^|/)lovedtracks-[^/]*$", re.IGNORECASE)
"""Of a Last.fm exporter: columns as in its histories, but when something was loved."""
_SAMPLE_ROWS: Final = 60
_EXPORTIFY: Final[tuple[Meaning | None, ...]] = (
    "track_uri", "title", "artist_uris", "artists", "album_uri", "album", "album_artist_uris",
    "album_artists", "release_date", "image_url", "disc_number", "track_number", "duration_ms", None,
    "explicit", "popularity", "isrc", "added_by", "added_at",
)  # fmt: skip
"""Exportify's columns by their places, for a language that we do not know."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table hold."""

    dialect: Dialect
    meanings: Mapping[Meaning, tuple[int, ...]]
    header: tuple[str, ...] = ()
    """Empty where there is none."""
    header_line: int = 0
    """1-based; 0 where there is none."""
    ours: Mapping[str, int] = field(default_factory=dict)
    """Places of our columns by their names, where the table is ours."""
    is_numbered: bool = False
    """Whether artists stand in columns of their own."""

    @property
    def is_exportify(self) -> bool:
        """Tell whether the file has its name from Exportify."""
        return "track_uri" in self.meanings and bool({"artist_uris", "popularity"} & self.meanings.keys())

    @property
    def is_takeout(self) -> bool:
        """Tell whether it is a playlist of Google Takeout: videos and when they were added."""
        return "video_id" in self.meanings and "title" not in self.meanings and len(self.header) <= 3

    def cells_of(self, row: Sequence[str]) -> dict[Meaning, list[str]]:
        """Give what stands under each meaning in a row, without what is empty."""
        return {
            meaning: [text for place in places if place < len(row) and (text := row[place].strip())]
            for meaning, places in self.meanings.items()
        }


def detect_columns(text: str, file_name: str = "") -> Columns | str | None:
    """Detect what a table holds.

    Gives a text where it is a table of something else, and None where it is no table that we know.

    Args:
        text: Its beginning.
        file_name: Of the file; only a last word on what looks like a history.
    """
    header = tables.find_header(text, _score)
    if header is None:
        begin = [headers.key_of(cell) for cell in text.lstrip().split("\n", 1)[0].split(",")]
        return PLAYLISTS if "playlistid" in begin else _by_content(text)
    if exportify.EXTENSION in header.cells:
        # Ours say exactly what they mean, and nothing of the rest is to be guessed at.
        ours: dict[str, int] = {
            name: header.cells.index(name) for name in exportify.COLUMNS if name in header.cells
        }
        dialect = Dialect(header.dialect.separator)
        return Columns(dialect, {}, tuple(header.cells), header.line, ours)
    meanings = headers.meanings_of(header.cells)
    if _PLAYED & meanings.keys() and not _LOVED.search(file_name):
        return HISTORY
    if "rank" in meanings and "play_count" in meanings:
        return CHARTS
    keys = [headers.key_of(cell) for cell in header.cells]
    if "comment_text" in meanings or "playlistid" in keys:
        return PLAYLISTS if "playlistid" in keys else None
    is_numbered = any(map(headers.is_numbered_artist, header.cells))
    return Columns(header.dialect, meanings, tuple(header.cells), header.line, is_numbered=is_numbered)


def sample_rows(text: str, dialect: Dialect) -> list[list[str]]:
    """Split the first lines of a table without a header, or with one that says nothing."""
    lines = [line for line in text.split("\n") if line.strip()][:_SAMPLE_ROWS]
    return [tables.split(line.rstrip("\r"), dialect) for line in lines]


def _score(cells: Sequence[str]) -> int:
    """Tell how many words of a line mean something; 0 if it is no header of tracks."""
    if cells and exportify.EXTENSION in cells:
        return 100
    meanings = headers.meanings_of(cells)
    if not meanings.keys() & _TELLING:
        return 0
    known = sum(len(places) for places in meanings.values())
    # A row of a table may hold such a word, too; a header holds several, or nothing else.
    return known if known >= 2 or _is_alone(cells) else (1 if _is_word_alone(cells, meanings) else 0)


def _is_alone(cells: Sequence[str]) -> bool:
    return len(cells) == 1 and not set(cells[0]) & set(tables.SEPARATORS)


def _is_word_alone(cells: Sequence[str], meanings: Mapping[Meaning, tuple[int, ...]]) -> bool:
    """Tell whether the one word that is known is over a column of ids, which needs no others."""
    return bool({"video_id", "spotify_id", "track_uri"} & meanings.keys()) and len(cells) <= 40


def _by_content(text: str) -> Columns | None:
    """Find out what columns hold from what stands in them."""
    lines = [line for line in text.split("\n") if line.strip()][:_SAMPLE_ROWS]
    lines = [line.rstrip("\r") for line in lines if not line.lower().startswith("sep=")]
    if not lines:
        return None
    dialect = tables.dialect_of(text, tables.guess_separator(lines[:20]))
    rows = [tables.split(line, dialect) for line in lines]
    first, others = rows[0], rows[1:] or rows
    meanings = dict(_meanings_of_columns(others))
    if not meanings.keys() & _TELLING:
        return None
    is_header = not any(place < len(first) and _is_place(first[place]) for place in _places(meanings))
    if not is_header:
        return Columns(dialect, meanings)
    if len(first) >= 17 and meanings.get("track_uri") == (0,):
        meanings = {
            meaning: (place,) for place, meaning in enumerate(_EXPORTIFY) if meaning and place < len(first)
        }
    line = next(n for n, line in enumerate(text.split("\n"), 1) if line.rstrip("\r") == lines[0])
    return Columns(dialect, meanings, tuple(first), line)


def _meanings_of_columns(rows: Sequence[Sequence[str]]) -> Iterator[tuple[Meaning, tuple[int, ...]]]:
    width = max(len(row) for row in rows)
    columns = [[row[place] for row in rows if place < len(row)] for place in range(min(width, 60))]
    found: set[Meaning] = set()
    for place, column in enumerate(columns):
        meaning: Meaning | None = None
        match contents.content_of_column(column):
            case "uri" if all(urls.parse_url(cell) for cell in column if cell.strip()):
                meaning = "track_uri"
            case "video_id" if place == 0 and width <= 3:
                meaning = "video_id"
            case "spotify_id" if place == 0:
                meaning = "spotify_id"
            case "isrc":
                meaning = "isrc"
            case "moment" if "video_id" in found or "track_uri" in found:
                meaning = "added_at"
        if meaning is not None and meaning not in found:
            found.add(meaning)
            yield meaning, (place,)


def _places(meanings: Mapping[Meaning, tuple[int, ...]]) -> list[int]:
    return [place for meaning in _TELLING for place in meanings.get(meaning, ())]


def _is_place(cell: str) -> bool:
    return contents.content_of(cell) in {"uri", "video_id", "spotify_id"}
