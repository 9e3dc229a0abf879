"""Control a migration after its start: pause, resume, cancel, retry, rollback, and a person's choices.

None of these works on a playlist itself. They say what is wanted and ask for a step; a worker that is at a
playlist sees it with its next commit. What a worker has under way is never taken out of its hands.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import DictRow

from musicconnect import matching
from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.matching import Outcome
from musicconnect.migrations import file_tracks, rules, rules_store
from musicconnect.migrations.api import queries, store
from musicconnect.migrations.engine.messages import send_first
from musicconnect.migrations.engine.store import refresh_job
from musicconnect.migrations.schemas import Migration, Resolution
from musicconnect.music import links
from musicconnect.music.codec import decode
from musicconnect.music.model import Track
from musicconnect.platform import problems
from musicconnect.platform.database import Database
from musicconnect.providers import registry
from musicconnect.providers.match_store import service as match_store
from musicconnect.providers.match_store.model import Finding
from musicconnect.providers.registry import FILE, title

UNFINISHED = ("pending", "running")


def stop(
    database: Database, caller: Caller, migration_id: int, kind: Literal["pause", "cancel"]
) -> Migration:
    """Stop until it is resumed, or for good. Raises `Problem` 404, or 409 when it has ended."""

    def act(connection: Connection[Any], _now: datetime) -> list[int]:
        if _lock(connection, migration_id)[0] not in UNFINISHED:
            raise problems.conflict("migration-ended", "The migration has ended", "There is nothing to stop.")
        store.stop(connection, migration_id, kind)
        return []

    return _change(database, caller, migration_id, act)


def resume(database: Database, caller: Caller, migration_id: int) -> Migration:
    """Resume a paused migration. Raises `Problem` 404, or 409 when it is not paused."""

    def act(connection: Connection[Any], now: datetime) -> list[int]:
        status, stop = _lock(connection, migration_id)
        if stop != "pause" or status not in UNFINISHED:
            raise problems.conflict(
                "not-paused", "The migration is not paused", "There is nothing to resume."
            )
        return store.resume(connection, migration_id, now)

    return _change(database, caller, migration_id, act)


def retry(database: Database, caller: Caller, migration_id: int, repeat: Repeat | None = None) -> Migration:
    """Try again what failed: playlists that ended early, and tracks that found no counterpart.

    Raises `Problem` 404, or 409 when it has not ended or nothing failed.
    """

    def act(connection: Connection[Any], now: datetime) -> list[int]:
        _lock_ended(connection, migration_id)
        due = store.retry_failed(connection, migration_id, now)
        if not due:
            raise problems.conflict("nothing-failed", "Nothing has failed", "There is nothing to try again.")
        store.reopen(connection, migration_id)
        return due

    return _change(database, caller, migration_id, act, repeat)


def roll_back(
    database: Database, caller: Caller, migration_id: int, repeat: Repeat | None = None
) -> Migration:
    """Take out what it wrote, and nothing else. Raises `Problem` 404, or 409 when it has not ended."""

    def act(connection: Connection[Any], now: datetime) -> list[int]:
        _lock_ended(connection, migration_id)
        due = store.begin_rollback(connection, migration_id, now)
        if not due:
            raise problems.conflict(
                "nothing-written", "Nothing was written", "There is nothing to take out again."
            )
        store.reopen(connection, migration_id, is_rollback=True)
        return due

    return _change(database, caller, migration_id, act, repeat)


def resolve(
    database: Database,
    caller: Caller,
    migration_id: int,
    track_id: int,
    choice: Resolution,
    *,
    repeat: Repeat | None = None,
) -> Migration:
    """Decide about a track. The choice becomes a rule, and the track is written at its position.

    Raises:
        Problem: 404; 409 while a worker is at the playlist; 422 for a link that names no track.
    """

    def act(connection: Connection[Any], now: datetime) -> list[int]:
        track = _lock_track(connection, migration_id, track_id, now)
        target = _chosen(track, choice)
        _save_rule(connection, track, target, now)
        store.decide_track(connection, track, target, rules.CHOSEN if target else rules.LEFT_OUT)
        writes = target is not None and not track["dry_run"]
        if not store.recount(connection, track["playlist_id"], now, writes=writes):
            return []
        store.reopen(connection, migration_id)
        return [track["playlist_id"]]

    return _change(database, caller, migration_id, act, repeat)


def _change(
    database: Database,
    caller: Caller,
    migration_id: int,
    act: Callable[[Connection[Any], datetime], list[int]],
    repeat: Repeat | None = None,
) -> Migration:
    reader = queries.reader_of(caller)
    with database.transaction(caller.user_id) as connection:
        if idempotency.find(connection, caller.user_id, repeat) is not None:
            return queries.find(connection, migration_id, reader)
        due = act(connection, reader.now)
        refresh_job(connection, migration_id, reader.now)
        idempotency.save(connection, caller.user_id, repeat, migration_id)
        found = queries.find(connection, migration_id, reader)
    send_first(caller.user_id, due)
    return found


def _lock(connection: Connection[Any], migration_id: int) -> tuple[str, str | None]:
    job = store.lock_job(connection, migration_id)
    if job is None:
        raise problems.not_found("migration")
    return job


def _lock_ended(connection: Connection[Any], migration_id: int) -> None:
    if _lock(connection, migration_id)[0] in UNFINISHED:
        raise problems.conflict(
            "migration-running", "The migration has not ended", "Wait until it has ended, or cancel it first."
        )


def _lock_track(connection: Connection[Any], migration_id: int, track_id: int, now: datetime) -> DictRow:
    track = store.lock_track(connection, migration_id, track_id)
    if track is None:
        raise problems.not_found("track")
    if track["lease_until"] is not None and track["lease_until"] > now:
        raise problems.conflict(
            "playlist-busy", "The playlist is being worked on", "Pause the migration, or try again shortly."
        )
    if track["write_state"] in ("written", "intended"):
        raise problems.conflict(
            "track-written", "The track has been written", "Roll back, or change it at the provider."
        )
    return track


def _chosen(track: DictRow, choice: Resolution) -> Track | None:
    """Give what the person chose; None: to be left out."""
    provider = track["target_provider"]
    if choice.leave_out:
        return None
    if choice.candidate is not None:
        for entry in track["candidates"] or ():
            if entry["id"] == choice.candidate:
                return decode(provider, {name: entry[name] for name in entry.keys() - _NOT_OF_TRACKS})
        raise problems.invalid("body.candidate", "None of the track's candidates has this id.")
    try:
        link = links.parse(choice.link or "")
    except links.LinkError as error:
        raise problems.invalid("body.link", error.message) from None
    if (link.provider, link.type) != (provider, registry.get(provider).item_types[0]):
        raise problems.invalid("body.link", f"This is no link to a track on {title(provider)}.")
    return Track(provider=provider, id=link.id, title="")


_NOT_OF_TRACKS = {"artist", "score", "parts", "reasons"}


def _save_rule(connection: Connection[Any], track: DictRow, target: Track | None, now: datetime) -> None:
    if track["source_track_id"] is None:
        return
    source = decode(track["source_provider"], track["source"])
    rule = {
        "source_provider": source.provider,
        "source_id": track["source_track_id"],
        "source_title": track["source_title"][:500],
        "source_artist": track["source_artist"][:500],
        "target_provider": track["target_provider"],
        "target_id": target.id if target else None,
        "target_title": target.title[:500] if target else "",
        "target_artist": target.artist_line[:500] if target else "",
    }
    rules_store.save_rule(connection, rule, now)
    if target is not None and target.title:
        finding = Finding(
            source=source,
            target_provider=track["target_provider"],
            outcome=Outcome.MATCHED,
            target=target,
            score=matching.score(source, target).total,
            reasons=[rules.CHOSEN],
            confirmed_by="person",
        )
        is_from_file = track["source_provider"] == FILE
        match_store.upsert(connection, file_tracks.shareable([finding]) if is_from_file else [finding], now)
