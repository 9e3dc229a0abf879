"""Given figures of days, when their person exports or deletes them, then they come along, or are gone."""

import io

import pandas
import pytest

from musicconnect.exports.content import trends as content_trends
from tests.integration.exports.factories import exported, lines, table, unzipped
from tests.integration.trends.plays.conftest import account_row, as_json, extended_row, import_history
from tests.support.functions import Person
from tests.support.postgres import sql


@pytest.fixture
def listener(person: Person) -> Person:
    """Three days in March, the last of them after midnight in Berlin only; the figures are counted."""
    rows = [
        extended_row("2024-03-10T12:00:00Z", "Abba", "SOS", 60_000),
        extended_row("2024-03-10T13:00:00Z", "Abba", "SOS", 1_000),
        extended_row("2024-03-11T12:00:00Z", "Abba", "Dum", 120_000),
        extended_row("2024-03-11T23:30:00Z", "Abba", "SOS", 60_000),
    ]
    import_history(person, as_json(rows))
    person.harness.invoke("trends_rollup", {})
    return person


def days(person: Person, **filters: str) -> list[tuple[str, str, int, int]]:
    rows = table(exported(person, "trends_csv", filters=filters or None))
    return [(row["date"], row["provider"], int(row["plays"]), int(row["skips"])) for row in rows]


ALL = [
    ("2024-03-10", "", 1, 1), ("2024-03-10", "spotify", 1, 1), ("2024-03-11", "", 1, 0),
    ("2024-03-11", "spotify", 1, 0), ("2024-03-12", "", 1, 0), ("2024-03-12", "spotify", 1, 0),
]  # fmt: skip


def test_daily_figures_are_a_table(listener: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert days(listener) == ALL
    assert days(listener, **{"from": "2024-03-11", "to": "2024-03-11"}) == ALL[2:4]
    assert days(listener, provider="spotify") == ALL[1::2]
    frame = pandas.read_csv(io.BytesIO(exported(listener, "trends_csv")))
    assert frame[frame["provider"].isna()]["ms_listened"].sum() == 240_000
    monkeypatch.setattr(content_trends.TrendsCsv, "batch", 3)
    assert days(listener) == ALL


def test_they_cannot_be_asked_for_by_another_time_zone(person: Person) -> None:
    body = {"type": "trends_csv", "filters": {"time_zone": "UTC"}}
    assert person.call("POST", "/v1/exports", body).status == 422


def test_an_archive_has_them_and_the_imports_of_playlists(listener: Person, other: Person) -> None:
    sql(
        listener.harness.database_url,
        """
        INSERT INTO migrations.imports
            (user_id, target_provider, file_name, size_bytes, storage_key, created_at)
        VALUES (%s, 'spotify', 'road trip.csv', 5, 'x', now())
        """,
        listener.id,
    )
    files = unzipped(exported(listener, "account_archive"))
    assert len(table(files["trends.csv"])) == len(ALL)
    (listed,) = lines(files["account/playlist_imports.jsonl"])
    assert (listed["file_name"], listed["status"]) == ("road trip.csv", "awaiting_upload")
    others = unzipped(exported(other, "account_archive"))
    assert (table(others["trends.csv"]), lines(others["account/playlist_imports.jsonl"])) == ([], [])


def test_deleting_a_period_deletes_figures_that_have_outlived_their_plays(listener: Person) -> None:
    """Nothing recomputes a day whose plays retention has dropped: its figures stayed for good."""
    url = listener.harness.database_url
    sql(url, "DELETE FROM trends.plays WHERE user_id = %s", listener.id)
    listener.call("DELETE", "/v1/plays?since=2024-03-10T23:00:00Z&until=2024-03-11T22:00:00Z")
    assert days(listener) == ALL, "no day of Berlin's lies wholly in it"
    listener.call("DELETE", "/v1/plays?since=2024-03-10T23:00:00Z&until=2024-03-11T23:00:00Z")
    assert days(listener) == [*ALL[:2], *ALL[4:]]
    listener.call("DELETE", "/v1/plays?since=2024-03-01&until=2024-03-11")
    assert days(listener) == ALL[4:]
    listener.call("DELETE", "/v1/plays?all=true")
    assert days(listener) == []


def test_deleting_one_source_leaves_figures_of_days_without_plays(listener: Person) -> None:
    import_history(listener, as_json([account_row("2024-03-10 18:00", "Abba", "Fernando", 60_000)]))
    sql(listener.harness.database_url, "DELETE FROM trends.plays WHERE user_id = %s", listener.id)
    listener.call("DELETE", "/v1/plays?source=spotify_account")
    assert len(days(listener)) == len(ALL)
