"""List tracks with their matches, and count them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg.rows import DictRow

from musicconnect.api.binding import Caller
from musicconnect.matching import reason_codes
from musicconnect.migrations import decisions_store, status_text
from musicconnect.migrations.api import queries
from musicconnect.migrations.review import store
from musicconnect.migrations.review.schemas import (
    CountsQuery,
    MatchCandidate,
    MatchReason,
    MigratedTrack,
    MigratedTrackList,
    MigratedTracksQuery,
    Span,
    TrackDecision,
    TrackSide,
    TrackTally,
)
from musicconnect.migrations.review.store import TrackFilter
from musicconnect.music.model import ItemType
from musicconnect.platform import pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status
from musicconnect.providers.registry import PROVIDERS

_OF_LIBRARY = frozenset({ItemType.ARTIST.value, ItemType.ALBUM.value})
DECIMALS = 1
"""Of every number between 0 and 100: more would say more than is known."""


def list_tracks(
    database: Database, caller: Caller, query: MigratedTracksQuery, migration_id: int | None = None
) -> MigratedTrackList:
    """List the tracks of a migration, or of all. Raises `Problem` 404, or 400 for another list's cursor."""
    reader = queries.reader_of(caller)
    chosen = query.model_dump(exclude={"limit", "cursor", "sort"})
    wanted = TrackFilter(job_id=migration_id, **chosen)
    by_score = query.sort == "score"
    key = pagination.decode(query.cursor, *((str, int) if by_score else (int, int)))
    with database.transaction(caller.user_id) as connection:
        if migration_id is not None:
            queries.must_exist(connection, migration_id)
        if by_score:
            after = (_number(key[0]), key[1]) if key else None
            rows = store.list_by_score(connection, wanted, after=after, limit=query.limit + 1)
        else:
            rows = store.list_by_position(connection, wanted, after=key or (0, -1), limit=query.limit + 1)
        page, next_cursor = pagination.page(rows, query.limit, _score_key if by_score else _position_key)
        decisions = decisions_store.last_of_tracks(connection, [row["id"] for row in page])
    items = [to_track(row, reader, decisions.get(row["id"])) for row in page]
    return MigratedTrackList(items=items, next_cursor=next_cursor)


def show_track(database: Database, caller: Caller, migration_id: int, track_id: int) -> MigratedTrack:
    """Show one track. Raises `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        wanted = TrackFilter(job_id=migration_id, track_id=track_id)
        rows = store.list_by_score(connection, wanted, after=None, limit=1)
        decisions = decisions_store.last_of_tracks(connection, [track_id])
    if not rows:
        raise problems.not_found("track")
    return to_track(rows[0], queries.reader_of(caller), decisions.get(track_id))


def tally(database: Database, caller: Caller, query: CountsQuery) -> TrackTally:
    """Count tracks by what became of them. Raises `Problem` 404."""
    wanted = TrackFilter(job_id=query.migration_id, playlist_id=query.playlist_id)
    with database.transaction(caller.user_id) as connection:
        if query.migration_id is not None:
            queries.must_exist(connection, query.migration_id)
        rows = store.tally(connection, wanted)
    kinds = ("outcome", "code", "reason", "found_by", "written")
    by_kind: dict[str, dict[str, int]] = {kind: {} for kind in kinds}
    for row in sorted(rows, key=lambda row: (-row["tracks"], row["name"])):
        by_kind[row["kind"]][row["name"]] = row["tracks"]
    return TrackTally(
        total=sum(by_kind["outcome"].values()),
        written=by_kind["written"].get("written", 0),
        outcomes=by_kind["outcome"],
        reasons=by_kind["reason"],
        codes=by_kind["code"],
        found_by=by_kind["found_by"],
    )


def to_track(row: DictRow, reader: Reader, decision: DictRow | None) -> MigratedTrack:
    """Turn a track into what the API shows."""
    source = _side(
        row["source_provider"], row["source_track_id"], row["source_title"], row["source_artist"],
        row["source_facts"],
    )  # fmt: skip
    target = None
    if row["target_track_id"] is not None:
        target = _side(
            row["target_provider"], row["target_track_id"], row["target_title"], row["target_artist"],
            row["target_facts"] or {},
        )  # fmt: skip
    message = row["code"] and status_text.render(Status(row["code"], row["params"]), reader)
    shown = target.title if target is not None else _best_title(row["candidates"])
    values = {
        "source": source,
        "target": target,
        "match_score": _rounded(row["match_score"]),
        "match_parts": row["match_parts"] and _parts(row["match_parts"]),
        "reason_details": reasons(row["match_reasons"], source.title, shown),
        "candidates": [
            _candidate(row["target_provider"], entry, source.title) for entry in row["candidates"]
        ],
        "error_message": message,
        "decision": decision and TrackDecision.model_validate(decision),
    }
    return MigratedTrack.model_validate({**row, **values})


def reasons(texts: Sequence[str], source_title: str, target_title: str) -> list[MatchReason]:
    """Give reasons with their codes, and where the titles state the versions that they are about."""
    return [_reason(text, source_title, target_title) for text in texts]


def _reason(text: str, source_title: str, target_title: str) -> MatchReason:
    found = reason_codes.read(text)
    return MatchReason(
        code=found.code,
        about=found.about,
        sign=found.sign,
        params=dict(found.params),
        text=found.text,
        spans=_spans(found.params.get("versions", ()), source_title, target_title),
    )


def _spans(versions: Sequence[str], source_title: str, target_title: str) -> list[Span]:
    if not versions:
        return []
    # The data about titles takes a while to load: with the first reason that needs it.
    from musicconnect.matching import version_spans  # noqa: PLC0415

    found = [
        Span(side="source", start=start, end=end) for start, end in version_spans.find(source_title, versions)
    ]
    return found + [
        Span(side="target", start=start, end=end) for start, end in version_spans.find(target_title, versions)
    ]


def _candidate(provider: str, entry: Mapping[str, Any], source_title: str) -> MatchCandidate:
    return MatchCandidate.model_validate(
        {
            **{name: entry.get(name) for name in _OF_CANDIDATES if name in entry},
            "url": address(provider, entry["id"], entry.get("kind")),
            "score": _rounded(entry["score"]),
            "parts": _parts(entry["parts"]),
            "reason_details": reasons(entry["reasons"], source_title, entry["title"]),
        }
    )


_OF_CANDIDATES = ("id", "title", "artist", "album", "channel", "duration_ms", "isrc", "reasons")


def _side(
    provider: str, track_id: str | None, title: str | None, artist: str | None, facts: Mapping[str, Any]
) -> TrackSide:
    shown = {name: facts.get(name) for name in ("album", "channel", "duration_ms", "isrc")}
    return TrackSide(
        provider=provider,
        id=track_id,
        url=track_id and address(provider, track_id, facts.get("kind")),
        title=title or "",
        artist=artist or "",
        **shown,
    )


def address(provider: str, track_id: str, kind: str | None = None) -> str | None:
    """Give where a service shows a track, artist or album; None of what is no service's."""
    entry = PROVIDERS.get(provider)
    if entry is None:
        return None
    return entry.address(ItemType(kind) if kind in _OF_LIBRARY else entry.item_types[0], track_id)


def _best_title(candidates: Iterable[Mapping[str, Any]]) -> str:
    return next((str(entry["title"]) for entry in candidates), "")


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DECIMALS)


def _parts(parts: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, DECIMALS) for name, value in parts.items()}


def _score_key(row: DictRow) -> tuple[str, int]:
    score = row["match_score"]
    return (f"{-1 if score is None else score:.2f}", row["id"])


def _position_key(row: DictRow) -> tuple[int, int]:
    return (row["playlist_id"], row["position"])


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise pagination.invalid() from None
    if not -1 <= number <= 100:
        raise pagination.invalid()
    return number
