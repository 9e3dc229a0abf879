"""What a day of keeping pairs in step costs: calls over what can be had, and statements of a pair at rest.

Makes pairs of Spotify's and YouTube's playlists of made-up recordings, lets them come into step, has their
person put a song into one side of one of a hundred, now Spotify's and now YouTube's, and lets the workers do
the next day.

The least that a day can cost follows from what the providers tell (docs/keeping-in-step.md): versions of 50
playlists by one call; and of a changed pair, both sides read whole (50 entries a call) with the version asked
after it, the version once more before the first write, the write, and what was written read back with its
version.

    python -m benchmarks.sync [--pairs 40] [--tracks 100] [--json]
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from pydantic import TypeAdapter

from benchmarks.environment import Environment, start_environment
from benchmarks.migration import enlarged
from benchmarks.report import Figure, emit
from local.simulators.catalogue import Catalogue, Recording
from tests.integration.migrations.scenario import track_ids, video_ids
from tests.integration.sync.pairs import QUEUE, Pairs

AIM_CALLS, AIM_STATEMENTS = 1.05, 3.0
PAGE = 50
"""Entries, and playlists, of one call of Spotify's or YouTube's."""
CHANGED_SHARE = 0.01
MAX_TURNS = 400


@contextmanager
def counted_statements() -> Iterator[Callable[[], int]]:
    """Count the statements that are sent to the database from this process."""
    count, execute = 0, psycopg.Cursor.execute

    def counting(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args, **kwargs)

    psycopg.Cursor.execute = counting  # type: ignore[method-assign]
    try:
        yield lambda: count
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]


def work(pairs: Pairs) -> None:
    """Let workers go on until no message is left."""
    for _ in range(MAX_TURNS):
        if not pairs.scenario.harness.drain(QUEUE, "sync_worker"):
            return
    raise RuntimeError("the workers never end")


def states(pairs: Pairs) -> dict[str, int]:
    """How many pairs are in each state."""
    rows = pairs.scenario.sql("SELECT status || ' ' || status_code, count(*) FROM sync.pairs GROUP BY 1")
    return {str(state): int(count) for state, count in rows}


def know(pairs: Pairs, songs: tuple[list[str], list[str]]) -> None:
    """Have every song's counterpart found, as it would be after some days: searches are no part of this."""
    sides = [
        (provider, pairs.scenario.playlist(provider, ids, "All"))
        for provider, ids in zip(("spotify", "youtube"), songs, strict=True)
    ]
    pair_id = pairs.make(*sides)
    work(pairs)
    ((state,),) = pairs.scenario.sql("SELECT state FROM sync.states WHERE pair_id = %s", pair_id)
    apart = [row["key"] for row in state["rows"] if any(slot["state"] != "ok" for slot in row["slots"])]
    if apart or len(state["rows"]) != len(songs[0]):
        raise RuntimeError(f"not every song has its counterpart: {apart}")
    pairs.scenario.person.call("DELETE", f"/v1/pairs/{pair_id}")


def make(pairs: Pairs, count: int, tracks: int, songs: tuple[list[str], list[str]]) -> list[dict[str, Any]]:
    """Make pairs and bring them into step; gives them."""
    chance = random.Random(14)
    made: list[dict[str, Any]] = []
    for number in range(count):
        chosen = chance.sample(range(1, len(songs[0])), tracks)
        sides = [
            {
                "provider": provider,
                "playlist_id": pairs.scenario.playlist(provider, [ids[one] for one in chosen], f"P{number}"),
            }
            for provider, ids in zip(("spotify", "youtube"), songs, strict=True)
        ]
        made.append({"left": sides[0], "right": sides[1]})
    found: list[dict[str, Any]] = []
    for start in range(0, count, 50):
        answer = pairs.scenario.person.call("POST", "/v1/pairs", {"items": made[start : start + 50]})
        assert answer.status == 200, answer.text
        found += answer.json["items"]
        work(pairs)
        print(f"\r{len(found)} pairs made", end="", file=sys.stderr, flush=True)
    for pair in found:
        pairs.post(f"{pair['id']}/answer", {"answer": "yes"})
    work(pairs)
    print(file=sys.stderr)
    return found


def fewest_calls(tracks: int, count: int, changed: dict[str, int]) -> dict[str, int]:
    """Give the fewest calls of each provider.

    ``changed``: how many pairs got a song on that provider's side.
    """
    before, after = math.ceil(tracks / PAGE), math.ceil((tracks + 1) / PAGE)
    # Read, its version after that.
    read = {provider: (after + 1) * changed[provider] for provider in changed}
    for provider, other in (("spotify", "youtube"), ("youtube", "spotify")):
        # Read, its version; its version before the write, the write, read back, its version.
        read[provider] += (before + 1 + 1 + 1 + after + 1) * changed[other]
    return {provider: math.ceil(count / PAGE) + read[provider] for provider in changed}


def measure(environment: Environment, count: int, tracks: int, made: list[Recording]) -> dict[str, Any]:
    """Let a day pass; gives what was called and what would do."""
    scenario = environment.scenario
    scenario.lift_quotas()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    pairs = Pairs(scenario)
    pairs.clear()
    songs = track_ids(made), video_ids(made)
    know(pairs, songs)
    started = time.perf_counter()
    found = make(pairs, count, tracks, songs)
    assert states(pairs) == {"active in-step": count}, states(pairs)
    seconds_first = time.perf_counter() - started
    # A day on which nothing changed: what a pair at rest costs.
    scenario.pass_time(86_400 + 60)
    with counted_statements() as so_far:
        scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
        work(pairs)
        at_rest = so_far()
    # And the day after, with changes: not yet one on which YouTube's lists are read whole.
    scenario.pass_time(86_400 + 60)
    changed = found[: max(1, round(count * CHANGED_SHARE))]
    on_spotify, on_youtube = changed[::2], changed[1::2]
    for pair in on_spotify:
        scenario.write("spotify", pair["left"]["playlist_id"], songs[0][0])
    for pair in on_youtube:
        scenario.write("youtube", pair["right"]["playlist_id"], songs[1][0])
    scenario.clear_calls()
    started = time.perf_counter()
    with counted_statements() as so_far:
        scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
        work(pairs)
        statements = so_far()
    seconds = time.perf_counter() - started
    by_endpoint = {
        provider: {one: n for one, n in scenario.calls(provider).items() if "token" not in one}
        for provider in scenario.urls
    }
    calls = {provider: sum(counts.values()) for provider, counts in by_endpoint.items()}
    assert states(pairs) == {"active in-step": count}, states(pairs)
    for pair in changed:
        for (provider, side), ids in zip((("spotify", "left"), ("youtube", "right")), songs, strict=True):
            assert scenario.contents(provider, pair[side]["playlist_id"])[-1] == ids[0], (provider, pair)
    return {
        "calls": calls,
        "least": fewest_calls(tracks, count, {"spotify": len(on_spotify), "youtube": len(on_youtube)}),
        "by_endpoint": by_endpoint, "statements": statements, "statements_at_rest": at_rest,
        "pairs_changed": len(changed), "seconds_first": round(seconds_first, 1),
        "seconds_of_the_day": round(seconds, 2),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--tracks", type=int, default=100, help="of each playlist")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    catalogue, made = enlarged(options.tracks + 1)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "catalogue.json"
        file.write_bytes(TypeAdapter(Catalogue).dump_json(catalogue))
        with start_environment(file) as environment:
            found = measure(environment, options.pairs, options.tracks, made)
    figures = {
        f"calls.{provider}": Figure(
            found["calls"][provider] / found["least"][provider], "times", AIM_CALLS, "lower"
        )
        for provider in ("spotify", "youtube")
    }
    figures["statements.unchanged"] = Figure(
        found["statements_at_rest"] / options.pairs, "statements", AIM_STATEMENTS, "lower"
    )
    emit("sync", figures, {"pairs": options.pairs, "tracks": options.tracks, **found}, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
