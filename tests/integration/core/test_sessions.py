"""Listing and ending sessions, and what a session lets through."""

from typing import Any

import pytest

from core_api.app import api
from musicconnect.platform import pagination, tokens
from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, FunctionRunner, Person
from tests.support.postgres import sql

DAY = 24 * 60 * 60


def another_session(person: Person, **options: Any) -> Answer:
    body = {"email": person.email, "password": person.password}
    answer = person.harness.call("POST", "/v1/auth/login", body, **options)
    assert answer.status == 200, answer.text
    return answer


def authorize(harness: FunctionRunner, header: str | None) -> dict[str, object]:
    headers = {} if header is None else {"authorization": header}
    event = {"type": "REQUEST", "headers": headers, "requestContext": {"requestId": "r1"}}
    verdict: dict[str, object] = harness.invoke("core_authorizer", event)
    return verdict


NOBODY = {"isAuthorized": True, "context": {"refused": "no valid session"}}
"""Nobody's request passes, so that the function behind can answer what a client can act on."""


class TestTheAuthorizer:
    def test_names_the_person_and_the_session(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()
        [session] = person.call("GET", "/v1/auth/sessions").json["items"]

        verdict = authorize(core_harness, f"Bearer {person.token}")

        assert verdict == {
            "isAuthorized": True,
            "context": {
                "user_id": str(person.id),
                "session_id": str(session["id"]),
                "time_zone": "UTC",
            },
        }

    @pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "Bearer   ", " Bearer "])
    def test_reads_the_scheme_without_case(self, core_harness: FunctionRunner, scheme: str) -> None:
        person = core_harness.sign_up()

        assert authorize(core_harness, f"{scheme}{person.token}")["context"]["user_id"] == str(person.id)

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "{token}",
            "Basic {token}",
            "Bearer {token} {token}",
            "Bearer {token},Bearer {token}",
            "Bearer {token}x",
            "Bearer \x00{token}",
            "Bearer {token}\n",
            "Bearer ' OR true --",
            "Bearer \ud800",
            "Bearer " + "x" * 100_000,
        ],
    )
    def test_refuses_what_is_not_one_token(self, core_harness: FunctionRunner, header: str | None) -> None:
        person = core_harness.sign_up()
        sent = header and header.replace("{token}", person.token)

        assert authorize(core_harness, sent) == NOBODY

    def test_refuses_a_token_it_never_gave(self, core_harness: FunctionRunner) -> None:
        assert authorize(core_harness, f"Bearer {tokens.new_token()}") == NOBODY

    def test_refuses_what_is_kept_of_a_token(self, core_harness: FunctionRunner) -> None:
        """Whoever reads the table cannot sign in with what is in it."""
        person = core_harness.sign_up()

        assert authorize(core_harness, f"Bearer {tokens.token_hash(person.token)[:43]}") == NOBODY

    def test_refuses_an_expired_session(
        self, core_harness: FunctionRunner, shifted_clock: ShiftedClock
    ) -> None:
        person = core_harness.sign_up()

        shifted_clock.set_offset(30 * DAY - 60)
        assert person.call("GET", "/v1/me").status == 200
        shifted_clock.set_offset(30 * DAY + 60)
        assert authorize(core_harness, f"Bearer {person.token}") == NOBODY
        refused = person.call("GET", "/v1/me")
        assert refused.status == 401
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.json["type"] == "urn:musicconnect:problem:unauthorized"

    def test_lasts_as_long_as_the_deployer_says(
        self, core_harness: FunctionRunner, shifted_clock: ShiftedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SESSION_DAYS", "1")
        person = core_harness.sign_up()

        shifted_clock.set_offset(DAY + 60)

        assert person.call("GET", "/v1/me").status == 401

    def test_writes_the_time_of_use_down_at_most_every_five_minutes(
        self, core_harness: FunctionRunner, shifted_clock: ShiftedClock
    ) -> None:
        def last_used() -> str:
            return str(person.call("GET", "/v1/auth/sessions").json["items"][0]["last_used_at"])

        person = core_harness.sign_up()
        at_first = last_used()

        shifted_clock.set_offset(240)
        assert last_used() == at_first
        shifted_clock.set_offset(360)
        assert last_used() > at_first


class TestListing:
    def test_says_where_from_with_what_and_which_is_this_one(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()
        other = another_session(person, source_ip="2001:db8::1").json

        items = person.call("GET", "/v1/auth/sessions").json["items"]

        assert items[0]["id"] == other["session_id"]
        assert [item["current"] for item in items] == [False, True]
        assert [item["ip_address"] for item in items] == ["2001:db8::1", "203.0.113.7"]
        assert {item["user_agent"] for item in items} == {"tests"}
        assert items[0]["expires_at"] == other["expires_at"]

    def test_shows_no_tokens(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()

        answer = person.call("GET", "/v1/auth/sessions")

        assert person.token not in answer.text
        assert tokens.token_hash(person.token) not in answer.text

    def test_pages_by_key_while_sessions_come_and_go(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()
        expected = [another_session(person).json["session_id"] for _ in range(4)][::-1]
        seen, cursor = [], ""
        while True:
            page = person.call("GET", f"/v1/auth/sessions?limit=2{cursor}").json
            seen += [item["id"] for item in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
            another_session(person)  # newer than the page: not shown, and moves nothing

        assert seen[:4] == expected
        assert len(seen) == 5

    def test_leaves_out_expired_ones(self, core_harness: FunctionRunner, shifted_clock: ShiftedClock) -> None:
        person = core_harness.sign_up()
        shifted_clock.set_offset(20 * DAY)
        later = another_session(person).json
        shifted_clock.set_offset(40 * DAY)

        items = core_harness.call("GET", "/v1/auth/sessions", token=later["token"]).json["items"]

        assert [item["id"] for item in items] == [later["session_id"]]

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=", "page=2", "limit=1,2"])
    def test_refuses_a_bad_query(self, core_harness: FunctionRunner, query: str) -> None:
        answer = core_harness.sign_up().call("GET", f"/v1/auth/sessions?{query}")

        assert answer.status == 422
        assert answer.json["errors"][0]["path"] == f"query.{query.partition('=')[0]}"

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "x",
            "!!!",
            pagination.encode(["text"]),
            pagination.encode([1, 2]),
            pagination.encode([True]),
            "\u00e9",
        ],
    )
    def test_refuses_a_bad_cursor(self, core_harness: FunctionRunner, cursor: str) -> None:
        answer = core_harness.sign_up().call("GET", f"/v1/auth/sessions?cursor={cursor}")

        assert (answer.status, answer.json["type"]) == (400, "urn:musicconnect:problem:invalid-cursor")


class TestEnding:
    def test_signing_out_ends_this_session_only(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()
        other = another_session(person).json["token"]

        assert person.call("POST", "/v1/auth/logout").status == 204

        assert person.call("GET", "/v1/me").status == 401
        assert core_harness.call("GET", "/v1/me", token=other).status == 200

    def test_revoking_one_ends_that_one(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()
        other = another_session(person).json
        target = f"/v1/auth/sessions/{other['session_id']}"

        assert person.call("DELETE", target).status == 204

        assert core_harness.call("GET", "/v1/me", token=other["token"]).status == 401
        assert person.call("GET", "/v1/me").status == 200
        assert person.call("DELETE", target).status == 404

    def test_revoking_the_others_keeps_this_one(self, core_harness: FunctionRunner) -> None:
        person = core_harness.sign_up()
        others = [another_session(person).json["token"] for _ in range(2)]

        answer = person.call("DELETE", "/v1/auth/sessions")

        assert (answer.status, answer.json) == (200, {"revoked": 2})
        assert [core_harness.call("GET", "/v1/me", token=token).status for token in others] == [401, 401]
        assert person.call("GET", "/v1/me").status == 200

    @pytest.mark.parametrize("session_id", ["0", "999999999", str(2**63), "-1", "x", "1.5", "%00", "1e3"])
    def test_an_unknown_session_is_not_found(self, core_harness: FunctionRunner, session_id: str) -> None:
        answer = core_harness.sign_up().call("DELETE", f"/v1/auth/sessions/{session_id}")

        assert answer.status == 404
        assert answer.headers["content-type"] == "application/problem+json"

    def test_somebody_elses_session_is_not_found_and_stays(self, core_harness: FunctionRunner) -> None:
        person, other = core_harness.sign_up(), core_harness.sign_up()
        [session] = other.call("GET", "/v1/auth/sessions").json["items"]

        theirs = person.call("DELETE", f"/v1/auth/sessions/{session['id']}")

        assert theirs.status == 404
        assert theirs.problem == person.call("DELETE", "/v1/auth/sessions/999999999").problem
        assert other.call("GET", "/v1/me").status == 200

    def test_signing_in_sweeps_out_what_expired_anybodys(
        self, core_harness: FunctionRunner, shifted_clock: ShiftedClock, owner_url: str
    ) -> None:
        gone, here = core_harness.sign_up(), core_harness.sign_up()
        shifted_clock.set_offset(31 * DAY)

        another_session(here)

        count = "SELECT count(*) FROM core.user_sessions WHERE user_id = %s"
        assert sql(owner_url, count, gone.id) == [(0,)]
        assert sql(owner_url, count, here.id) == [(1,)]


class TestOtherRoutes:
    def test_health_needs_nobody(self, core_harness: FunctionRunner) -> None:
        answer = core_harness.call("GET", "/v1/health")

        assert (answer.status, answer.json) == (200, {"status": "ok"})

    def test_the_register_of_services_needs_somebody(
        self, core_harness: FunctionRunner, owner_url: str
    ) -> None:
        sql(
            owner_url,
            "INSERT INTO core.services (name, base_url, routes) "
            "VALUES ('a-service', 'https://a.example', '{GET /v1/a}'), ('b-service', '/v1/b', '{}')",
        )

        assert core_harness.call("GET", "/v1/services").status == 401
        answer = core_harness.sign_up().call("GET", "/v1/services")

        assert answer.json == {
            "items": [
                {
                    "name": "a-service",
                    "base_url": "https://a.example",
                    "description": "",
                    "routes": ["GET /v1/a"],
                    "is_active": True,
                    "reason": None,
                },
                {
                    "name": "b-service",
                    "base_url": f"{core_harness.public_url}/v1/b",
                    "description": "",
                    "routes": [],
                    "is_active": True,
                    "reason": None,
                },
            ],
            "next_cursor": None,
        }

    def test_a_function_refuses_what_reaches_it_without_a_person(self, core_harness: FunctionRunner) -> None:
        """Should the gateway be set up wrongly, or the authorizer let somebody unknown pass."""
        private = [route for route in api.routes if not route.public]
        assert len(private) == 19
        for route in private:
            event: dict[str, Any] = {
                "version": "2.0",
                "routeKey": f"{route.method} {route.path}",
                "rawPath": route.path.replace("{session_id}", "1"),
                "headers": {},
                "requestContext": {
                    "http": {"method": route.method, "sourceIp": "192.0.2.1"},
                    "domainName": "x",
                    "stage": "$default",
                    "authorizer": {"lambda": {}},
                },
            }
            assert core_harness.invoke("core_api", event)["statusCode"] == 401, route.path
            event["requestContext"]["authorizer"] = {"lambda": {"unavailable": "database"}}
            answer = core_harness.invoke("core_api", event)
            assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "5")
