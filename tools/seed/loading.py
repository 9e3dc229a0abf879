"""Load a dump: parts are read by processes of their own, and written in their order with how far that is."""

import gc
import gzip
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import BinaryIO, cast

import psycopg

from musicconnect.platform import clock
from tools.seed import discogs, seed_store
from tools.seed.seed_store import Progress

type Tell = Callable[[Progress], None]


def load_discogs(url: str, file: Path, tell: Tell, workers: int | None = None) -> Progress:
    """Load the releases of a dump from where an earlier load ended.

    Args:
        url: Of the database, for a role that owns the tables.
        file: ``discogs_YYYYMMDD_releases.xml.gz``, or the same unpacked.
        tell: Called with the progress whenever something was written.
        workers: Processes that read; by default as many as there are processors.

    Returns:
        How far it came.

    Raises:
        CutError: the file ends in the middle; what was whole is loaded.
        BlockingIOError: another load is under way.
    """
    with psycopg.connect(url, autocommit=True) as connection, _opened(file) as stream:
        done = seed_store.begin(connection, "discogs", file.name)
        if done.is_finished:
            return done
        for block, found in _read(discogs.blocks(stream, done.position), workers or os.cpu_count() or 1):
            done = Progress(block, done.read + found.releases, done.bad + found.bad, is_finished=False)
            rows = ((key, "youtube", video, length) for key, video, length in found.rows)
            seed_store.save(connection, "discogs", file.name, rows, done)
            tell(done)
        seed_store.finish(connection, "discogs", file.name, clock.now())
        return Progress(done.position, done.read, done.bad, is_finished=True)


def _opened(file: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(file, "rb")) if file.suffix == ".gz" else file.open("rb")


def _read(blocks: Iterator[discogs.Block], workers: int) -> Iterator[tuple[int, discogs.Found]]:
    """Read parts in processes, a few ahead; gives where each ends and what it names, in order."""
    under_way: deque[tuple[int, Future[discogs.Found]]] = deque()
    # Not forked: a copy of the process would hold its connection to the database, too.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _end_with_parent) as pool:
        try:
            for block in blocks:
                under_way.append((block.end, pool.submit(discogs.read, block)))
                if len(under_way) > 2 * workers:
                    end, future = under_way.popleft()
                    yield end, future.result()
        except discogs.CutError:
            # What is whole is loaded before it is told.
            yield from ((end, future.result()) for end, future in under_way)
            raise
        yield from ((end, future.result()) for end, future in under_way)


def _end_with_parent() -> None:
    """Prepare a process that reads: it ends when the one that started it is gone, however it went."""
    gc.disable()  # elements hold no circles, and there are very many
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
