"""Linking and unlinking accounts, over the consent pages of the simulators."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from musicconnect.api.binding import Caller
from musicconnect.platform.config import DatabaseSettings
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem
from musicconnect.providers import linking
from musicconnect.providers.accounts.schemas import LinkCompletion
from tests.integration.providers.helpers import CONSENTING, next_step, slug
from tests.support.functions import FunctionRunner, Person, new_person
from tests.support.oauth import complete, consented, link
from tests.support.postgres import sql
from tests.support.simulator import Simulator


def test_links_an_account(provider: str, simulator: Simulator, person: Person) -> None:
    assert next_step(person, provider) == "not-linked"

    account = link(person, provider)

    assert account["linked"]
    assert account["status"] == "active"
    assert account["access"] == "write"
    assert account["display_name"] == "Ada"
    assert account["next_step"] is None
    assert person.call("GET", f"/v1/providers/{provider}").json == account
    listed = {entry["provider"]: entry for entry in person.call("GET", "/v1/providers").json["items"]}
    assert listed[provider] == account
    assert not any(entry["linked"] for name, entry in listed.items() if name != provider)
    assert len(listed) == (4 if provider == "listenbrainz" else 3), (
        "who has to be named is not there otherwise"
    )


def test_links_by_the_immutable_account_id_of_spotify(person: Person, spotify: Simulator) -> None:
    users = {user["id"]: user for user in spotify.control("GET", "/users")["users"]}
    assert link(person, "spotify")["provider_user_id"] == users["ada"]["account_id"]


@pytest.mark.parametrize("provider", CONSENTING, indirect=True)
def test_asks_for_no_more_than_needed(provider: str, simulator: Simulator, person: Person) -> None:
    def asked(access: str) -> dict[str, list[str]]:
        started = person.call("POST", f"/v1/providers/{provider}/link", {"access": access})
        return parse_qs(urlsplit(started.json["authorize_url"]).query)

    reading, writing = asked("read"), asked("write")

    assert set(reading["scope"][0].split()) < set(writing["scope"][0].split())
    assert not [
        scope for scope in reading["scope"][0].split() if "modify" in scope or scope.endswith("youtube")
    ]
    assert reading["code_challenge_method"] == ["S256"]
    assert len(reading["code_challenge"][0]) == 43
    assert reading["state"] != writing["state"]
    assert reading["code_challenge"] != writing["code_challenge"]
    assert reading["redirect_uri"] == [f"{person.harness.public_url}/v1/providers/{provider}/callback"]
    if provider == "youtube":
        assert (reading["prompt"], reading["access_type"]) == (["consent"], ["offline"])


def test_reading_is_the_default(person: Person, spotify: Simulator) -> None:
    started = person.call("POST", "/v1/providers/spotify/link", {})
    assert "modify" not in started.json["authorize_url"]


def test_tells_who_linked_for_reading_how_to_write(person: Person, spotify: Simulator) -> None:
    account = link(person, "spotify", access="read")
    assert account["access"] == "read"
    assert account["next_step"]["code"] == "read-only"
    assert account["next_step"]["action"] == "link"


def test_notices_permissions_that_were_unticked(person: Person, youtube: Simulator) -> None:
    account = link(person, "youtube", access="write", grant="youtube.readonly")
    assert account["access"] == "read"
    assert next_step(person, "youtube") == "read-only"


def test_a_consent_without_reading_links_nothing(person: Person, youtube: Simulator) -> None:
    # The only way to that: an answer of the token endpoint that grants something else.
    carried = consented(person, "youtube")
    grant = {"access_token": "x", "expires_in": 3599, "scope": "openid", "token_type": "Bearer"}
    youtube.fault("POST /token", status=200, body=grant)

    answer = complete(person, "youtube", carried)

    assert (answer.status, slug(answer)) == (409, "too-little-access")
    assert next_step(person, "youtube") == "not-linked"


def test_a_denied_consent_says_so_and_ends_the_state(
    provider: str, simulator: Simulator, person: Person
) -> None:
    carried = consented(person, provider, decision="deny")
    assert carried["error"] == "access_denied"

    answer = complete(person, provider, carried)

    assert (answer.status, slug(answer)) == (409, "consent-denied")
    assert slug(complete(person, provider, carried)) == "unknown-link-state"
    assert next_step(person, provider) == "not-linked"


def test_another_error_of_the_consent_page_is_told_apart_from_a_denial(
    person: Person, spotify: Simulator
) -> None:
    carried = consented(person, "spotify", decision="deny") | {"error": "server_error"}
    answer = complete(person, "spotify", carried)
    assert (answer.status, slug(answer)) == (409, "consent-failed")


def test_a_state_works_once(person: Person, spotify: Simulator) -> None:
    carried = consented(person, "spotify")
    assert complete(person, "spotify", carried).status == 200
    answer = complete(person, "spotify", carried)
    assert (answer.status, slug(answer)) == (404, "unknown-link-state")
    assert next_step(person, "spotify") is None


def test_of_two_completions_at_once_one_succeeds(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    carried = consented(person, "spotify")
    body = LinkCompletion(state=carried["state"], code=carried["code"])
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def run() -> None:
        database = Database(DatabaseSettings.from_environment())
        try:
            together.wait(timeout=10)
            linking.complete_link(database, Caller(user_id=person.id, session_id=0), "spotify", body)
            outcomes.append("linked")
        except Problem as problem:
            outcomes.append(problem.slug)
        finally:
            database.close()

    with harness.environment_of("providers_api"):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(outcomes) == ["linked", "unknown-link-state"]


def test_nobody_completes_what_another_began(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    # Somebody tricks another person into completing a consent to the trickster's Spotify.
    carried = consented(person, "spotify", login="ada")
    victim = new_person(harness)

    answer = complete(victim, "spotify", carried)

    assert (answer.status, slug(answer)) == (404, "unknown-link-state")
    assert next_step(victim, "spotify") == "not-linked"
    assert complete(person, "spotify", carried).status == 200, "the attempt must not spend it either"


def test_a_state_belongs_to_its_provider(person: Person, spotify: Simulator, youtube: Simulator) -> None:
    carried = consented(person, "spotify")
    assert slug(complete(person, "youtube", carried)) == "unknown-link-state"
    assert complete(person, "spotify", carried).status == 200


def test_a_consent_has_ten_minutes(
    person: Person, spotify: Simulator, later: Callable[[float], None]
) -> None:
    carried = consented(person, "spotify")
    later(601)
    answer = complete(person, "spotify", carried)
    assert (answer.status, slug(answer)) == (409, "link-expired")


def test_beginning_again_ends_what_was_begun_before(person: Person, spotify: Simulator) -> None:
    first, second = consented(person, "spotify"), consented(person, "spotify")
    assert slug(complete(person, "spotify", first)) == "unknown-link-state"
    assert complete(person, "spotify", second).status == 200


def test_a_wrong_code_links_nothing(provider: str, simulator: Simulator, person: Person) -> None:
    carried = consented(person, provider) | {"code": "made-up"}
    answer = complete(person, provider, carried)
    assert (answer.status, slug(answer)) == (409, "code-refused")
    assert next_step(person, provider) == "not-linked"


def test_a_code_of_another_consent_is_refused_by_pkce(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    stolen = consented(new_person(harness), "spotify")["code"]
    carried = consented(person, "spotify") | {"code": stolen}
    assert slug(complete(person, "spotify", carried)) == "code-refused"


@pytest.mark.parametrize(
    ("provider", "endpoint"),
    [
        ("spotify", "POST /api/token"),
        ("spotify", "GET /v1/me"),
        ("youtube", "POST /token"),
        ("youtube", "GET /youtube/v3/channels"),
        ("listenbrainz", "GET /1/validate-token"),
    ],
    indirect=["provider"],
)
@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"kind": "garbage"}, {"kind": "empty"}, {"kind": "close"}]
)
def test_a_provider_in_trouble_links_nothing_and_says_to_start_again(
    provider: str,
    endpoint: str,
    fault: dict[str, Any],
    simulator: Simulator,
    person: Person,
) -> None:
    carried = consented(person, provider)
    simulator.fault(endpoint, times=None, **fault)

    answer = complete(person, provider, carried)

    assert (answer.status, slug(answer)) == (503, "provider-unavailable")
    assert (answer.json["action"], answer.json["provider"]) == ("link", provider)
    assert int(answer.headers["retry-after"]) > 0
    assert next_step(person, provider) == "not-linked"


def test_wrong_credentials_of_the_installation_are_named(person: Person, spotify: Simulator) -> None:
    carried = consented(person, "spotify")
    spotify.fault("POST /api/token", status=400, body={"error": "invalid_client"})
    answer = complete(person, "spotify", carried)
    assert (answer.status, slug(answer)) == (409, "refused-by-provider")
    assert "client id and secret" in answer.json["detail"]


def test_a_google_account_without_a_channel_is_told_to_make_one(person: Person, youtube: Simulator) -> None:
    carried = consented(person, "youtube")
    youtube.fault("GET /youtube/v3/channels", ready_made="signup_required")
    answer = complete(person, "youtube", carried)
    assert (answer.status, slug(answer)) == (409, "no-channel")
    assert "youtube.com" in answer.json["detail"]
    carried = consented(person, "youtube")
    youtube.fault("GET /youtube/v3/channels", status=200, body={"kind": "youtube#channelListResponse"})
    assert slug(complete(person, "youtube", carried)) == "no-channel"


def test_a_person_who_is_not_on_spotifys_list_is_told(person: Person, spotify: Simulator) -> None:
    spotify.settings(allow_list=["somebody-else"])
    answer = complete(person, "spotify", consented(person, "spotify"))
    assert (answer.status, slug(answer)) == (409, "refused-by-provider")
    assert "list of allowed users" in answer.json["detail"]


def test_linking_again_renews_the_consent(
    person: Person, spotify: Simulator, later: Callable[[float], None]
) -> None:
    first = link(person, "spotify", access="read")
    later(3 * 86_400)
    again = link(person, "spotify", access="write")
    assert again["account_id"] == first["account_id"]
    assert again["access"] == "write"
    assert again["linked_at"] == first["linked_at"]
    assert again["authorized_at"] > first["authorized_at"]
    assert again["consent_ends_on"] > first["consent_ends_on"]


def test_linking_another_account_drops_the_data_of_the_first(
    person: Person, harness: FunctionRunner, spotify: Simulator
) -> None:
    first = link(person, "spotify", login="ada")
    harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    assert person.call("GET", "/v1/playlists").json["items"]
    spotify.control("POST", "/users", {"id": "lin", "display_name": "Lin"})

    second = link(person, "spotify", login="lin")

    assert second["display_name"] == "Lin"
    assert second["provider_user_id"] != first["provider_user_id"]
    assert person.call("GET", "/v1/playlists").json["items"] == []
    harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    (liked,) = person.call("GET", "/v1/playlists").json["items"]
    assert liked["is_liked"]


def test_no_token_is_readable_in_the_database(
    person: Person, harness: FunctionRunner, spotify: Simulator, youtube: Simulator
) -> None:
    carried = consented(person, "spotify")
    started_state = carried["state"]
    link(person, "youtube")
    tables = ("accounts", "tokens", "link_states", "snapshot_syncs", "quota_usage")
    stored = "\n".join(
        str(row) for table in tables for row in sql(harness.database_url, f"SELECT * FROM providers.{table}")
    )
    assert "ya29" not in stored
    assert "1//0g" not in stored
    assert started_state not in stored
    (encrypted,) = sql(harness.database_url, "SELECT access_token FROM providers.tokens LIMIT 1")
    assert str(encrypted[0]).startswith("k1.")


def test_warns_before_spotifys_six_months_end(
    person: Person, spotify: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "spotify")
    assert next_step(person, "spotify") is None
    later(150 * 86_400)
    account = person.call("GET", "/v1/providers/spotify").json
    assert account["next_step"]["code"] == "consent-ends"
    assert account["consent_ends_on"]
    later(190 * 86_400)
    assert next_step(person, "spotify") == "consent-needed"


def test_a_new_token_that_is_refused_at_once_links_nothing(person: Person, spotify: Simulator) -> None:
    carried = consented(person, "spotify")
    spotify.fault("GET /v1/me", ready_made="invalid_token")
    answer = complete(person, "spotify", carried)
    assert (answer.status, slug(answer)) == (503, "provider-unavailable")


def test_an_answer_without_scopes_grants_what_was_asked_for(person: Person, spotify: Simulator) -> None:
    carried = consented(person, "spotify", access="read")
    real = spotify.control("POST", "/tokens", {"id": "ada", "scopes": ["user-read-private"]})
    answer = {name: real[name] for name in ("access_token", "refresh_token", "expires_in")}
    spotify.fault("POST /api/token", status=200, body=answer)
    assert complete(person, "spotify", carried).json["access"] == "read"


@pytest.mark.parametrize("pasted", ["ü€", "two\nlines", "a\x7fb"])
@pytest.mark.usefixtures("listenbrainz")
def test_what_cannot_be_a_token_is_refused_like_a_wrong_one(harness: FunctionRunner, pasted: str) -> None:
    person = new_person(harness)
    carried = consented(person, "listenbrainz", "read")
    answer = complete(person, "listenbrainz", carried | {"code": pasted})
    assert answer.status == 409
    assert slug(answer) == "code-refused"
