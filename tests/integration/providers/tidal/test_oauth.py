"""TIDAL's authorization server: consents, tokens, and an operator's typo."""

import json
import uuid
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
import requests

from local.simulators.oauth import pkce_challenge
from musicconnect.providers import errors
from musicconnect.providers.protocol import Access
from musicconnect.providers.tidal import make_server
from musicconnect.providers.tidal.oauth import TidalAuthorizationServer
from tests.integration.providers.tidal.conftest import CLIENT, REDIRECT
from tests.support.simulator import Simulator

VERIFIER = "v" * 64


def consent(server: TidalAuthorizationServer, access: Access = "read") -> str:
    url = server.authorize_url(
        redirect_uri=REDIRECT, state="s", code_challenge=pkce_challenge(VERIFIER), access=access
    )
    answer = requests.get(f"{url}&login=ada&decision=approve", allow_redirects=False, timeout=10)
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]


def test_more_access_is_asked_for_again(server: TidalAuthorizationServer, tidal: Simulator) -> None:
    for access in ("read", "write"):
        grant = server.exchange(code=consent(server, access), redirect_uri=REDIRECT, code_verifier=VERIFIER)
        assert server.granted_access(grant.scope) == access
        assert grant.refresh_token
    assert not server.revoke(grant.access_token)


def test_a_refresh_leaves_the_refresh_token_as_it_is(
    server: TidalAuthorizationServer, tidal: Simulator
) -> None:
    grant = server.exchange(code=consent(server), redirect_uri=REDIRECT, code_verifier=VERIFIER)
    assert grant.refresh_token is not None
    assert server.refresh(grant.refresh_token).refresh_token is None
    tidal.settings(rotate_refresh_tokens=True)
    assert server.refresh(grant.refresh_token).refresh_token


def test_a_revoked_consent(server: TidalAuthorizationServer, tidal: Simulator) -> None:
    grant = server.exchange(code=consent(server), redirect_uri=REDIRECT, code_verifier=VERIFIER)
    tidal.control("POST", "/users/ada/revoke")
    with pytest.raises(errors.ConsentRevokedError):
        server.refresh(str(grant.refresh_token))
    with pytest.raises(errors.RejectedError):
        server.exchange(code="none", redirect_uri=REDIRECT, code_verifier=VERIFIER)


def test_an_unknown_client_is_no_revoked_consent(tidal: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    right = make_server()
    grant = right.exchange(code=consent(right), redirect_uri=REDIRECT, code_verifier=VERIFIER)
    tidal.settings(clients={CLIENT["client_id"]: CLIENT["client_secret"]})
    for typo in ({"client_id": "typo"}, {"client_secret": "typo"}):
        secret = boto3.client("secretsmanager").create_secret(
            Name=f"typo-{uuid.uuid4()}", SecretString=json.dumps(CLIENT | typo)
        )
        monkeypatch.setenv("TIDAL_SECRET_ARN", secret["ARN"])
        with pytest.raises(errors.TransientError):
            make_server().refresh(str(grant.refresh_token))
        with pytest.raises(errors.NotAllowedError):
            make_server().exchange(code="none", redirect_uri=REDIRECT, code_verifier=VERIFIER)
