"""Google's authorization server: consent, codes, tokens and how they end."""

from collections.abc import Iterator

import pytest

from local.simulators.oauth import pkce_challenge
from tests.integration.local.simulators.youtube_factories import (
    READ,
    REDIRECT,
    VERIFIER,
    WRITE,
    YouTube,
    simulated_youtube,
)

DAY = 86_400


@pytest.fixture(scope="module")
def simulator() -> Iterator[YouTube]:
    with simulated_youtube() as running:
        yield running


@pytest.fixture
def youtube(simulator: YouTube) -> YouTube:
    simulator.control("POST", "reset")
    return simulator


def refresh(youtube: YouTube, token: str) -> tuple[int, str | None]:
    answer = youtube.token(grant_type="refresh_token", refresh_token=token)
    return answer.status_code, answer.json().get("error")


def is_live(youtube: YouTube, access_token: str) -> bool:
    answer = youtube.call("GET", "channels", access_token, part="id", mine="true")
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


# The consent page


def test_a_person_sees_a_page_with_a_box_for_every_scope(youtube: YouTube) -> None:
    page = youtube.authorize(scope=f"{READ} {WRITE}")
    assert page.status_code == 200
    assert page.text.count('type="checkbox"') == 2
    assert 'value="ada"' in page.text
    assert "decision" in page.text


def test_the_form_of_the_page_brings_a_code_for_the_ticked_scopes(youtube: YouTube) -> None:
    page = youtube.authorize(scope=f"{READ} {WRITE}")
    form = [("login", "grace"), ("decision", "approve"), ("scope", READ)]
    answer = youtube.http.post(page.url, data=form, allow_redirects=False)
    assert answer.status_code == 302
    code = answer.headers["location"].split("code=")[1].split("&")[0]
    tokens = youtube.exchange(code.replace("%2F", "/")).json()
    assert tokens["scope"] == READ
    playlists = youtube.call("GET", "playlists", tokens["access_token"], part="snippet", mine="true").json()
    assert [playlist["snippet"]["title"] for playlist in playlists["items"]] == ["Evening"]


def test_the_answer_carries_state_code_and_scope(youtube: YouTube) -> None:
    answer = youtube.callback(state="a b&c")
    assert answer["state"] == "a b&c"
    assert answer["scope"] == WRITE
    assert answer["code"].startswith("4/0A")
    assert youtube.exchange(youtube.callback(approve="ada", decision="")["code"]).status_code == 200


@pytest.mark.parametrize("query", [{"decision": "deny"}, {"grant": ""}])
def test_denied_or_nothing_ticked(youtube: YouTube, query: dict[str, str]) -> None:
    assert youtube.callback(**query) == {"error": "access_denied", "state": "s1"}


def test_a_partial_grant_shows_in_the_scope(youtube: YouTube) -> None:
    tokens = youtube.grant(scope=f"{READ} {WRITE}", grant="youtube.readonly")
    assert tokens["scope"] == READ
    answer = youtube.call(
        "POST", "playlists", tokens["access_token"], part="snippet", body={"snippet": {"title": "x"}}
    )
    assert answer.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"redirect_uri": "http://example.com/x"}, 400, "redirect_uri_mismatch"),
        ({"redirect_uri": "custom:/x"}, 400, "redirect_uri_mismatch"),
        ({"response_type": "token"}, 400, "unsupported_response_type"),
        ({"scope": "https://www.googleapis.com/auth/unheard"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_request"),
        ({"login": "nobody", "decision": "approve"}, 404, "find your Google account"),
    ],
)
def test_what_is_wrong_with_the_request_is_shown_to_the_person(
    youtube: YouTube, query: dict[str, str], status: int, error: str
) -> None:
    answer = youtube.authorize(**query)
    assert answer.status_code == status
    assert error in answer.text
    assert "location" not in answer.headers


def test_registered_addresses_are_compared_exactly(youtube: YouTube) -> None:
    youtube.settings(redirect_uris=[REDIRECT])
    assert youtube.authorize().status_code == 200
    assert youtube.authorize(redirect_uri=REDIRECT + "/").status_code == 400


# Codes


def test_a_code_is_good_once_and_for_ten_minutes(youtube: YouTube) -> None:
    code = youtube.callback()["code"]
    assert youtube.exchange(code).status_code == 200
    again = youtube.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    late = youtube.callback()["code"]
    youtube.advance(601)
    assert youtube.exchange(late).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"redirect_uri": REDIRECT + "?x=1"}, 400, "redirect_uri_mismatch"),
        ({"client_secret": "guessed"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"code_verifier": "w" * 64}, 400, "invalid_grant"),
        ({"code_verifier": ""}, 400, "invalid_grant"),
        ({"code": "4/0Amadeup"}, 400, "invalid_grant"),
        ({"code": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_bad_exchanges(youtube: YouTube, form: dict[str, str], status: int, error: str) -> None:
    challenge = {"code_challenge": pkce_challenge(VERIFIER), "code_challenge_method": "S256"}
    code = youtube.callback(**challenge)["code"]
    answer = youtube.exchange(**{"code": code, "code_verifier": VERIFIER, **form})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_client_can_prove_itself_in_the_header(youtube: YouTube) -> None:
    form = {"grant_type": "authorization_code", "code": youtube.callback()["code"], "redirect_uri": REDIRECT}
    url = f"{youtube.url}/token"
    assert youtube.http.post(url, data=form, auth=("musicconnect-local", "wrong")).status_code == 401
    assert youtube.http.post(url, data=form, auth=("musicconnect-local", "local-secret")).status_code == 200


# Tokens


def test_an_access_token_lasts_3599_seconds(youtube: YouTube) -> None:
    tokens = youtube.grant()
    assert tokens["token_type"] == "Bearer"
    youtube.advance(3598)
    assert is_live(youtube, tokens["access_token"])
    youtube.advance(2)
    assert not is_live(youtube, tokens["access_token"])
    renewed = youtube.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert "refresh_token" not in renewed
    assert is_live(youtube, renewed["access_token"])


def test_only_the_first_consent_brings_a_refresh_token_unless_asked_again(youtube: YouTube) -> None:
    assert "refresh_token" not in youtube.grant(access_type="online")
    first = youtube.grant()
    assert "refresh_token" in first
    assert "refresh_token" not in youtube.grant()
    assert "refresh_token" in youtube.grant(prompt="consent")
    assert refresh(youtube, first["refresh_token"]) == (200, None)


def test_incremental_consent_adds_to_what_was_granted(youtube: YouTube) -> None:
    youtube.grant(scope=READ)
    assert youtube.grant(scope=WRITE)["scope"] == WRITE
    both = youtube.grant(scope=WRITE, include_granted_scopes="true", prompt="consent")
    assert set(both["scope"].split()) == {READ, WRITE}


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_whole_consent(youtube: YouTube, kind: str) -> None:
    tokens = youtube.grant()
    other = youtube.grant(prompt="consent")
    bystander = youtube.grant(login="grace")
    revoked = youtube.http.post(f"{youtube.url}/revoke", data={"token": tokens[kind]})
    assert (revoked.status_code, revoked.json()) == (200, {})
    assert refresh(youtube, tokens["refresh_token"]) == (400, "invalid_grant")
    assert refresh(youtube, other["refresh_token"]) == (400, "invalid_grant")
    assert not is_live(youtube, other["access_token"])
    assert is_live(youtube, bystander["access_token"])
    again = youtube.http.post(f"{youtube.url}/revoke", data={"token": tokens[kind]})
    assert again.status_code == 400
    assert again.json() == {"error": "invalid_token", "error_description": "Token expired or revoked"}
    assert "refresh_token" in youtube.grant(), "after a revocation the next consent is a first one"


def test_in_testing_a_refresh_token_lives_seven_days(youtube: YouTube) -> None:
    assert "refresh_token_expires_in" not in youtube.grant(login="grace")
    youtube.settings(testing_mode=True)
    tokens = youtube.grant()
    assert tokens["refresh_token_expires_in"] == 604_799
    youtube.advance(6 * DAY)
    assert refresh(youtube, tokens["refresh_token"]) == (200, None)
    youtube.advance(DAY)
    assert refresh(youtube, tokens["refresh_token"]) == (400, "invalid_grant")


def test_a_refresh_token_dies_after_six_months_without_use(youtube: YouTube) -> None:
    used, unused = youtube.grant()["refresh_token"], youtube.grant(login="grace")["refresh_token"]
    youtube.advance(120 * DAY)
    assert refresh(youtube, used) == (200, None)
    youtube.advance(120 * DAY)
    assert refresh(youtube, used) == (200, None)
    assert refresh(youtube, unused) == (400, "invalid_grant")


def test_the_oldest_of_more_than_a_hundred_refresh_tokens_is_dropped(youtube: YouTube) -> None:
    tokens = [youtube.grant(prompt="consent")["refresh_token"] for _ in range(101)]
    assert refresh(youtube, tokens[0]) == (400, "invalid_grant")
    assert refresh(youtube, tokens[1]) == (200, None)
    assert refresh(youtube, tokens[100]) == (200, None)


def test_the_ready_made_revocation(youtube: YouTube) -> None:
    tokens = youtube.grant()
    youtube.fault("invalid_grant")
    assert refresh(youtube, tokens["refresh_token"]) == (400, "invalid_grant")
    assert refresh(youtube, tokens["refresh_token"]) == (200, None)
