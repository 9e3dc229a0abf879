"""The Spotify simulator's answers against the OpenAPI description of Spotify's Web API, where that is there.

Two checks per answer. openapi-core validates it as the description stands (types, enumerations, what is
required). Since the description requires next to nothing, the second check goes further: no property may be
in an answer that the description does not know, and every property that it knows and does not call deprecated
has to be there. Where the description is older than Spotify, or says what no validator can use, it is mended
in ``_load``; what may be absent is listed in ``EXEMPT``; both with the reason.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import openapi_core
import pytest
import requests
import yaml
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

from tests.integration.local.simulators.spotify_factories import Spotify
from tests.support import SHARED

DESCRIPTION = SHARED / "specs" / "spotify-openapi.yml"

pytestmark = [
    pytest.mark.needs_shared,
    pytest.mark.skipif(
        not DESCRIPTION.exists(),
        reason="needs Spotify's OpenAPI description, ../shared/specs/spotify-openapi.yml",
    ),
]

EXEMPT = {
    # Optional by nature; the description has no way to say so.
    r"\.(restrictions|is_playable|resume_point|linked_from)$": "only with a market, or when restricted",
    r"external_ids\.(isrc|ean|upc)$": "a recording has the identifiers that it has",
    r"error\.reason$": "July 2026, later than the description",
}
NULLABLE = {
    "PlaylistTrackObject": ("item", "track"),  # a withdrawn track is null; the description says object
    "PlayHistoryObject": ("context",),  # null when it was not played from a list
    "CursorPagingObject": ("next", "cursors"),  # null on the last page
    "FollowersObject": ("href",),
}
TYPES = ("album", "artist", "playlist", "track", "show", "episode", "audiobook")
NULL = {"nullable": True, "type": "string", "enum": [None]}


def _load() -> dict[str, Any]:
    description: dict[str, Any] = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    schemas = description["components"]["schemas"]
    for name in ("item", "track"):
        # Its discriminator maps no value to a schema; `type` is an enumeration in both, which is enough.
        del schemas["PlaylistTrackObject"]["properties"][name]["discriminator"]
    for schema_name, names in NULLABLE.items():
        properties = schemas[schema_name]["properties"]
        for name in names:
            deprecated = properties[name].get("deprecated", False)
            properties[name] = {"anyOf": [properties[name], NULL], "deprecated": deprecated}
    for name in ("AlbumBase", "ShowBase"):
        # Required as of May 2026, though development mode has been without it since February.
        schemas[name]["required"].remove("available_markets")
    return description


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return _load()


class Validator:
    """Makes calls and holds their answers against the description."""

    def __init__(self, spotify: Spotify, description: dict[str, Any], openapi: openapi_core.OpenAPI) -> None:
        self._spotify = spotify
        self._description = description
        self._openapi = openapi
        self.token = spotify.grant()

    def call(
        self, method: str, path: str, template: str, body: Any = None, absent: str = "", **query: Any
    ) -> Any:
        """Make a call and check the answer, which may lack ``absent``; gives its JSON, if there is any."""
        request = requests.Request(
            method,
            f"{self._spotify.url}/v1{path}",
            params=query,
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        prepared = self._spotify.http.prepare_request(request)
        answer = self._spotify.http.send(prepared, timeout=10)
        self._openapi.validate_response(RequestsOpenAPIRequest(prepared), RequestsOpenAPIResponse(answer))
        operation = self._description["paths"][template][method.lower()]
        described = self._resolve(operation["responses"][str(answer.status_code)])
        if "content" not in described:
            assert answer.content == b""
            return None
        schema = described["content"]["application/json"]["schema"]
        found = sorted(set(self._differences(schema, answer.json(), "")))
        assert [line for line in found if not _is_exempt(line) and line != f"absent {absent}"] == []
        return answer.json()

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            target: Any = self._description
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def _merged(self, schema: dict[str, Any], value: Any) -> dict[str, Any]:
        """One schema out of allOf, anyOf and (by the value's ``type``) oneOf."""
        schema = self._resolve(schema)
        merged: dict[str, Any] = {"properties": dict(schema.get("properties", {}))}
        if "items" in schema and schema.get("type", "array") == "array":
            merged["items"] = schema["items"]
        parts = [*schema.get("allOf", ()), *schema.get("anyOf", ())]
        if "oneOf" in schema and isinstance(value, dict):
            wanted = {"track": "TrackObject", "episode": "EpisodeObject"}[value["type"]]
            parts += [part for part in schema["oneOf"] if part["$ref"].endswith(f"/{wanted}")]
        for part in parts:
            inner = self._merged(part, value)
            merged["properties"] |= inner["properties"]
            if "items" in inner:
                merged["items"] = inner["items"]
        return merged

    def _differences(self, schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
        merged = self._merged(schema, value)
        if isinstance(value, list):
            for element in value:
                yield from self._differences(merged["items"], element, f"{path}[]")
        elif isinstance(value, dict):
            properties = merged["properties"]
            for name, inner in value.items():
                if name in properties:
                    yield from self._differences(properties[name], inner, f"{path}.{name}")
                else:
                    yield f"unknown {path}.{name}"
            for name, inner_schema in properties.items():
                if name not in value and not self._resolve(inner_schema).get("deprecated"):
                    yield f"absent {path}.{name}"


def _is_exempt(line: str) -> bool:
    return any(re.search(pattern, line.partition(" ")[2]) for pattern in EXEMPT)


@pytest.fixture(scope="module")
def openapi(_running_spotify: Spotify, description: dict[str, Any]) -> openapi_core.OpenAPI:
    served = {**description, "servers": [{"url": f"{_running_spotify.url}/v1"}]}
    return openapi_core.OpenAPI.from_dict(served)


@pytest.fixture
def validator(spotify: Spotify, description: dict[str, Any], openapi: openapi_core.OpenAPI) -> Validator:
    return Validator(spotify, description, openapi)


def test_reading(validator: Validator) -> None:
    validator.call("GET", "/me", "/me")
    playlists = validator.call("GET", "/me/playlists", "/me/playlists", limit=2)
    trip = playlists["items"][0]["id"]
    items = validator.call("GET", f"/playlists/{trip}/items", "/playlists/{playlist_id}/items", limit=50)
    assert len(items["items"]) == 50
    validator.call("GET", f"/playlists/{trip}", "/playlists/{playlist_id}")
    followed = validator.call("GET", "/me/playlists", "/me/playlists", offset=2)["items"][0]["id"]
    path = f"/playlists/{followed}"
    assert "items" not in validator.call("GET", path, "/playlists/{playlist_id}", absent=".items")
    validator.call("GET", "/me/tracks", "/me/tracks", limit=50)
    track = items["items"][0]["item"]["id"]
    validator.call("GET", f"/tracks/{track}", "/tracks/{id}")
    uris = f"spotify:track:{track},spotify:artist:{track}"
    validator.call("GET", "/me/library/contains", "/me/library/contains", uris=uris)
    for limit in (3, 50):
        path = "/me/player/recently-played"
        validator.call("GET", path, path, absent=".total", limit=limit)  # no total is counted
    validator.call("GET", "/me/top/tracks", "/me/top/tracks")
    validator.call("GET", "/me/top/artists", "/me/top/artists")


def test_episodes_and_withdrawn_tracks(validator: Validator, spotify: Spotify) -> None:
    show = {"id": "5" * 22, "name": "Show", "publisher": "P"}
    episode = {"id": "6" * 22, "name": "One", "duration_ms": 1000, "show": show}
    playlist_id = spotify.new_playlist([{"episode": episode}, None])
    validator.call("GET", f"/playlists/{playlist_id}/items", "/playlists/{playlist_id}/items")


def test_local_files_are_the_one_thing_that_does_not_validate(validator: Validator, spotify: Spotify) -> None:
    """They have nulls for id, links and dates, where the description wants strings."""
    file = {"artist": "A", "album": "B", "title": "C", "duration_s": 61}
    playlist_id = spotify.new_playlist([{"local": file}])
    with pytest.raises(openapi_core.exceptions.OpenAPIError):
        validator.call("GET", f"/playlists/{playlist_id}/items", "/playlists/{playlist_id}/items")


@pytest.mark.parametrize("query", ["Afterglow", "artist:Mira Vonn", "夏", "no such thing at all"])
def test_search(validator: Validator, query: str) -> None:
    validator.call("GET", "/search", "/search", q=query, type=",".join(TYPES), limit=10)


def test_writing(validator: Validator, track_ids: list[str]) -> None:
    body = {"name": "New", "public": False, "description": "d"}
    playlist_id = validator.call("POST", "/me/playlists", "/me/playlists", body)["id"]
    path, template = f"/playlists/{playlist_id}/items", "/playlists/{playlist_id}/items"
    uris = [f"spotify:track:{id_}" for id_ in track_ids[:3]]
    validator.call("POST", path, template, {"uris": uris})
    validator.call("PUT", path, template, {"range_start": 0, "insert_before": 2})
    validator.call("PUT", path, template, {"uris": uris[:2]})
    validator.call("DELETE", path, template, {"items": [{"uri": uris[0]}]})
    validator.call("PUT", f"/playlists/{playlist_id}", "/playlists/{playlist_id}", {"name": "Newer"})
    validator.call("PUT", "/me/library", "/me/library", uris=uris[0])
    validator.call("DELETE", "/me/library", "/me/library", uris=uris[0])


def test_extended_mode(validator: Validator, spotify: Spotify, track_ids: list[str]) -> None:
    spotify.settings(mode="extended")
    playlist_id = spotify.new_playlist(track_ids[:3])
    path = f"/playlists/{playlist_id}/tracks"
    validator.call("GET", path, "/playlists/{playlist_id}/tracks", absent=".items[].item")
    validator.call("GET", "/me", "/me")
    validator.call("GET", "/tracks", "/tracks", ids=",".join(track_ids[:2]))
    validator.call("GET", "/search", "/search", q="Afterglow", type=",".join(TYPES), limit=50)
    validator.call("GET", "/users/grace", "/users/{user_id}")


@pytest.mark.parametrize(
    "provoke",
    [
        lambda spotify: spotify.fault(**{"as": "burst"}),
        lambda spotify: spotify.fault(**{"as": "quota"}),
        lambda spotify: spotify.fault(**{"as": "forbidden"}),
        lambda spotify: spotify.settings(premium=False),
        lambda spotify: spotify.control("PUT", "quota", {"burst": 0}),
        lambda spotify: spotify.advance(4000),
    ],
)
def test_errors(validator: Validator, spotify: Spotify, provoke: Callable[[Spotify], None]) -> None:
    provoke(spotify)
    validator.call("GET", "/me/playlists", "/me/playlists")


def test_a_wrong_answer_would_be_noticed(validator: Validator, spotify: Spotify) -> None:
    """The checks themselves are checked: a wrong type, an unknown and an absent property."""
    good = spotify.get("me", validator.token)
    for bad, error in [
        ({**good, "display_name": 7}, openapi_core.exceptions.OpenAPIError),
        ({**good, "invented": 1}, AssertionError),
        ({name: value for name, value in good.items() if name != "account_id"}, AssertionError),
    ]:
        spotify.fault(endpoint="GET /v1/me", status=200, body=bad)
        with pytest.raises(error):
            validator.call("GET", "/me", "/me")
