"""What the TIDAL simulator gives out: documents, includes, pages, lookups, search, limits."""

import pytest

from local.simulators.tidal.catalogue import TidalCatalogue
from tests.integration.local.simulators.tidal_factories import CLIENT, Tidal

ELEVEN = (
    "tracks.artists.profileArt,tracks.albums.coverArt,albums.artists,artists.profileArt,"
    "playlists.coverArt,topHits"
)
"""More resources than one call may name."""


@pytest.fixture
def token(tidal: Tidal) -> str:
    return tidal.grant()


def test_media_types_and_tokens_are_asked_for(tidal: Tidal, token: str) -> None:
    assert tidal.call("GET", "/users/me", None).status_code == 401
    assert tidal.call("GET", "/users/me", "junk").json()["errors"][0]["subStatus"] == 11002
    assert tidal.call("GET", "/users/me", token, headers={"Accept": "text/html"}).status_code == 406
    body = {"data": {"type": "playlists", "attributes": {"name": "x"}}}
    plain = {"Content-Type": "application/json"}
    assert tidal.call("POST", "/playlists", token, body, plain).status_code == 415
    assert tidal.call("GET", "/nothing", token).status_code == 404


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/tracks", {"filter[id]": "1", "include": "invented"}),
        ("/tracks", {"filter[id]": "1", "include": "albums.artists.albums.artists"}),
        ("/searchResults", {"filter[query]": "x", "include": ELEVEN}),
        ("/tracks", {"filter[colour]": "red"}),
        ("/tracks", {}),
        ("/tracks", {"filter[isrc]": "usabc1700001"}),
        ("/tracks", {"filter[isrc]": "ZZDMT1995339,US-ABC-17-00001"}),
        ("/searchResults", {"filter[query]": "x" * 257}),
        ("/searchResults", {"filter[query]": " "}),
        ("/playlists", {"filter[owners.id]": "me", "sort": "colour"}),
        ("/playlists", {}),
    ],
)  # fmt: skip
def test_what_a_call_cannot_ask_for(tidal: Tidal, token: str, path: str, params: dict[str, str]) -> None:
    answer = tidal.call("GET", path, token, params=params)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["status"] == "400"


def test_relationships_are_there_only_when_included(tidal: Tidal, token: str, tidal_ids: list[str]) -> None:
    path = f"/tracks/{tidal_ids[0]}"
    assert "relationships" not in tidal.get(path, token)["data"]
    with_artists = tidal.get(path, token, {"include": "artists"})
    assert set(with_artists["data"]["relationships"]) == {"artists"}
    wanted = [ref["id"] for ref in with_artists["data"]["relationships"]["artists"]["data"]]
    assert sorted(wanted) == sorted(one["id"] for one in with_artists["included"])
    tidal.settings(relationship_stubs=True)
    stub = tidal.get(path, token)["data"]["relationships"]["albums"]
    assert "data" not in stub
    assert stub["links"]["self"].startswith("/tracks/")


def test_a_playlist_comes_in_pages_of_twenty_with_a_set_beside(tidal: Tidal, token: str) -> None:
    (late,) = tidal.get("/playlists", token, {"filter[owners.id]": "me"})["data"]
    path, include = f"/playlists/{late['id']}/relationships/items", {"include": "items.artists,items.albums"}
    first = tidal.get(path, token, include)
    assert len(first["data"]) == 20
    assert first["links"]["next"].startswith(f"{path}?include=items.artists,items.albums&page%5Bcursor%5D=")
    assert first["links"]["meta"]["nextCursor"] in first["links"]["next"]
    keys = [(one["type"], one["id"]) for one in first["included"]]
    assert len(set(keys)) == len(keys)
    order = [ref["id"] for ref in first["data"]]
    shown = [one["id"] for one in first["included"] if one["type"] == "tracks"]
    assert sorted(set(order)) == sorted(shown)
    assert shown != order
    pages = tidal.pages(path, token, include)
    assert [len(page) for page in pages] == [20, 20, 5]
    assert [ref["id"] for page in pages for ref in page] == tidal.truth(late["id"])
    assert len({ref["meta"]["itemId"] for page in pages for ref in page}) == 45


def test_a_short_page_is_not_the_last(tidal: Tidal, token: str, tidal_ids: list[str]) -> None:
    playlist = tidal.new_playlist(tidal_ids[:70])
    tidal.settings(short_pages=True)
    pages = tidal.pages(f"/playlists/{playlist}/relationships/items", token)
    assert [len(page) for page in pages][:3] == [20, 7, 7]
    assert [ref["id"] for page in pages for ref in page] == tidal_ids[:70]


def test_what_is_written_in_between_moves_no_page(tidal: Tidal, token: str, tidal_ids: list[str]) -> None:
    playlist = tidal.new_playlist(tidal_ids[:40])
    first = tidal.get(f"/playlists/{playlist}/relationships/items", token)
    before = first["data"][0]["meta"]["itemId"]
    tidal.add(playlist, [tidal_ids[90]], token, positionBefore=before)
    second = tidal.get(first["links"]["next"], token)
    assert [ref["id"] for ref in second["data"]] == tidal_ids[20:40]


def test_holes_are_what_is_gone_or_cannot_be_played_here(
    tidal: Tidal, token: str, tidal_ids: list[str], tidal_catalogue: TidalCatalogue
) -> None:
    swedish = next(track for track in tidal_catalogue.tracks.values() if track.country == "SE")
    playlist = tidal.new_playlist([tidal_ids[0], {"dead": "424242"}, swedish.id])
    path = f"/playlists/{playlist}/relationships/items"
    page = tidal.get(path, token, {"include": "items"})
    assert [ref["id"] for ref in page["data"]] == [tidal_ids[0], "424242", swedish.id]
    assert [one["id"] for one in page["included"]] == [tidal_ids[0]]
    page = tidal.get(path, token, {"include": "items", "countryCode": "SE"})
    assert sorted(one["id"] for one in page["included"]) == sorted([tidal_ids[0], swedish.id])
    assert tidal.call("GET", f"/tracks/{swedish.id}", token).status_code == 404


def test_what_is_private_is_not_there_for_others(tidal: Tidal, token: str) -> None:
    private = tidal.new_playlist([], user="grace", access="PRIVATE")
    unlisted = tidal.new_playlist([], user="grace")
    assert tidal.call("GET", f"/playlists/{private}", token).status_code == 404
    assert tidal.call("GET", f"/playlists/{unlisted}", token).status_code == 200
    assert tidal.call("GET", f"/playlists/{private}", tidal.grant("grace")).status_code == 200


def test_missing_scopes_hide(tidal: Tidal) -> None:
    little = tidal.grant(scopes=["playlists.write"])
    assert "attributes" not in tidal.get("/users/me", little)["data"]
    assert tidal.get("/playlists", little, {"filter[owners.id]": "me"})["data"] == []
    assert tidal.call("GET", "/userCollectionTracks/me", little).status_code == 403
    query = {"filter[query]": "x"}
    assert tidal.call("GET", "/searchResults", little, params=query).status_code == 404


def test_several_ids_are_cut_to_twenty_in_an_order_of_their_own(
    tidal: Tidal, token: str, tidal_ids: list[str]
) -> None:
    asked = ["7", *tidal_ids[:30]]
    found = [one["id"] for one in tidal.get("/tracks", token, {"filter[id]": ",".join(asked)})["data"]]
    assert sorted(found) == sorted(asked[1:20])
    assert found != asked[1:20]
    tidal.settings(multi_get_needs_client_token=True)
    assert tidal.call("GET", "/tracks", token, params={"filter[id]": tidal_ids[0]}).status_code == 404
    client = tidal.token(**CLIENT, grant_type="client_credentials").json()["access_token"]
    assert tidal.get("/tracks", client, {"filter[id]": tidal_ids[0]})["data"]


def test_one_isrc_finds_all_its_tracks_and_several_find_one_each(
    tidal: Tidal, token: str, tidal_catalogue: TidalCatalogue
) -> None:
    swedish = next(track for track in tidal_catalogue.tracks.values() if track.country == "SE")
    siblings = {track.id for track in tidal_catalogue.tracks.values() if track.isrc == swedish.isrc}
    one = tidal.get("/tracks", token, {"filter[isrc]": swedish.isrc, "include": "usageRules"})
    assert {track["id"] for track in one["data"]} == siblings
    rules = {
        track["id"]: next(
            rule["attributes"]["subscription"]
            for rule in one["included"]
            if rule["id"] == track["relationships"]["usageRules"]["data"]["id"]
        )
        for track in one["data"]
    }
    assert rules[swedish.id] == []
    other = next(t for t in tidal_catalogue.tracks.values() if t.isrc != swedish.isrc)
    several = tidal.get("/tracks", token, {"filter[isrc]": f"{swedish.isrc},{other.isrc}"})
    assert len(several["data"]) == 2
    assert tidal.get("/tracks", token, {"filter[isrc]": "ZZZZZ9900000"})["data"] == []


def test_many_tracks_of_one_isrc_come_in_pages(tidal: Tidal, token: str) -> None:
    described = [
        {"track": {"title": f"Edition {n}", "artists": ["A"], "duration_ms": 1000, "isrc": "ZZAAA2600001"}}
        for n in range(23)
    ]
    tidal.new_playlist(described)
    pages = tidal.pages("/tracks", token, {"filter[isrc]": "ZZAAA2600001"})
    assert [len(page) for page in pages] == [20, 3]


def test_search_ranks_in_data_and_goes_on_by_its_id(tidal: Tidal, token: str) -> None:
    answer = tidal.get("/searchResults", token, {"filter[query]": "love", "include": "tracks.artists,albums"})
    (result,) = answer["data"]
    ranked = [ref["id"] for ref in result["relationships"]["tracks"]["data"]]
    assert result["attributes"]["query"] == "love"
    assert "love" not in result["id"]
    more = tidal.pages(f"/searchResults/{result['id']}/relationships/tracks", token)
    assert [ref["id"] for ref in more[0]] == ranked
    assert tidal.call("GET", "/searchResults/love", token).status_code == 404
    tidal.settings(old_search=True)
    assert tidal.get("/searchResults/love", token, {"include": "tracks"})["data"]["id"] == result["id"]


def test_versions_stand_where_tidal_puts_them(tidal_catalogue: TidalCatalogue) -> None:
    tracks = list(tidal_catalogue.tracks.values())
    assert any(track.version and track.version not in track.title for track in tracks)
    assert any(track.version and f"({track.version})" in track.title for track in tracks)
    assert any(track.version is None and "(Live" in track.title for track in tracks)
    assert len({track.id for track in tracks}) == len(tracks)


@pytest.mark.parametrize("form", ["json", "empty", "html"])
def test_the_bucket_of_tokens(tidal: Tidal, token: str, form: str) -> None:
    tidal.settings(error_body=form)
    tidal.control("PUT", "quota", {"tokens": 10})
    cheap = tidal.call("GET", "/users/me", token)
    assert cheap.headers["x-ratelimit-burst-capacity"] == "10"
    assert cheap.headers["x-ratelimit-requested-tokens"] == "1"
    assert cheap.headers["x-ratelimit-replenish-rate"] == "1"
    nested = {"filter[query]": "love", "include": "tracks.artists"}
    dear = tidal.call("GET", "/searchResults", token, params=nested)
    assert (dear.status_code, dear.headers["x-ratelimit-requested-tokens"]) == (200, "5")
    assert int(dear.headers["x-ratelimit-remaining"]) in (4, 5)
    assert tidal.call("GET", "/tracks/1", token, params={"include": "artists,albums"}).status_code == 404
    refused = tidal.call("GET", "/searchResults", token, params=nested)
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    assert (b"Rate limit exceeded" in refused.content) == (form == "json")
    tidal.settings(retry_after=True)
    wait = int(tidal.call("GET", "/searchResults", token, params=nested).headers["Retry-After"])
    assert 1 <= wait <= 5
    tidal.advance(wait)
    assert tidal.call("GET", "/searchResults", token, params=nested).status_code == 200
