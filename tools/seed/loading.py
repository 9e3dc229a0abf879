"""Load a dump: parts are read by processes of their own, and written in their order with how far that is."""

import gc
import gzip
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import psycopg

from musicconnect.matching import normal_form
from musicconnect.music.model import Track
from musicconnect.platform import clock
from tools.seed import discogs, musicbrainz, seed_store, staging_store
from tools.seed.discogs import CutError
from tools.seed.seed_store import Progress

RECORDINGS_AT_ONCE: Final = 5_000
BLOCKS_AT_ONCE: Final = 8
"""Parts that are written together: some ten thousand releases, which a load that is ended reads again."""
BLOCKS_AHEAD: Final = 8
"""Parts that wait for each process that reads, so that it has something to do while others are written."""

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
        parts = _read(discogs.blocks(stream, done.position), workers or os.cpu_count() or 1)
        for batch in _batches(parts):
            done = Progress(
                position=batch[-1].end,
                read=done.read + sum(part.releases for part in batch),
                bad=done.bad + sum(part.bad for part in batch),
                is_finished=False,
            )
            seed_store.save(connection, "discogs", file.name, [part.lines for part in batch], done)
            tell(done)
        seed_store.finish(connection, "discogs", file.name, clock.now())
        return Progress(done.position, done.read, done.bad, is_finished=True)


def load_musicbrainz(url: str, file: Path, tell: Tell) -> Progress:
    """Load the recordings that a dump names videos for, from where an earlier load ended.

    The tables are loaded whole, one after the other, and then joined a part at a time.

    Raises:
        CutError: the archive ends in the middle; tables that were whole are not loaded again.
        UnknownFormError: the dump is of a form that is not known.
        BlockingIOError: another load is under way.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        done = seed_store.begin(connection, "musicbrainz", file.name)
        if done.is_finished:
            return done
        bad = _stage(connection, file)
        while rows := staging_store.named(connection, done.position, RECORDINGS_AT_ONCE):
            done = Progress(rows[-1][0], done.read + len(rows), bad, is_finished=False)
            lines = seed_store.copy_lines(_seeds(rows))
            seed_store.save(connection, "musicbrainz", file.name, [lines], done)
            tell(done)
        seed_store.finish(connection, "musicbrainz", file.name, clock.now())
        staging_store.end(connection)
        return Progress(done.position, done.read, bad, is_finished=True)


def _stage(connection: psycopg.Connection[Any], file: Path) -> int:
    """Load the tables that are not loaded yet; gives how many lines of all could not be read."""
    loaded = staging_store.begin(connection, file.name)
    if musicbrainz.TABLES.keys() - loaded.keys():
        with file.open("rb") as stream:
            for name, lines in musicbrainz.tables(stream):
                if name not in loaded:
                    bad = [0]
                    staging_store.load(connection, file.name, name, _rows(name, lines, bad), bad)
                    loaded[name] = bad[0]
    if missing := musicbrainz.TABLES.keys() - loaded.keys():
        raise CutError(f"the archive has no {', '.join(sorted(missing))}")
    staging_store.index(connection)
    return sum(loaded.values())


def _rows(table: str, lines: Iterator[bytes], bad: list[int]) -> Iterator[musicbrainz.Row]:
    for line in lines:
        try:
            row = musicbrainz.read(table, line)
        except musicbrainz.BadRowError:
            bad[0] += 1
            continue
        if row is not None:
            yield row


def _seeds(rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, str, str, int | None]]:
    for _, title, artist, length, videos, isrcs in rows:
        form = None
        if artist:
            form = normal_form(Track(provider="musicbrainz", id="", title=title, artists=(artist,)))
        known = length if length is not None and 0 < length < 2**31 else None
        for key in (form, *isrcs):
            for video in videos if key else ():
                yield key, "youtube", video, known


def _opened(file: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(file, "rb")) if file.suffix == ".gz" else file.open("rb")


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a dump comes to."""

    end: int
    releases: int
    bad: int
    lines: bytes
    """The rows, as COPY takes them."""


def _read(blocks: Iterator[discogs.Block], workers: int) -> Iterator[_Part]:
    """Read parts in processes, in their order; all that is whole of a cut dump before that is told."""
    under_way: deque[Future[_Part]] = deque()
    # Not forked: a copy of the process would hold its connection to the database, too.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _end_with_parent) as pool:
        cut: CutError | None = None
        try:
            for block in blocks:
                # Most of a dump is not worth sending to another process.
                under_way.append(pool.submit(_read_part, block.end, discogs.select(block)))
                if len(under_way) > BLOCKS_AHEAD * workers:
                    yield under_way.popleft().result()
        except CutError as error:
            cut = error
        yield from (future.result() for future in under_way)
        if cut is not None:
            raise cut


def _batches(parts: Iterator[_Part]) -> Iterator[list[_Part]]:
    """Give what is written together; the last of a cut dump, too, before that is told."""
    batch: list[_Part] = []
    try:
        for part in parts:
            batch.append(part)
            if len(batch) == BLOCKS_AT_ONCE:
                yield batch
                batch = []
    except CutError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _read_part(end: int, part: discogs.Selection) -> _Part:
    found = discogs.read_selected(part)
    rows = ((key, "youtube", video, length) for key, video, length in found.rows)
    return _Part(end, found.releases, found.bad, seed_store.copy_lines(rows))


def _end_with_parent() -> None:
    """Prepare a process that reads: it ends when the one that started it is gone, however it went."""
    gc.disable()  # elements hold no circles, and there are very many
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
