"""Services that the operators have switched off."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from musicconnect.core import services
from tests.support.functions import FunctionRunner, Person, new_person

REASON = "We are moving the catalogue."


@contextmanager
def switched_off(harness: FunctionRunner, name: str) -> Iterator[None]:
    """Switch a service off for a while."""
    with psycopg.connect(harness.database_url, autocommit=True) as connection:
        services.register(connection, None)
        services.switch(connection, name, is_active=False, reason=REASON)
        yield
        services.switch(connection, name, is_active=True)


@pytest.fixture
def person(core_harness: FunctionRunner) -> Person:
    return new_person(core_harness)


@pytest.mark.parametrize(
    ("name", "refused", "answered"),
    [
        ("unified-search", ["/v1/pins", "/v1/search/history"], ["/v1/exports", "/v1/me"]),
        ("playlist-migration", ["/v1/migrations", "/v1/imports/playlists"], ["/v1/pins"]),
        ("data-exports", ["/v1/exports"], ["/v1/pins"]),
        ("user-trends", ["/v1/plays", "/v1/trends/me/daily"], ["/v1/trends/tracks"]),
        ("global-trends", ["/v1/trends/tracks", "/v1/trends/global/daily"], ["/v1/plays"]),
        (
            "spotify-core",
            ["/v1/providers/spotify"],
            ["/v1/providers/youtube", "/v1/providers", "/v1/playlists"],
        ),
        ("musicconnect-core", ["/v1/me", "/v1/auth/tokens"], ["/v1/services", "/v1/pins"]),
    ],
)
def test_what_is_switched_off_says_so_and_nothing_else_does(
    person: Person, name: str, refused: list[str], answered: list[str]
) -> None:
    with switched_off(person.harness, name):
        for path in refused:
            answer = person.call("GET", path)
            assert answer.status == 503, path
            assert answer.json["type"] == "urn:musicconnect:problem:service-switched-off"
            assert answer.json["service"] == name
            assert REASON in answer.json["detail"]
            assert int(answer.headers["retry-after"]) > 0
        for path in answered:
            assert person.call("GET", path).status == 200, path
        (entry,) = [one for one in person.call("GET", "/v1/services").json["items"] if one["name"] == name]
        assert (entry["is_active"], entry["reason"]) == (False, REASON)
    for path in refused:
        assert person.call("GET", path).status == 200, path


def test_nobody_signs_in_or_up_while_the_core_is_off(core_harness: FunctionRunner) -> None:
    body = {"email": "off@example.org", "password": "correct horse battery staple"}
    with switched_off(core_harness, "musicconnect-core"):
        for path in ("/v1/auth/signup", "/v1/auth/login"):
            assert core_harness.call("POST", path, body).status == 503
        assert core_harness.call("GET", "/v1/health").status == 200
    assert core_harness.call("POST", "/v1/auth/signup", body).status == 201


def test_scrobblers_are_told_too(person: Person) -> None:
    token = person.call("POST", "/v1/auth/tokens", {"name": "phone"}).json["token"]
    body = {
        "listen_type": "playing_now",
        "payload": [{"track_metadata": {"artist_name": "A", "track_name": "B"}}],
    }

    def submit() -> int:
        headers = {"Authorization": f"Token {token}"}
        return person.harness.call("POST", "/1/submit-listens", raw=json.dumps(body), headers=headers).status

    with switched_off(person.harness, "user-trends"):
        assert submit() == 503
    assert submit() == 200


def test_every_address_is_a_whole_one(person: Person) -> None:
    with psycopg.connect(person.harness.database_url, autocommit=True) as connection:
        services.register(connection, None)
    for entry in person.call("GET", "/v1/services").json["items"]:
        assert entry["base_url"].startswith(person.harness.public_url)
        for route in entry["routes"]:
            assert (person.harness.public_url + route.partition(" ")[2]).startswith(entry["base_url"])
