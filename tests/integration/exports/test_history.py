"""Given plays, when their person exports them, then the files have exactly these plays."""

import io
import json
from typing import Any

import duckdb
import pandas
import pytest

from musicconnect.exports.content import plays as content_plays
from tests.integration.exports.factories import (
    disposition,
    download,
    export,
    exported,
    fill_plays,
    gunzipped,
    lines,
    table,
)
from tests.integration.trends.plays.conftest import as_json, extended_row, import_history, listen, plays
from tests.support.functions import Person

ODD = [
    ("=HYPERLINK(A1)", "+49"), ('say "yes"', "a,b;c"), ("line\nbreak\r\nand more", "tab\tbed"),
    ("'already marked", "'=1"), ("愛のうた", "Ōkami Kite"), ("🎵🎶", "مرحبا"), ("back\\slash", "\\."),
    ("  =blank first", "@here"), ("-1", "\ufeff=x"), ("plain", "plain"),
]  # fmt: skip


def brought(person: Person, names: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Bring plays of these titles and artists; gives them as the API lists them."""
    rows = [
        listen(1_700_000_000 + 300 * n, artist, title, duration_ms=180_000, duration_played=170, tags=["x"])
        for n, (title, artist) in enumerate(names)
    ]
    import_history(person, as_json(rows))
    return plays(person)


def test_csv_has_every_play_with_whatever_its_names_are_made_of(person: Person) -> None:
    known = brought(person, ODD)
    content = exported(person, "history_csv")
    rows = table(content)
    assert [(row["title"], row["artist"]) for row in rows] == [
        (play["title"], play["artist"]) for play in known
    ]
    assert {(row["ms_played"], row["duration_ms"], row["kind"]) for row in rows} == {
        ("170000", "180000", "play")
    }
    assert (rows[0]["played_at"], rows[0]["local_time"]) == ("2023-11-14 22:13:20+00", "2023-11-14 23:13:20")
    assert all(row["provider_track_id"] == "" for row in rows), "what stands for an id is no id"


def test_csv_is_rfc_4180(person: Person) -> None:
    brought(person, ODD)
    content = exported(person, "history_csv")
    assert content.startswith(b"played_at,local_time,title,artist,album,")
    assert content.endswith(b"\r\n")
    # Every line ends in CR LF but the two that stand within a cell.
    bare = content.replace(b"\r\n", b"")
    assert (content.count(b"\r\n"), bare.count(b"\n"), bare.count(b"\r")) == (1 + len(ODD) + 1, 1, 0)


def test_no_cell_begins_as_a_formula(person: Person) -> None:
    brought(person, ODD)
    read = pandas.read_csv(io.BytesIO(exported(person, "history_csv")), keep_default_na=False)
    for column in ("title", "artist"):
        assert not [cell for cell in read[column] if cell.lstrip(" \ufeff")[:1] in set("=+-@\t\r")]


def test_csv_is_read_by_pandas_and_duckdb_without_options(person: Person, tmp_path: Any) -> None:
    known = brought(person, ODD)
    path = tmp_path / "history.csv"
    path.write_bytes(exported(person, "history_csv"))
    frame = pandas.read_csv(path)
    assert len(frame) == len(known)
    assert frame["ms_played"].sum() == 170_000 * len(known)
    with duckdb.connect() as connection:
        described = connection.execute(f"SELECT count(*), sum(ms_played), min(local_time) FROM '{path}'")
        count, ms, first = described.fetchone() or ()
    assert (count, ms, str(first)) == (len(known), 170_000 * len(known), "2023-11-14 23:13:20")


def test_a_byte_order_mark_stands_in_front_if_it_is_wanted(person: Person) -> None:
    brought(person, ODD)
    with_mark = exported(person, "history_csv", options={"bom": True})
    assert with_mark == b"\xef\xbb\xbf" + exported(person, "history_csv")


def test_gzip_holds_the_same(person: Person) -> None:
    brought(person, ODD)
    found = export(person, "history_csv", options={"compression": "gzip"})
    assert found["files"][0]["name"].endswith(".csv.gz")
    assert found["files"][0]["mime_type"] == "application/gzip"
    assert gunzipped(download(person, found)) == exported(person, "history_csv")


def test_json_is_one_array_or_lines_of_the_same(person: Person) -> None:
    brought(person, ODD)
    array = json.loads(exported(person, "history_json"))
    found = export(person, "history_json", options={"json": "lines"})
    assert (found["files"][0]["name"][-6:], found["files"][0]["mime_type"]) == (
        ".jsonl",
        "application/x-ndjson",
    )
    assert lines(download(person, found)) == array
    assert len(array) == len(ODD)


def test_json_passes_our_own_submit_listens_and_gives_the_same_plays(person: Person, other: Person) -> None:
    known = brought(person, ODD)
    payload = json.loads(exported(person, "history_json"))
    token = other.call("POST", "/v1/auth/tokens", {"name": "s"}).json["token"]
    answer = other.harness.call(
        "POST", "/1/submit-listens", {"listen_type": "import", "payload": payload},
        headers={"Authorization": f"Token {token}"},
    )  # fmt: skip
    assert answer.status == 200, answer.text
    again = plays(other)
    names = ("played_at", "title", "artist", "ms_played", "duration_ms", "kind", "provider", "track")
    expected = [[one[name] for name in names] for one in known]
    for row in expected:
        row[1] = row[1].strip()  # as ListenBrainz does with what is submitted
    assert [[one[name] for name in names] for one in again] == expected


def test_json_uploaded_again_gives_the_same_plays_to_the_millisecond(person: Person, other: Person) -> None:
    import_history(person, as_json([
        extended_row("2024-01-15T14:30:00Z", "Abba", "Dum", 166_123, spotify_track_uri="spotify:track:x"),
        extended_row("2024-01-15T14:40:00Z", "Abba", "SOS", 1_200),
    ]))  # fmt: skip
    content = exported(person, "history_json")
    assert import_history(other, content)["ledger"]["accepted"] == 2
    known, again = plays(person), plays(other)
    ours = {"id", "import_id", "also_from"}
    strip = [[{k: v for k, v in one.items() if k not in ours} for one in some] for some in (known, again)]
    assert strip[0] == strip[1]
    assert json.loads(exported(other, "history_json")) == json.loads(content)


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"provider": "spotify"}, ["B"]),
        ({"provider": "other"}, ["A", "C", "D"]),
        ({"from": "2024-03-31"}, ["B", "C", "D"]),
        ({"to": "2024-03-31"}, ["A", "B", "C"]),
        ({"from": "2024-03-31", "to": "2024-03-31"}, ["B", "C"]),
        # In UTC, the days are others.
        ({"from": "2024-03-31", "to": "2024-03-31", "time_zone": "UTC"}, ["C", "D"]),
        ({"from": "2030-01-01"}, []),
    ],
)
def test_filters_choose_provider_and_days_of_the_time_zone(
    person: Person, filters: dict[str, str], titles: list[str]
) -> None:
    """Berlin's 31 March 2024 has 23 hours: from 23:00 to 22:00 UTC."""
    spotify = {"spotify_id": "https://open.spotify.com/track/4iV5W9uYEdYUVa79Axb7Rh"}
    import_history(person, as_json([
        listen(1711839599, "X", "A"), listen(1711839600, "X", "B", **spotify),  # 22:59:59, 23:00:00
        listen(1711922399, "X", "C"), listen(1711922400, "X", "D"),  # 21:59:59, 22:00:00
    ]))  # fmt: skip
    found = export(person, "history_csv", filters=filters)
    assert [row["title"] for row in table(download(person, found))] == titles
    assert found["progress"] == {
        "rows_done": len(titles), "rows_expected": len(titles), "percent": 100,
        "bytes": found["files"][0]["size_bytes"],
    }  # fmt: skip
    assert [
        one["track_metadata"]["track_name"]
        for one in json.loads(exported(person, "history_json", filters=filters))
    ] == titles


def test_nothing_gives_files_that_are_empty_and_valid(person: Person) -> None:
    assert table(exported(person, "history_csv")) == []
    assert exported(person, "history_csv").count(b"\r\n") == 1
    assert json.loads(exported(person, "history_json")) == []
    assert exported(person, "history_json", options={"json": "lines"}) == b""
    assert (
        gunzipped(exported(person, "history_json", options={"json": "lines", "compression": "gzip"})) == b""
    )


def test_many_batches_leave_nothing_out_and_tell_nothing_twice(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_plays.PlaysCsv, "batch", 7)
    monkeypatch.setattr(content_plays.PlaysJson, "batch", 7)
    # Several of one moment among them, more than a batch has.
    same = [listen(1_600_000_000, f"Artist {n}", "Same") for n in range(20)]
    rows = same + [listen(1_600_000_000 + n, "X", f"Song {n}") for n in range(1, 50)]
    import_history(person, as_json(rows))
    known = {(play["title"], play["artist"]) for play in plays(person)}
    told = [(row["title"], row["artist"]) for row in table(exported(person, "history_csv"))]
    assert len(told) == len(known) == 69
    assert set(told) == known
    assert len(json.loads(exported(person, "history_json"))) == 69


def test_two_hundred_thousand_rows(person: Person) -> None:
    fill_plays(person, 200_000)
    found = export(person, "history_csv", options={"compression": "gzip"})
    assert found["progress"]["rows_done"] == found["files"][0]["row_count"] == 200_000
    frame = pandas.read_csv(io.BytesIO(download(person, found)), compression="gzip")
    assert len(frame) == 200_000
    assert frame["played_at"].is_monotonic_increasing
    assert frame["played_at"].is_unique
    assert frame["ms_played"].sum() == sum(31_000 + n % 200_000 for n in range(1, 200_001) if n % 7)
    link = person.call("GET", found["files"][0]["download"]).headers["location"]
    assert disposition(link).startswith('attachment; filename="musicconnect-history-')
