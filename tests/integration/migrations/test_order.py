"""A person says which of their playlists gets a spent allowance first."""

from tests.integration.migrations.scenario import MigrationScenario, ids_on


def _order(scenario: MigrationScenario, body: object = None) -> list[str]:
    method = "GET" if body is None else "POST"
    answer = scenario.person.call(method, "/v1/migrations/order", body)
    assert answer.status == 200, answer.text
    return [entry["source_name"] for entry in answer.json["items"]]


def test_the_first_in_order_gets_the_next_day_first(scenario: MigrationScenario) -> None:
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "2"
    names = ["one", "two", "three"]
    playlists = [
        scenario.playlist("spotify", ids_on("spotify", 2, skip=2 * number), name=name)
        for number, name in enumerate(names)
    ]
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "0"
    migration_id = scenario.start("spotify", "youtube", playlists)
    scenario.work()
    assert scenario.job(migration_id)["progress"]["waiting_for"] == "quota"
    assert _order(scenario) == names
    ids = {entry["source_name"]: entry["id"] for entry in scenario.moved(migration_id)}
    assert _order(scenario, {"playlists": [ids["three"], ids["two"]]}) == ["three", "two", "one"]
    assert _order(scenario, {"playlists": [ids["two"]]}) == ["two", "three", "one"]

    finished: list[str] = []
    scenario.harness.environment["YOUTUBE_DAILY_SEARCHES"] = "2"
    for _ in range(12):
        scenario.pass_time(6 * 3600)
        for _ in range(3):
            scenario.dispatch()
            scenario.work()
            scenario.pass_time(120)
        for entry in scenario.moved(migration_id):
            if entry["status"] == "completed" and entry["source_name"] not in finished:
                finished.append(entry["source_name"])
    assert finished == ["two", "three", "one"]
    assert _order(scenario) == []


def test_what_is_not_the_persons_or_finished_is_refused(scenario: MigrationScenario) -> None:
    done = scenario.start_known(1)
    scenario.finish(done)
    (ended,) = scenario.moved(done)
    answer = scenario.person.call("POST", "/v1/migrations/order", {"playlists": [ended["id"]]})
    assert (answer.status, answer.json["type"].rpartition(":")[2]) == (409, "playlist-ended")
    other = scenario.sign_up()
    assert other.call("POST", "/v1/migrations/order", {"playlists": [ended["id"]]}).status == 404
    assert other.call("POST", "/v1/migrations/order", {"playlists": []}).status == 422
