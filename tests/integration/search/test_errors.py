"""One provider's slowness or failure costs its own group only, and says what to do."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.simulators.spotify.settings import READY_MADE_FAULTS
from local.simulators.youtube.faults import READY_MADE
from tests.integration.providers.helpers import DAY, slug
from tests.integration.search.client import SEARCH, group, ids, let_threads_end, search, searches
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql
from tests.support.simulator import Simulator

FAULTS: list[tuple[str, dict[str, Any], str | None]] = [
    ("spotify", {"ready_made": "burst"}, "rate-limited"),
    ("spotify", {"ready_made": "quota"}, "quota-exhausted"),
    ("spotify", {"ready_made": "server_error"}, "provider-unavailable"),
    ("spotify", {"ready_made": "expired_token"}, None),
    ("spotify", {"ready_made": "expired_token", "times": None}, "provider-unavailable"),
    ("spotify", {"ready_made": "forbidden"}, "refused-by-provider"),
    ("spotify", {"ready_made": "not_registered"}, "refused-by-provider"),
    ("spotify", {"ready_made": "premium"}, "refused-by-provider"),
    ("spotify", {"ready_made": "not_found"}, "not-found-at-provider"),
    ("spotify", {"status": 400, "body": {"error": {"status": 400, "message": "x"}}}, "refused-by-provider"),
    ("youtube", {"ready_made": "quota_exceeded"}, "quota-exhausted"),
    ("youtube", {"ready_made": "daily_limit"}, "quota-exhausted"),
    ("youtube", {"ready_made": "search_exhausted"}, "quota-exhausted"),
    ("youtube", {"ready_made": "rate_limit"}, "rate-limited"),
    ("youtube", {"ready_made": "user_rate_limit"}, "rate-limited"),
    ("youtube", {"ready_made": "server_error"}, "provider-unavailable"),
    ("youtube", {"ready_made": "internal_error"}, "provider-unavailable"),
    ("youtube", {"ready_made": "auth_error"}, None),
    ("youtube", {"ready_made": "signup_required"}, "no-channel"),
    ("youtube", {"ready_made": "insufficient"}, "more-access-needed"),
    ("youtube", {"ready_made": "access_not_configured"}, "refused-by-provider"),
    *(
        (provider, fault, "provider-unavailable")
        for provider in ("spotify", "youtube")
        for fault in ({"kind": "garbage"}, {"kind": "empty"}, {"kind": "close"}, {"status": 302})
    ),
]


OTHERS = [
    (provider, name)
    for provider, ready in (("spotify", READY_MADE_FAULTS), ("youtube", READY_MADE))
    for name in ready
    if name not in {fault.get("ready_made") for where, fault, _ in FAULTS if where == provider}
]
"""Everything else that the simulators have ready, meant for a search or not."""


@pytest.mark.parametrize(("provider", "name"), OTHERS)
def test_whatever_a_provider_answers_costs_its_own_group_only(
    person: Person, spotify: Simulator, youtube: Simulator, provider: str, name: str
) -> None:
    {"spotify": spotify, "youtube": youtube}[provider].fault(SEARCH[provider], ready_made=name, times=None)
    groups = {one["provider"]: one for one in search(person, "salt")["groups"]}
    failed = groups.pop(provider)
    (other,) = groups.values()
    assert (other["error"], failed["items"]) == (None, [])
    assert other["items"]
    assert failed["error"]["message"].endswith(".")


LOOKUPS = {
    "spotify": (READY_MADE_FAULTS, "GET /v1/tracks/{track_id}", "https://open.spotify.com/track/5ovODbIxH3D9PN3iKkFXiz"),
    "youtube": (READY_MADE, "GET /youtube/v3/videos", "https://youtu.be/88S4I44-Hjv"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("provider", "name"), [(provider, name) for provider in LOOKUPS for name in LOOKUPS[provider][0]]
)
def test_whatever_a_provider_answers_links_and_pins_tell_it(
    person: Person, spotify: Simulator, youtube: Simulator, provider: str, name: str
) -> None:
    _, endpoint, url = LOOKUPS[provider]
    {"spotify": spotify, "youtube": youtube}[provider].fault(endpoint, ready_made=name, times=None)
    kind = "track" if provider == "spotify" else "video"
    pin = {"provider": provider, "type": kind, "id": url.rpartition("/")[2]}
    for answer in (person.call("GET", f"/v1/resolve?url={url}"), person.call("POST", "/v1/pins", pin)):
        assert answer.status in (404, 409, 429, 503), answer.text
        assert slug(answer) != "internal"
        assert answer.json["title"]
        assert (answer.status in (429, 503)) == ("retry-after" in answer.headers)
    (item,) = person.call("POST", "/v1/resolve", {"urls": [url]}).json["items"]
    assert item["error"]["message"].endswith(".")
    assert person.call("GET", "/v1/pins").json["items"] == []


@pytest.mark.parametrize(("provider", "fault", "reason"), FAULTS, ids=str)
def test_a_failure_costs_its_own_group_only(
    person: Person,
    spotify: Simulator,
    youtube: Simulator,
    provider: str,
    fault: dict[str, Any],
    reason: str | None,
) -> None:
    simulator = {"spotify": spotify, "youtube": youtube}[provider]
    simulator.fault(SEARCH[provider], **fault)
    groups = {one["provider"]: one for one in search(person, "salt")["groups"]}
    failed = groups.pop(provider)
    (other,) = groups.values()
    assert other["error"] is None
    assert other["items"]
    if reason is None:
        assert failed["error"] is None
        assert failed["items"]
        return
    assert failed["error"]["code"] == reason
    assert failed["error"]["message"]
    assert failed["error"]["message"].endswith(".")
    assert (failed["items"], failed["next_cursor"], failed["source"]) == ([], None, None)
    if reason == "rate-limited":
        assert failed["error"]["retry_after"] >= 1
    if reason == "quota-exhausted":
        assert failed["error"]["params"]["until"]


@pytest.fixture
def _quick_deadline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SEARCH_DEADLINE_SECONDS", "0.7")
    yield
    let_threads_end()


@pytest.mark.usefixtures("_quick_deadline")
@pytest.mark.parametrize("provider", ["spotify", "youtube"])
def test_a_slow_provider_is_not_waited_for_and_its_answer_serves_the_next(
    person: Person, spotify: Simulator, youtube: Simulator, provider: str
) -> None:
    simulator = {"spotify": spotify, "youtube": youtube}[provider]
    simulator.fault(SEARCH[provider], status=200, delay_ms=1500, applied=True)
    groups = {one["provider"]: one for one in search(person, "salt")["groups"]}
    slow = groups.pop(provider)
    (other,) = groups.values()
    assert other["items"]
    assert slow["error"]["code"] == "provider-slow"
    assert slow["error"]["retry_after"] > 0


@pytest.mark.usefixtures("_quick_deadline")
def test_the_late_answer_of_a_slow_provider_serves_the_next(person: Person, spotify: Simulator) -> None:
    spotify.control("PUT", "/latency", {"ms": 1200})
    assert group(person, "spotify", "salt", provider="spotify")["error"]["code"] == "provider-slow"
    let_threads_end()
    found = group(person, "spotify", "salt", provider="spotify")
    assert (found["error"], found["source"]) == (None, "cache")
    assert found["items"]
    assert searches(spotify) == 1


@pytest.mark.usefixtures("_quick_deadline")
def test_a_provider_that_hangs_is_not_waited_for(person: Person, youtube: Simulator) -> None:
    youtube.fault(SEARCH["youtube"], kind="hang")
    found, hanging = search(person, "salt")["groups"]
    assert found["items"]
    assert hanging["error"]["code"] == "provider-slow"
    youtube.control("DELETE", "/faults")


def test_a_revoked_consent_is_reported_and_not_used_again(
    person: Person, spotify: Simulator, later: Callable[[float], None]
) -> None:
    spotify.control("POST", "/users/ada/revoke")
    later(2 * 3600)
    spotify.clear_calls()
    for _ in range(2):
        found = group(person, "spotify", "salt")
        assert found["error"]["code"] == "consent-needed"
        assert "Link the account again" in found["error"]["message"]
    assert spotify.calls() == {"POST /api/token": 1}


def test_when_the_searches_are_spent_it_says_until_when(
    person: Person, monkeypatch: pytest.MonkeyPatch, youtube: Simulator
) -> None:
    monkeypatch.setenv("YOUTUBE_DAILY_SEARCHES", "2")
    for query in ("salt", "pepper"):
        assert group(person, "youtube", query)["error"] is None
    youtube.clear_calls()
    spotify_group, youtube_group = search(person, "afterglow")["groups"]
    assert spotify_group["items"]
    error = youtube_group["error"]
    assert error["code"] == "quota-exhausted"
    assert error["params"]["until"] is not None
    assert 0 < error["retry_after"] <= DAY + 3600
    assert youtube.calls() == {}, "it is not even asked"
    again = group(person, "youtube", "SALT")
    assert (again["source"], again["error"]) == ("cache", None)
    quota = person.call("GET", "/v1/providers/youtube/quota").json["items"]
    (searching,) = [bucket for bucket in quota if bucket["bucket"] == "search"]
    assert (searching["used"], searching["remaining"]) == (2, 0)


def test_an_exhausted_quota_that_youtube_reports_lasts_until_the_next_day(
    person: Person, youtube: Simulator, later: Callable[[float], None]
) -> None:
    youtube.fault(SEARCH["youtube"], ready_made="search_exhausted")
    assert group(person, "youtube", "salt")["error"]["code"] == "quota-exhausted"
    youtube.clear_calls()
    assert group(person, "youtube", "pepper")["error"]["code"] == "quota-exhausted"
    assert youtube.calls() == {}
    later(DAY + 3600)
    assert group(person, "youtube", "pepper")["error"] is None


def test_the_match_store_answers_when_no_provider_can(
    person: Person, monkeypatch: pytest.MonkeyPatch, youtube: Simulator
) -> None:
    item = group(person, "spotify", "isrc:ZZDMT1995339", provider="spotify")["items"][0]
    resolved = person.call("GET", f"/v1/resolve?url={item['url']}").json
    video = resolved["counterparts"][0]["item"]
    monkeypatch.setenv("YOUTUBE_DAILY_SEARCHES", "1")
    found = group(person, "youtube", "kestrel SALT")
    assert found["source"] == "match_store"
    assert found["error"]["code"] == "quota-exhausted"
    assert ids(found) == [video["id"]]
    assert found["items"][0]["attribution"]["url"] == video["url"]
    assert found["next_cursor"] is None
    nothing = group(person, "youtube", "nothing like it")
    assert (nothing["items"], nothing["source"]) == ([], None)


def test_when_a_provider_fails_pages_of_other_types_for_the_same_words_help(
    person: Person, spotify: Simulator
) -> None:
    both = group(person, "spotify", "kestrel parade", type="track,artist", provider="spotify")
    spotify.fault(SEARCH["spotify"], ready_made="server_error")
    found = group(person, "spotify", "kestrel parade", type="artist", provider="spotify")
    assert found["error"]["code"] == "provider-unavailable"
    assert (found["source"], found["next_cursor"]) == ("cache", None)
    assert ids(found) == [item["id"] for item in both["items"] if item["type"] == "artist"]


def test_what_was_counted_is_in_the_log(person: Person, harness: FunctionRunner, youtube: Simulator) -> None:
    youtube.fault(SEARCH["youtube"], ready_made="server_error")
    answer = search(person, "salt", type="track,album", limit=3)
    count = sum(len(one["items"]) for one in answer["groups"])
    assert sql(
        harness.database_url,
        "SELECT user_id, query_text, provider_filter, type_filter, results_count FROM search.queries",
    ) == [(person.id, "salt", "all", "track,album", count)]
