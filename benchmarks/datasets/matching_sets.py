"""The project's own labelled sets: pairs, lists and texts."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.datasets.files import json_lines, open_text
from musicconnect.music.model import Track


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries, and whether they are the same recording."""

    source: Track
    candidate: Track
    same: bool
    kind: str = ""
    """What sort of pair it is, where a set has several."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A track and a list of search results."""

    id: str
    source: Track
    candidates: list[Track]
    truth: str | None
    hard: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and what is to be read out of it. ``kind`` says which operation is asked for."""

    kind: str
    text: str
    channel: str | None
    artist: str | None
    title: str | None
    album: str | None


def _milliseconds(seconds: str | float | None) -> int | None:
    return round(float(seconds) * 1000) if seconds not in (None, "") else None


def _source(row: dict[str, Any]) -> Track:
    artist = row.get("artist") or ""
    return Track(
        provider="spotify",
        id=row.get("spotify_uri") or "",
        title=row["title"],
        artists=(artist,) if artist else (),
        album=row.get("album"),
        duration_ms=row.get("duration_ms"),
        isrc=row.get("isrc"),
    )


def _candidate(row: dict[str, Any]) -> Track:
    return Track(
        provider="youtube",
        id=row["id"],
        title=row["title"],
        channel=row.get("channel"),
        duration_ms=_milliseconds(row.get("duration_s")),
    )


def _table(paths: Sequence[Path]) -> Iterator[dict[str, str]]:
    for path in paths:
        with open_text(path) as file:
            yield from csv.DictReader(file)


def read_pairs(paths: Sequence[Path]) -> list[Pair]:
    """``match_pairs.csv``."""
    return [
        Pair(
            Track(
                provider="spotify",
                id=f"source-{number}",
                title=row["source_title"],
                artists=tuple(name.strip() for name in row["source_artist"].split(";") if name.strip()),
                duration_ms=round(float(row["source_duration_ms"])) if row["source_duration_ms"] else None,
            ),
            Track(
                provider="youtube",
                id=f"candidate-{number}",
                title=row["candidate_title"],
                channel=row["candidate_channel"] or None,
                duration_ms=_milliseconds(row["candidate_duration_s"]),
            ),
            row["expected"] == "match",
        )
        for number, row in enumerate(_table(paths))
    ]


def read_rankings(paths: Sequence[Path]) -> list[Ranking]:
    """``match_rank``, ``search_results_rank`` and ``search_results_nomatch``."""
    return [
        Ranking(
            row["id"],
            _source(row["source"]),
            [_candidate(candidate) for candidate in row["candidates"]],
            row.get("truth"),
            row.get("strong_negs", 0) >= 3,
        )
        for row in json_lines(paths)
    ]


def read_negatives(paths: Sequence[Path]) -> list[Pair]:
    """``version_negatives``."""
    return [Pair(_source(row["source"]), _candidate(row), same=False) for row in json_lines(paths)]


def read_title_parse(paths: Sequence[Path]) -> list[Reading]:
    """``title_parse``."""
    return [
        Reading("parse", row["yt_title"], row.get("channel"), row["artist"], row["title"], None)
        for row in json_lines(paths)
    ]


def read_title_cases(paths: Sequence[Path]) -> list[Reading]:
    """``title_cases.csv``."""
    return [
        Reading(
            row["kind"],
            row["raw"].replace("\\n", "\n"),
            None,
            row["expected_artist"] or None,
            row["expected_title"] or None,
            row["expected_album"] or None,
        )
        for row in _table(paths)
    ]
