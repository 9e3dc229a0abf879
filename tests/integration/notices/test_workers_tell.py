"""What workers finish is told once, whatever becomes of their messages: exports and imports."""

from typing import Any

from tests.integration.exports import factories
from tests.integration.migrations.conftest import scenario
from tests.integration.migrations.scenario import MigrationScenario, well_known
from tests.integration.migrations.uploads import entries_of, file_of, started
from tests.integration.notices.conftest import Timers
from tests.integration.trends.plays.conftest import as_json, extended_row, upload
from tests.support.functions import Person

__all__ = ["scenario"]


def told(person: Person) -> list[tuple[str, dict[str, Any]]]:
    items = person.call("GET", "/v1/notices?limit=100").json["items"]
    return [(one["code"], one["params"]) for one in items]


def test_an_export_that_is_ready_is_told_once_by_its_worker(person: Person, timers: Timers) -> None:
    export_id = factories.ask(person, "pins_csv")["id"]
    timers.tick()
    assert told(person) == [], "before it is ready"
    factories.work(person, export_id)
    factories.work(person, export_id)  # its message came twice
    timers.tick()
    timers.tick()

    ((code, params),) = told(person)
    assert (code, params["export_id"]) == ("export-ready", export_id)
    assert params["type"] == "pins_csv"


def test_a_history_that_was_read_is_told_once_with_its_counts(person: Person, timers: Timers) -> None:
    rows = [extended_row(f"2024-05-0{day}T10:00:00Z", "Artist", f"Track {day}", 200_000) for day in (1, 2, 3)]
    import_id = upload(person, as_json([*rows, {"ts": "never"}]))
    person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
    timers.tick()
    timers.tick()

    ((code, params),) = told(person)
    assert code == "import-ready"
    assert (params["kind"], params["import_id"], params["accepted"]) == ("plays", import_id, 3)


def test_a_file_of_playlists_that_was_read_is_told_once(scenario: MigrationScenario) -> None:
    songs = well_known(3)
    import_id = started(scenario.person, file_of("csv", "Mine", entries_of(songs)), "mine.csv")
    scenario.harness.drain("MIGRATIONS_IMPORT_QUEUE_URL", "migrations_import_worker")
    for _ in range(2):
        scenario.harness.invoke("notices_dispatcher", {})

    (found,) = [params for code, params in told(scenario.person) if code == "import-ready"]
    assert (found["kind"], found["import_id"], found["playlists"]) == ("playlists", import_id, 1)
    assert found["target"] == "youtube"
