"""Check playlists again and again, as their people ask for: make, list, change, end schedules."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat
from musicconnect.core import idempotency
from musicconnect.platform import clock, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status
from musicconnect.providers import registry
from musicconnect.sync.repair import schedules_store, service, status_text, store
from musicconnect.sync.repair.schemas import (
    CheckInterval,
    NewRepairSchedule,
    RepairSchedule,
    RepairScheduleChange,
    RepairScheduleList,
)

MAX_SCHEDULES: Final = 100
"""Of one person."""
DAYS: Final[dict[CheckInterval, int]] = {"daily": 1, "weekly": 7, "monthly": 30}
"""Between two checks. A month is as long as what the last check found may be kept, or longer."""
_INTERVALS: Final = {days: name for name, days in DAYS.items()}


def create(
    database: Database, caller: Caller, body: NewRepairSchedule, repeat: Repeat | None
) -> RepairSchedule:
    """Have a playlist checked again and again; the first check begins within a minute.

    Raises:
        Problem: 404, no such provider; 409, the playlist has a schedule or there are too many; 422, the
            playlist cannot be written to.
        ProviderError: the account is not linked.
    """
    registry.get(body.provider)
    with database.transaction(caller.user_id) as connection:
        made_before = idempotency.find(connection, caller.user_id, repeat)
        if made_before is not None:
            row = schedules_store.get(connection, made_before)
            if row is None:
                raise idempotency.gone()
            return _shown(connection, row, caller)
        name = service.name_of(connection, body.provider, body.playlist_id)
        store.lock(connection, caller.user_id)
        if schedules_store.count(connection) >= MAX_SCHEDULES:
            raise problems.conflict(
                "too-many-repair-schedules", "Too many schedules",
                f"{MAX_SCHEDULES} playlists can be looked after. End one first.",
            )  # fmt: skip
        schedule_id = schedules_store.create(
            connection,
            {
                "user_id": caller.user_id, "provider": body.provider, "playlist_id": body.playlist_id,
                "name": name, "country": body.country, "every_days": DAYS[body.schedule],
                "now": clock.now(),
            },
        )  # fmt: skip
        if schedule_id is None:
            raise problems.conflict(
                "already-scheduled", "The playlist is looked after", "Change the schedule that it has."
            )
        idempotency.save(connection, caller.user_id, repeat, schedule_id)
        return _shown(connection, _get(connection, schedule_id), caller)


def list_schedules(database: Database, caller: Caller) -> RepairScheduleList:
    """List the person's schedules in the order in which they were made."""
    with database.transaction(caller.user_id) as connection:
        rows = schedules_store.list_all(connection)
        return RepairScheduleList(items=_all_shown(connection, rows, caller))


def get(database: Database, caller: Caller, schedule_id: int) -> RepairSchedule:
    """Get a schedule. Raises `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        return _shown(connection, _get(connection, schedule_id), caller)


def change(
    database: Database, caller: Caller, schedule_id: int, body: RepairScheduleChange
) -> RepairSchedule:
    """Change a schedule, or go on with one whose playlist was gone. Raises `Problem` 404."""
    now = clock.now()
    with database.transaction(caller.user_id) as connection:
        row = _get(connection, schedule_id)
        changes: dict[str, Any] = {}
        if body.schedule is not None:
            changes["every_days"] = DAYS[body.schedule]
            # Not later than the new interval says, and not at once for everybody who changes their mind.
            changes["due_at"] = min(row["due_at"], now + timedelta(days=DAYS[body.schedule]))
        if "country" in body.model_fields_set:
            changes["country"] = body.country
        if row["status"] == "lost":
            changes |= {"status": "active", "status_code": "scheduled", "due_at": now}
        if changes:
            schedules_store.change(connection, schedule_id, **changes)
        return _shown(connection, _get(connection, schedule_id), caller)


def delete(database: Database, caller: Caller, schedule_id: int) -> None:
    """End a schedule; what its checks found stays. Raises `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        if not schedules_store.delete(connection, schedule_id):
            raise problems.not_found("schedule")


def _get(connection: Connection[Any], schedule_id: int) -> dict[str, Any]:
    row = schedules_store.get(connection, schedule_id)
    if row is None:
        raise problems.not_found("schedule")
    return row


def _shown(connection: Connection[Any], row: Mapping[str, Any], caller: Caller) -> RepairSchedule:
    return _all_shown(connection, [row], caller)[0]


def _all_shown(
    connection: Connection[Any], rows: Sequence[Mapping[str, Any]], caller: Caller
) -> list[RepairSchedule]:
    """Give schedules with what their last checks found, which one query gets for all of them."""
    latest = store.get_many(connection, [row["repair_id"] for row in rows if row["repair_id"] is not None])
    return [_one_shown(connection, row, latest.get(row["repair_id"]), caller) for row in rows]


def _one_shown(
    connection: Connection[Any], row: Mapping[str, Any], latest: Mapping[str, Any] | None, caller: Caller
) -> RepairSchedule:
    schedule = _INTERVALS[row["every_days"]]
    params = {"schedule": schedule} if row["status"] == "active" else {"provider": row["provider"]}
    state = Status(row["status_code"], params)
    return RepairSchedule(
        id=row["id"], provider=row["provider"], playlist_id=row["playlist_id"], name=row["name"],
        country=row["country"], schedule=schedule, status=row["status"], code=state.code, params=params,
        message=status_text.render(state, Reader.of(caller.time_zone, clock.now())),
        created_at=row["created_at"], next_at=row["due_at"] if row["status"] == "active" else None,
        latest=None if latest is None else service.shown(connection, latest, caller),
    )  # fmt: skip
