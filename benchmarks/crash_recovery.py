"""Whether work whose worker is killed ends as if nothing had happened.

Migrates a small playlist again and again. Each time a worker, a real process, gets SIGKILL at another point:
before or after a provider's call, before or after a commit. Another worker goes on, with every message
doubled, and what the target holds in the end is compared with what an undisturbed run made. Then artists are
followed, albums are saved and that is rolled back, a track of a written playlist is given another counterpart
again and again, playlists with entries that cannot be played are repaired, pairs are brought in step in each
of their modes, with new names and descriptions, and such runs are taken back, with the worker killed in the
same way.
Compared are also the entries that nobody was to touch: each has to be the one that stood there before, and
playlists beside have to stay as they are.

    python -m benchmarks.crash_recovery [--tracks 22] [--every 1] [--only sync] [--json]
    python -m benchmarks.crash_recovery --directions spotify-tidal tidal-listenbrainz --only move
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product

from benchmarks.crash_points.attempts import Tried, Worker, workers
from benchmarks.crash_points.keeping_in_step import IN_STEP, sync_everywhere, undo_everywhere
from benchmarks.crash_points.library import LIBRARY
from benchmarks.crash_points.mending import mend_everywhere
from benchmarks.crash_points.moving import move_everywhere
from benchmarks.crash_points.repairing import STEPS, repair_everywhere
from benchmarks.environment import start_environment
from benchmarks.report import Figure, emit
from tests.integration.migrations.everywhere import direction, ids, providers_of, songs_of
from tests.integration.migrations.scenario import MigrationScenario

KINDS = ("move", "library", "mend", "repair", "sync", "undo")
WAYS = (("youtube", "spotify"), ("spotify", "youtube"))
"""Directions that are tried where none are named; pairs are kept in step in the second of them."""
WITH_ALBUMS = (("spotify", "tidal"),)
"""Providers with saved albums."""
REPAIRED = ("youtube", "spotify")
"""Providers that say themselves what cannot be played."""
MAX_TRACKS = 6
"""Of a playlist that is mended or repaired."""


def tried(
    scenario: MigrationScenario,
    migrations: Worker,
    sync: Worker,
    kinds: tuple[str, ...],
    options: argparse.Namespace,
) -> Iterator[tuple[str, Tried]]:
    """Try each kind of work; gives a name and what came of it, one after the other."""
    every, few, ways = options.every, min(options.tracks, MAX_TRACKS), options.directions or WAYS
    for source, target in ways if "move" in kinds else ():
        found = move_everywhere(scenario, migrations, (source, target), options.tracks, every)
        yield f"{source}_to_{target}", found
    for name, part in LIBRARY.items() if "library" in kinds else ():
        yield f"library_{name}", part.move(scenario, migrations, every)
    for source, target in ways if "mend" in kinds else ():
        found = mend_everywhere(scenario, migrations, (source, target), few, every)
        yield f"mend_{source}_to_{target}", found
    for provider in REPAIRED if "repair" in kinds else ():
        for step in STEPS:
            name = f"repair_on_{provider}_{step}"
            yield name, repair_everywhere(scenario, sync, provider, few, every, step=step)
    for sides, mode in product(options.directions or WAYS[1:], IN_STEP):
        name = f"{'_to_'.join(sides)}_{mode}"
        if "sync" in kinds:
            yield f"sync_{name}", sync_everywhere(scenario, sync, mode, every, sides)
        if "undo" in kinds:
            yield f"undo_{name}", undo_everywhere(scenario, sync, mode, every, sides)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, default=22)
    parser.add_argument("--every", type=int, default=1, help="try every n-th point only")
    parser.add_argument("--only", choices=KINDS, help="one kind of work, not all")
    parser.add_argument(
        "--directions",
        nargs="+",
        type=direction,
        help="such as spotify-tidal; the first two providers' if none",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures: dict[str, Figure] = {}
    context: dict[str, object] = {"tracks": options.tracks + 1, "every": options.every}
    with ExitStack() as stack:
        kinds = (options.only,) if options.only else KINDS
        providers = providers_of([*(options.directions or ()), *(WITH_ALBUMS if "library" in kinds else ())])
        environment = stack.enter_context(start_environment(providers=providers))
        scenario = environment.scenario
        scenario.lift_quotas()  # Before there are workers: they take their settings along.
        migrations, sync = (
            stack.enter_context(workers(scenario, environment.variables, name))
            for name in ("migrations", "sync")
        )
        # So much time passes in all these runs that the session would end.
        scenario.sql("UPDATE core.user_sessions SET expires_at = now() + interval '10 years'")
        beside = {
            name: scenario.playlist(name, ids(name, songs_of(scenario, 5)), "Beside")
            for name in scenario.urls
        }
        before = {name: scenario.places(name, playlist_id) for name, playlist_id in beside.items()}
        for name, found in tried(scenario, migrations, sync, kinds, options):
            figures[f"{name} points"] = Figure(found.points, "kills", None)
            figures[f"{name} differences"] = Figure(len(found.different), "outcomes", 0, "lower")
            context[name] = {
                "undisturbed": found.undisturbed, "different": found.different, "seconds": found.seconds,
            }  # fmt: skip
        touched = sum(before[name] != scenario.places(name, beside[name]) for name in beside)
        figures["playlists_beside touched"] = Figure(touched, "playlists", 0, "lower")
    emit("crash_recovery", figures, context, options.json)


if __name__ == "__main__":
    main()
