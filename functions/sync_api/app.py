# ruff: noqa: PLC0415
"""Pairs of playlists that are kept in step, and repairs of playlists: steering, history, undoing.

Use cases are imported by the requests that need them: a start loads what requests and answers are made of, no
more.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat
from musicconnect.platform import database
from musicconnect.sync.repair.schemas import (
    CheckedPlaylistList,
    CheckedPlaylistQuery,
    NewRepair,
    NewRepairSchedule,
    Repair,
    RepairEntryList,
    RepairList,
    RepairOrder,
    RepairPageQuery,
    RepairSchedule,
    RepairScheduleChange,
    RepairScheduleList,
)
from musicconnect.sync.schemas import (
    MadePairs,
    Pair,
    PairAnswer,
    PairChange,
    PairList,
    PairPageQuery,
    PairRun,
    PairRunChangeList,
    PairRunList,
    PairsCreate,
    PairTrackList,
    PairTrackQuery,
)

api = Api("Pairs", "playlist-migration")


@api.post("/v1/pairs", problems=(404, 409))
def create_pairs(body: PairsCreate, caller: Caller) -> MadePairs:
    """Make pairs of playlists, all or none; nothing is written before you say yes."""
    from musicconnect.sync import service

    return service.create(database.shared(), caller, body)


@api.get("/v1/pairs", problems=(400,))
def list_pairs(query: PairPageQuery, caller: Caller) -> PairList:
    """List your pairs in the order in which they were made."""
    from musicconnect.sync import service

    return service.list_pairs(database.shared(), caller, query)


@api.get("/v1/pairs/{pair_id}", problems=(404,))
def get_pair(pair_id: int, caller: Caller) -> Pair:
    """Get a pair and how it stands."""
    from musicconnect.sync import service

    return service.get(database.shared(), caller, pair_id)


@api.patch("/v1/pairs/{pair_id}", problems=(404, 409))
def change_pair(pair_id: int, body: PairChange, caller: Caller) -> Pair:
    """Change how a pair is kept in step. Another mode is shown before anything is written by it."""
    from musicconnect.sync import service

    return service.change(database.shared(), caller, pair_id, body)


@api.delete("/v1/pairs/{pair_id}", status=204, problems=(404,))
def delete_pair(pair_id: int, caller: Caller) -> None:
    """End a pair. Both playlists stay as they are."""
    from musicconnect.sync import service

    service.delete(database.shared(), caller, pair_id)


@api.post("/v1/pairs/{pair_id}/run", problems=(404, 409))
def run_pair(pair_id: int, caller: Caller) -> Pair:
    """Bring a pair in step now."""
    from musicconnect.sync import service

    return service.run_now(database.shared(), caller, pair_id)


@api.post("/v1/pairs/{pair_id}/answer", problems=(404, 409))
def answer_pair(pair_id: int, body: PairAnswer, caller: Caller) -> Pair:
    """Say yes or no to what a pair asks: its first writing, many removals, many moves."""
    from musicconnect.sync import service

    return service.answer(database.shared(), caller, pair_id, is_yes=body.answer == "yes")


@api.post("/v1/pairs/{pair_id}/pause", problems=(404,))
def pause_pair(pair_id: int, caller: Caller) -> Pair:
    """Pause a pair."""
    from musicconnect.sync import service

    return service.pause(database.shared(), caller, pair_id)


@api.post("/v1/pairs/{pair_id}/resume", problems=(404,))
def resume_pair(pair_id: int, caller: Caller) -> Pair:
    """Resume a pair that rests, or try again with one whose playlist or account was missing."""
    from musicconnect.sync import service

    return service.resume(database.shared(), caller, pair_id)


@api.get("/v1/pairs/{pair_id}/tracks", problems=(400, 404))
def list_pair_tracks(pair_id: int, query: PairTrackQuery, caller: Caller) -> PairTrackList:
    """List the recordings of a pair in its order, or those that need your decision."""
    from musicconnect.sync import history

    return history.list_tracks(database.shared(), caller, pair_id, query)


@api.get("/v1/pairs/{pair_id}/runs", problems=(400, 404))
def list_pair_runs(pair_id: int, query: PairPageQuery, caller: Caller) -> PairRunList:
    """List the runs of a pair, the latest first."""
    from musicconnect.sync import history

    return history.list_runs(database.shared(), caller, pair_id, query)


@api.get("/v1/pairs/{pair_id}/runs/{run_id}", problems=(404,))
def get_pair_run(pair_id: int, run_id: int, caller: Caller) -> PairRun:
    """Get a run: what it did and cost, or what it asks."""
    from musicconnect.sync import history

    return history.get_run(database.shared(), caller, pair_id, run_id)


@api.get("/v1/pairs/{pair_id}/runs/{run_id}/changes", problems=(400, 404))
def list_run_changes(pair_id: int, run_id: int, query: PairPageQuery, caller: Caller) -> PairRunChangeList:
    """List what a run changed, or would change once you say yes; for 28 days."""
    from musicconnect.sync import history

    return history.list_changes(database.shared(), caller, pair_id, run_id, query)


@api.post(
    "/v1/pairs/{pair_id}/runs/{run_id}/undo",
    status=202,
    problems=(404, 409),
    location="/v1/pairs/{pair_id}/runs/{id}",
)
def undo_run(pair_id: int, run_id: int, caller: Caller, repeat: Repeat | None) -> PairRun:
    """Take back what a run and all later ones wrote; what you did since stays. The pair rests then."""
    from musicconnect.sync import history

    return history.undo(database.shared(), caller, pair_id, run_id, repeat)


@api.post("/v1/repairs", status=202, problems=(404, 409), location="/v1/repairs/{id}")
def create_repair(body: NewRepair, caller: Caller, repeat: Repeat | None) -> Repair:
    """Check a playlist for entries that cannot be played, and search for others. Nothing is written."""
    from musicconnect.sync.repair import service

    return service.create(database.shared(), caller, body, repeat)


@api.get("/v1/repairs", problems=(400,))
def list_repairs(query: RepairPageQuery, caller: Caller) -> RepairList:
    """List your repairs of the last 28 days, the latest first."""
    from musicconnect.sync.repair import service

    return service.list_repairs(database.shared(), caller, query)


@api.get("/v1/checked-playlists", problems=(400,))
def list_checked_playlists(query: CheckedPlaylistQuery, caller: Caller) -> CheckedPlaylistList:
    """List the playlists of a provider that were checked, each with how many entries cannot be played."""
    from musicconnect.sync.repair import service

    return service.list_checked(database.shared(), caller, query)


@api.get("/v1/repairs/{repair_id}", problems=(404,))
def get_repair(repair_id: int, caller: Caller) -> Repair:
    """Get a repair: how far it is, and what it found."""
    from musicconnect.sync.repair import service

    return service.get(database.shared(), caller, repair_id)


@api.get("/v1/repairs/{repair_id}/entries", problems=(400, 404))
def list_repair_entries(repair_id: int, query: RepairPageQuery, caller: Caller) -> RepairEntryList:
    """List the entries that cannot be played: what they were, and what could stand there."""
    from musicconnect.sync.repair import service

    return service.list_entries(database.shared(), caller, repair_id, query)


@api.post("/v1/repairs/{repair_id}/apply", problems=(404, 409))
def apply_repair(repair_id: int, body: RepairOrder, caller: Caller) -> Repair:
    """Replace the entries that you name, or all whose proposals are sure."""
    from musicconnect.sync.repair import service

    return service.apply(database.shared(), caller, repair_id, body)


@api.post("/v1/repairs/{repair_id}/undo", problems=(404, 409))
def undo_repair(repair_id: int, caller: Caller) -> Repair:
    """Take back what a repair wrote; what you did since stays."""
    from musicconnect.sync.repair import service

    return service.undo(database.shared(), caller, repair_id)


@api.post("/v1/repair-schedules", status=201, problems=(404, 409), location="/v1/repair-schedules/{id}")
def create_repair_schedule(body: NewRepairSchedule, caller: Caller, repeat: Repeat | None) -> RepairSchedule:
    """Have a playlist checked every day, week or month. You are told of what is found; nothing is written."""
    from musicconnect.sync.repair import schedules

    return schedules.create(database.shared(), caller, body, repeat)


@api.get("/v1/repair-schedules")
def list_repair_schedules(caller: Caller) -> RepairScheduleList:
    """List the playlists that are looked after, each with its latest check."""
    from musicconnect.sync.repair import schedules

    return schedules.list_schedules(database.shared(), caller)


@api.get("/v1/repair-schedules/{schedule_id}", problems=(404,))
def get_repair_schedule(schedule_id: int, caller: Caller) -> RepairSchedule:
    """Get a schedule and its latest check."""
    from musicconnect.sync.repair import schedules

    return schedules.get(database.shared(), caller, schedule_id)


@api.patch("/v1/repair-schedules/{schedule_id}", problems=(404,))
def change_repair_schedule(schedule_id: int, body: RepairScheduleChange, caller: Caller) -> RepairSchedule:
    """Change how often a playlist is checked, or go on with one that was gone."""
    from musicconnect.sync.repair import schedules

    return schedules.change(database.shared(), caller, schedule_id, body)


@api.delete("/v1/repair-schedules/{schedule_id}", status=204, problems=(404,))
def delete_repair_schedule(schedule_id: int, caller: Caller) -> None:
    """Look after a playlist no longer. What was found stays for its 28 days."""
    from musicconnect.sync.repair import schedules

    schedules.delete(database.shared(), caller, schedule_id)


handler = api.handle
