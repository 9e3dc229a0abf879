"""The TIDAL simulator's answers, and calls of it, against TIDAL's own description, where that is there.

openapi-core validates calls and answers as the description stands. Since a description allows what it does
not name, a second check refuses properties that it does not know, in every resource included.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import openapi_core
import pytest
import requests
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

from local.simulators.tidal.errors import MEDIA_TYPE
from tests.integration.local.simulators.tidal_factories import Tidal
from tests.support import SHARED

DESCRIPTION = SHARED / "specs" / "tidal-api-oas.json"

pytestmark = [
    pytest.mark.needs_shared,
    pytest.mark.skipif(
        not DESCRIPTION.exists(),
        reason="needs TIDAL's OpenAPI description, ../shared/specs/tidal-api-oas.json",
    ),
]

LATER = ("subStatus", "source", "code", "meta")
"""Members of errors that were seen and that the description does not name."""


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    for schema in loaded["components"]["schemas"].values():
        include = schema.get("items", {})
        # Resources share `id` and `type`, so that one fits several of the schemas: the second check goes by
        # the type.
        if "discriminator" in include:
            include["anyOf"] = include.pop("oneOf")
            del include["discriminator"]
    for path in loaded["paths"].values():
        for operation in path.values():
            del operation["security"]  # which is OAuth, and no business of this validator
    return loaded


class Validator:
    """Makes calls and holds them and their answers against the description."""

    def __init__(self, tidal: Tidal, description: dict[str, Any], openapi: openapi_core.OpenAPI) -> None:
        self._tidal = tidal
        self._schemas = description["components"]["schemas"]
        self._description = description
        self._openapi = openapi
        self.token = tidal.grant()

    def call(
        self,
        method: str,
        path: str,
        template: str,
        body: Any = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Make a call, check it and its answer; gives the JSON."""
        sent = {"Authorization": f"Bearer {self.token}", "Accept": MEDIA_TYPE} | (headers or {})
        if body is not None:
            sent["Content-Type"] = MEDIA_TYPE
        request = requests.Request(
            method, f"{self._tidal.url}/v2{path}", params=params, json=body, headers=sent
        ).prepare()
        answer = self._tidal.http.send(request, timeout=10)
        seen = RequestsOpenAPIRequest(request)
        if answer.status_code < 400:
            self._openapi.validate_request(seen)
        self._openapi.validate_response(seen, RequestsOpenAPIResponse(answer))
        responses = self._description["paths"][template][method.lower()]["responses"]
        described = self._resolve(responses[str(answer.status_code)])
        schema = described["content"][MEDIA_TYPE]["schema"]
        assert sorted(set(self._unknown(schema, answer.json(), ""))) == []
        return answer.json()

    def _resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            target: Any = self._description
            for part in schema["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            schema = target
        return schema

    def _unknown(self, schema: dict[str, Any], value: Any, path: str) -> Iterator[str]:
        schema = self._resolve(schema)
        if "anyOf" in schema and isinstance(value, dict):
            name = f"{value['type'][0].upper()}{value['type'][1:]}_Resource_Object"
            schema = self._schemas[name]
        if "oneOf" in schema:
            schema = self._resolve(schema["oneOf"][0])
        if isinstance(value, list):
            for element in value:
                yield from self._unknown(schema["items"], element, f"{path}[]")
        elif isinstance(value, dict):
            for name, inner in value.items():
                if name in schema.get("properties", {}):
                    yield from self._unknown(schema["properties"][name], inner, f"{path}.{name}")
                elif not (path.startswith(".errors") and name in LATER):
                    yield f"{path}.{name}"


@pytest.fixture(scope="module")
def openapi(_running_tidal: Tidal, description: dict[str, Any]) -> openapi_core.OpenAPI:
    served = {**description, "servers": [{"url": f"{_running_tidal.url}/v2"}]}
    config = openapi_core.Config(extra_media_type_deserializers={MEDIA_TYPE: json.loads})
    return openapi_core.OpenAPI.from_dict(served, config=config)


@pytest.fixture
def validator(tidal: Tidal, description: dict[str, Any], openapi: openapi_core.OpenAPI) -> Validator:
    return Validator(tidal, description, openapi)


def test_what_a_person_has(validator: Validator, tidal: Tidal) -> None:
    validator.call("GET", "/users/me", "/users/{id}")
    params = {"filter[owners.id]": "me", "include": "coverArt,owners", "sort": "name"}
    (late,) = validator.call("GET", "/playlists", "/playlists", params=params)["data"]
    path = f"/playlists/{late['id']}"
    validator.call("GET", path, "/playlists/{id}", params={"include": "items"})
    items, template = f"{path}/relationships/items", "/playlists/{id}/relationships/items"
    first = validator.call(
        "GET", items, template, params={"include": "items.artists,items.albums.coverArt", "sort": "itemIndex"}
    )
    validator.call("GET", first["links"]["next"], template)
    validator.call("GET", "/userCollectionTracks/me", "/userCollectionTracks/{id}")
    for kind in ("Tracks", "Playlists"):
        path = f"/userCollection{kind}/me/relationships/items"
        template = f"/userCollection{kind}/{{id}}/relationships/items"
        validator.call("GET", path, template, params={"include": "items", "sort": "-addedAt"})


def test_the_catalogue(validator: Validator, tidal_ids: Sequence[str]) -> None:
    params = {"filter[id]": ",".join(tidal_ids[:20]), "include": "artists,albums.coverArt,usageRules"}
    found = validator.call("GET", "/tracks", "/tracks", params=params)
    track = found["data"][0]
    one, include = f"/tracks/{track['id']}", {"include": "artists,albums"}
    validator.call("GET", one, "/tracks/{id}", params=include)
    params = {"filter[isrc]": track["attributes"]["isrc"], "include": "usageRules", "countryCode": "US"}
    validator.call("GET", "/tracks", "/tracks", params=params)
    album = track["relationships"]["albums"]["data"][0]["id"]
    artist = track["relationships"]["artists"]["data"][0]["id"]
    validator.call("GET", f"/albums/{album}", "/albums/{id}", params={"include": "items.artists,coverArt"})
    path, template = f"/albums/{album}/relationships/items", "/albums/{id}/relationships/items"
    validator.call("GET", path, template, params={"include": "items.artists"})
    validator.call("GET", "/albums", "/albums", params={"filter[id]": album})
    validator.call("GET", f"/artists/{artist}", "/artists/{id}", params={"include": "tracks,albums"})
    validator.call("GET", "/artists", "/artists", params={"filter[id]": artist, "include": "profileArt"})


def test_search(validator: Validator) -> None:
    params = {"filter[query]": "love", "include": "tracks.artists,tracks.albums,albums,artists,playlists"}
    (result,) = validator.call("GET", "/searchResults", "/searchResults", params=params)["data"]
    for name in ("tracks", "albums", "artists", "playlists", "videos", "topHits"):
        path = f"/searchResults/{result['id']}/relationships/{name}"
        template = f"/searchResults/{{id}}/relationships/{name}"
        validator.call("GET", path, template, params={"include": name})


def test_writing(validator: Validator, tidal_ids: Sequence[str]) -> None:
    attributes = {"name": "New", "accessType": "UNLISTED", "description": "d"}
    body: dict[str, Any] = {"data": {"type": "playlists", "attributes": attributes}}
    made = validator.call("POST", "/playlists", "/playlists", body, headers={"Idempotency-Key": "a"})
    id_ = made["data"]["id"]
    path, template = f"/playlists/{id_}/relationships/items", "/playlists/{id}/relationships/items"
    rows = [{"type": "tracks", "id": track} for track in (*tidal_ids[:4], "424242")]
    added = validator.call("POST", path, template, {"data": rows}, headers={"Idempotency-Key": "b"})["data"]
    moved = {"data": [_place(added[0])], "meta": {"positionBefore": added[2]["meta"]["itemId"]}}
    validator.call("PATCH", path, template, moved)
    validator.call("DELETE", path, template, {"data": [_place(row) for row in added[:2]]})
    body = {"data": {"type": "playlists", "id": id_, "attributes": {"name": "Newer"}}}
    validator.call("PATCH", f"/playlists/{id_}", "/playlists/{id}", body)
    validator.call("DELETE", f"/playlists/{id_}", "/playlists/{id}")
    liked = "/userCollectionTracks/me/relationships/items"
    template = "/userCollectionTracks/{id}/relationships/items"
    validator.call("POST", liked, template, {"data": rows})
    validator.call("DELETE", liked, template, {"data": rows})


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {"type": row["type"], "id": row["id"], "meta": {"itemId": row["meta"]["itemId"]}}


def test_refusals(validator: Validator, tidal: Tidal, tidal_ids: Sequence[str]) -> None:
    validator.call("GET", "/tracks", "/tracks", params={"filter[isrc]": "short"})
    validator.call("GET", "/tracks/424242", "/tracks/{id}")
    validator.call("GET", "/tracks/1", "/tracks/{id}", headers={"Accept": "text/html"})
    made = validator.call(
        "POST", "/playlists", "/playlists", {"data": {"type": "playlists", "attributes": {"name": "x"}}}
    )
    path = f"/playlists/{made['data']['id']}/relationships/items"
    template, key = "/playlists/{id}/relationships/items", {"Idempotency-Key": "a"}
    rows = [{"type": "tracks", "id": track} for track in tidal_ids[:2]]
    validator.call("POST", path, template, {"data": rows}, headers=key)
    validator.call("POST", path, template, {"data": rows[:1]}, headers=key)
    tidal.fault(**{"as": "in_progress", "endpoint": "POST /v2/playlists/{id}/relationships/items"})
    validator.call("POST", path, template, {"data": rows}, headers=key)
    for ready_made in ("rate_limited", "server_error", "unavailable"):
        tidal.fault(**{"as": ready_made})
        validator.call("GET", "/tracks/1", "/tracks/{id}")


def test_a_wrong_answer_would_be_noticed(
    validator: Validator, tidal: Tidal, tidal_ids: Sequence[str]
) -> None:
    """The checks themselves are checked: a wrong type, an unknown property, one that is missing."""
    path = f"/tracks/{tidal_ids[0]}"
    good = tidal.get(path, validator.token)
    for change, error in [
        ({"title": 7}, openapi_core.exceptions.OpenAPIError),
        ({"invented": 1}, AssertionError),
        ({"isrc": None}, openapi_core.exceptions.OpenAPIError),
    ]:
        attributes = good["data"]["attributes"] | change
        body = {**good, "data": {**good["data"], "attributes": attributes}}
        tidal.fault(
            endpoint="GET /v2/tracks/{id}", status=200, body=body, headers={"content-type": MEDIA_TYPE}
        )
        with pytest.raises(error):
            validator.call("GET", path, "/tracks/{id}")
