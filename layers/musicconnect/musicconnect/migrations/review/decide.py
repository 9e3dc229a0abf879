"""Decide about tracks, one or many, at once or as soon as nobody is at work on them; and undo it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow

from musicconnect import matching
from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.migrations import decisions_store, rules_store
from musicconnect.migrations.api import queries
from musicconnect.migrations.engine.job_store import refresh_job
from musicconnect.migrations.engine.messages import send_first
from musicconnect.migrations.review import counterparts
from musicconnect.migrations.review.schemas import (
    ChoiceResult,
    ChoiceResults,
    Resolution,
    TrackChoice,
    TrackChoices,
)
from musicconnect.migrations.rules import rule_id
from musicconnect.migrations.schemas import Migration
from musicconnect.music.codec import decode, encode
from musicconnect.music.model import Track
from musicconnect.platform import problems
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem
from musicconnect.providers.library import ITEM_KINDS


@dataclass(frozen=True, slots=True)
class Choice:
    """What one track is to become."""

    row: DictRow
    """The track, locked."""
    kind: str
    target: Track | None
    """None: it is left out."""

    @property
    def source(self) -> Track:
        """Give the track that is moved."""
        return decode(self.row["source_provider"], self.row["source"])


def resolve(
    database: Database,
    caller: Caller,
    migration_id: int,
    track_id: int,
    body: Resolution,
    *,
    repeat: Repeat | None = None,
) -> Migration:
    """Decide about a track. The choice becomes a rule, and the track is written at its position.

    What stands there already goes. While a worker is at the playlist the decision waits, and is applied when
    the worker is done.

    Raises:
        Problem: 404; 422 for a link that names no track.
    """
    one = TrackChoice(track_id=track_id, candidate=body.candidate, link=body.link, leave_out=body.leave_out)
    linked = counterparts.look_up(database, caller.user_id, [one])
    reader = queries.reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        if idempotency.find(connection, caller.user_id, repeat) is not None:
            return queries.find(connection, migration_id, reader)
        rows = decisions_store.lock_tracks(connection, [track_id])
        if not rows or rows[0]["job_id"] != migration_id:
            raise problems.not_found("track")
        due = _decide(connection, [_chosen(rows[0], one, linked)], reader.now)
        idempotency.save(connection, caller.user_id, repeat, migration_id)
        found = queries.find(connection, migration_id, reader)
    send_first(caller.user_id, due)
    return found


def resolve_many(
    database: Database, caller: Caller, body: TrackChoices, repeat: Repeat | None = None
) -> ChoiceResults:
    """Decide about many tracks, of any migrations; what cannot be done is refused alone."""
    linked = counterparts.look_up(database, caller.user_id, body.choices)
    now = queries.reader_of(caller).now
    ids = [choice.track_id for choice in body.choices]
    refused: dict[int, Problem] = {}
    due: list[int] = []
    with database.transaction(caller.user_id) as connection:
        is_repeated = idempotency.find(connection, caller.user_id, repeat) is not None
        rows = {row["id"]: row for row in decisions_store.lock_tracks(connection, ids)}
        choices = []
        for choice in body.choices:
            try:
                if choice.track_id not in rows:
                    raise problems.not_found("track")
                if not is_repeated:
                    choices.append(_chosen(rows[choice.track_id], choice, linked))
            except Problem as problem:
                refused[choice.track_id] = problem
        if choices:
            due = _decide(connection, choices, now)
        decided = decisions_store.last_of_tracks(connection, ids)
        idempotency.save(connection, caller.user_id, None if is_repeated else repeat, 0)
    send_first(caller.user_id, due)
    items = [_result(track_id, decided.get(track_id), refused.get(track_id)) for track_id in ids]
    counts = {name: sum(item.status == name for item in items) for name in ("applied", "queued", "refused")}
    return ChoiceResults(items=items, **counts)


def undo(
    database: Database, caller: Caller, migration_id: int, track_id: int, repeat: Repeat | None = None
) -> Migration:
    """Take the last decision about a track back: it is what it was before, and so is the rule.

    Raises:
        Problem: 404; 409 if nothing was decided.
    """
    reader = queries.reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        if idempotency.find(connection, caller.user_id, repeat) is not None:
            return queries.find(connection, migration_id, reader)
        rows = decisions_store.lock_tracks(connection, [track_id])
        if not rows or rows[0]["job_id"] != migration_id:
            raise problems.not_found("track")
        last = decisions_store.last_of_tracks(connection, [track_id]).get(track_id)
        if last is None:
            raise problems.conflict(
                "nothing-decided", "Nothing was decided", "There is no decision about this track to undo."
            )
        due = _undo(connection, rows[0], last, reader.now)
        idempotency.save(connection, caller.user_id, repeat, migration_id)
        found = queries.find(connection, migration_id, reader)
    send_first(caller.user_id, due)
    return found


def _undo(connection: Connection[Any], row: DictRow, last: DictRow, now: datetime) -> list[int]:
    decisions_store.mark_undone(connection, last["id"])
    key = _rule_key(row)
    if key is not None:
        rules_store.restore_rule(connection, key, last["rule_before"])
    if last["status"] == "queued":
        return []
    before = {"track_id": row["id"], "playlist_id": row["playlist_id"], "kind": "undo"}
    decisions_store.insert(connection, [before | {"target": last["track_before"]}], now)
    return _apply(connection, [row], now)


def _chosen(row: DictRow, choice: TrackChoice, linked: Mapping[str, Track]) -> Choice:
    """Find what was chosen for a track. Raises `Problem` 422."""
    if choice.leave_out:
        return Choice(row, "leave_out", None)
    if choice.link is not None:
        return Choice(row, "link", counterparts.of_link(choice.link, row, linked))
    return Choice(row, "candidate", counterparts.of_candidates(row, choice.candidate))


def _decide(connection: Connection[Any], choices: Sequence[Choice], now: datetime) -> list[int]:
    """Save decisions and rules, and apply what can be; gives the playlists that are due."""
    rules = {
        choice.row["id"]: _rule(choice, key)
        for choice in choices
        if (key := _rule_key(choice.row)) is not None
    }
    replaced = rules_store.replace_rules(connection, list(rules.values()), now)
    before = dict(zip(rules, replaced, strict=True))
    decisions = [
        {
            "track_id": choice.row["id"],
            "playlist_id": choice.row["playlist_id"],
            "kind": choice.kind,
            "target": None if choice.target is None else _facts(choice.source, choice.target),
            "rule_before": before.get(choice.row["id"]),
        }
        for choice in choices
    ]
    counterparts.share(connection, [(choice.row, choice.source, choice.target) for choice in choices], now)
    decisions_store.insert(connection, decisions, now)
    return _apply(connection, [choice.row for choice in choices], now)


def _apply(connection: Connection[Any], rows: Sequence[DictRow], now: datetime) -> list[int]:
    idle = {row["playlist_id"]: row["job_id"] for row in rows if not _is_worked_on(row, now)}
    due = [playlist_id for playlist_id in idle if decisions_store.apply_queued(connection, playlist_id, now)]
    for job_id in sorted(set(idle.values())):
        refresh_job(connection, job_id, now)
    return due


def _is_worked_on(row: DictRow, now: datetime) -> bool:
    return row["lease_until"] is not None and row["lease_until"] > now


def _facts(source: Track, target: Track) -> dict[str, Any]:
    """Give what is known of a counterpart, with the matcher's score of it."""
    if not target.title or source.kind in ITEM_KINDS.values():
        return encode(target)  # The matcher knows tracks.
    found = matching.score(source, target)
    return encode(target) | {"score": round(found.total, 2), "parts": found.parts}


def _rule_key(row: DictRow) -> tuple[str, str, str] | None:
    """Give the key of the rule about a track; None for one that has no id to name it by."""
    if row["source_track_id"] is None:
        return None
    provider = row["source"].get("provider", row["source_provider"])
    source = decode(row["source_provider"], row["source"])
    source_id = rule_id(replace(source, id=row["source_track_id"]))
    return (provider, source_id, row["target_provider"])


def _rule(choice: Choice, key: tuple[str, str, str]) -> dict[str, Any]:
    target = choice.target
    return {
        "source_provider": key[0],
        "source_id": key[1],
        "source_title": choice.row["source_title"][:500],
        "source_artist": choice.row["source_artist"][:500],
        "target_provider": key[2],
        "target_id": target.id if target else None,
        "target_title": target.title[:500] if target else "",
        "target_artist": target.artist_line[:500] if target else "",
    }


def _result(track_id: int, decision: DictRow | None, problem: Problem | None) -> ChoiceResult:
    if problem is not None or decision is None:
        problem = problem or problems.not_found("track")
        return ChoiceResult(
            track_id=track_id, status="refused", code=problem.slug, message=problem.detail or problem.title
        )
    return ChoiceResult(track_id=track_id, status=decision["status"], code=None, message=None)


def confirm(
    database: Database, caller: Caller, migration_id: int, playlist_id: int, repeat: Repeat | None = None
) -> Migration:
    """Accept what putting a track into its place costs in a playlist that sorts itself.

    Raises:
        Problem: 404; 409 if nothing waits for it.
    """
    reader = queries.reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        if idempotency.find(connection, caller.user_id, repeat) is not None:
            return queries.find(connection, migration_id, reader)
        queries.must_exist(connection, migration_id)
        is_confirmed = decisions_store.confirm_cost(connection, migration_id, playlist_id, reader.now)
        if is_confirmed is None:
            raise problems.not_found("playlist")
        if not is_confirmed:
            raise problems.conflict(
                "nothing-to-confirm", "Nothing waits for a word", "The playlist costs nothing at present."
            )
        refresh_job(connection, migration_id, reader.now)
        idempotency.save(connection, caller.user_id, repeat, migration_id)
        found = queries.find(connection, migration_id, reader)
    send_first(caller.user_id, [playlist_id])
    return found
