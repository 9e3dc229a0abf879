"""Whether work survives when everything goes wrong at once, for a long time.

Some people move playlists both ways. They also mend a track that was written, have a playlist repaired and
keep pairs in step, in each mode, of which they edited both sides. Nearly a third of all provider calls fail
(429 with Retry-After, 409, 500, no answer at all, writes that took effect and failed), messages come twice
and in any order, and the database crashes four times in the middle of the work. What ends with a failure, its
person orders once more. In the end everything has to be as if nothing had been: nothing lost, nothing twice,
and every row that is not ours the one that stood there before. What the same work makes of the same playlists
without any fault is the measure, and is found first.

    python -m benchmarks.fault_injection [--people 4] [--changers 2] [--tracks 60] [--seed 1] [--json]
    python -m benchmarks.fault_injection --directions spotify-tidal listenbrainz-youtube
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.crash_points.keeping_in_step import IN_STEP, KeepingInStep, Stock
from benchmarks.crash_points.mending import Mending
from benchmarks.crash_points.repairing import Repairing
from benchmarks.environment import start_environment
from benchmarks.report import Figure, emit
from local.stack import postgres as embedded
from tests.integration.migrations.everywhere import direction, ids, providers_of, songs_of
from tests.integration.migrations.scenario import PAST_ALL_LEASES_S, QUEUE, MigrationScenario
from tests.integration.migrations.test_injected_faults import FAULTS, PATHS
from tests.integration.sync.pairs import QUEUE as SYNC_QUEUE
from tests.integration.sync.pairs import Pairs
from tests.support.functions import Person
from tests.support.postgres import sql

HANGS = 0.01
"""The share of calls that are never answered; all faults together strike 30 % of the calls."""
EACH = 0.067
TIMEOUT_SECONDS = "0.5"
CRASHES_AT = {1: "migrations_worker", 2: "sync_worker", 4: "sync_worker", 5: "migrations_worker"}
"""Turns in the middle of which the database crashes, and whose work it is that loses it."""
QUEUES = {"migrations_worker": QUEUE, "sync_worker": SYNC_QUEUE}
CLEARS_AT = 120
MAX_TURNS = 300
MAX_SECONDS = 900.0
"""After which nothing is struck any more; what has not ended after as long again, never will."""
CHANGED_TRACKS = 6
"""Of a playlist that is mended or repaired."""
MENDED_BEHIND = 14
"""Well-known songs that mended playlists begin behind: pairs are of those before."""
REPAIRED_BEHIND = 44
"""Well-known songs that repaired playlists begin behind: what is lost there stands in no other playlist."""
REPAIRED = ("spotify", "youtube")
"""Providers that say themselves what cannot be played."""
CHANGES = {
    "spotify": [
        "PUT /v1/playlists/{playlist_id}/items", "DELETE /v1/playlists/{playlist_id}/items",
        "PUT /v1/playlists/{playlist_id}", "GET /v1/tracks/{track_id}",
    ],
    "youtube": [
        "PUT /youtube/v3/playlistItems", "DELETE /youtube/v3/playlistItems", "PUT /youtube/v3/playlists",
    ],
    "tidal": [
        "PATCH /v2/playlists/{id}/relationships/items", "DELETE /v2/playlists/{id}/relationships/items",
        "PATCH /v2/playlists/{id}",
    ],
    "listenbrainz": [
        "POST /1/playlist/{mbid}/item/delete", "POST /1/playlist/{mbid}/item/move",
        "POST /1/playlist/edit/{mbid}",
    ],
}  # fmt: skip
"""What moving a playlist never calls."""
TRUE_REASONS = ("did not answer properly",)
WAYS = (("spotify", "youtube"), ("youtube", "spotify"))
"""Directions that are tried where none are named."""


class Change(Protocol):
    """Something that a person has done to playlists that there are."""

    def order(self) -> None:
        """Order it."""

    def proceed(self) -> bool:
        """Do what its person does next; give whether it has ended."""

    def outcome(self) -> Any:
        """What came of it; the same for the same change of another playlist."""


def proceed(changes: Mapping[str, Change]) -> dict[str, Change]:
    """Let the person of every change do what comes next; gives those that have not ended."""
    return {name: one for name, one in changes.items() if not one.proceed()}


def prepare(scenario: MigrationScenario, ways: Sequence[tuple[str, str]]) -> dict[str, Change]:
    """Make playlists and pairs of a person's, each with a change that nobody has ordered yet."""
    made: dict[str, Change] = {}
    for way in ways:
        made[f"mend_{'_to_'.join(way)}"] = Mending.prepare(scenario, way, CHANGED_TRACKS, MENDED_BEHIND)
    for provider in REPAIRED:
        made[f"repair_on_{provider}"] = Repairing.prepare(scenario, provider, CHANGED_TRACKS, REPAIRED_BEHIND)
    for mode in IN_STEP:
        stock = Stock(Pairs(scenario, ways[0]), mode, at_once=1)
        made[f"sync_{'_to_'.join(ways[0])}_{mode}"] = KeepingInStep.prepare(stock)
    return made


def undisturbed(scenario: MigrationScenario, ways: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Do every change once without a fault; gives what comes of it, by name."""
    changes = prepare(scenario, ways)
    for one in changes.values():
        if isinstance(one, Repairing):
            one.lose()
        one.order()
    running: Mapping[str, Change] = changes
    for _ in range(MAX_TURNS):
        work_through(scenario)
        go_on(scenario)
        running = proceed(running)
        if not running:
            return {name: one.outcome() for name, one in changes.items()}
    raise AssertionError(f"not even undisturbed these end: {sorted(running)}")


def work_through(scenario: MigrationScenario) -> None:
    """Let workers do what is due."""
    for function, queue in QUEUES.items():
        scenario.harness.drain(queue, function)


def go_on(scenario: MigrationScenario) -> None:
    """Let time pass, and timers come."""
    scenario.pass_time(PAST_ALL_LEASES_S)
    scenario.dispatch()
    scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})


@contextmanager
def crash_database(server: embedded.Postgres, delay: float) -> Iterator[None]:
    """The database goes down a little later, without a word, and comes back."""

    def kill() -> None:
        time.sleep(delay)
        server.restart(immediate=True)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def inject_faults(scenario: MigrationScenario) -> None:
    """Make the simulators fail at random."""
    for provider in scenario.urls:
        for endpoint in [*PATHS[provider], *CHANGES[provider]]:
            for fault in FAULTS[provider]:
                scenario.fault(provider, endpoint, times=None, probability=EACH, **fault)
            scenario.fault(provider, endpoint, times=None, probability=HANGS, kind="hang")


def start_all(
    scenario: MigrationScenario, people: list[Person], tracks: int, ways: Sequence[tuple[str, str]]
) -> dict[int, tuple[Person, str]]:
    """Everybody moves one playlist each way; gives owner and target by migration."""
    started = {}
    for number, person in enumerate(people):
        recordings = songs_of(scenario, tracks // 2 + 3 * number)[3 * number :]
        recordings += recordings[: tracks - len(recordings)]
        for source, target in ways:
            entries = ids(source, recordings)
            name = f"{source} to {target} {number}"
            playlist = scenario.playlist(source, entries, name=name, login=f"p{number}")
            started[scenario.start(source, target, [playlist], person)] = (person, target)
    return started


def statuses(scenario: MigrationScenario) -> dict[int, str]:
    """Of all migrations."""
    rows = sql(scenario.harness.database_url, "SELECT id, status FROM migrations.jobs")
    return {int(str(key)): str(status) for key, status in rows}


@dataclass
class Course:
    """How it went."""

    turns: int = 0
    crashes: int = 0
    """Of the database, while there was work."""
    interrupted: int = 0
    """Steps that the database left alone."""
    unfinished: list[str] = field(default_factory=list)
    """Changes that had not ended when it was over."""


def run_until_done(
    scenario: MigrationScenario,
    server: embedded.Postgres,
    chance: random.Random,
    changes: Mapping[str, Change],
) -> Course:
    """Work until all have ended, or the time is over."""
    seen: dict[str, list[dict[str, Any]]] = {function: [] for function in QUEUES}
    course, began, is_struck = Course(), time.perf_counter(), True
    for turn in range(MAX_TURNS):
        seconds = time.perf_counter() - began
        if is_struck and (turn == CLEARS_AT or seconds > MAX_SECONDS):
            scenario.clear_faults()
            is_struck = False
        for function, queue in QUEUES.items():
            messages = scenario.harness.messages(queue)
            seen[function] = (seen[function] + messages)[-200:]
            doubled = messages + chance.sample(seen[function], min(6, len(seen[function])))
            chance.shuffle(doubled)
            if CRASHES_AT.get(turn) == function:
                with crash_database(server, chance.uniform(0.05, 0.4)):
                    answer = scenario.harness.invoke(function, {"Records": doubled})
                course.crashes += bool(doubled)
                course.interrupted += len(answer["batchItemFailures"])
            else:
                scenario.harness.invoke(function, {"Records": doubled})
        work_through(scenario)
        changes = proceed(changes)
        now = Counter(statuses(scenario).values())
        told = f"turn {turn + 1}: {dict(now)}, {len(changes)} changes"
        print(f"\r{told}   ", end="", file=sys.stderr, flush=True)
        course.turns = turn + 1
        if (not changes and not now["pending"] and not now["running"]) or seconds > 2 * MAX_SECONDS:
            break
        go_on(scenario)
    print(file=sys.stderr)
    course.unfinished = sorted(changes)
    return course


def judge(
    scenario: MigrationScenario, migration_id: int, person: Person, target: str
) -> tuple[str, bool, str]:
    """Status, whether the target is exactly what was matched, in order, and the reason of a failure."""
    job = scenario.job(migration_id, person)
    (playlist,) = person.call("GET", f"/v1/migrations/{migration_id}/playlists").json["items"]
    tracks = person.call("GET", f"/v1/migrations/{migration_id}/tracks?limit=200").json["items"]
    intended = [track["target_track_id"] for track in tracks if track["status"] == "matched"]
    made = playlist["target_playlist_id"]
    is_right = made is not None and scenario.contents(target, made) == intended
    return job["status"], is_right, job["status_message"]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--changers", type=int, default=2, help="people who also change what they have")
    parser.add_argument("--tracks", type=int, default=60, help="of each playlist, at most 200")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--directions",
        nargs="+",
        type=direction,
        default=WAYS,
        help="such as spotify-tidal; both ways if none",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    began = time.perf_counter()
    with start_environment(providers=providers_of(options.directions)) as environment:
        scenario = environment.scenario
        scenario.lift_quotas()
        scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
        wanted_outcomes = undisturbed(scenario, options.directions)
        scenario.harness.environment["PROVIDER_TIMEOUT_SECONDS"] = TIMEOUT_SECONDS
        people = []
        for number in range(options.people):
            for provider in scenario.urls:
                scenario.control(
                    provider, "POST", "/users", {"id": f"p{number}", "display_name": f"p{number}"}
                )
            people.append(scenario.sign_up(login=f"p{number}"))
        # So much time passes that sessions would end.
        scenario.sql("UPDATE core.user_sessions SET expires_at = now() + interval '10 years'")
        changes: dict[str, Change] = {
            f"{name} of p{number}": change
            for number, person in enumerate(people[: options.changers])
            for name, change in prepare(scenario.of(person, f"p{number}"), options.directions).items()
        }
        started = start_all(scenario, people, options.tracks, options.directions)
        before = {(target, number): len(scenario.playlists(target, f"p{number}"))
                  for number in range(len(people)) for target in scenario.urls}  # fmt: skip
        for change in changes.values():
            change.order()
        scenario.clear_calls()
        inject_faults(scenario)
        course = run_until_done(scenario, environment.server, random.Random(options.seed), changes)
        calls = [
            call
            for provider in scenario.urls
            for call in scenario.control(provider, "GET", "/calls")["calls"]
        ]
        scenario.clear_faults()
        different = {
            name: outcome
            for name, change in changes.items()
            if (outcome := change.outcome()) != wanted_outcomes[name.partition(" of ")[0]]
        }
        verdicts = {key: judge(scenario, key, person, target) for key, (person, target) in started.items()}
        wanted = Counter(target for _, target in options.directions)
        extra = sum(
            abs(len(scenario.playlists(target, f"p{number}")) - count - wanted[target])
            for (target, number), count in before.items()
        )
    failed = [reason for status, _, reason in verdicts.values() if status != "completed"]
    failed_calls = sum(call["fault"] is not None for call in calls)
    figures = {
        "migrations": Figure(len(verdicts), "of 1 playlist each", None),
        "calls": Figure(len(calls), "calls of the providers", None),
        "calls_struck": Figure(round(failed_calls / len(calls), 3), "share", None),
        "database_crashes": Figure(course.crashes, "crashes while there was work", len(CRASHES_AT)),
        "steps_interrupted": Figure(course.interrupted, "steps that lost the database", None),
        "completed": Figure(len(verdicts) - len(failed), "migrations", None),
        "wrong_targets": Figure(
            sum(status == "completed" and not right for status, right, _ in verdicts.values()),
            "completed migrations with another target than was matched", 0, "lower",
        ),
        "untrue_failures": Figure(
            sum(not any(text in reason for text in TRUE_REASONS) for reason in failed),
            "failures with a reason that is not true", 0, "lower",
        ),
        "playlists_too_many": Figure(extra, "playlists made twice, or not", 0, "lower"),
        "changes": Figure(len(changes), "mended, repaired, kept in step", None),
        "changes_unfinished": Figure(len(course.unfinished), "that never ended", 0, "lower"),
        "changes_different": Figure(
            len(different), "with another outcome than without a fault, rows of others included", 0, "lower"
        ),
    }  # fmt: skip
    context: dict[str, object] = {
        "turns": course.turns, "seconds": round(time.perf_counter() - began, 1), "reasons": failed,
        "tracks": options.tracks, "faults": FAULTS,
        "unfinished": course.unfinished, "undisturbed": wanted_outcomes, "different": different,
    }  # fmt: skip
    emit("fault_injection", figures, context, options.json)


if __name__ == "__main__":
    main()
