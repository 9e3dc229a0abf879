"""Loading open data into the table of candidates: it may end anywhere, and goes on there."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.fixtures.discogs import release
from tests.support.postgres import sql
from tools.seed import discogs, loading, seed_store
from tools.seed.discogs import CutError
from tools.seed.seed_store import Progress

RELEASES = 60
MADE = [release(number, share_with_videos=0.4) for number in range(1, RELEASES + 1)]
NAMED = sum(one.candidates for one in MADE)


class EndedError(Exception):
    """What ended a load in the middle."""


@pytest.fixture(autouse=True)
def nothing_loaded(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(discogs, "BLOCK_BYTES", 6_000)
    monkeypatch.setattr(loading, "BLOCKS_AT_ONCE", 2)
    yield
    sql(database_url, "TRUNCATE providers.seeds, providers.seed_loads")


def dump(folder: Path, content: str | None = None) -> Path:
    file = folder / "discogs_20261001_releases.xml.gz"
    text = content or "".join(one.text for one in MADE)
    file.write_bytes(gzip.compress(f"<releases>{text}</releases>".encode()))
    return file


def table(url: str) -> list[tuple[object, ...]]:
    return sql(
        url, "SELECT key, provider, track_id, source, duration_ms FROM providers.seeds ORDER BY 1, 2, 3"
    )


def load(url: str, file: Path, end_after: int | None = None) -> Progress:
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        if len(told) == end_after:
            raise EndedError

    return loading.load_discogs(url, file, tell, workers=1)


def test_a_dump_becomes_candidates_with_lengths(database_url: str, tmp_path: Path) -> None:
    done = load(database_url, dump(tmp_path))
    assert (done.read, done.bad, done.is_finished) == (RELEASES, 0, True)
    found = table(database_url)
    assert len(found) == NAMED
    assert {row[1:4:2] for row in found} == {("youtube", "discogs")}
    assert all(isinstance(row[4], int) for row in found)


@pytest.mark.parametrize("parts", [1, 4])
def test_what_was_ended_goes_on_and_comes_to_the_same(database_url: str, tmp_path: Path, parts: int) -> None:
    file = dump(tmp_path)
    load(database_url, file)
    whole = table(database_url)
    sql(database_url, "TRUNCATE providers.seeds, providers.seed_loads")
    for _ in range(2):
        with pytest.raises(EndedError):
            load(database_url, file, end_after=parts)
    assert len(table(database_url)) < len(whole)
    done = load(database_url, file)
    assert (done.read, done.is_finished) == (RELEASES, True)
    assert table(database_url) == whole


def test_a_dump_that_was_loaded_is_not_read_again(database_url: str, tmp_path: Path) -> None:
    file = dump(tmp_path)
    load(database_url, file)
    file.write_bytes(b"")
    assert load(database_url, file).is_finished


def test_a_cut_dump_gives_what_is_whole_and_the_rest_when_it_is_there(
    database_url: str, tmp_path: Path
) -> None:
    file = dump(tmp_path)
    packed = file.read_bytes()
    file.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(CutError):
        load(database_url, file)
    before = len(table(database_url))
    file.write_bytes(packed)
    assert load(database_url, file).read == RELEASES
    assert 0 <= before < len(table(database_url)) == NAMED


def test_bad_releases_are_counted_and_skipped(database_url: str, tmp_path: Path) -> None:
    bad = '<release id="1"><videos><video src="x"></release>'
    good = next(one for one in MADE if one.candidates)
    done = load(database_url, dump(tmp_path, bad * 500 + good.text + bad * 500))
    assert (done.read, done.bad) == (1001, 1000)
    assert len(table(database_url)) == good.candidates


def test_two_loads_do_not_run_together(database_url: str, tmp_path: Path) -> None:
    file = dump(tmp_path)

    def tell(_: Progress) -> None:
        with pytest.raises(BlockingIOError):
            loading.load_discogs(database_url, file, lambda _: None, workers=1)

    loading.load_discogs(database_url, file, tell, workers=1)


def test_what_was_loaded_can_be_forgotten(database_url: str, tmp_path: Path) -> None:
    import psycopg  # noqa: PLC0415

    load(database_url, dump(tmp_path))
    with psycopg.connect(database_url) as connection:
        assert seed_store.forget(connection, "discogs") == NAMED
    assert table(database_url) == []
