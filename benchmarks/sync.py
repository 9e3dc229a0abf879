"""What a day of keeping pairs in step costs: calls over what can be had, and statements of a pair at rest.

Makes pairs of Spotify's and YouTube's playlists, lets them come into step, has their person put a song into
one side of one of a hundred, and lets the workers do the next day.

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
from typing import Any

import psycopg

from benchmarks.environment import Environment, start_environment
from benchmarks.report import Figure, emit
from tests.integration.migrations.scenario import catalogue
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


def decided(pairs: Pairs, count: int) -> tuple[list[str], list[str]]:
    """Find songs that a pair brings into step: ids on Spotify and on YouTube."""
    songs = [song for song in catalogue().recordings if song.tracks and song.uploads]
    ids = [song.tracks[0].id for song in songs[: 4 * count]]
    left = pairs.scenario.playlist("spotify", ids, "Songs")
    right = pairs.scenario.playlist("youtube", [], "Songs")
    pair_id = pairs.make(("spotify", left), ("youtube", right))
    work(pairs)
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    work(pairs)
    ((state,),) = pairs.scenario.sql("SELECT state FROM sync.states WHERE pair_id = %s", pair_id)
    rows = [row["slots"] for row in state["rows"] if all(slot["state"] == "ok" for slot in row["slots"])]
    pairs.scenario.person.call("DELETE", f"/v1/pairs/{pair_id}")
    found = [(one["track_id"], other["track_id"]) for one, other in rows]
    if len(found) <= count:
        raise RuntimeError(f"only {len(found)} songs of the catalogue have counterparts")
    return [one for one, _ in found], [other for _, other in found]


def make(pairs: Pairs, count: int, tracks: int, songs: tuple[list[str], list[str]]) -> list[tuple[int, str]]:
    """Make pairs and bring them into step; gives each with its playlist on Spotify."""
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
    found: list[tuple[int, str]] = []
    for start in range(0, count, 50):
        answer = pairs.scenario.person.call("POST", "/v1/pairs", {"items": made[start : start + 50]})
        assert answer.status == 200, answer.text
        found += [(one["id"], one["left"]["playlist_id"]) for one in answer.json["items"]]
    work(pairs)
    for pair_id, _ in found:
        pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    work(pairs)
    return found


def measure(environment: Environment, count: int, tracks: int) -> dict[str, Any]:
    """Let a day pass; gives what was called and what would do."""
    scenario = environment.scenario
    scenario.lift_quotas()
    scenario.control("youtube", "PUT", "/settings", {"manual_sort": True})
    pairs = Pairs(scenario)
    pairs.clear()
    songs = decided(pairs, tracks + 1)
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
    changed = max(1, round(count * CHANGED_SHARE))
    for _, playlist_id in found[:changed]:
        scenario.write("spotify", playlist_id, songs[0][0])
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
    pages = math.ceil(tracks / PAGE)
    looks = {provider: math.ceil(len(scenario.playlists(provider)) / PAGE) for provider in scenario.urls}
    looks["youtube"] = math.ceil(count / PAGE)
    least = {
        "spotify": looks["spotify"] + changed * (math.ceil((tracks + 1) / PAGE) + 1),
        # Read, its version, its version before the write, the write, read back, its version.
        "youtube": looks["youtube"] + changed * (pages + 1 + 1 + 1 + math.ceil((tracks + 1) / PAGE) + 1),
    }
    return {
        "calls": calls, "least": least, "by_endpoint": by_endpoint, "statements": statements,
        "statements_at_rest": at_rest, "pairs_changed": changed, "seconds_first": round(seconds_first, 1),
        "seconds_of_the_day": round(seconds, 2),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--tracks", type=int, default=100, help="of each playlist")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with start_environment() as environment:
        found = measure(environment, options.pairs, options.tracks)
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
