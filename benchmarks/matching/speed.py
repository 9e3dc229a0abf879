"""How many pairs a second are scored."""

import gc
import statistics
import time
from collections.abc import Iterable

from rapidfuzz import fuzz

from benchmarks.baselines.matchers.similarity import line
from benchmarks.report import Figure
from musicconnect.matching import clear_caches, score
from musicconnect.music.model import Track

RUNS = 5


def figures(pairs: Iterable[tuple[Track, Track]]) -> dict[str, Figure]:
    """Time distinct pairs, in the order of the files, each time from empty caches; the median of five runs.

    Processor time, since a benchmark of one core must not count what others do on the machine. The collector
    leaves alone what was there before, as in a worker: else it would walk through the sets of the benchmark.
    """
    distinct = list(dict.fromkeys(pairs))
    texts = [(line(source), candidate.title) for source, candidate in distinct]
    ours, bare = [], []
    gc.collect()
    gc.freeze()
    for _ in range(RUNS):
        clear_caches()
        start = time.process_time()
        for source, candidate in distinct:
            score(source, candidate)
        ours.append(time.process_time() - start)
        start = time.process_time()
        for left, right in texts:
            fuzz.token_set_ratio(left, right)
        bare.append(time.process_time() - start)
    gc.unfreeze()
    ratio = statistics.median(ours) / statistics.median(bare)
    return {
        "speed.pairs_per_second": Figure(len(distinct) / statistics.median(ours), "pairs/s", 20_000),
        "speed.ratio": Figure(ratio, "times token_set_ratio", None, "lower"),
    }
