"""Whether migrations survive when everything goes wrong at once, for a long time.

Some people move playlists both ways. Nearly a third of all provider calls fail (429 with Retry-After, 409,
500, no answer at all, writes that took effect and failed), messages come twice and in any order, and the
database crashes twice in the middle of the work. In the end everything has to be as if nothing had been.

    python -m benchmarks.fault_injection [--people 4] [--tracks 60] [--seed 1] [--json]
    python -m benchmarks.fault_injection --directions spotify-tidal listenbrainz-youtube
"""

import argparse
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.environment import start_environment
from benchmarks.report import Figure, emit
from local.stack import postgres as embedded
from tests.integration.migrations.everywhere import direction, ids, providers_of, songs_of
from tests.integration.migrations.scenario import PAST_ALL_LEASES_S, QUEUE, MigrationScenario
from tests.integration.migrations.test_injected_faults import FAULTS, PATHS
from tests.support.functions import Person
from tests.support.postgres import sql

HANGS = 0.01
"""The share of calls that are never answered; all faults together strike 30 % of the calls."""
EACH = 0.067
TIMEOUT_SECONDS = "0.5"
CRASHES_AT = (1, 5)
"""Turns in the middle of which the database crashes."""
CLEARS_AT = 120
MAX_TURNS = 300
TRUE_REASONS = ("did not answer properly",)
WAYS = (("spotify", "youtube"), ("youtube", "spotify"))
"""Directions that are tried where none are named."""


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
        for endpoint in PATHS[provider]:
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


def run_until_done(
    scenario: MigrationScenario, server: embedded.Postgres, chance: random.Random
) -> tuple[int, int]:
    """Work until all have ended; gives the number of turns, and of steps that the database left alone."""
    seen: list[dict[str, Any]] = []
    interrupted = 0
    for turn in range(MAX_TURNS):
        if turn == CLEARS_AT:
            scenario.clear_faults()
        messages = scenario.harness.messages(QUEUE)
        seen = (seen + messages)[-200:]
        doubled = messages + chance.sample(seen, min(6, len(seen)))
        chance.shuffle(doubled)
        if turn in CRASHES_AT:
            with crash_database(server, chance.uniform(0.05, 0.4)):
                answer = scenario.harness.invoke("migrations_worker", {"Records": doubled})
            interrupted += len(answer["batchItemFailures"])
        else:
            scenario.harness.invoke("migrations_worker", {"Records": doubled})
        scenario.work()
        now = Counter(statuses(scenario).values())
        print(f"\rturn {turn + 1}: {dict(now)}   ", end="", file=sys.stderr, flush=True)
        if not now["pending"] and not now["running"]:
            print(file=sys.stderr)
            return turn + 1, interrupted
        scenario.pass_time(PAST_ALL_LEASES_S)
        scenario.dispatch()
    print(file=sys.stderr)
    return MAX_TURNS, interrupted


def sign_in(person: Person) -> None:
    """Sessions end while so much time passes."""
    body = {"email": person.email, "password": person.password}
    person.token = person.harness.call("POST", "/v1/auth/login", body).json["token"]


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
        scenario.harness.environment["PROVIDER_TIMEOUT_SECONDS"] = TIMEOUT_SECONDS
        people = []
        for number in range(options.people):
            for provider in scenario.urls:
                scenario.control(
                    provider, "POST", "/users", {"id": f"p{number}", "display_name": f"p{number}"}
                )
            people.append(scenario.sign_up(login=f"p{number}"))
        started = start_all(scenario, people, options.tracks, options.directions)
        before = {(target, number): len(scenario.playlists(target, f"p{number}"))
                  for number in range(len(people)) for target in scenario.urls}  # fmt: skip
        scenario.clear_calls()
        inject_faults(scenario)
        turns, interrupted = run_until_done(scenario, environment.server, random.Random(options.seed))
        calls = [
            call
            for provider in scenario.urls
            for call in scenario.control(provider, "GET", "/calls")["calls"]
        ]
        scenario.clear_faults()
        for person in people:
            sign_in(person)
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
        "database_crashes": Figure(len(CRASHES_AT), "crashes while there was work", 2),
        "steps_interrupted": Figure(interrupted, "steps that lost the database", None),
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
    }  # fmt: skip
    context: dict[str, object] = {
        "turns": turns, "seconds": round(time.perf_counter() - began, 1), "reasons": failed,
        "tracks": options.tracks, "faults": FAULTS,
    }  # fmt: skip
    emit("fault_injection", figures, context, options.json)


if __name__ == "__main__":
    main()
