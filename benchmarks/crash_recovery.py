"""Whether a migration whose worker is killed ends as if nothing had happened.

Migrates a small playlist again and again. Each time a worker, a real process, gets SIGKILL at another point:
before or after a provider's call, before or after a commit. Another worker goes on, with every message
doubled, and what the target holds in the end is compared with what an undisturbed run made. Then followed
artists become subscriptions and are rolled back, a track of a written playlist is given another counterpart
again and again, playlists with entries that cannot be played are repaired, and pairs are brought in step in
each of their modes, with the worker killed in the same way.

    python -m benchmarks.crash_recovery [--tracks 22] [--every 1] [--only sync] [--json]
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from subprocess import PIPE, Popen
from typing import Any

from benchmarks import crash_library
from benchmarks.environment import ROOT, start_environment
from benchmarks.report import Figure, emit
from tests.integration.migrations.scenario import (
    PAST_ALL_LEASES_S,
    QUEUE,
    MigrationScenario,
    track_ids,
    video_ids,
    well_known,
)
from tests.integration.sync.pairs import Pairs
from tests.support.postgres import sql

SYNC_QUEUE = "SYNC_QUEUE_URL"
ROUNDS = 30
MIN_ROUNDS = 2
"""Of passing time, in which every lease of a dead worker ends."""
KINDS = ("move", "library", "mend", "repair", "sync")
IN_STEP = {
    "two_way": ("FEABDG", "FEABDG"),
    "mirror": ("FEABD", "FEABDG"),
    "add_only": ("FEABD", "FABCDEG"),
}
"""What both sides show in the end, by a pair's mode: "FEABD" against "ABCDE", and "G" of the person's own."""


@contextmanager
def workers(scenario: MigrationScenario, variables: dict[str, str], worker: str) -> Iterator[Popen[str]]:
    """The process whose children are killed: the worker of ``migrations`` or ``sync``."""
    with scenario.harness.environment_of(f"{worker}_worker"):
        environment = {**os.environ, **variables, "PYTHONPATH": "layers/musicconnect:functions:."}
        process = Popen(
            [sys.executable, "-m", "benchmarks.workers.crash_recovery", worker],
            stdin=PIPE, stdout=PIPE, env=environment, cwd=ROOT, text=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=10)


def attempt(process: Popen[str], at: int) -> dict[str, Any]:
    """Let a worker work until it dies at a point; 0: it does not."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{at}\n")
    process.stdin.flush()
    while not (line := process.stdout.readline()).startswith('{"points"'):
        pass
    found: dict[str, Any] = json.loads(line)
    return found


def finish(scenario: MigrationScenario, migration_id: int) -> str:
    """Go on until it has ended, every message doubled; gives the status."""
    for _ in range(ROUNDS):
        while records := scenario.harness.messages(QUEUE):
            scenario.harness.invoke("migrations_worker", {"Records": records})
            scenario.harness.drain(QUEUE, "migrations_worker")
            scenario.harness.invoke("migrations_worker", {"Records": records})
        status: str = scenario.job(migration_id)["status"]
        if status in ("completed", "failed", "undone"):
            return status
        due = sql(
            scenario.harness.database_url,
            "SELECT min(greatest(due_at, coalesce(lease_until, due_at))) FROM migrations.playlists "
            "WHERE job_id = %s AND status IN ('pending', 'running')",
            migration_id,
        )[0][0]
        assert isinstance(due, datetime)
        scenario.pass_time(max(0.0, (due - scenario.now()).total_seconds()) + PAST_ALL_LEASES_S)
        scenario.dispatch()
    return "unfinished"


def sign_in(scenario: MigrationScenario) -> None:
    """Get a session: so much time passes in all these runs that an earlier one has ended."""
    person = scenario.person
    answer = scenario.harness.call(
        "POST", "/v1/auth/login", {"email": person.email, "password": person.password}
    )
    assert answer.status in (200, 201), answer.text
    person.token = answer.json["token"]


def one(
    scenario: MigrationScenario, process: Popen[str], source: str, playlist_id: str, at: int
) -> tuple[Any, bool, int]:
    """One run; gives what the target is like in the end, whether the worker died, and the points passed."""
    target = "youtube" if source == "spotify" else "spotify"
    scenario.clear_matches()
    sign_in(scenario)
    made_before = len(scenario.playlists(target))
    migration_id = scenario.start(source, target, [playlist_id], order={"as_copy": True})
    attempted = attempt(process, at)
    status = finish(scenario, migration_id)
    (moved,) = scenario.moved(migration_id)
    contents = scenario.contents(target, moved["target_playlist_id"]) if moved["target_playlist_id"] else None
    outcome = (status, contents, len(scenario.playlists(target)) - made_before)
    return outcome, attempted["killed"], attempted["points"]


def mend(
    scenario: MigrationScenario, process: Popen[str], moved: tuple[int, str, str], chosen: str, at: int
) -> tuple[list[str], str, int]:
    """Put another counterpart at the second place; gives the target, the status and the points passed.

    ``moved``: the migration, its target's provider and its target.
    """
    migration_id, target, playlist_id = moved
    sign_in(scenario)
    track = scenario.tracks(migration_id)[1]
    address = "https://youtu.be/" if target == "youtube" else "https://open.spotify.com/track/"
    scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, {"link": address + chosen})
    attempted = attempt(process, at)
    status = finish(scenario, migration_id)
    return scenario.contents(target, playlist_id), status, attempted["points"]


def mend_everywhere(
    scenario: MigrationScenario, process: Popen[str], source: str, tracks: int, every: int
) -> tuple[int, dict[int, Any]]:
    """Kill the worker at every point of mending; gives the points, and what came out wrong."""
    target = "youtube" if source == "spotify" else "spotify"
    scenario.clear_matches()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    sign_in(scenario)
    recordings = well_known(tracks + 2)
    ids = track_ids(recordings) if source == "spotify" else video_ids(recordings)
    others = (video_ids if target == "youtube" else track_ids)(recordings[-2:])
    playlist_id = scenario.playlist(source, ids[:tracks])
    migration_id = scenario.start(source, target, [playlist_id], order={"as_copy": True})
    finish(scenario, migration_id)
    (moved,) = scenario.moved(migration_id)
    at_target = (migration_id, target, moved["target_playlist_id"])
    before = scenario.contents(target, moved["target_playlist_id"])
    _, _, total = mend(scenario, process, at_target, others[1], 0)
    different: dict[int, Any] = {}
    points = 0
    for at in range(1, total + 1, every):
        chosen = others[points % 2]
        points += 1
        contents, status, _ = mend(scenario, process, at_target, chosen, at)
        if (contents, status) != ([before[0], chosen, *before[2:]], "completed"):
            different[at] = (status, contents, 1)
        print(f"\rmending on {target}: point {at} of {total}, {len(different)} different", end="",
              file=sys.stderr, flush=True)  # fmt: skip
    print(file=sys.stderr)
    return points, different


def repair(
    scenario: MigrationScenario, process: Popen[str], provider: str, ids: list[str], *, step: str, at: int
) -> tuple[list[str], str, int]:
    """Repair a new playlist, the worker killed at a point of one step; gives contents, status and points.

    What cannot be played stands in it twice. ``step``: ``check`` or ``apply``.
    """
    sign_in(scenario)
    person, points = scenario.person, 0
    playlist_id = scenario.playlist(provider, [*ids, ids[1]])
    body = {"provider": provider, "playlist_id": playlist_id, "country": "DE"}
    repair_id = person.call("POST", "/v1/repairs", body).json["id"]
    for now in ("check", "apply"):
        if now == "apply":
            answer = person.call("POST", f"/v1/repairs/{repair_id}/apply", {"entries": [1, 2]})
            assert answer.status == 200, answer.text
        attempted = attempt(process, at if now == step else 0)
        points = attempted["points"] if now == step else points
        for _ in range(2):
            records = scenario.harness.messages(SYNC_QUEUE)
            if records:
                scenario.harness.invoke("sync_worker", {"Records": records * 2})
            scenario.harness.drain(SYNC_QUEUE, "sync_worker")
            scenario.pass_time(PAST_ALL_LEASES_S)
            scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
        scenario.harness.drain(SYNC_QUEUE, "sync_worker")
        sign_in(scenario)
    status = str(person.call("GET", f"/v1/repairs/{repair_id}").json["status"])
    return scenario.contents(provider, playlist_id), status, points


def repair_everywhere(
    scenario: MigrationScenario, process: Popen[str], provider: str, tracks: int, every: int
) -> tuple[int, dict[str, Any]]:
    """Kill the worker at every point of a repair's steps; gives the points, and what came out wrong."""
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    recordings = well_known(tracks)
    ids = track_ids(recordings) if provider == "spotify" else video_ids(recordings)
    if provider == "spotify":
        scenario.control("spotify", "PUT", f"/tracks/{ids[1]}", {"playable": False})
    else:
        scenario.control("youtube", "PUT", f"/videos/{ids[1]}", {"regions": {"blocked": ["DE"]}})
    different: dict[str, Any] = {}
    points = 0
    for step in ("check", "apply"):
        expected, status, total = repair(scenario, process, provider, ids, step=step, at=0)
        assert status == "completed", status
        assert ids[1] not in expected
        for at in range(1, total + 1, every):
            contents, status, _ = repair(scenario, process, provider, ids, step=step, at=at)
            points += 1
            if (contents, status) != (expected, "completed"):
                different[f"{step} {at}"] = (status, contents)
            print(f"\rrepairing on {provider}: {step} {at} of {total}, {len(different)} different", end="",
                  file=sys.stderr, flush=True)  # fmt: skip
    print(file=sys.stderr)
    return points, different


def bring_in_step(
    scenario: MigrationScenario, process: Popen[str], mode: str, at: int
) -> tuple[tuple[str, str], str, int]:
    """Edit both sides of a new pair that is in step, the worker killed at a point of the run.

    Gives what both sides show in the end, the pair's code, and the points passed. On the right side stands an
    entry that the person put there: one-way runs leave it alone.
    """
    pairs = Pairs(scenario)
    sign_in(scenario)
    pair_id, left, right = pairs.begin("ABCDE", mode=mode, schedule="by_hand")
    pairs.replace(left, "FEABD")  # One in, one out, one moved.
    scenario.write("youtube", right, pairs.ids("youtube", "G")[0])
    pairs.clear()  # A message of an earlier run would be the one that the worker takes.
    pairs.post(f"{pair_id}/run")
    attempted = attempt(process, at)
    for number in range(ROUNDS):
        if records := scenario.harness.messages(SYNC_QUEUE):
            scenario.harness.invoke("sync_worker", {"Records": records * 2})
        scenario.harness.drain(SYNC_QUEUE, "sync_worker")
        # A pair whose worker died before it planned says that it is in step, as it was before the edits.
        pair = pairs.get(pair_id)
        if number >= MIN_ROUNDS and pair["code"] == "in-step" and pair["run_id"] is None:
            break
        scenario.pass_time(PAST_ALL_LEASES_S)
        scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    code = str(pairs.get(pair_id)["code"])
    shown = (pairs.shows("spotify", left), pairs.shows("youtube", right))
    scenario.person.call("DELETE", f"/v1/pairs/{pair_id}")
    return shown, code, int(attempted["points"])


def sync_everywhere(
    scenario: MigrationScenario, process: Popen[str], mode: str, every: int
) -> tuple[int, dict[int, Any]]:
    """Kill the worker at every point of a pair's run; gives the points, and what came out wrong."""
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    expected, code, total = bring_in_step(scenario, process, mode, 0)
    assert (expected, code) == (IN_STEP[mode], "in-step"), (mode, expected, code)
    different: dict[int, Any] = {}
    points = 0
    for at in range(1, total + 1, every):
        shown, code, _ = bring_in_step(scenario, process, mode, at)
        points += 1
        if (shown, code) != (expected, "in-step"):
            different[at] = (code, shown)
        print(f"\rin step, {mode}: point {at} of {total}, {len(different)} different", end="",
              file=sys.stderr, flush=True)  # fmt: skip
    print(file=sys.stderr)
    return points, different


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, default=22)
    parser.add_argument("--every", type=int, default=1, help="try every n-th point only")
    parser.add_argument("--only", choices=KINDS, help="one kind of work, not all")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures: dict[str, Figure] = {}
    context: dict[str, object] = {"tracks": options.tracks + 1, "every": options.every}
    with (
        start_environment() as environment,
        workers(environment.scenario, environment.variables, "migrations") as process,
        workers(environment.scenario, environment.variables, "sync") as sync_process,
    ):
        scenario = environment.scenario
        scenario.lift_quotas()
        for source in ("youtube", "spotify") if options.only in (None, "move") else ():
            started = time.perf_counter()
            recordings = well_known(options.tracks)
            ids = track_ids(recordings) if source == "spotify" else video_ids(recordings)
            playlist_id = scenario.playlist(source, [*ids, ids[0]])
            expected, _, total = one(scenario, process, source, playlist_id, 0)
            different: dict[int, Any] = {}
            points = 0
            for at in range(1, total + 1, options.every):
                outcome, killed, _ = one(scenario, process, source, playlist_id, at)
                points += killed
                if outcome != expected:
                    different[at] = outcome
                print(f"\rfrom {source}: point {at} of {total}, {len(different)} different", end="",
                      file=sys.stderr, flush=True)  # fmt: skip
            print(file=sys.stderr)
            name = f"from_{source}"
            figures[f"{name} points"] = Figure(points, "kills", None)
            figures[f"{name} differences"] = Figure(len(different), "targets", 0, "lower")
            context[name] = {
                "undisturbed": [expected[0], len(expected[1]), expected[2]],
                "different": {at: [entry[0], entry[1] and len(entry[1]), entry[2]]
                              for at, entry in different.items()},
                "seconds": round(time.perf_counter() - started, 1),
            }  # fmt: skip
        if options.only in (None, "library"):
            points, unlike = crash_library.everywhere(
                scenario, lambda at: attempt(process, at), partial(finish, scenario), options.every
            )
            figures["library points"] = Figure(points, "kills", None)
            figures["library differences"] = Figure(len(unlike), "libraries", 0, "lower")
            context["library"] = {"different": unlike}
        for source in ("youtube", "spotify") if options.only in (None, "mend") else ():
            points, wrong = mend_everywhere(scenario, process, source, min(options.tracks, 6), options.every)
            figures[f"mend_from_{source} points"] = Figure(points, "kills", None)
            figures[f"mend_from_{source} differences"] = Figure(len(wrong), "targets", 0, "lower")
            context[f"mend_from_{source}"] = {
                "different": {at: list(entry[:2]) for at, entry in wrong.items()}
            }
        for provider in ("youtube", "spotify") if options.only in (None, "repair") else ():
            points, failed = repair_everywhere(
                scenario, sync_process, provider, min(options.tracks, 6), options.every
            )
            figures[f"repair_on_{provider} points"] = Figure(points, "kills", None)
            figures[f"repair_on_{provider} differences"] = Figure(len(failed), "playlists", 0, "lower")
            context[f"repair_on_{provider}"] = {"different": failed}
        for mode in IN_STEP if options.only in (None, "sync") else ():
            points, uneven = sync_everywhere(scenario, sync_process, mode, options.every)
            figures[f"sync_{mode} points"] = Figure(points, "kills", None)
            figures[f"sync_{mode} differences"] = Figure(len(uneven), "pairs", 0, "lower")
            context[f"sync_{mode}"] = {"different": uneven}
    emit("crash_recovery", figures, context, options.json)


if __name__ == "__main__":
    main()
