"""Damage files of every kind in random ways, and have every reader read them, a million times.

What the property tests do with a few hundred inputs, without what Hypothesis needs for each. Every input is
made of its number alone, so what fails is made again by that number:

    python -m tests.contract.mutations [--inputs 1000000] [--seconds 3600] [--first 0]

Fails where a reader raises what is not its own, goes beyond its budget, or takes longer than a file so small
may.
"""

import argparse
import contextlib
import io
import random
import sys
import time
import traceback
from collections import Counter
from dataclasses import replace

from musicconnect.playlist_files import readers
from musicconnect.playlist_files.readers import UnreadableError
from tests.unit.playlist_files import test_mutations as playlists
from tests.unit.trends.imports import test_fuzz as histories

MAX_SECONDS = 10.0
"""Of processor for one input, none of which is larger than 200 kB."""
MAX_BYTES = 200_000
PIECES = (*histories.PIECES, *playlists.NASTY)
SAMPLES = (*histories.SEEDS.values(), *playlists.SAMPLES)
PACKED = (playlists.gzip.compress, playlists.in_zip, playlists.in_tar, playlists.with_returns)


def made(number: int) -> bytes:
    """Make the input of a number."""
    chance = random.Random(number)
    content = chance.choice(SAMPLES)
    if chance.random() < 0.05:  # one file goes on as another
        content = content[: chance.randrange(len(content))] + chance.choice(SAMPLES)
    for _ in range(chance.randint(1, 6)):
        if chance.random() < 0.03:
            content = chance.choice(PACKED)(content)
            continue
        what = chance.choice(["insert", "replace", "cut", "repeat", "swap"])
        piece = chance.choice(PIECES) if chance.random() < 0.7 else chance.randbytes(chance.randint(0, 4))
        content = histories.mutated(content, [(what, chance.random(), chance.random(), piece)])
    return content[:MAX_BYTES]


def read(content: bytes) -> str:
    """Have both kinds of readers read it; gives what came of it, for the counts."""
    records = histories.everything(content)
    found: list[object] = []
    with contextlib.suppress(UnreadableError):
        found.extend(readers.read_playlists(io.BytesIO(content), file_name="a.csv", report=found.append))
    return f"{'records' if records else 'no records'}, {'entries' if found else 'no entries'}"


def main() -> int:
    """Run it; 0 when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    options = parser.parse_args()
    readers.LIMITS = replace(readers.LIMITS, free_bytes=2_000_000, rows=50_000, seconds=20)
    outcomes: Counter[str] = Counter()
    failed, slowest, began = 0, 0.0, time.monotonic()
    for number in range(options.first, options.first + options.inputs):
        if time.monotonic() - began > options.seconds:
            break
        content, started = made(number), time.process_time()
        try:
            outcomes[read(content)] += 1
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            failed += 1
            print(f"input {number} of {len(content)} bytes\n{traceback.format_exc()}", flush=True)
        took = time.process_time() - started
        slowest = max(slowest, took)
        if took > MAX_SECONDS:
            failed += 1
            print(f"input {number} of {len(content)} bytes took {took:.1f} s", flush=True)
        if sum(outcomes.values()) % 10_000 == 0:
            print(f"{number + 1 - options.first:,} inputs, {failed} failed", file=sys.stderr, flush=True)
    total = sum(outcomes.values()) + failed
    print(f"{total:,} inputs, {failed} failed, slowest {slowest:.2f} s: {dict(outcomes)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
