"""The HTTP API: who gets in, what is written down, and that routes and functions agree."""

import importlib
import json
from typing import Any

import pytest

from local.template.loader import load
from local.template.model import Deployment
from tests.infrastructure.conftest import ROOT
from tools import openapi
from web.site import site

PARAMETERS = {
    "DatabaseHost": "db.example.org",
    "DatabaseAdminSecretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:admin",
}


@pytest.fixture(scope="module")
def declared() -> dict[str, set[tuple[str, str, bool]]]:
    """Routes of the template by package: method, path, whether everybody may call them."""
    template = load(ROOT / "template.yaml", PARAMETERS, Deployment())
    found: dict[str, set[tuple[str, str, bool]]] = {}
    for route in template.routes:
        capability = template.functions[route.function].handler.split(".")[0]
        found.setdefault(capability, set()).add((route.method, route.path, route.authorizer is None))
    return found


def test_every_declared_route_is_served_and_every_served_route_is_declared(
    declared: dict[str, set[tuple[str, str, bool]]],
) -> None:
    capabilities = openapi.template_functions()
    assert set(capabilities) == set(declared)
    for capability in set(capabilities) - {"web"}:
        api = importlib.import_module(f"{capability}.app").api
        served = {(route.method, route.path, route.public) for route in api.routes}
        assert served == declared[capability]


def test_the_pages_are_declared_as_they_are_served(declared: dict[str, set[tuple[str, str, bool]]]) -> None:
    served = {("GET", route.path.replace(":path}", "+}"), True) for route in site.routes}  # type: ignore[attr-defined]
    assert served == declared["web"]


def test_only_these_routes_are_open_to_everybody(declared: dict[str, set[tuple[str, str, bool]]]) -> None:
    public = {f"{method} {path}" for routes in declared.values() for method, path, open_ in routes if open_}
    assert public == {
        "POST /v1/auth/signup",
        "POST /v1/auth/login",
        # ListenBrainz's clients, whom the function itself refuses in words that they know.
        "POST /1/submit-listens",
        "GET /1/validate-token",
        "GET /1/user/{name}/listens",
        "GET /1/user/{name}/listen-count",
        "GET /v1/health",
        "GET /v1/providers/{provider}/callback",
        "GET /",
        "GET /docs",
        "GET /docs/{asset+}",
        "GET /openapi.json",
    }


def test_a_revoked_session_is_refused_with_the_next_request(resources: dict[str, Any]) -> None:
    auth = resources["Api"]["Properties"]["Auth"]
    authorizer = auth["Authorizers"][auth["DefaultAuthorizer"]]
    assert authorizer["Identity"] == {"Headers": ["Authorization"], "ReauthorizeEvery": 0}
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"


def test_requests_are_throttled_and_those_for_a_password_more(resources: dict[str, Any]) -> None:
    api = resources["Api"]["Properties"]
    common = api["DefaultRouteSettings"]["ThrottlingRateLimit"]
    for route in ("POST /v1/auth/signup", "POST /v1/auth/login"):
        assert 0 < api["RouteSettings"][route]["ThrottlingRateLimit"] < common


def test_the_access_log_is_json_without_tokens_codes_and_states(resources: dict[str, Any]) -> None:
    text = resources["Api"]["Properties"]["AccessLogSettings"]["Format"]
    fields = set(json.loads(text).values())
    assert "$context.routeKey" in fields
    assert not fields & {"$context.path", "$context.identity.userAgent"}
    assert all(field.startswith("$context.") for field in fields)
    assert "queryString" not in text


def test_other_origins_are_let_in_only_if_the_deployer_says_so(
    document: dict[str, Any], resources: dict[str, Any]
) -> None:
    assert document["Parameters"]["CorsAllowOrigins"]["Default"] == ""
    condition, _, otherwise = resources["Api"]["Properties"]["CorsConfiguration"]["Fn::If"]
    assert condition == "HasCors"
    assert otherwise == {"Ref": "AWS::NoValue"}
