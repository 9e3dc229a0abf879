"""How well people share YouTube's allowance, with a clock that jumps from midnight to midnight.

Twenty people with playlists of 50 to 400 tracks move them to YouTube, which gives 100 searches and 10,000
units a day. Nothing can be faster than searches or units allow; how much slower is it?

    python -m benchmarks.quota [--people 20] [--json]
"""

import argparse
import math
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from benchmarks.migration import enlarged
from benchmarks.report import Figure, emit
from benchmarks.world import surroundings
from local.simulators.catalogue import Catalogue
from tests.integration.migrations.world import QUEUE, World
from tests.support.harness import Person

SEARCHES, UNITS = 100, 10_000
AIM_DAYS, AIM_ERROR = 1.05, 1.0
MOST_DAYS = 400
TURN_SECONDS = 301


def sizes(people: int) -> list[int]:
    """How long each one's playlist is, from 50 to 400."""
    return [50 + round(350 * number / max(1, people - 1)) for number in range(people)]


def next_midnight(world: World) -> float:
    """Seconds until the allowance is renewed, and a little more."""
    zone = ZoneInfo("America/Los_Angeles")
    now = world.now().astimezone(zone)
    day = (now + timedelta(days=1)).date()
    return (datetime(day.year, day.month, day.day, tzinfo=zone) - now).total_seconds() + 30


def sign_in(person: Person) -> None:
    """Sessions end while so much time passes."""
    answer = person.harness.call(
        "POST", "/v1/auth/login", {"email": person.email, "password": person.password}
    )
    assert answer.status in (200, 201), answer.text
    person.token = answer.json["token"]


def work_a_day(world: World) -> None:
    """What the queue and the dispatcher do in a day: until nobody gets anything any more."""
    for _ in range(8):
        while world.harness.drain(QUEUE, "migration_step"):
            pass
        world.pass_time(TURN_SECONDS)
        if not world.dispatch():
            break


def run(world: World, people: list[Person], playlists: list[str]) -> dict[str, Any]:
    """Let everybody begin on the same day; gives what came of it."""
    jobs = {
        person.id: world.start("spotify", "youtube", [playlist], person, {"as_copy": True})
        for person, playlist in zip(people, playlists, strict=True)
    }
    first = {person.id: world.job(jobs[person.id], person).get("expected_at") for person in people}
    began, ended, moments = world.now(), dict[int, int](), dict[int, datetime]()
    world.forget_calls()
    for day in range(MOST_DAYS):
        work_a_day(world)
        for person in people:
            if person.id in ended:
                continue
            sign_in(person)
            job = world.job(jobs[person.id], person)
            if job["status"] in ("completed", "failed"):
                assert job["status"] == "completed", job
                ended[person.id], moments[person.id] = day, world.now()
        print(f"\rday {day + 1}: {len(ended)} of {len(people)} done", end="", file=sys.stderr, flush=True)
        if len(ended) == len(people):
            break
        world.pass_time(next_midnight(world))
        world.dispatch()
    print(file=sys.stderr)
    calls = world.control("youtube", "GET", "/calls")
    errors = [
        abs((moments[key] - datetime.fromisoformat(at)).total_seconds()) / 86_400
        for key, at in first.items()
        if at is not None and key in moments
    ]
    refused = sum(call["status"] in (403, 429) for call in calls["calls"])
    return {"days": max(ended.values()) + 1, "ended": ended, "errors": errors, "refused": refused,
            "began": began, "calls": calls["by_endpoint"]}  # fmt: skip


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    lengths = sizes(options.people)
    catalogue, made = enlarged(sum(lengths))
    figures: dict[str, Figure] = {}
    context: dict[str, object] = {"people": options.people, "tracks": sum(lengths)}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.json"
        file.write_bytes(TypeAdapter(Catalogue).dump_json(catalogue))
        with surroundings(file) as around:
            world = around.world
            people, playlists, start = [], [], 0
            for number, length in enumerate(lengths):
                login = f"p{number}"
                for provider in world.urls:
                    world.control(provider, "POST", "/users", {"id": login, "display_name": login})
                people.append(world.sign_up(login=login))
                ids = [recording.tracks[0].id for recording in made[start : start + length]]
                playlists.append(world.playlist("spotify", ids, login=login))
                start += length
            units = sum(50 * (length + 1) + 2 * math.ceil(length / 50) for length in lengths)
            for name, floor in (
                ("cold", max(math.ceil(sum(lengths) / SEARCHES), math.ceil(units / UNITS))),
                ("warm", math.ceil(units / UNITS)),
            ):
                began = time.perf_counter()
                found = run(world, people, playlists)
                ratios = [found["ended"][person.id] + 1 for person in people]
                per_track = [day / length for day, length in zip(ratios, lengths, strict=True)]
                figures |= {
                    f"{name} days": Figure(found["days"], "days", None, "lower"),
                    f"{name} days_ratio": Figure(
                        round(found["days"] / floor, 3), "of the minimum", AIM_DAYS, "lower"
                    ),
                    f"{name} refused_calls": Figure(found["refused"], "calls", 0, "lower"),
                    f"{name} waiting_spread": Figure(
                        round(statistics.pstdev(per_track) / statistics.mean(per_track), 3),
                        "of the mean days per track", None, "lower",
                    ),
                    f"{name} finish_date_error": Figure(
                        round(max(found["errors"], default=0.0), 2), "days, the worst", AIM_ERROR, "lower"
                    ),
                }  # fmt: skip
                context[name] = {
                    "minimum_days": floor, "day_of_each": ratios, "calls": found["calls"],
                    "seconds": round(time.perf_counter() - began, 1),
                }  # fmt: skip
                world.pass_time(next_midnight(world))
                for person in people:
                    sign_in(person)
    emit("quota", figures, context, options.json)


if __name__ == "__main__":
    main()
