"""Consent, codes, tokens: the accounts service of the Spotify simulator."""

import re

import pytest
import requests

from tests.integration.local.simulators.spotify_factories import CLIENT, REDIRECT, SCOPES, Spotify, carried

DAY = 24 * 3600


def refused(answer: requests.Response, error: str, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == error
    return str(answer.json()["error_description"])


def test_consent_leads_to_tokens_that_work(spotify: Spotify) -> None:
    callback = spotify.callback()
    assert callback["state"] == "s1"
    grant = spotify.exchange(callback["code"]).json()
    assert grant["token_type"] == "Bearer"
    assert grant["expires_in"] == 3600
    assert grant["scope"] == SCOPES
    assert spotify.get("me", grant["access_token"])["id"] == "ada"


def test_a_person_can_be_chosen_and_can_refuse(spotify: Spotify) -> None:
    grant = spotify.exchange(spotify.callback(login="grace")["code"]).json()
    assert spotify.get("me", grant["access_token"])["display_name"] == "Grace"
    assert carried(spotify.authorize(approve="grace"))["code"]
    assert spotify.callback(decision="deny") == {"error": "access_denied", "state": "s1"}


def test_the_consent_page_is_a_form_that_works(spotify: Spotify) -> None:
    page = spotify.authorize()
    assert page.status_code == 200
    assert "Ada" in page.text
    assert "playlist-modify-private" in page.text
    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    sent = spotify.http.post(
        spotify.url + action[1].replace("&amp;", "&"),
        data={"login": "grace", "decision": "approve"},
        allow_redirects=False,
        timeout=10,
    )
    assert spotify.exchange(carried(sent)["code"]).status_code == 200


@pytest.mark.parametrize(
    ("uri", "status"),
    [
        ("http://127.0.0.1:1/x", 200),
        ("http://[::1]:8080/x", 200),
        ("https://app.example/x", 200),
        ("http://localhost:5000/x", 400),
        ("http://app.example/x", 400),
        ("", 400),
    ],
)
def test_which_redirect_uris_are_taken(spotify: Spotify, uri: str, status: int) -> None:
    answer = spotify.authorize(redirect_uri=uri)
    assert answer.status_code == status
    assert ("INVALID_CLIENT" in answer.text) == (status == 400)


def test_registered_redirect_uris_match_exactly_but_for_a_loopback_port(spotify: Spotify) -> None:
    spotify.settings(redirect_uris=["https://app.example/cb", "http://127.0.0.1/cb"])
    for uri, status in {
        "https://app.example/cb": 200,
        "https://app.example/cb/": 400,
        "https://app.example/CB": 400,
        "http://127.0.0.1:4711/cb": 200,
        "http://127.0.0.1:4711/other": 400,
    }.items():
        assert spotify.authorize(redirect_uri=uri).status_code == status, uri


def test_only_the_code_flow_exists(spotify: Spotify) -> None:
    assert carried(spotify.authorize(response_type="token"))["error"] == "unsupported_response_type"


def test_a_code_works_once(spotify: Spotify) -> None:
    code = spotify.callback()["code"]
    assert spotify.exchange(code).status_code == 200
    assert refused(spotify.exchange(code), "invalid_grant") == "Invalid authorization code"


def test_a_code_is_spent_by_a_failed_exchange(spotify: Spotify) -> None:
    code = spotify.callback()["code"]
    assert refused(spotify.exchange(code, code_verifier="w" * 64), "invalid_grant") == (
        "code_verifier was incorrect"
    )
    refused(spotify.exchange(code), "invalid_grant")


def test_a_code_dies_after_ten_minutes(spotify: Spotify) -> None:
    code = spotify.callback()["code"]
    spotify.advance(601)
    assert refused(spotify.exchange(code), "invalid_grant") == "Authorization code expired"


def test_the_exchange_checks_redirect_uri_client_and_type(spotify: Spotify) -> None:
    wrong_uri = spotify.exchange(spotify.callback()["code"], redirect_uri=REDIRECT + "/")
    assert refused(wrong_uri, "invalid_grant") == "Invalid redirect URI"
    refused(spotify.exchange(spotify.callback()["code"], client_id="somebody-else"), "invalid_grant")
    refused(spotify.token(**CLIENT, grant_type="password"), "unsupported_grant_type")
    refused(spotify.token(**CLIENT), "unsupported_grant_type")
    refused(spotify.token(grant_type="refresh_token"), "invalid_client")
    as_json = spotify.http.post(f"{spotify.url}/api/token", json=CLIENT, timeout=10)
    assert as_json.status_code == 415


def test_registered_clients_need_their_secret(spotify: Spotify) -> None:
    spotify.settings(clients={"musicconnect-local": "local-secret"})
    code = spotify.callback()["code"]
    wrong = spotify.exchange(code, client_secret="wrong")
    assert refused(wrong, "invalid_client") == "Invalid client secret"
    assert spotify.exchange(code).status_code == 200
    assert spotify.authorize(client_id="unknown").status_code == 400


def test_basic_authentication_works_too(spotify: Spotify) -> None:
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": "v" * 64}
    auth = (CLIENT["client_id"], CLIENT["client_secret"])
    answer = spotify.token(auth, code=spotify.callback()["code"], **form)
    assert answer.status_code == 200, answer.text


def test_access_tokens_live_an_hour(spotify: Spotify) -> None:
    token = spotify.tokens()["access_token"]
    spotify.advance(3599)
    assert spotify.call("GET", "me", token).status_code == 200
    spotify.advance(2)
    answer = spotify.call("GET", "me", token)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "The access token expired"


def test_refreshing_keeps_the_refresh_token(spotify: Spotify) -> None:
    grant = spotify.tokens()
    answer = spotify.refresh(grant["refresh_token"]).json()
    assert "refresh_token" not in answer
    assert answer["scope"] == SCOPES
    assert spotify.call("GET", "me", answer["access_token"]).status_code == 200
    assert spotify.refresh(grant["refresh_token"]).status_code == 200


def test_rotation_kills_the_old_refresh_token(spotify: Spotify) -> None:
    spotify.settings(rotate_refresh_tokens=True)
    first = spotify.tokens()["refresh_token"]
    second = spotify.refresh(first).json()["refresh_token"]
    assert second != first
    refused(spotify.refresh(first), "invalid_grant")
    assert spotify.refresh(second).status_code == 200


def test_clients_without_a_secret_always_rotate(spotify: Spotify) -> None:
    form = {"client_id": "cli", "grant_type": "authorization_code", "redirect_uri": REDIRECT}
    code = spotify.callback(client_id="cli")["code"]
    first = spotify.token(**form, code=code, code_verifier="v" * 64).json()["refresh_token"]
    refresh = {"client_id": "cli", "grant_type": "refresh_token", "refresh_token": first}
    assert spotify.token(**refresh).json()["refresh_token"] != first
    refused(spotify.token(**refresh), "invalid_grant")


def test_confidential_clients_cannot_refresh_without_their_secret(spotify: Spotify) -> None:
    token = spotify.tokens()["refresh_token"]
    answer = spotify.token(client_id=CLIENT["client_id"], grant_type="refresh_token", refresh_token=token)
    refused(answer, "invalid_client")


def test_six_months_after_the_consent_a_refresh_token_is_dead(spotify: Spotify) -> None:
    spotify.control("PUT", "clock", {"now": "2026-08-31T12:00:00Z"})
    spotify.settings(rotate_refresh_tokens=True)
    token = spotify.tokens()["refresh_token"]
    spotify.control("PUT", "clock", {"now": "2027-02-27T12:00:00Z"})
    token = spotify.refresh(token).json()["refresh_token"]  # a new one, which lives no longer
    spotify.control("PUT", "clock", {"now": "2027-02-28T12:00:01Z"})
    refused(spotify.refresh(token), "invalid_grant")
    assert spotify.refresh(spotify.tokens()["refresh_token"]).status_code == 200


def test_the_person_can_take_it_back(spotify: Spotify) -> None:
    grant = spotify.tokens()
    assert spotify.control("POST", "users/ada/revoke") == {"revoked": 1}
    refused(spotify.refresh(grant["refresh_token"]), "invalid_grant")
    assert spotify.call("GET", "me", grant["access_token"]).status_code == 401


def test_client_credentials_search_but_have_nobody(spotify: Spotify) -> None:
    token = spotify.token(**CLIENT, grant_type="client_credentials").json()["access_token"]
    assert spotify.get("search", token, q="Afterglow", type="track")["tracks"]["total"] > 0
    assert spotify.call("GET", "me", token).status_code == 401
    assert spotify.call("GET", "me/tracks", token).status_code == 401
