"""Two people: whatever is the first one's is not there for the second, in any operation there is.

The operations come from the description of the API. One whose path names something that no line of `OWNED` or
`NOBODYS` speaks of fails here, so that a new route is tried, too.
"""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import psycopg
import pytest

from tests.integration.exports.factories import export
from tests.integration.migrations.scenario import ids_on
from tests.integration.migrations.uploads import asked
from tests.integration.schema.rows import tables
from tests.integration.trends.plays.conftest import as_json, import_history, listen
from tests.support.authenticator import Authenticator
from tests.support.description import document
from tests.support.functions import Answer, FunctionRunner, Person, new_person
from tests.support.oauth import consented, link
from tests.support.simulator import Simulator

NOBODYS = {
    "provider": "spotify",
    "kind": "tracks",
    "entity": "artists",
    "others": "createdfor",
    "year": "2024",
    "provider_track_id": "4uLU6hMCjMI75M1A2tKUQC",
}
"""Names in a path that are about nobody."""
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
]


@dataclass
class Owner:
    """Somebody with one of everything, all of it marked."""

    person: Person
    mark: str
    ids: dict[str, Any] = field(default_factory=dict)
    """By the name of the path parameter; where several paths use one name, by path and name."""
    personal_token: str = ""

    def fill(self, path: str) -> str:
        """Put what is theirs into a path."""
        return re.sub(r"\{(\w+)\}", lambda match: str(self.value(path, match[1])), path)

    def value(self, path: str, name: str) -> Any:
        """What stands for a name in a path."""
        for key, value in self.ids.items():
            if key == name or (" " in key and path.startswith(key.split()[0]) and key.split()[1] == name):
                return value
        assert name in NOBODYS, f"say whose {name} is, in {path}: OWNED or NOBODYS"
        return NOBODYS[name]

    def is_owned(self, path: str) -> bool:
        """Whether a path names something of theirs."""
        return any(name not in NOBODYS for name in re.findall(r"\{(\w+)\}", path))


@pytest.fixture(scope="module")
def owner(harness: FunctionRunner, spotify_url: str, youtube_url: str) -> Owner:
    """The first person."""
    mark = f"m{uuid.uuid4().hex[:10]}"
    person = harness.sign_up(display_name=f"name {mark}")
    made = Owner(person, mark)
    for provider in ("spotify", "youtube"):
        link(person, provider)
    listed = Simulator(spotify_url).playlist(name=f"list {mark}", items=ids_on("spotify", 2))
    second_list = Simulator(spotify_url).playlist(name=f"second {mark}", items=[])
    person.call("POST", "/v1/playlists/sync", {})
    harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    playlists = person.call("GET", "/v1/playlists?provider=spotify&limit=200").json["items"]

    def make(path: str, body: Any) -> Any:
        answer = person.call("POST", path, body)
        assert answer.status < 300, answer.text
        return answer.json

    migration = make(
        "/v1/migrations",
        {"source_provider": "spotify", "target_provider": "youtube", "playlists": [listed]},
    )
    harness.drain("MIGRATIONS_QUEUE_URL", "migrations_worker")
    track = person.call("GET", f"/v1/migrations/{migration['id']}/tracks").json["items"][0]
    repairs = [
        make("/v1/repairs", {"provider": "spotify", "playlist_id": one}) for one in (listed, second_list)
    ]
    scheduled = make("/v1/repair-schedules", {"provider": "spotify", "playlist_id": listed})
    history = import_history(person, as_json([listen(1_700_000_000, f"artist {mark}", f"song {mark}")]))
    second = {"source_provider": "spotify", "target_provider": "youtube", "source_title": mark}
    rules = [make("/v1/migrations/rules", {**second, "source_id": name, "target_id": None}) for name in "ab"]
    tokens = [make("/v1/auth/tokens", {"name": f"token {mark}"}) for _ in range(2)]
    ids = ids_on("spotify", 2)
    pins = [make("/v1/pins", {"provider": "spotify", "type": "track", "id": one}) for one in ids]
    person.call("GET", f"/v1/search?q={mark}")
    built = [export(person, "history_json") for _ in range(2)]
    made.personal_token = tokens[0]["token"]
    token = {"Authorization": f"Token {made.personal_token}"}
    read = harness.call("GET", f"/1/user/anybody-{person.id}/playlists", headers=token).json["playlists"]
    other = Simulator(youtube_url).playlist(name=f"other {mark}", items=[])
    sides = {
        "left": {"provider": "spotify", "playlist_id": listed},
        "right": {"provider": "youtube", "playlist_id": other},
    }
    pair = make("/v1/pairs", {"items": [sides]})["items"][0]["id"]
    harness.drain("SYNC_QUEUE_URL", "sync_worker")
    webhooks = [make("/v1/webhooks", {"name": mark, "url": f"https://example.org/{mark}"}) for _ in range(2)]
    webhook = webhooks[0]["id"]
    harness.invoke("notices_dispatcher", {})
    of_mine = next(one["id"] for one in playlists if mark in one["name"])
    harness.environment["PLAYLIST_PAGES_ENABLED"] = "true"
    try:
        make(f"/v1/playlists/{of_mine}/share", {"shared_by": mark})
    finally:
        del harness.environment["PLAYLIST_PAGES_ENABLED"]
    made.ids = {
        "notice_id": person.call("GET", "/v1/notices").json["items"][0]["id"],
        "passkey_id": passkey_of(person),
        "pair_id": pair,
        "run_id": person.call("GET", f"/v1/pairs/{pair}/runs").json["items"][0]["id"],
        "webhook_id": webhook,
        "delivery_id": make(f"/v1/webhooks/{webhook}/test", None)["id"],
        "/v1/playlists/{provider}/ playlist_id": listed,
        "session_id": person.call("GET", "/v1/auth/sessions").json["items"][0]["id"],
        "token_id": tokens[0]["id"],
        "export_id": built[0]["id"],
        "migration_id": migration["id"],
        "repair_id": repairs[0]["id"],
        "schedule_id": scheduled["id"],
        "track_id": track["id"],
        "rule_id": rules[0]["id"],
        "pin_id": pins[0]["id"],
        "query_id": person.call("GET", "/v1/search/history").json["items"][0]["id"],
        "playlist_id": of_mine,
        "play_id": person.call("GET", "/v1/plays").json["items"][0]["id"],
        "/v1/plays/imports import_id": history["id"],
        "/v1/imports/playlists import_id": asked(person, b"#EXTM3U\n", f"{mark}.m3u8")["id"],
        # By the number at its end alone a name is found; so the mark, which an error repeats, is left out.
        "name": f"anybody-{person.id}",
        "playlist_mbid": read[0]["playlist"]["identifier"].rpartition("/")[2],
        "file": built[0]["files"][0]["id"],
        "listed": listed,
    }
    import_history(person, as_json([listen(1_700_000_900, f"artist {mark}", f"again {mark}")]))
    return made


def passkey_of(person: Person) -> int:
    """Add a passkey to an account."""
    device = Authenticator(
        person.harness.public_url.replace("127.0.0.1", "localhost")
    )  # browsers want a name
    begun = person.call("POST", "/v1/auth/passkeys/registration", {"password": person.password}).json
    body = {"ceremony": begun["ceremony"], "name": "Phone", "credential": device.create(begun["options"])}
    return int(person.call("POST", "/v1/auth/passkeys", body).json["id"])


@pytest.fixture
def untouched(owner: Owner) -> Iterator[None]:
    """Everything of the first person is after a test as it was before."""
    with unchanged(owner):
        yield


@contextmanager
def unchanged(owner: Owner) -> Iterator[None]:
    """Hold that nothing of the first person changes."""
    before = everything_of(owner)
    yield
    assert everything_of(owner) == before


def everything_of(owner: Owner) -> list[str]:
    """Every row of a person. When their sessions and tokens were last used is not looked at."""
    url = owner.person.harness.database_url
    with psycopg.connect(url) as connection:
        rows = connection.execute(owned_rows(url), {"person": owner.person.id}).fetchall()
    assert len(rows) > 20
    return [row for (row,) in rows]


@cache
def owned_rows(database_url: str) -> bytes:
    """A query for every row of a person, from what the catalogue says."""
    with psycopg.connect(database_url) as connection:
        catalogue = tables(connection)
    parts = (
        f"SELECT '{table.name}' || (to_jsonb(t) - 'last_used_at')::text FROM {table.name} t "
        f"WHERE t.{table.person_column} = %(person)s"
        for table in catalogue
        if table.person_column
    )
    return f"{' UNION ALL '.join(parts)} ORDER BY 1".encode()


def body_of(operation: dict[str, Any]) -> Any:
    """A body that the operation takes: the description's own example."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    return content.get("example") or content["schema"]["examples"][0]


def say(person: Person, method: str, target: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
    """Call as a person; ListenBrainz's routes with a token of theirs."""
    if not target.startswith("/1/"):
        return person.call(method, target, body, headers=headers)
    made = person.call("POST", "/v1/auth/tokens", {"name": "scrobbler"}).json["token"]
    return person.harness.call(method, target, body, headers={"Authorization": f"Token {made}"})


NAMED = [one for one in OPERATIONS if "{" in one[1]]
LISTS = [
    one
    for one in OPERATIONS
    if one[0] == "GET" and any(p.get("name") == "cursor" for p in one[2].get("parameters", []))
]


def test_the_first_person_finds_all_of_it(owner: Owner) -> None:
    """Otherwise the second one's not finding it would prove nothing."""
    for method, path, operation in NAMED:
        if method == "GET" and "cursor" not in str(operation) and "download" not in path:
            if path.startswith("/1/"):
                token = {"Authorization": f"Token {owner.personal_token}"}
                asked = f"?recording_msids={uuid.uuid4()}" if path.endswith("-recordings") else ""
                answer = owner.person.harness.call(method, owner.fill(path) + asked, headers=token)
            elif "callback" in path:
                continue
            else:
                answer = owner.person.call(method, owner.fill(path))
            assert answer.status == 200, (path, answer.text)
    for _, path, operation in LISTS:
        query = "?q=love&provider=spotify&" if path == "/v1/search" else "?"
        limit = "limit=1" if any(p.get("name") == "limit" for p in operation["parameters"]) else ""
        answer = owner.person.call("GET", f"{owner.fill(path)}{query}{limit}")
        assert answer.status == 200, (path, answer.text)


@pytest.mark.parametrize(
    ("method", "path", "operation"), NAMED, ids=[f"{method} {path}" for method, path, _ in NAMED]
)
@pytest.mark.usefixtures("untouched")
def test_what_is_named_in_a_path_is_not_there_for_somebody_else(
    owner: Owner, method: str, path: str, operation: dict[str, Any]
) -> None:
    somebody = new_person(owner.person.harness)
    answer = say(somebody, method, owner.fill(path), body_of(operation))
    if owner.is_owned(path):
        # What a provider has is asked of the provider, by an account that this person has not linked.
        assert answer.status == (409 if path.startswith("/v1/playlists/{provider}") else 404), answer.text
    assert owner.mark not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [one for one in OPERATIONS if "{" not in one[1]],
    ids=[f"{method} {path}" for method, path, _ in OPERATIONS if "{" not in path],
)
@pytest.mark.usefixtures("untouched")
def test_what_names_nothing_shows_and_changes_ones_own_only(
    owner: Owner, method: str, path: str, operation: dict[str, Any]
) -> None:
    somebody = new_person(owner.person.harness)
    body = body_of(operation)
    needed = [
        f"{parameter['name']}={value}"
        for parameter in operation.get("parameters", [])
        if parameter.get("required")
        for value in [
            {"q": "love", "url": "https://youtu.be/88S4I44-Hjv", "token": "1.daily.k1.x"}[parameter["name"]]
        ]
    ]
    query = "all=true" if (method, path) == ("DELETE", "/v1/plays") else "&".join(needed)
    answer = say(somebody, method, f"{path}?{query}" if query else path, body)
    assert answer.status < 500
    assert owner.mark not in answer.text


@pytest.mark.parametrize("path", [path for _, path, _ in LISTS if "{" not in path])
def test_a_cursor_of_somebody_elses_list_shows_ones_own(owner: Owner, path: str) -> None:
    query = "q=love&provider=spotify&" if path == "/v1/search" else ""
    first = owner.person.call("GET", f"{path}?{query}limit=1").json
    cursor = first["groups"][0]["next_cursor"] if path == "/v1/search" else first["next_cursor"]
    if cursor is None:
        assert path in {
            "/v1/migrations",
            "/v1/imports/playlists",
            "/v1/auth/sessions",
            "/v1/search/history",
            "/v1/pairs",
        }
        return
    somebody = new_person(owner.person.harness)
    with unchanged(owner):
        answer = somebody.call("GET", f"{path}?{query}limit=50&cursor={cursor}")
    assert answer.status in {200, 400}
    assert owner.mark not in answer.text
    assert answer.status == 400 or answer.json.get("items", []) == []


def test_what_is_named_in_a_body_or_a_query_is_not_there_either(
    owner: Owner, spotify_url: str, youtube_url: str
) -> None:
    somebody = new_person(owner.person.harness)
    for provider, url in (("spotify", spotify_url), ("youtube", youtube_url)):
        Simulator(url).control("POST", "/users", {"id": "second", "display_name": "Second"})
        link(somebody, provider, login="second")
    begun = consented(owner.person, "spotify")
    theirs = somebody.call("POST", "/v1/exports", {"type": "history_json"}).json["id"]
    own = {"source_provider": "spotify", "target_provider": "youtube", "playlists": [owner.ids["listed"]]}
    with unchanged(owner):
        made = somebody.call("POST", "/v1/migrations", own)
        answers = named_in_bodies(owner, somebody, made, theirs, begun)
    assert answers[2].status == 404
    for answer in answers:
        assert owner.mark not in answer.text


def named_in_bodies(
    owner: Owner, somebody: Person, made: Answer, theirs: int, begun: dict[str, str]
) -> list[Answer]:
    """What somebody is answered who names the first person's things in bodies and queries."""
    answers = [
        made,
        somebody.call("GET", f"/v1/exports/{theirs}/download?file={owner.ids['file']}"),
        somebody.call(
            "POST",
            "/v1/providers/spotify/link/complete",
            {"state": begun["state"], "code": begun["code"]},
        ),
        somebody.call(
            "POST",
            "/v1/exports",
            {"type": "playlists_csv", "filters": {"provider": "spotify", "playlists": [owner.ids["listed"]]}},
        ),
    ]
    if made.status == 202:
        answers.append(
            somebody.call(
                "GET", f"/v1/migrations/{made.json['id']}/tracks?playlist_id={owner.ids['migration_id']}"
            )
        )
    return answers


def test_a_key_of_somebody_else_finds_nothing(owner: Owner) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"name": "the same"}
    mine = owner.person.call("POST", "/v1/auth/tokens", body, headers=key).json
    somebody = new_person(owner.person.harness)
    with unchanged(owner):
        assert somebody.call("POST", "/v1/auth/tokens", body, headers=key).json["id"] != mine["id"]


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [one for one in OPERATIONS if one[2].get("security") != []],
    ids=[f"{method} {path}" for method, path, operation in OPERATIONS if operation.get("security") != []],
)
@pytest.mark.usefixtures("untouched")
def test_nobody_is_told_to_sign_in(owner: Owner, method: str, path: str, operation: dict[str, Any]) -> None:
    for headers in ({}, {"Authorization": "Bearer " + "x" * 43}, {"Authorization": "none"}):
        answer = owner.person.harness.call(method, owner.fill(path), body_of(operation), headers=headers)
        assert answer.status == 401
        assert answer.json["type"] == "urn:musicconnect:problem:unauthorized"
        assert answer.headers["www-authenticate"] == "Bearer"
