"""Cases taken from public reports: an entry, what a search found, and what of it is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.datasets.files import json_lines
from musicconnect.music.model import Track


@dataclass(frozen=True, slots=True)
class Case:
    """A source with candidates of the other provider."""

    ref: str
    kind: str
    """Sort of trouble."""
    source: Track
    candidates: list[Track]
    right: frozenset[str]
    """Ids of the candidates that are the recording; empty where none is."""


def _track(row: dict[str, Any], provider: str) -> Track:
    return Track(
        provider=provider,
        id=row["id"],
        title=row["title"],
        artists=tuple(row.get("artists") or ()),
        album=row.get("album"),
        duration_ms=row.get("duration_ms"),
        isrc=row.get("isrc"),
        explicit=row.get("explicit"),
        channel=row.get("channel"),
        description=row.get("description"),
    )


def read_cases(paths: Sequence[Path]) -> list[Case]:
    """``matching_cases.jsonl``: a source without artists is an upload, and its candidates are Spotify's."""
    cases = []
    for row in json_lines(paths):
        is_upload = not row["source"].get("artists")
        source, target = ("youtube", "spotify") if is_upload else ("spotify", "youtube")
        right = row["right"]
        cases.append(
            Case(
                ref=row.get("ref", ""),
                kind=row["kind"],
                source=_track(row["source"], source),
                candidates=[_track(candidate, target) for candidate in row["candidates"]],
                right=frozenset([right] if isinstance(right, str) else right or ()),
            )
        )
    return cases
