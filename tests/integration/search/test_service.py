"""One question, both catalogues: groups, items, types, pages."""

import json
from collections import Counter
from typing import Any

import pytest
import requests

from local.simulators.catalogue import Catalogue
from musicconnect.platform import pagination
from musicconnect.search import query_plan
from tests.integration.providers.helpers import slug
from tests.integration.search.client import every_page, group, ids, search, searches
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator

PROVIDERS = ["spotify", "youtube"]


def test_both_providers_answer_in_groups_of_their_own(person: Person) -> None:
    answer = search(person, "salt and signal")
    assert answer["query"] == "salt and signal"
    assert [one["provider"] for one in answer["groups"]] == PROVIDERS
    for one in answer["groups"]:
        assert one["error"] is None
        assert one["source"] == "live"
        assert one["age_seconds"] == 0
        assert one["items"]
        assert {item["provider"] for item in one["items"]} == {one["provider"]}
        assert all("salt" in item["title"].casefold() for item in one["items"][:3])


def test_an_item_of_spotify_is_complete(person: Person) -> None:
    item = group(person, "spotify", "isrc:ZZDMT1995339")["items"][0]
    assert item["type"] == "track"
    assert item["url"] == f"https://open.spotify.com/track/{item['id']}"
    assert (item["title"], item["artists"], item["isrc"]) == (
        "Salt and Signal",
        ["Kestrel Parade"],
        "ZZDMT1995339",
    )
    assert item["album"]
    assert item["duration_ms"] > 200_000
    assert item["artwork"].startswith("https://")
    assert item["explicit"] is False
    assert item["attribution"] == {"text": "Content from Spotify", "url": item["url"]}


def test_an_item_of_youtube_is_complete_and_costs_one_search_and_one_unit(
    person: Person, youtube: Simulator
) -> None:
    items = group(person, "youtube", "salt and signal", provider="youtube")["items"]
    assert youtube.calls() == {"GET /youtube/v3/search": 1, "GET /youtube/v3/videos": 1}
    item = items[0]
    assert item["type"] == "video"
    assert item["url"] == f"https://www.youtube.com/watch?v={item['id']}"
    assert item["channel"] == "Kestrel Parade - Topic"
    assert item["artwork"].startswith("https://i.ytimg.com/")
    assert item["attribution"]["url"] == item["url"]
    assert all(one["duration_ms"] > 10_000 for one in items)


def test_youtubes_html_entities_are_decoded(person: Person, youtube: Simulator) -> None:
    titles = [item["title"] for item in group(person, "youtube", "kestrel rust rosewater harbour")["items"]]
    assert any("Rust & Rosewater" in title for title in titles)
    assert any("Don't" in title for title in titles)
    assert not any("&amp;" in title or "&#39;" in title or "&quot;" in title for title in titles)


@pytest.mark.parametrize(
    ("types", "spotify_types", "youtube_types", "youtube_searches"),
    [
        ("track", {"track"}, {"video"}, 1),
        ("video", None, {"video"}, 1),
        ("album", {"album"}, None, 0),
        ("artist", {"artist"}, {"artist"}, 1),
        ("playlist", set(), set(), 1),
        ("track,album,artist", {"track", "album", "artist"}, {"video", "artist"}, 2),
        ("track,video,track", {"track"}, {"video"}, 1),
    ],
)
def test_types_are_asked_for_where_the_provider_has_them(
    person: Person,
    spotify: Simulator,
    youtube: Simulator,
    types: str,
    spotify_types: set[str] | None,
    youtube_types: set[str] | None,
    youtube_searches: int,
) -> None:
    groups = search(person, "kestrel parade tidewater atlas", type=types)["groups"]
    for one, expected in zip(groups, (spotify_types, youtube_types), strict=True):
        if expected is None:
            assert one["error"]["code"] == "type-not-offered"
            assert one["items"] == []
        else:
            assert one["error"] is None
            assert {item["type"] for item in one["items"]} >= expected
    assert searches(spotify) == (spotify_types is not None), "several types are one call"
    assert searches(youtube) == youtube_searches, "each type is a call"


def test_an_artist_is_a_channel_on_youtube(person: Person) -> None:
    groups = search(person, "kestrel parade", type="artist")["groups"]
    artist, channel = (one["items"][0] for one in groups)
    assert (artist["title"], artist["artists"]) == ("Kestrel Parade", [])
    assert artist["url"].startswith("https://open.spotify.com/artist/")
    assert channel["title"].startswith("Kestrel Parade")
    assert channel["url"].startswith("https://www.youtube.com/channel/")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_one_provider_alone_is_asked_alone(
    person: Person, provider: str, spotify: Simulator, youtube: Simulator
) -> None:
    answer = search(person, "salt", provider=provider)
    assert [one["provider"] for one in answer["groups"]] == [provider]
    other = youtube if provider == "spotify" else spotify
    assert other.calls() == {}


def matches(query: str) -> tuple[int, int]:
    """How many tracks and uploads carry a word in their title or artist."""
    catalogue = Catalogue.load()
    tracks = {
        track.id
        for track in catalogue.tracks_by_id.values()
        if query in track.title.casefold() or any(query in artist.name.casefold() for artist in track.artists)
    }
    uploads = {
        upload.video_id
        for upload in catalogue.uploads_by_id.values()
        if upload.category_id == "10"
        and (query in upload.title.casefold() or query in upload.channel.casefold())
    }
    return len(tracks), len(uploads)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_bring_every_hit_once(person: Person, provider: str, limit: int) -> None:
    pages = every_page(person, provider, "kestrel", limit=limit, provider=provider)
    found = [item_id for page in pages for item_id in ids(page)]
    assert len(found) == len(set(found))
    assert all(len(page["items"]) <= limit for page in pages)
    tracks, uploads = matches("kestrel")
    assert len(found) >= (tracks if provider == "spotify" else uploads) > 10


def test_youtubes_pages_of_50_are_shown_in_parts_without_further_searches(
    person: Person, youtube: Simulator
) -> None:
    pages = every_page(person, "youtube", "to", limit=20, provider="youtube")
    found = [item_id for page in pages for item_id in ids(page)]
    assert len(found) == len(set(found)) > 150
    assert searches(youtube) == -(-len(found) // 50)
    assert len(pages) >= len(found) / 20


def test_a_cursor_goes_on_with_its_own_group_alone(person: Person, spotify: Simulator) -> None:
    first = search(person, "kestrel", limit=5)
    cursor = first["groups"][0]["next_cursor"]
    spotify.clear_calls()
    second = search(person, "kestrel", limit=5, cursor=cursor)
    assert [one["provider"] for one in second["groups"]] == ["spotify"]
    assert not set(ids(first["groups"][0])) & set(ids(second["groups"][0]))


def test_types_page_side_by_side(person: Person) -> None:
    pages = every_page(person, "spotify", "kestrel parade", type="track,album", limit=3, provider="spotify")
    assert max(Counter(item["type"] for item in page["items"])["album"] for page in pages) <= 3
    found = [(item["type"], item["id"]) for page in pages for item in page["items"]]
    assert len(found) == len(set(found))
    assert {kind for kind, _ in found} == {"track", "album"}


@pytest.mark.parametrize(
    "query",
    [
        "q=salt&cursor=x", "q=salt&cursor=", "q=salt&cursor=W10", "q=salt&cursor=%00",
        "q=salt&cursor=" + "A" * 3000,
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_is_refused(person: Person, query: str) -> None:
    answer = person.call("GET", f"/v1/search?{query}")
    assert answer.status in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("page", ["\ud800", "a\x00", "page:\r\nX: 1", "夜", "x" * 1001, 7, ["a"], {}])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_cursor_that_was_made_up_is_refused(
    person: Person, spotify: Simulator, youtube: Simulator, provider: str, page: Any
) -> None:
    kind = "track" if provider == "spotify" else "video"
    words = query_plan.digest(query_plan.normalised("salt")).hex()
    cursor = pagination.encode((provider, words, json.dumps([[kind, page, 0]])))
    answer = person.call("GET", f"/v1/search?q=salt&cursor={cursor}")
    assert (answer.status, slug(answer)) == (400, "invalid-cursor")
    assert spotify.calls() == youtube.calls() == {}


def test_a_cursor_of_another_search_is_refused(person: Person) -> None:
    cursor = group(person, "spotify", "kestrel", limit=1)["next_cursor"]
    for query in (f"q=other&cursor={cursor}", f"q=kestrel&provider=youtube&cursor={cursor}",
                  f"q=kestrel&type=album&cursor={cursor}"):  # fmt: skip
        answer = person.call("GET", f"/v1/search?{query}")
        assert (answer.status, slug(answer)) == (400, "invalid-cursor")


@pytest.mark.parametrize(
    "query",
    [
        "", "q=", "q=%20%20", "q=%00", "q=%01%02", "q=" + "a" * 501, "q=salt&limit=0", "q=salt&limit=51",
        "q=salt&limit=x", "q=salt&type=", "q=salt&type=tractor", "q=salt&type=track,",
        "q=salt&provider=apple",
        "q=salt&type=track;drop", "q=salt&nonsense=1",
    ],
)  # fmt: skip
def test_what_is_no_search_is_refused_with_the_field(person: Person, spotify: Simulator, query: str) -> None:
    answer = person.call("GET", f"/v1/search?{query}")
    assert (answer.status, slug(answer)) == (422, "invalid-request")
    assert answer.json["errors"][0]["path"].startswith("query.")
    assert spotify.calls() == {}


ABSURD = [
    "a", "?", "!!!", "%", "%s", "%(q)s", "{}", "\\", "\\u0000", "'", '"', '"salt', '"salt and signal"', "--",
    "/*", "'; DROP TABLE search.queries; --", "' OR '1'='1", "$$; SELECT pg_sleep(10); $$",
    "<script>alert(1)</script>", "../../etc/passwd", "${jndi:ldap://x}", "\r\nX-Injected: 1", "isrc:",
    "isrc:ZZDMT1995339", "artist:kestrel", 'track:"salt and signal" artist:"kestrel parade"',
    "year:1900-2100", "tag:new", "NOT salt", "salt OR pepper", "-salt", "salt|pepper", "site:youtube.com",
    "海", "夜に駆ける", "Привет", "שלום", "مرحبا", "ลม", "🎵", "\U0001f469\u200d\U0001f467",
    "a\u0301\u0302\u0303",
    "नमस्ते दुनिया", "አማርኛ", "ສະບາຍດີ", "대한민국", "ﷺ", "ß" * 500, "שלום " * 100,
    "\u202eevil", "\ufeff", "e" * 500, "海" * 500, "🎵" * 500, "a b " * 125, "&key=x&type=video", "q=1&q=2",
    "null", "undefined", "NaN", "0", "-1", "true",
]  # fmt: skip


@pytest.mark.parametrize("text", ABSURD, ids=lambda text: ascii(text[:30]))
def test_any_text_is_a_query_like_any_other(
    person: Person, spotify: Simulator, youtube: Simulator, text: str, harness: FunctionRunner
) -> None:
    answer = search(person, text)
    assert [one["error"] for one in answer["groups"]] == [None, None]
    for simulator in (spotify, youtube):
        (call,) = [
            call
            for call in simulator.control("GET", "/calls")["calls"]
            if call["endpoint"].endswith("/search")
        ]
        assert call["status"] == 200
    asked = simulator_query(spotify)
    assert asked == answer["query"] == " ".join(asked.split())
    ((logged,),) = sql(harness.database_url, "SELECT query_text FROM search.queries")
    assert logged == answer["query"]
    history = person.call("GET", "/v1/search/history").json["items"]
    assert [one["query"] for one in history] == [answer["query"]]


def simulator_query(simulator: Simulator) -> str:
    """What a simulator was asked for."""
    calls: list[dict[str, Any]] = simulator.control("GET", "/calls")["calls"]
    query = calls[-1]["query"]
    text: str = query["q"] if isinstance(query, dict) else dict(query)["q"]
    return text


def test_operators_reach_the_provider(person: Person) -> None:
    found = group(person, "spotify", 'track:"Salt and Signal" artist:"Kestrel Parade"')["items"]
    assert found
    assert all("Salt and Signal" in item["title"] for item in found)
    assert all("Kestrel Parade" in item["artists"] for item in found)


def test_nobody_searches_without_signing_in(harness: FunctionRunner, person: Person) -> None:
    for method, path in (
        ("GET", "/v1/search?q=salt"), ("GET", "/v1/search/history"), ("DELETE", "/v1/search/history"),
        ("GET", "/v1/pins"), ("POST", "/v1/pins"), ("DELETE", "/v1/pins/1"), ("GET", "/v1/resolve?url=x"),
        ("POST", "/v1/resolve"),
    ):  # fmt: skip
        assert harness.call(method, path).status == 401
        assert harness.call(method, path, token="nobody's").status in (401, 403)


def test_what_is_not_linked_is_an_error_of_its_group_alone(
    nobody: Person, spotify: Simulator, youtube: Simulator
) -> None:
    both = search(nobody, "salt")
    assert [one["error"]["code"] for one in both["groups"]] == ["not-linked", "not-linked"]
    link(nobody, "spotify", "read")
    spotify.clear_calls()
    found, missing = search(nobody, "salt")["groups"]
    assert found["items"]
    assert missing["error"]["code"] == "not-linked"
    assert missing["error"]["message"] == "No YouTube account is linked. Link one first."
    assert missing["error"]["params"] == {"provider": "youtube"}
    assert youtube.calls() == {}


def test_playlists_that_are_not_public_are_nobodys_search_results(
    person: Person, another: Person, spotify: Simulator, youtube: Simulator
) -> None:
    """Spotify finds a person's own private and shared playlists for that person."""
    for body in (
        {"name": "Quillon diary"},
        {"name": "Quillon and friends", "public": True, "collaborative": True},
        {"name": "Quillon for all", "public": True},
    ):
        spotify.control("POST", "/users/ada/playlists", body)
    for privacy in ("private", "unlisted", "public"):
        youtube.control("POST", "/users/ada/playlists", {"name": f"Quillon {privacy}", "privacy": privacy})
    for asking in (person, another):
        groups = search(asking, "quillon", type="playlist")["groups"]
        titles = [[item["title"] for item in one["items"]] for one in groups]
        assert titles == [["Quillon for all"], ["Quillon public"]]
    assert searches(spotify) == 1
    assert b"Quillon diary" in asked_as("ada", spotify), "its owner is shown it by Spotify"


def asked_as(login: str, spotify: Simulator) -> bytes:
    """What Spotify itself answers to the same search."""
    token = spotify.control("POST", "/tokens", {"user": login, "scopes": "playlist-read-private"})[
        "access_token"
    ]
    answer = requests.get(
        f"{spotify.url}/v1/search",
        params={"q": "quillon", "type": "playlist"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 200
    return answer.content


def test_public_playlists_are_found_with_their_owner(person: Person) -> None:
    (found, *_) = group(person, "spotify", "fresh harbour pop", type="playlist")["items"]
    assert (found["type"], found["title"]) == ("playlist", "Fresh Harbour Pop")
    assert found["channel"]
