"""How quickly the engine moves a long playlist, and with how many calls and statements.

The worker is a process of its own that runs the real handler on messages of the queue; the simulators are
processes of their own, and answer 20 ms late. After that, a plain script moves the same playlist with the
same calls, one after the other and without a database.

    python -m benchmarks.migration [--tracks 10000] [--plain-tracks 10000] [--json]
"""

import argparse
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter

from benchmarks.baselines.migration_script import word
from benchmarks.environment import ROOT, as_json, endpoints, start_environment
from benchmarks.report import Figure, emit
from local.simulators.catalogue import Catalogue, Recording
from tests.integration.migrations.scenario import MigrationScenario, well_known

LATENCY_MS = 20
AIM_RATIO, AIM_STATEMENTS, AIM_MEGABYTES, AIM_SPEED = 1.02, 3.0, 150.0, 10.0
QUEUE = "MIGRATIONS_QUEUE_URL"


def enlarged(count: int, artists: int | None = None) -> tuple[Catalogue, list[Recording]]:
    """The catalogue and so many recordings more, each with a track and an art track of its own.

    ``artists``: so many share them, a few with many and most with one or two; None: each has its own.
    """
    catalogue = Catalogue.load()
    patterns = well_known(40)
    made = []
    for number in range(count):
        pattern = patterns[number % len(patterns)]
        track, upload = pattern.tracks[0], pattern.uploads[0]
        old, new = track.title, f"{word(7919 * number)} {word(104729 * number + 13)}"
        who = number if artists is None else int(artists * (number * 0.6180339887 % 1) ** 1.5)
        artist = f"{word(15485863 * (who % 997))} {word(32452843 * (who % 991) + 5)}"
        channel = number % 997 if artists is None else who
        made.append(
            replace(
                pattern,
                key=f"{artist} / {new} {number}",
                tracks=(
                    replace(
                        track,
                        id=f"{number:022d}",
                        title=new,
                        isrc=f"QZBEN{number:07d}",
                        artists=(replace(track.artists[0], name=artist, id=f"{channel:022d}"),),
                    ),
                ),
                uploads=(
                    replace(
                        upload,
                        video_id=f"b{number:010d}",
                        title=new,
                        channel=f"{artist} - Topic",
                        channel_id=f"UCb{channel:021d}",
                        description=upload.description.replace(old, new).replace(
                            track.artists[0].name, artist
                        ),
                    ),
                ),
            )
        )
    return replace(catalogue, recordings=(*catalogue.recordings, *made)), made


def run(
    scenario: MigrationScenario, variables: dict[str, str], source: str, ids: list[str]
) -> dict[str, Any]:
    """One way; gives what was measured."""
    target = "youtube" if source == "spotify" else "spotify"
    if target == "youtube":
        scenario.control("youtube", "PUT", "/settings", {"playlist_size": 100_000, "write_ms": 0})
    scenario.clear_matches()
    playlist_id = scenario.playlist(source, ids)
    migration_id = scenario.start(source, target, [playlist_id])
    scenario.clear_calls()
    for provider in scenario.urls:
        scenario.control(provider, "PUT", "/latency", {"ms": LATENCY_MS})
    measured = _worker_process(scenario, variables)
    for provider in scenario.urls:
        scenario.control(provider, "PUT", "/latency", {"ms": 0})
    job = scenario.job(migration_id)
    assert job["status"] == "completed", job
    made = endpoints(scenario)
    matched = job["progress"]["tracks"]["matched"]
    measured |= {
        "playlist": playlist_id,
        "calls": made,
        "minimum": minimum(target, len(ids), matched),
        "matched": matched,
        "right": len(scenario.assert_target_is_right(migration_id)) == matched,
    }
    return measured


def minimum(target: str, tracks: int, matched: int) -> int:
    """The fewest calls that can do it: read, search each, look each match up, make, write, read back."""
    pages, back = math.ceil(tracks / 50), math.ceil(matched / 50)
    if target == "spotify":
        # A page of a YouTube playlist tells no lengths: those are looked up.
        return 2 + 2 * pages + tracks + 1 + math.ceil(matched / 100) + back
    # A search of YouTube tells no lengths either: what is to be a match is looked up, 50 at once.
    return 2 + pages + tracks + math.ceil(matched / 50) + 1 + matched + back


def _worker_process(scenario: MigrationScenario, variables: dict[str, str]) -> dict[str, Any]:
    with scenario.harness.environment_of("migrations_worker"):
        environment = {**os.environ, **variables, "PYTHONPATH": "layers/musicconnect:functions:."}
        # As deployed: nobody shifts the clock there, so no file is read whenever the time is asked for.
        del environment["MUSICCONNECT_CLOCK_FILE"]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.workers.migration"],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, Any] = as_json(done.stdout)
    return found


def run_plain_script(scenario: MigrationScenario, source: str, playlist_id: str, most: int) -> dict[str, Any]:
    """What a plain script takes for the first so many tracks, with the same simulators and latency."""
    target = "youtube" if source == "spotify" else "spotify"
    variables = {"spotify": "SPOTIFY_API_URL", "youtube": "YOUTUBE_API_URL"}
    order = {
        name: {"url": scenario.harness.environment[variables[provider]], "token": scenario.token(provider)}
        for name, provider in (("source", source), ("target", target))
    }
    for provider in scenario.urls:
        scenario.control(provider, "PUT", "/latency", {"ms": LATENCY_MS})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.baselines.migration_script",
         json.dumps({**order, "to": target, "playlist": playlist_id, "most": most})],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    for provider in scenario.urls:
        scenario.control(provider, "PUT", "/latency", {"ms": 0})
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, Any] = as_json(done.stdout)
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, default=10_000)
    parser.add_argument("--plain-tracks", type=int, help="of the plain script, if not all; scaled up then")
    parser.add_argument("--only", choices=("spotify", "youtube"), help="one target only")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    catalogue, made = enlarged(options.tracks)
    figures: dict[str, Figure] = {}
    context: dict[str, object] = {"tracks": options.tracks, "latency_ms": LATENCY_MS}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.json"
        file.write_bytes(TypeAdapter(Catalogue).dump_json(catalogue))
        with start_environment(file) as environment:
            environment.scenario.lift_quotas()
            for source, target in (("youtube", "spotify"), ("spotify", "youtube")):
                if options.only not in (None, target):
                    continue
                ids = [
                    recording.tracks[0].id if source == "spotify" else recording.uploads[0].video_id
                    for recording in made
                ]
                load = round(os.getloadavg()[0], 1)  # Of whatever else goes on: it slows the engine most.
                measured = run(environment.scenario, environment.variables, source, ids)
                calls = sum(measured["calls"].values())
                most = options.plain_tracks or options.tracks
                script = run_plain_script(environment.scenario, source, measured["playlist"], most)
                plain = script["seconds"] * options.tracks / script["tracks"]
                name = f"to_{target}"
                figures |= {
                    f"{name} seconds": Figure(round(measured["seconds"], 1), "s", None, "lower"),
                    f"{name} rate": Figure(
                        round(options.tracks / measured["seconds"], 1), "tracks/s", None
                    ),
                    f"{name} calls_ratio": Figure(
                        round(calls / measured["minimum"], 4), "of the minimum", AIM_RATIO, "lower"
                    ),
                    f"{name} statements_per_track": Figure(
                        round(measured["statements"] / options.tracks, 3), "SQL statements",
                        AIM_STATEMENTS, "lower",
                    ),
                    f"{name} peak_memory": Figure(
                        round(measured["megabytes"], 1), "MB", AIM_MEGABYTES, "lower"
                    ),
                    f"{name} plain_script": Figure(round(plain, 1), "s", None, "lower"),
                    f"{name} speed": Figure(
                        round(plain / measured["seconds"], 2), "times the plain script",
                        AIM_SPEED if target == "spotify" else None,
                    ),
                }  # fmt: skip
                context[name] = {
                    "calls": measured["calls"], "matched": measured["matched"],
                    "plain_script": script, "order_right": measured["right"],
                    "worker_cpu_seconds": round(measured["cpu_seconds"], 1), "load_average": load,
                }  # fmt: skip
    context["plain_script"] = (
        "benchmarks/baselines/migration_script.py, run right after the engine on the same playlist"
    )
    context["statements"] = "all that were sent: BEGIN, the setting of the person, COMMIT included"
    emit("migration", figures, context, options.json)


if __name__ == "__main__":
    main()
