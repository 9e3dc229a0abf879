"""Loading MusicBrainz' core dump, in the form in which it is published; every row here is made up."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from musicconnect.matching import normal_form
from musicconnect.music.model import Track
from tests.support.postgres import sql
from tools.seed import loading, musicbrainz, seed_store
from tools.seed.discogs import CutError
from tools.seed.musicbrainz import UnknownFormError
from tools.seed.seed_store import Progress

STAMP = "2025-03-02 10:11:12.131415+00"
TABLES = {
    "artist_credit_name": ["990001\t0\t7\tVela Nord\t & ", "990001\t1\t8\tIto K.\t", "990002\t0\t9\tW\\tA\t"],
    "isrc": [f"700001\t4400001\tNOABC1100001\t0\t{STAMP}", f"700002\t4400002\tbad\t0\t{STAMP}"],
    "l_recording_url": [
        f"3300001\t5500001\t4400001\t880001\t0\t{STAMP}\t0\t\t",
        f"3300002\t5500002\t4400002\t880002\t0\t{STAMP}\t0\t\t",
        f"3300003\t5500001\t4400002\t880003\t0\t{STAMP}\t0\t\t",
        f"3300004\t5500001\t4400003\t880004\t0\t{STAMP}\t0\t\t",
    ],
    "link": [
        "5500001\t268" + "\t\\N" * 6 + f"\t0\t{STAMP}\tf",
        "5500002\t268" + "\t\\N" * 6 + f"\t0\t{STAMP}\tt",
    ],
    "recording": [
        f"4400001\t11111111-2222-4333-8444-555555555555\tLow Tide\t990001\t252000\t\t0\t{STAMP}\tf",
        f"4400002\t11111111-2222-4333-8444-555555555556\tHigh Tide\t990001\t\\N\t\t0\t{STAMP}\tf",
        f"4400003\t11111111-2222-4333-8444-555555555557\tBack\\\\slash\t990002\t1000\t\t0\t{STAMP}\tf",
    ],
    "url": [
        f"880001\tg\thttps://www.youtube.com/watch?v=AAAAAAAAAA1\t0\t{STAMP}",
        f"880002\tg\thttps://music.youtube.com/watch?v=AAAAAAAAAA2\t0\t{STAMP}",
        f"880003\tg\thttps://open.spotify.com/track/0fYVliAYKHuPmECRs1pbRf\t0\t{STAMP}",
        f"880004\tg\thttps://music.youtube.com/watch?v=AAAAAAAAAA4\t0\t{STAMP}",
    ],
}


@pytest.fixture(autouse=True)
def nothing_loaded(database_url: str) -> Iterator[None]:
    yield
    sql(database_url, "TRUNCATE providers.seeds, providers.seed_loads")
    sql(database_url, "DROP SCHEMA IF EXISTS seed_staging CASCADE")


def dump(folder: Path, sequence: str = "31", **changed: list[str]) -> Path:
    file = folder / "mbdump.tar.bz2"
    with tarfile.open(file, "w:bz2") as archive:
        texts = {"TIMESTAMP": STAMP, "COPYING": "CC0", "SCHEMA_SEQUENCE": f"{sequence}\n"}
        lines = {**TABLES, "area": ["1\tx"], **changed}
        texts |= {f"mbdump/{name}": "".join(f"{line}\n" for line in table) for name, table in lines.items()}
        for name, text in texts.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return file


def load(url: str, file: Path) -> Progress:
    return loading.load_musicbrainz(url, file, lambda _: None)


def table(url: str) -> set[tuple[object, ...]]:
    return set(sql(url, "SELECT key, provider, track_id, source, duration_ms FROM providers.seeds"))


def form(title: str, artist: str) -> str | None:
    return normal_form(Track(provider="x", id="", title=title, artists=(artist,)))


def test_recordings_are_named_by_form_and_isrc_where_the_link_still_holds(
    database_url: str, tmp_path: Path
) -> None:
    done = load(database_url, dump(tmp_path))
    assert (done.read, done.bad, done.is_finished) == (2, 0, True)
    assert table(database_url) == {
        (form("Low Tide", "Vela Nord"), "youtube", "AAAAAAAAAA1", "musicbrainz", 252_000),
        ("NOABC1100001", "youtube", "AAAAAAAAAA1", "musicbrainz", 252_000),
        (form("Back\\slash", "W\tA"), "youtube", "AAAAAAAAAA4", "musicbrainz", 1_000),
    }
    assert sql(database_url, "SELECT count(*) FROM pg_namespace WHERE nspname = 'seed_staging'") == [(0,)]


def test_bad_lines_are_counted_and_skipped(database_url: str, tmp_path: Path) -> None:
    bad = ["", "x\ty\tz", "1", "\\N\t" * 9] * 250
    done = load(database_url, dump(tmp_path, recording=[*bad, *TABLES["recording"]]))
    assert (done.read, done.bad) == (2, 1000)


@pytest.mark.parametrize("where", ["staging", "saving"])
def test_what_was_ended_goes_on_and_comes_to_the_same(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    file = dump(tmp_path)
    load(database_url, file)
    whole = table(database_url)
    sql(database_url, "TRUNCATE providers.seeds, providers.seed_loads")
    monkeypatch.setattr(loading, "RECORDINGS_AT_ONCE", 1)
    with monkeypatch.context() as patch:

        def end(*_: object) -> None:
            raise InterruptedError

        if where == "staging":
            patch.setitem(musicbrainz.TABLES, "recording", end)  # type: ignore[arg-type]
        else:
            patch.setattr(seed_store, "finish", end)
        with pytest.raises(InterruptedError):
            load(database_url, file)
    assert load(database_url, file).is_finished
    assert table(database_url) == whole


def test_a_cut_archive_says_so_and_names_nothing(database_url: str, tmp_path: Path) -> None:
    file = dump(tmp_path)
    packed = file.read_bytes()
    file.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(CutError):
        load(database_url, file)
    assert table(database_url) == set()


def test_a_dump_of_another_form_is_not_read(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownFormError, match="32"):
        load(database_url, dump(tmp_path, sequence="32"))
