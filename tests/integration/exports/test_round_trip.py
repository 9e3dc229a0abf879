"""Whatever somebody's history is: exported and brought back, it is the same, and nothing is there twice."""

import json
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.integration.exports.factories import exported, unzipped
from tests.integration.trends.plays.conftest import (
    account_row,
    as_json,
    as_zip,
    extended_row,
    import_history,
    listen,
    plays,
)
from tests.support.functions import FunctionRunner, Person
from tests.support.properties import examples

# Signs of formulas, quotes, line ends, blanks: what tables and lists stumble over.
NAMES = st.text("aB'=+-@\"\\,;\t\r\n é愛🎵\u202e", min_size=1, max_size=6).filter(str.strip)
MOMENTS = st.integers(0, 40).map(lambda n: 15 * n)
"""Seconds apart: near enough that sources tell of the same plays, or of different ones, within a minute."""
TRACKS = st.sampled_from(["SOS", "=Tiger", "'Dum"])


def clock(second: int) -> str:
    return f"2024-03-10T12:{second // 60:02}:{second % 60:02}"


FILES = {
    "extended.json": st.builds(
        lambda second, title, ms: extended_row(f"{clock(second)}Z", "Abba", title, ms, offline=None),
        MOMENTS, TRACKS, st.sampled_from([0, 1_200, 29_999, 30_000, 216_123]),
    ),
    "account.json": st.builds(
        lambda second, title, ms: account_row(clock(second)[:16].replace("T", " "), "Abba", title, ms),
        MOMENTS, TRACKS, st.sampled_from([900, 31_000]),
    ),
    "listens.json": st.builds(
        lambda second, title, artist, info: listen(1_710_072_000 + second, artist, title, **info),
        MOMENTS, TRACKS | NAMES, st.just("Abba") | NAMES,
        st.fixed_dictionaries({}, optional={
            "duration_ms": st.integers(1, 400_000), "isrc": st.text("A1 é", max_size=5),
            "spotify_id": st.just("https://open.spotify.com/track/4iV5W9uYEdYUVa79Axb7Rh"),
            "duration_played": st.integers(0, 300), "submission_client": st.just("Pano"),
        }),
    ),
    "scrobbles.json": st.builds(
        lambda second, title: {"artist": "abba", "name": title, "uts": 1_710_072_000 + second},
        MOMENTS, TRACKS,
    ),
    "watched.json": st.builds(
        lambda second, title: {
            "header": "YouTube Music", "title": f"Watched {title}", "time": f"{clock(second)}.5Z",
            "titleUrl": "https://youtu.be/AbCdEfGhIjK", "subtitles": [{"name": "Abba - Topic"}],
        },
        MOMENTS, TRACKS,
    ),
}  # fmt: skip
HISTORIES = st.fixed_dictionaries({name: st.lists(rows, max_size=8) for name, rows in FILES.items()})
OURS = {"id", "import_id", "also_from"}


def shown(person: Person) -> list[dict[str, Any]]:
    """A person's plays, without what is the import's."""
    rows = [{name: value for name, value in one.items() if name not in OURS} for one in plays(person)]
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


@settings(
    parent=examples(3),
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],  # making an example smaller takes minutes
)
@given(history=HISTORIES)
def test_a_history_comes_back_as_it_was(core_harness: FunctionRunner, history: dict[str, list[Any]]) -> None:
    """Our own archive used to turn skips into plays: its table passed for Last.fm's."""
    person = core_harness.sign_up(time_zone="Europe/Berlin")
    for name, rows in history.items():
        import_history(person, as_json(rows), name)
    known = shown(person)
    array = exported(person, "history_json")
    archive = exported(person, "account_archive")
    files = unzipped(archive)
    for content in (array, archive, files["history/listens.csv"]):
        if not content:
            continue
        again = import_history(person, content)
        assert again["ledger"]["accepted"] == again["ledger"]["failed"] == 0, again
        assert shown(person) == known
        other = core_harness.sign_up(time_zone="America/New_York")
        found = import_history(other, content)
        assert (found["ledger"]["accepted"], found["ledger"]["failed"]) == (len(known), 0), found
        assert shown(other) == known
        if content is array:  # a table has no room for what clients of ListenBrainz' API tell besides
            assert json.loads(exported(other, "history_json")) == json.loads(array)


def test_nothing_else_in_an_archive_passes_for_a_history(core_harness: FunctionRunner) -> None:
    person = core_harness.sign_up()
    import_history(person, as_json([listen(1_710_072_000, "Abba", "SOS")]), "=my plays.json")
    archive = exported(person, "account_archive")
    found = import_history(person, archive)
    read = {"history/listens.jsonl", "history/listens.csv"}
    assert set(found["ignored_files"]) == set(unzipped(archive)) - read
    assert found["ledger"]["total"] == found["ledger"]["duplicate"] == 2


def test_plays_of_one_moment_come_back_in_any_batches(core_harness: FunctionRunner, monkeypatch: Any) -> None:
    """A batch that ends between two plays of one minute must not take the second for the first."""
    person, other = core_harness.sign_up(), core_harness.sign_up()
    rows = [account_row("2024-03-10 12:00", "Abba", "SOS", 900) for _ in range(6)]
    near = [listen(1_710_071_990 + 25 * n, "Abba", "SOS") for n in range(4)]
    import_history(person, as_json(rows))
    import_history(person, as_zip({"a.json": as_json(near)}))
    monkeypatch.setattr("musicconnect.trends.imports.batches.BATCH_SIZE", 4)
    for kind in ("history_json", "history_csv"):
        import_history(other, exported(person, kind))
        assert shown(other) == shown(person)
