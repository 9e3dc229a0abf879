"""Schedules that look after playlists, over HTTP, the timer, the queue and the simulators."""

from typing import Any

from tests.integration.sync.repairs import Repairs
from tests.support.functions import new_person
from tests.support.oauth import link

DAY = 86_400.0


def look_after(repairs: Repairs, playlist: str, schedule: str = "daily", provider: str = "youtube") -> int:
    """Ask for a schedule; gives its id."""
    body = {"provider": provider, "playlist_id": playlist, "schedule": schedule}
    answer = repairs.scenario.person.call("POST", "/v1/repair-schedules", body)
    assert answer.status == 201, answer.text
    return int(answer.json["id"])


def get(repairs: Repairs, schedule_id: int) -> Any:
    return repairs.scenario.person.call("GET", f"/v1/repair-schedules/{schedule_id}").json


def tick(repairs: Repairs) -> None:
    """Let the timer come, and the worker do what it sends."""
    repairs.scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    repairs.work()


def found(repairs: Repairs) -> list[Any]:
    """What the person was told of checks."""
    return [one for one in repairs.pairs.told() if one["code"] == "playlist-needs-repair"]


def checks(repairs: Repairs, schedule_id: int) -> list[Any]:
    items = repairs.scenario.person.call("GET", "/v1/repairs").json["items"]
    return [one for one in items if one["schedule_id"] == schedule_id]


def test_a_schedule_checks_tells_once_writes_nothing_and_is_due_again(repairs: Repairs) -> None:
    playlist = repairs.migrated("ABCD")
    before = repairs.scenario.contents("youtube", playlist)
    schedule_id = look_after(repairs, playlist)
    tick(repairs)
    assert get(repairs, schedule_id)["latest"]["code"] == "nothing-dead"
    assert found(repairs) == []
    repairs.lose(before[1])
    tick(repairs)
    assert len(checks(repairs, schedule_id)) == 1  # Not due before a day is over.

    repairs.scenario.pass_time(DAY)
    tick(repairs)

    shown = get(repairs, schedule_id)
    latest = shown["latest"]
    assert (latest["status"], latest["counts"]["dead"], latest["schedule_id"]) == ("proposed", 1, schedule_id)
    assert repairs.scenario.contents("youtube", playlist) == before
    (notice,) = found(repairs)
    assert notice["params"]["repair_id"] == latest["id"]
    assert "1 entry that cannot be played" in notice["message"]
    cost = latest["cost"]

    repairs.scenario.pass_time(DAY)
    tick(repairs)

    again = get(repairs, schedule_id)["latest"]
    assert again["id"] > latest["id"]
    assert again["counts"] == latest["counts"]
    assert len(found(repairs)) == 1  # The same finding is no news ...
    # ... nor is it searched for every day.
    assert again["cost"].get("search", 0) == 0 < cost.get("search", 0)

    done = repairs.apply(again["id"], {"entries": [1]})
    assert (done["status"], done["counts"]["replaced"]) == ("completed", 1), done


def test_a_schedule_leaves_the_day_to_what_people_order(repairs: Repairs) -> None:
    other = repairs.pairs.playlist("youtube", "DE", "Another")
    used = sum(repairs.checked("youtube", other)["cost"].values())
    schedule_id = look_after(repairs, repairs.pairs.playlist("youtube", "ABC"))
    repairs.scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = str(3 * used)  # A third of it is spent.
    tick(repairs)

    assert get(repairs, schedule_id)["latest"]["code"] == "waiting-for-quota"

    (waiting,) = checks(repairs, schedule_id)
    assert waiting["status"] == "checking"
    assert repairs.checked("youtube", other)["code"] == "nothing-dead"


def test_a_schedule_sleeps_without_its_account_and_wakes_with_the_link(repairs: Repairs) -> None:
    playlist = repairs.pairs.playlist("youtube", "ABC")
    schedule_id = look_after(repairs, playlist)
    tick(repairs)
    assert repairs.scenario.person.call("DELETE", "/v1/providers/youtube").status in (200, 204)
    repairs.scenario.pass_time(DAY)
    tick(repairs)

    asleep = get(repairs, schedule_id)
    assert (asleep["status"], asleep["code"], asleep["next_at"]) == ("sleeping", "sleeping", None)
    assert "Asleep" in asleep["message"]
    assert asleep["latest"] is None  # It went with the account.

    link(repairs.scenario.person, "youtube", "write")
    tick(repairs)

    awake = get(repairs, schedule_id)
    assert (awake["status"], awake["code"]) == ("active", "scheduled")
    assert awake["latest"]["code"] == "nothing-dead", awake


def test_a_playlist_that_is_gone_ends_the_checks_until_the_person_says_so(repairs: Repairs) -> None:
    schedule_id = look_after(repairs, "PL00000000000000000000000000000000")
    tick(repairs)

    lost = get(repairs, schedule_id)
    assert (lost["status"], lost["code"], lost["next_at"]) == ("lost", "playlist-gone", None)

    path = f"/v1/repair-schedules/{schedule_id}"
    changed = repairs.scenario.person.call("PATCH", path, {"schedule": "weekly"}).json
    assert (changed["status"], changed["schedule"]) == ("active", "weekly")
    assert changed["next_at"] is not None


def test_a_check_waits_while_the_playlist_is_repaired_and_for_whoever_is_suspended(repairs: Repairs) -> None:
    scenario = repairs.scenario
    playlist = repairs.pairs.playlist("youtube", "ABC")
    ordered = repairs.check("youtube", playlist)
    schedule_id = look_after(repairs, playlist)
    scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    assert checks(repairs, schedule_id) == []
    repairs.work()
    assert repairs.get(ordered)["status"] == "completed"
    set_active = "UPDATE core.users SET is_active = %s WHERE id = %s RETURNING 1"
    late = look_after(repairs, repairs.pairs.playlist("youtube", "AB", "Another"))
    count = "SELECT count(*) FROM sync.repairs WHERE schedule_id = %s"
    scenario.sql(set_active, False, scenario.person.id)
    scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    assert scenario.sql(count, late) == [(0,)]
    scenario.sql(set_active, True, scenario.person.id)

    tick(repairs)
    assert len(checks(repairs, late)) == 1


def test_schedules_are_made_once_changed_and_ended_in_words(repairs: Repairs) -> None:
    person = repairs.scenario.person
    body = {
        "provider": "spotify",
        "playlist_id": repairs.pairs.playlist("spotify", "AB"),
        "schedule": "daily",
    }
    key = {"Idempotency-Key": "schedule-1"}
    made = person.call("POST", "/v1/repair-schedules", body, headers=key)
    assert (made.status, person.call("POST", "/v1/repair-schedules", body, headers=key).json) == (
        201,
        made.json,
    )

    twice = person.call("POST", "/v1/repair-schedules", body)
    assert (twice.status, twice.json["type"].rpartition(":")[2]) == (409, "already-scheduled")
    assert person.call("POST", "/v1/repair-schedules", {**body, "schedule": "hourly"}).status == 422
    stranger = new_person(repairs.scenario.harness)
    assert stranger.call("POST", "/v1/repair-schedules", body).status == 409  # Nothing is linked.

    path = f"/v1/repair-schedules/{made.json['id']}"
    changed = person.call("PATCH", path, {"country": "GB"}).json
    assert (changed["country"], changed["schedule"]) == ("GB", "daily")
    assert [one["id"] for one in person.call("GET", "/v1/repair-schedules").json["items"]] == [
        made.json["id"]
    ]
    assert person.call("DELETE", path).status == 204
    for method in ("GET", "PATCH", "DELETE"):
        assert person.call(method, path, {} if method == "PATCH" else None).status == 404
    assert person.call("POST", "/v1/repair-schedules", body, headers=key).status == 409
