"""What a person searched for: theirs to see, to clear, and gone with them."""

from tests.integration.search.client import group, search
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql
from tests.support.simulator import Simulator


def test_it_is_listed_latest_first_in_pages(person: Person) -> None:
    for query in ("one", "two", "three"):
        search(person, query, provider="spotify")
    first = person.call("GET", "/v1/search/history?limit=2").json
    second = person.call("GET", f"/v1/search/history?limit=2&cursor={first['next_cursor']}").json
    assert [item["query"] for item in first["items"] + second["items"]] == ["three", "two", "one"]
    assert second["next_cursor"] is None
    assert {item["provider"] for item in first["items"]} == {"spotify"}
    assert {item["type"] for item in first["items"]} == {"track"}


def test_going_on_with_a_search_is_none_of_its_own(person: Person) -> None:
    cursor = group(person, "spotify", "kestrel", limit=1)["next_cursor"]
    search(person, "kestrel", limit=1, cursor=cursor)
    assert len(person.call("GET", "/v1/search/history").json["items"]) == 1


def test_it_is_nobody_elses(person: Person, another: Person) -> None:
    search(person, "secret")
    assert another.call("GET", "/v1/search/history").json["items"] == []
    assert another.call("DELETE", "/v1/search/history").json == {"deleted": 0}
    assert len(person.call("GET", "/v1/search/history").json["items"]) == 1


def test_it_can_be_cleared(person: Person, another: Person, harness: FunctionRunner) -> None:
    search(person, "one")
    search(person, "two")
    search(another, "three")
    assert person.call("DELETE", "/v1/search/history").json == {"deleted": 2}
    assert person.call("GET", "/v1/search/history").json == {"items": [], "next_cursor": None}
    assert sql(harness.database_url, "SELECT query_text FROM search.queries") == [("three",)]


def test_one_of_it_can_be_deleted(person: Person, another: Person) -> None:
    for query in ("one", "two", "three"):
        search(person, query)
    listed = person.call("GET", "/v1/search/history").json["items"]
    target = f"/v1/search/history/{listed[1]['id']}"
    assert another.call("DELETE", target).status == 404
    assert person.call("DELETE", target).status == 204
    assert person.call("DELETE", target).status == 404
    left = person.call("GET", "/v1/search/history").json["items"]
    assert [item["query"] for item in left] == ["three", "one"]


def test_a_search_that_nobody_answered_is_not_one_without_results(
    person: Person, spotify: Simulator, youtube: Simulator
) -> None:
    spotify.fault("GET /v1/search", ready_made="expired_token", times=None)
    search(person, "half")
    youtube.fault("GET /youtube/v3/search", ready_made="server_error", times=None)
    search(person, "none")
    search(person, "one side", provider="youtube")
    listed = {item["query"]: item for item in person.call("GET", "/v1/search/history").json["items"]}
    assert (listed["half"]["status"], list(listed["half"]["failures"])) == ("partly", ["spotify"])
    assert (listed["none"]["status"], listed["none"]["results_count"]) == ("failed", 0)
    assert set(listed["none"]["failures"]) == {"spotify", "youtube"}
    assert listed["one side"]["status"] == "failed"


def test_a_search_without_results_was_answered(person: Person) -> None:
    search(person, "zzzzzzzz qqqqqqq", provider="spotify")
    (entry,) = person.call("GET", "/v1/search/history").json["items"]
    assert (entry["status"], entry["results_count"], entry["failures"]) == ("answered", 0, {})


def test_deleting_the_account_leaves_the_count_without_user_and_words(
    harness: FunctionRunner, person: Person
) -> None:
    leaver = harness.sign_up()
    search(leaver, "my own name")
    answer = leaver.call("DELETE", "/v1/me", {"password": leaver.password})
    assert answer.status == 204, answer.text
    assert sql(
        harness.database_url,
        "SELECT user_id, query_text, provider_filter, results_count FROM search.queries",
    ) == [(None, "", "all", 0)]


def test_a_cursor_that_is_none_is_refused(person: Person) -> None:
    assert person.call("GET", "/v1/search/history?cursor=x").status == 400
    assert person.call("GET", "/v1/search/history?limit=0").status == 422
