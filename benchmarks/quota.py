"""How well people share YouTube's allowance, with a clock that jumps from midnight to midnight.

Twenty people with playlists of 50 to 400 tracks move them to YouTube, which gives 100 searches and 10,000
units a day. Nothing can be faster than searches or units allow; how much slower is it? As in real playlists
an artist has some 2.4 tracks among them. First nothing is known (`cold`: artists' channels alone spare
searches), then open data names half of the tracks (`seeded`), then everything is known (`warm`).

    python -m benchmarks.quota [--people 20] [--playlists ../shared/data/playlists.jsonl.gz] [--json]
    python -m benchmarks.quota --people 3 --each 40

Without a file the playlists are made up. With ``--each`` everybody's tracks stand in so many playlists, of
which a person makes as many a day as YouTube lets them.
"""

import argparse
import math
import statistics
import sys
import time
from datetime import datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from benchmarks.environment import start_environment
from benchmarks.fixtures import real_playlists
from benchmarks.migration import enlarged
from benchmarks.report import Figure, emit
from local.simulators.catalogue import Catalogue, Recording
from musicconnect.matching import normal_form
from musicconnect.matching.listings import artist_key
from musicconnect.music.model import Track
from musicconnect.providers import registry
from musicconnect.providers.registry import NEW_PLAYLISTS
from tests.integration.migrations.scenario import QUEUE, MigrationScenario
from tests.support.functions import Person
from tests.support.postgres import sql

SEARCHES, UNITS, WRITE = 100, 10_000, 50
AIM_DAYS, AIM_ERROR = 1.05, 1.0
AIM_SEARCHES = {"cold": 0.5, "seeded": 0.2, "warm": 0.0}
"""Searches for a track that was moved: one, where nothing else tells of it."""
TRACKS_PER_ARTIST = 2.36
"""In real playlists: 44,189 distinct tracks have 18,711 artists."""
MAX_DAYS = 400
TURN_SECONDS = 610
"""More than people wait for their turn, and than the dispatcher waits for a message that is on its way."""
MAX_TURNS = 12
MINUTE_S = 61
MAX_MINUTES_OF_READING = 15
PLAYLISTS_QUEUE = "PROVIDERS_SYNC_QUEUE_URL"
HITS = 10
"""Of one search, all looked up."""


def sizes(people: int) -> list[int]:
    """How long each one's playlist is, from 50 to 400."""
    return [50 + round(350 * number / max(1, people - 1)) for number in range(people)]


def next_midnight(scenario: MigrationScenario) -> float:
    """Seconds until the allowance is renewed, and a little more."""
    zone = ZoneInfo("America/Los_Angeles")
    now = scenario.now().astimezone(zone)
    day = (now + timedelta(days=1)).date()
    return (datetime(day.year, day.month, day.day, tzinfo=zone) - now).total_seconds() + 30


def sign_in(person: Person) -> None:
    """Sessions end while so much time passes."""
    answer = person.harness.call(
        "POST", "/v1/auth/login", {"email": person.email, "password": person.password}
    )
    assert answer.status in (200, 201), answer.text
    person.token = answer.json["token"]


def work_a_day(scenario: MigrationScenario) -> None:
    """What the queue and the dispatcher do in a day: until nobody gets anything any more."""
    for _ in range(MAX_TURNS):
        while scenario.harness.drain(QUEUE, "migrations_worker"):
            pass
        scenario.pass_time(TURN_SECONDS)
        if not scenario.dispatch():
            break


def run_maintenance(scenario: MigrationScenario) -> None:
    """What maintenance does every day: facts of the match store that grow old are fetched again."""
    scenario.harness.invoke("maintenance", {"tasks": ["matches_refreshed"]})


def statuses(scenario: MigrationScenario) -> dict[int, tuple[str, datetime | None]]:
    """Of all migrations, by id, and when they ended."""
    rows: list[Any] = sql(
        scenario.harness.database_url, "SELECT id, status, finished_at FROM migrations.jobs"
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def run(scenario: MigrationScenario, people: list[Person], playlists: list[list[str]]) -> dict[str, Any]:
    """Let everybody begin on the same day; gives what came of it."""
    jobs = {
        person.id: scenario.start("spotify", "youtube", own, person, {"as_copy": True})
        for person, own in zip(people, playlists, strict=True)
    }
    scenario.clear_calls()
    before = booked(scenario)
    # Everybody looks at their migration as soon as its sources have been read and a date is shown: of few
    # playlists in a moment, of many once the dispatcher, which comes every minute, has sent them all.
    looks = dict[int, Any]()
    for _ in range(MAX_MINUTES_OF_READING):
        while scenario.harness.drain(QUEUE, "migrations_worker"):
            pass
        looks = {person.id: scenario.job(jobs[person.id], person) for person in people}
        if not any(look["progress"]["stages"].get("read") for look in looks.values()):
            break
        scenario.pass_time(MINUTE_S)
        scenario.dispatch()
    first: dict[int, str | None] = {
        key: look["finished_at"] or look["expected_at"] for key, look in looks.items()
    }
    ended, moments = dict[int, int](), dict[int, datetime]()
    for day in range(MAX_DAYS):
        run_maintenance(scenario)
        work_a_day(scenario)
        now = statuses(scenario)
        for person in people:
            status, at = now[jobs[person.id]]
            assert status != "failed", jobs[person.id]
            if person.id not in ended and at is not None:
                ended[person.id], moments[person.id] = day, at
        print(f"\rday {day + 1}: {len(ended)} of {len(people)} done", end="", file=sys.stderr, flush=True)
        if len(ended) == len(people):
            break
        scenario.pass_time(next_midnight(scenario))
        scenario.dispatch()
    print(file=sys.stderr)
    calls = scenario.control("youtube", "GET", "/calls")
    errors = {
        key: None if at is None
        else round((moments[key] - datetime.fromisoformat(at)).total_seconds() / 86_400, 2)
        for key, at in first.items()
    }  # fmt: skip
    by_bucket = {"search": 0, "general": 0}
    for call in calls["calls"]:
        if "/youtube/" not in call["endpoint"]:
            continue  # Tokens cost nothing.
        by_bucket["search" if call["endpoint"].endswith("/search") else "general"] += call["cost"]
    return {
        "days": max(ended.values()) + 1, "ended": ended, "errors": errors, "calls": calls["by_endpoint"],
        "used": by_bucket, "refused": sum(call["status"] >= 400 for call in calls["calls"]),
        "unused": booked(scenario) - before - by_bucket["search"] - by_bucket["general"],
        "refused_units": sum(call["cost"] for call in calls["calls"] if call["status"] >= 400),
    }  # fmt: skip


def needed_units(lengths: list[int], searches: int) -> int:
    """The fewest units: a playlist and its entries, each hit looked up, each entry read back."""
    return sum(
        WRITE * (length + 1) + math.ceil(length / 50) for length in lengths
    ) + math.ceil(searches * HITS / 50)  # fmt: skip


def seed(scenario: MigrationScenario, recordings: list[Recording]) -> None:
    """Let open data name every second recording, as a load of it would."""
    for recording in recordings[::2]:
        key = normal_form(track_of(recording))
        scenario.sql(
            "INSERT INTO providers.seeds (key, provider, track_id, source, duration_ms) "
            "VALUES (%s, 'youtube', %s, 'discogs', %s) ON CONFLICT DO NOTHING",
            key, recording.uploads[0].video_id, recording.tracks[0].duration_ms,
        )  # fmt: skip


def split(content: list[Recording], count: int) -> list[list[Recording]]:
    """Split recordings into so many playlists of nearly the same length, one track at least in each."""
    count = min(count, len(content))
    ends = [round(len(content) * number / count) for number in range(count + 1)]
    return [content[start:end] for start, end in pairwise(ends)]


def fewest_searches(name: str, made: list[Recording]) -> int:
    """The fewest searches: one for each artist whose channel nothing names, all others by the channel."""
    artists = {artist_key(track_of(recording)) for recording in made}
    if name == "cold":
        return len(artists)
    named = {artist_key(track_of(recording)) for recording in made[::2]}
    return len(artists - named) if name == "seeded" else 0


def track_of(recording: Recording) -> Track:
    """A recording's track as the matcher sees it."""
    track = recording.tracks[0]
    artists = tuple(artist.name for artist in track.artists)
    return Track(provider="spotify", id=track.id, title=track.title, artists=artists)


def booked(scenario: MigrationScenario) -> int:
    """What the ledger says was used of both allowances, ever."""
    return int(
        str(
            sql(
                scenario.harness.database_url,
                "SELECT sum(used) FROM providers.quota_usage WHERE provider = 'youtube'",
            )[0][0]
        )
    )


def made_up(lengths: list[int]) -> tuple[Catalogue, list[Recording], list[list[Recording]]]:
    """Make playlists of these lengths: the catalogue, what is new in it, and each one's recordings."""
    catalogue, made = enlarged(sum(lengths), round(sum(lengths) / TRACKS_PER_ARTIST))
    rest = iter(made)
    return catalogue, made, [list(islice(rest, length)) for length in lengths]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--playlists", type=Path, help="real ones: lines of JSON, packed")
    parser.add_argument("--each", type=int, default=1, help="playlists of each person")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.playlists:
        catalogue, made, contents = real_playlists.read(options.playlists, options.people)
    else:
        catalogue, made, contents = made_up(sizes(options.people))
    lengths = [len(content) for content in contents]
    parts = [split(content, options.each) for content in contents]
    of_playlists = [len(part) for own in parts for part in own]
    new_a_day = next(one for one in registry.get("youtube").personal_buckets if one.name == NEW_PLAYLISTS)
    days_of_playlists = max(math.ceil(len(own) / (new_a_day.default_limit or len(own))) for own in parts)
    figures: dict[str, Figure] = {}
    context: dict[str, object] = {
        "people": options.people,
        "tracks": sum(lengths),
        "playlists": len(of_playlists),
    }
    context["artists"] = len({recording.tracks[0].artists[0].name for recording in made})
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.json"
        file.write_bytes(TypeAdapter(Catalogue).dump_json(catalogue))
        with start_environment(file) as environment:
            scenario = environment.scenario
            people, playlists = [], []
            for number, own in enumerate(parts):
                login = f"p{number}"
                for provider in scenario.urls:
                    scenario.control(provider, "POST", "/users", {"id": login, "display_name": login})
                people.append(scenario.sign_up(login=login))
                playlists.append(
                    [
                        scenario.playlist(
                            "spotify", [recording.tracks[0].id for recording in part], login=login
                        )
                        for part in own
                    ]
                )
                # More than a few have to be known before they can be named.
                assert people[-1].call("POST", "/v1/playlists/sync", {"provider": "spotify"}).status == 202
                scenario.harness.drain(PLAYLISTS_QUEUE, "providers_sync_worker")
            for name in ("cold", "seeded", "warm"):
                if name == "seeded":
                    scenario.clear_matches()
                    seed(scenario, made)
                began = time.perf_counter()
                found = run(scenario, people, playlists)
                # The fewest days for the searches that were left to make.
                searches = found["used"]["search"]
                units = needed_units(of_playlists, searches)
                floor = max(math.ceil(searches / SEARCHES), math.ceil(units / UNITS), days_of_playlists)
                days = [found["ended"][person.id] + 1 for person in people]
                per_track = [day / length for day, length in zip(days, lengths, strict=True)]
                errors = [abs(error) for error in found["errors"].values() if error is not None]
                used = found["used"]["search"] + found["used"]["general"]
                figures |= {
                    f"{name} days": Figure(found["days"], "days", None, "lower"),
                    f"{name} days_ratio": Figure(
                        round(found["days"] / floor, 3), "of the minimum", AIM_DAYS, "lower"
                    ),
                    f"{name} searches_per_track": Figure(
                        round(searches / sum(lengths), 3), "searches", AIM_SEARCHES[name], "lower"
                    ),
                    f"{name} searches_ratio": Figure(
                        round(searches / max(1, fewest_searches(name, made)), 3),
                        "of one for each artist that nothing names", None, "lower",
                    ),
                    f"{name} units_per_track": Figure(
                        round(found["used"]["general"] / sum(lengths), 1), "units", None, "lower"
                    ),
                    f"{name} units_wasted": Figure(
                        found["refused_units"] + found["unused"],
                        "units of refused calls and of calls booked and not made", 0, "lower",
                    ),
                    f"{name} units_ratio": Figure(
                        round(used / (units + searches), 4), "of the fewest possible", None, "lower"
                    ),
                    f"{name} waiting_spread": Figure(
                        round(statistics.pstdev(per_track) / statistics.mean(per_track), 3),
                        "of the mean days per track", None, "lower",
                    ),
                    f"{name} finish_date_error": Figure(
                        max(errors) if len(errors) == len(people) else None,
                        "days, the worst of the first dates shown", AIM_ERROR, "lower",
                    ),
                }  # fmt: skip
                context[name] = {
                    "minimum_days": floor, "day_of_each": days, "calls": found["calls"],
                    "errors_in_days": list(found["errors"].values()), "units_used": found["used"],
                    "refused_calls": found["refused"],
                    "seconds": round(time.perf_counter() - began, 1),
                }  # fmt: skip
                scenario.pass_time(next_midnight(scenario))
                for person in people:
                    sign_in(person)
    emit("quota", figures, context, options.json)


if __name__ == "__main__":
    main()
