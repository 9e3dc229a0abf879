"""One request shows a little of everything: what needs a person, what goes on, allowances, the week."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from musicconnect.platform import database
from tests.integration.migrations.scenario import MigrationScenario, ids_on
from tests.support.functions import Person


def _home(person: Person) -> dict[str, Any]:
    answer = person.call("GET", "/v1/home")
    assert answer.status == 200, answer.text
    return dict(answer.json)


def test_whoever_has_linked_nothing_is_told_to(scenario: MigrationScenario) -> None:
    newcomer = scenario.harness.sign_up()
    home = _home(newcomer)
    assert [entry["code"] for entry in home["needs_you"]] == ["nothing-linked"]
    assert (home["under_way"], home["quotas"]) == ([], [])
    assert len(home["week"]["days"]) == 7
    assert home["week"]["minutes"] == 0


def test_what_goes_on_and_what_is_left_are_shown(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "2"
    migration_id = scenario.start_known(4)
    scenario.work()

    home = _home(scenario.person)

    (running,) = home["under_way"]
    shown = scenario.job(migration_id)
    assert running["id"] == migration_id
    assert (running["status"], running["expected_at"]) == ("running", shown["expected_at"])
    spotify, youtube = home["quotas"]
    assert (spotify["provider"], youtube["provider"]) == ("spotify", "youtube")
    told = scenario.person.call("GET", "/v1/providers/youtube/quota").json["items"]
    assert youtube["items"] == told
    search = next(entry for entry in told if entry["bucket"] == "search")
    assert (search["my_used"], search["my_part"], search["sharers"]) == (2, 2, 1)
    general = next(entry for entry in told if entry["bucket"] == "general")
    assert general["remaining_tracks"] == general["remaining"] // 50
    assert home["needs_you"] == []


def test_two_who_want_some_see_half_a_day_each(scenario: MigrationScenario) -> None:
    other = scenario.sign_up()
    scenario.start_known(2)
    scenario.start_known(2, person=other)
    for person in (scenario.person, other):
        told = person.call("GET", "/v1/providers/youtube/quota").json["items"]
        general = next(entry for entry in told if entry["bucket"] == "general")
        assert (general["my_part"], general["sharers"]) == (general["limit"] // 2, 2)


def test_tracks_to_look_at_and_failures_need_the_person(scenario: MigrationScenario) -> None:
    playlist = scenario.playlist("spotify", ids_on("spotify", 1), name="Doubtful")
    migration_id = scenario.start("spotify", "youtube", [playlist])
    scenario.finish(migration_id)
    scenario.sql(
        "UPDATE migrations.playlists SET review_count = 3, failed_count = 3 WHERE job_id = %s", migration_id
    )
    gone = scenario.start_known(1)
    scenario.fault(
        "spotify",
        "GET /v1/playlists/{playlist_id}",
        status=404,
        body={"error": {"status": 404, "message": "Resource not found"}},
    )
    assert scenario.finish(gone)["status"] == "failed"
    scenario.clear_faults()

    reviews, failure = _home(scenario.person)["needs_you"]

    assert (reviews["code"], reviews["count"], reviews["migration_id"]) == (
        "tracks-to-review", 3, migration_id,
    )  # fmt: skip
    assert reviews["message"].startswith("3 tracks to look at in “Doubtful”.")
    assert (failure["code"], failure["migration_id"]) == ("migration-failed", gone)
    assert "no longer on Spotify" in failure["message"]
    again = scenario.start("spotify", "youtube", [playlist])
    scenario.finish(again)
    assert "tracks-to-review" not in {entry["code"] for entry in _home(scenario.person)["needs_you"]}
    scenario.pass_time(8 * 86_400)
    assert _home(scenario.person)["needs_you"] == []


def test_an_ended_consent_needs_the_person(scenario: MigrationScenario) -> None:
    scenario.sql(
        "UPDATE providers.accounts SET status = 'consent_needed' WHERE user_id = %s AND provider = 'spotify'",
        scenario.person.id,
    )
    (need,) = _home(scenario.person)["needs_you"]
    assert (need["code"], need["provider"]) == ("consent-needed", "spotify")
    assert (
        need["message"] == scenario.person.call("GET", "/v1/providers/spotify").json["next_step"]["message"]
    )


def test_the_week_is_the_persons_own(scenario: MigrationScenario) -> None:
    today = scenario.now().astimezone(ZoneInfo("UTC")).date()
    other = scenario.sign_up()
    for person, day, minutes in (
        (scenario.person, today, 30),
        (scenario.person, today - timedelta(days=6), 60),
        (scenario.person, today - timedelta(days=7), 25),
        (other, today, 500),
    ):
        scenario.sql(
            "INSERT INTO trends.user_daily "
            "(user_id, date, plays_count, unique_tracks, unique_artists, ms_listened) "
            "VALUES (%s, %s, 10, 5, 5, %s)",
            person.id, day, minutes * 60_000,
        )  # fmt: skip
    week = _home(scenario.person)["week"]
    assert (week["minutes"], week["minutes_before"], week["plays"]) == (90, 25, 20)
    assert week["days"][-1] == {"date": today.isoformat(), "plays": 10, "minutes": 30}


def test_a_little_of_everything_is_few_statements(scenario: MigrationScenario) -> None:
    """However much there is: the number does not grow with migrations."""
    for _ in range(3):
        scenario.start_known(2)
    before = database.timing.statements
    _home(scenario.person)
    # What the authorizer asks is among them.
    assert database.timing.statements - before <= 20
