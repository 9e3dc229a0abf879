"""Consent, codes, tokens: the sign-in service of the TIDAL simulator."""

import re

import pytest
import requests

from tests.integration.local.simulators.tidal_factories import CLIENT, READ, Tidal

WRITE = f"{READ} playlists.write"


def refused(answer: requests.Response, error: str, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert (body["error"], body["status"]) == (error, status)
    return str(body["error_description"])


def test_consent_leads_to_tokens_that_work(tidal: Tidal) -> None:
    callback = tidal.callback()
    assert callback["state"] == "s1"
    grant = tidal.exchange(callback["code"]).json()
    assert (grant["token_type"], grant["expires_in"], grant["scope"]) == ("Bearer", 14_400, READ)
    me = tidal.get("/users/me", grant["access_token"])["data"]
    assert me["id"] == str(grant["user_id"])
    assert me["attributes"]["country"] == "US"


def test_a_person_can_be_chosen_and_can_refuse(tidal: Tidal) -> None:
    grant = tidal.tokens(login="grace")
    assert tidal.get("/users/me", grant["access_token"])["data"]["attributes"]["firstName"] == "Grace"
    refusal = tidal.callback(decision="deny")
    assert (refusal["error"], refusal["state"]) == ("access_denied", "s1")


def test_the_consent_page_is_a_form_that_works(tidal: Tidal) -> None:
    page = tidal.authorize()
    assert "playlists.read" in page.text
    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    sent = tidal.http.post(
        tidal.url + action[1].replace("&amp;", "&"),
        data={"login": "grace", "decision": "approve"},
        allow_redirects=False,
        timeout=10,
    )
    assert "code=" in sent.headers["Location"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"redirect_uri": "http://elsewhere.example/x"}, "11102"),
        ({"scope": "user.read r_usr"}, "11102"),
        ({"scope": ""}, "11102"),
        ({"code_challenge_method": "plain"}, "11101"),
        ({"code_challenge": ""}, "11101"),
        ({"response_type": "token"}, "11101"),
        ({"client_id": ""}, "1002"),
    ],
)
def test_what_the_application_is_not_registered_for_never_comes_back(
    tidal: Tidal, asked: dict[str, str], code: str
) -> None:
    answer = tidal.authorize(**{"login": "ada", "decision": "approve", **asked})
    assert answer.status_code == 400
    assert f"Error {code}" in answer.text


def test_registered_redirect_uris_match_exactly(tidal: Tidal) -> None:
    tidal.settings(redirect_uris=["https://app.example/cb"], app_scopes=["user.read", "playlists.read"])
    scope = "user.read playlists.read"
    assert tidal.authorize(redirect_uri="https://app.example/cb", scope=scope).status_code == 200
    assert tidal.authorize(redirect_uri="https://app.example/cb/", scope=scope).status_code == 400
    assert tidal.authorize(redirect_uri="https://app.example/cb").status_code == 400


def test_a_code_is_good_once_for_a_minute_and_with_its_verifier(tidal: Tidal) -> None:
    code = tidal.callback()["code"]
    refused(tidal.exchange(code, code_verifier="w" * 64), "invalid_grant")
    code = tidal.callback()["code"]
    assert tidal.exchange(code).status_code == 200
    refused(tidal.exchange(code), "invalid_grant")
    code = tidal.callback()["code"]
    tidal.advance(61)
    refused(tidal.exchange(code), "invalid_grant")


def test_whoever_consented_before_gets_the_old_scopes_unless_asked(tidal: Tidal) -> None:
    assert tidal.tokens()["scope"] == READ
    assert tidal.tokens(scope=WRITE)["scope"] == READ
    assert tidal.tokens(scope=WRITE, prompt="consent")["scope"] == WRITE


def test_a_refresh_brings_no_refresh_token(tidal: Tidal) -> None:
    grant = tidal.tokens()
    tidal.advance(14_401)
    answer = tidal.call("GET", "/users/me", grant["access_token"])
    assert (answer.status_code, answer.json()["errors"][0]["subStatus"]) == (401, 11003)
    fresh = tidal.refresh(grant["refresh_token"]).json()
    assert "refresh_token" not in fresh
    assert fresh["scope"] == READ
    tidal.get("/users/me", fresh["access_token"])
    tidal.settings(rotate_refresh_tokens=True)
    assert tidal.refresh(grant["refresh_token"]).json()["refresh_token"] != grant["refresh_token"]


def test_an_unknown_client_looks_like_a_revoked_consent(tidal: Tidal) -> None:
    grant = tidal.tokens()
    tidal.settings(clients={CLIENT["client_id"]: CLIENT["client_secret"]})
    assert tidal.refresh(grant["refresh_token"]).status_code == 200
    description = refused(tidal.refresh(grant["refresh_token"], client_id="typo"), "invalid_grant")
    assert description == "Client with token typo not found"
    refused(tidal.refresh(grant["refresh_token"], client_secret="typo"), "invalid_client", 401)


def test_revocation_ends_everything(tidal: Tidal) -> None:
    grant = tidal.tokens()
    tidal.control("POST", "users/ada/revoke")
    refused(tidal.refresh(grant["refresh_token"]), "invalid_grant")
    assert tidal.call("GET", "/users/me", grant["access_token"]).status_code == 401
    assert tidal.tokens(scope=WRITE)["scope"] == WRITE


def test_an_application_sees_nothing_that_somebody_owns(tidal: Tidal, tidal_ids: list[str]) -> None:
    basic = (CLIENT["client_id"], CLIENT["client_secret"])
    grant = tidal.token(basic, grant_type="client_credentials").json()
    assert "refresh_token" not in grant
    token = grant["access_token"]
    for path in ("/users/me", "/userCollectionTracks/me"):
        assert tidal.call("GET", path, token).status_code == 404
    owned = tidal.call("GET", "/playlists", token, params={"filter[owners.id]": "me"})
    assert owned.status_code == 404
    assert tidal.get("/tracks", token, {"filter[id]": tidal_ids[0]})["data"][0]["id"] == tidal_ids[0]
    refused(tidal.token(client_id="x", grant_type="client_credentials"), "invalid_client", 401)
    refused(tidal.token(client_id="x", grant_type="device"), "invalid_request")
