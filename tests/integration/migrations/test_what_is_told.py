"""Given migrations of several days, killed workers and doubled messages, each thing is told once."""

from contextlib import suppress
from typing import Any

import pytest

from tests.integration.migrations.fault_injection import Interruption, Killed, kill
from tests.integration.migrations.scenario import QUEUE, MigrationScenario, ids_on

DAY_S = 86_400


def told(scenario: MigrationScenario) -> list[dict[str, Any]]:
    """Everything the person was told, oldest first; the timer comes twice."""
    for _ in range(2):
        scenario.harness.invoke("notices_dispatcher", {})
    answer = scenario.person.call("GET", "/v1/notices?limit=100")
    assert answer.status == 200, answer.text
    return list(reversed(answer.json["items"]))


def codes(scenario: MigrationScenario) -> list[str]:
    return [one["code"] for one in told(scenario)]


def work_doubled(scenario: MigrationScenario) -> None:
    """Handle every message twice."""
    while records := scenario.harness.messages(QUEUE):
        scenario.harness.invoke("migrations_worker", {"Records": records})
        scenario.harness.drain(QUEUE, "migrations_worker")
    scenario.work()


def test_days_of_migration_are_told_once(scenario: MigrationScenario, interruption: Interruption) -> None:
    # Making the playlist and two writes, and what reading costs: the rest takes further days.
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = "160"
    migration_id = scenario.start_known(6)
    for day in range(6):
        interruption.at(2 + day, kill, after=day % 2 == 0)
        with suppress(Killed):
            scenario.work()
        scenario.pass_time(600)
        scenario.dispatch()
        work_doubled(scenario)
        if scenario.job(migration_id)["status"] == "completed":
            break
        assert codes(scenario) == [], "nothing is done yet"
        scenario.pass_time(DAY_S)
        scenario.dispatch()

    assert day >= 2, "it took days"
    (notice,) = told(scenario)
    assert notice["code"] == "migration-completed"
    assert notice["params"] == {
        "migration_id": migration_id, "target": "youtube", "kind": "migration",
        "total": 6, "written": 6, "review": 0,
    }  # fmt: skip
    assert notice["message"] == f"Migration {migration_id} to YouTube is done: 6 of 6 tracks written."
    for _ in range(3):
        scenario.pass_time(DAY_S)
        scenario.dispatch()
        work_doubled(scenario)
    assert codes(scenario) == ["migration-completed"]

    assert scenario.person.call("POST", f"/v1/migrations/{migration_id}/rollback").status == 202
    for _ in range(4):
        work_doubled(scenario)
        scenario.pass_time(DAY_S)
        scenario.dispatch()
    assert codes(scenario) == ["migration-completed"] * 2
    assert told(scenario)[-1]["params"]["kind"] == "rollback"


def test_a_consent_that_ends_on_the_way_needs_the_person_once(scenario: MigrationScenario) -> None:
    lists = [scenario.playlist("spotify", ids_on("spotify", 2), name=f"List {n}") for n in range(3)]
    migration_id = scenario.start("spotify", "youtube", lists)
    scenario.fault("youtube", "POST /token", status=400, body={"error": "invalid_grant"}, times=99)
    scenario.pass_time(7_200)  # the access token's life is over
    work_doubled(scenario)
    for _ in range(3):
        scenario.pass_time(DAY_S)
        scenario.dispatch()
        work_doubled(scenario)

    assert scenario.job(migration_id)["status"] == "failed"
    found = told(scenario)
    assert sorted(one["code"] for one in found) == ["consent-ended", "migration-needs-you"]
    needs = next(one for one in found if one["code"] == "migration-needs-you")
    assert (needs["params"]["reason"], needs["params"]["provider"]) == ("consent", "youtube")


def test_a_migration_that_stops_is_told_once_and_a_cancelled_one_is_not(
    scenario: MigrationScenario,
) -> None:
    migration_id = scenario.start_known(2)
    scenario.fault("youtube", "POST /youtube/v3/playlists", status=400, body="no", times=99)
    work_doubled(scenario)
    for _ in range(2):
        scenario.pass_time(600)
        scenario.dispatch()
        work_doubled(scenario)
    assert scenario.job(migration_id)["status"] == "failed", scenario.job(migration_id)
    assert codes(scenario) == ["migration-stopped"]
    scenario.clear_faults()

    second = scenario.start_known(2)
    assert scenario.person.call("POST", f"/v1/migrations/{second}/cancel").status == 200
    work_doubled(scenario)
    assert codes(scenario) == ["migration-stopped"]


def test_names_of_playlists_are_in_no_notice(scenario: MigrationScenario) -> None:
    """What a provider said may be stored for a limited time, and is not to be mailed."""
    listed = scenario.playlist("spotify", ids_on("spotify", 1), name="A very private name")
    scenario.start("spotify", "youtube", [listed])
    work_doubled(scenario)

    assert "private" not in str(told(scenario))


@pytest.mark.parametrize("order", [{"dry_run": True}])
def test_a_dry_run_is_told_as_one(scenario: MigrationScenario, order: dict[str, Any]) -> None:
    listed = scenario.playlist("spotify", ids_on("spotify", 1))
    migration_id = scenario.start("spotify", "youtube", [listed], order=order)
    work_doubled(scenario)

    (notice,) = told(scenario)
    assert (
        notice["message"]
        == f"The dry run of migration {migration_id} to YouTube is done. Nothing was written."
    )
