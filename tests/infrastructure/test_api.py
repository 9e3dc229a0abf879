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
        module = importlib.import_module(f"{capability}.app")
        api = module.pages if capability == "providers_public_api" else module.api
        served = {(route.method, route.path, route.public) for route in api.routes}
        assert served == {route for route in declared[capability] if route[1] != "$default"}


def test_what_no_route_takes_goes_to_the_function_that_knows_what_scrobblers_mean(
    declared: dict[str, set[tuple[str, str, bool]]],
) -> None:
    default = [(capability, open_) for capability in declared for _, path, open_ in declared[capability]
               if path == "$default"]  # fmt: skip
    assert default == [("trends_scrobbling_api", True)]


def test_the_gateway_refuses_a_scrobbler_at_the_accounts_own_limit_only(resources: dict[str, Any]) -> None:
    """Its refusal has no `code`, which Navidrome takes for success."""
    settings = resources["Api"]["Properties"]["RouteSettings"]
    for route in ("POST /1/submit-listens", "POST /2.0"):
        assert settings[route] == {"ThrottlingRateLimit": 10000, "ThrottlingBurstLimit": 5000}


def test_the_pages_are_declared_as_they_are_served(declared: dict[str, set[tuple[str, str, bool]]]) -> None:
    served = {("GET", route.path.replace(":path}", "+}"), True) for route in site.routes}  # type: ignore[attr-defined]
    assert served == declared["web"]


def test_only_these_routes_are_open_to_everybody(declared: dict[str, set[tuple[str, str, bool]]]) -> None:
    public = {
        f"{method} {path}"
        for routes in declared.values()
        for method, path, open_ in routes
        if open_ and path != "$default"
    }
    assert public == {
        "POST /v1/auth/signup",
        "POST /v1/auth/login",
        # What is proved by a mail or a passkey.
        "POST /v1/auth/signup/confirm",
        "POST /v1/auth/login/link",
        "POST /v1/auth/login/confirm",
        "POST /v1/auth/login/passkey",
        "POST /v1/auth/passkeys/authentication",
        "POST /v1/auth/password/forgot",
        "POST /v1/auth/password/reset",
        "POST /v1/auth/email/confirm",
        # ListenBrainz's clients, whom the function itself refuses in words that they know.
        "POST /1/submit-listens",
        "GET /1/validate-token",
        "GET /1/user/{name}/listens",
        "GET /1/user/{name}/listen-count",
        "GET /1/user/{name}/playing-now",
        "POST /1/playing-now/delete",
        "POST /1/delete-listen",
        "GET /1/latest-import",
        "POST /1/latest-import",
        "GET /1/stats/user/{name}/{entity}",
        "GET /1/user/{name}/playlists",
        "GET /1/user/{name}/playlists/{others}",
        "GET /1/playlist/{playlist_mbid}",
        "POST /1/feedback/recording-feedback",
        "GET /1/feedback/user/{name}/get-feedback",
        "GET /1/feedback/user/{name}/get-feedback-for-recordings",
        "POST /1/feedback/user/{name}/get-feedback-for-recordings",
        # Last.fm's, likewise.
        "GET /2.0",
        "POST /2.0",
        "GET /api/auth",
        "GET /account/{page}",
        # One click, by the token in the mail.
        "GET /v1/notices/unsubscribe",
        "POST /v1/notices/unsubscribe",
        "GET /v1/health",
        "GET /v1/providers/{provider}/callback",
        "GET /",
        "GET /app",
        "GET /app/{path+}",
        "GET /docs",
        "GET /docs/{asset+}",
        "GET /openapi.json",
        # Pages for strangers, where the deployer switched them on.
        "GET /l",
        "GET /l/{provider}/{track_id}",
        "GET /p/{slug}",
    }


def test_a_revoked_session_is_refused_with_the_next_request(resources: dict[str, Any]) -> None:
    auth = resources["Api"]["Properties"]["Auth"]
    authorizer = auth["Authorizers"][auth["DefaultAuthorizer"]]
    assert authorizer["Identity"]["ReauthorizeEvery"] == 0
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"


def test_a_request_without_a_token_reaches_the_authorizer(resources: dict[str, Any]) -> None:
    """The gateway answers a request without its identity source by itself, and not with a problem."""
    auth = resources["Api"]["Properties"]["Auth"]
    identity = auth["Authorizers"][auth["DefaultAuthorizer"]]["Identity"]
    assert identity.keys() - {"ReauthorizeEvery"} == {"Context"}, "what only some requests have"


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
    assert "CorsConfiguration" not in resources["ExportsBucket"]["Properties"]


ORIGINS = " https://music.example.org ,https://beta.example.org"


def test_a_browser_may_send_and_read_all_that_the_description_names() -> None:
    cors = load(ROOT / "template.yaml", PARAMETERS | {"CorsAllowOrigins": ORIGINS}, Deployment()).cors
    assert cors is not None
    assert cors.origins == ("https://music.example.org", "https://beta.example.org")
    assert not cors.credentials
    description = json.loads(openapi.OUTPUT.read_text())
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    assert {method.upper() for path in description["paths"].values() for method in path} <= set(cors.methods)
    named = description["components"]["parameters"].values()
    sent = {parameter["name"].lower() for parameter in named if parameter["in"] == "header"}
    assert {"authorization", "content-type", *sent} == set(cors.headers)
    responses = [
        *description["components"]["responses"].values(),
        *(response for operation in operations for response in operation["responses"].values()),
    ]
    told = {name.lower() for response in responses for name in response.get("headers", {})}
    assert told | {"apigw-requestid"} == set(cors.expose)


def test_a_browser_may_upload_with_a_signed_link_and_read_nothing(document: dict[str, Any]) -> None:
    (rule,) = document["Resources"]["UploadsBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["*"]
    assert rule["AllowedMethods"] == ["PUT"]
    assert rule["AllowedHeaders"] == ["content-type"]


def test_without_origins_nothing_is_allowed() -> None:
    assert load(ROOT / "template.yaml", PARAMETERS, Deployment()).cors is None
