"""Search groups, pins and links of every provider, as far as it has them."""

from typing import Any
from urllib.parse import quote

import pytest

from musicconnect.music.model import ItemType
from musicconnect.providers import registry
from tests.integration.migrations.everywhere import EVERY_WAY, PROVIDERS, ids, known, musicbrainz, truth
from tests.integration.migrations.scenario import well_known
from tests.integration.search.client import group, search
from tests.support.functions import Person
from tests.support.oauth import link
from tests.support.simulator import Simulator

SONG = known()[0]
SIMULATORS = ("spotify", "youtube", "tidal", "listenbrainz")


@pytest.fixture
def simulators(request: pytest.FixtureRequest) -> dict[str, Simulator]:
    return {name: request.getfixturevalue(name) for name in SIMULATORS}


@pytest.fixture
def everywhere(simulators: dict[str, Simulator], nobody: Person) -> Person:
    """Somebody with an account of every provider."""
    for provider in PROVIDERS:
        link(nobody, provider, "read")
    for simulator in simulators.values():
        simulator.clear_calls()
    return nobody


def address(provider: str, item_id: str) -> str:
    entry = registry.get(provider)
    return entry.address(entry.item_types[0], item_id)


def resolve(person: Person, url: str) -> dict[str, dict[str, Any]]:
    """The counterparts of what a link leads to, by provider."""
    answer = person.call("GET", f"/v1/resolve?url={quote(url, safe='')}")
    assert answer.status == 200, answer.text
    return {one["provider"]: one for one in answer.json["counterparts"]}


def test_everybody_is_searched_and_each_is_a_group_of_its_own(everywhere: Person) -> None:
    track = SONG.tracks[0]
    groups = search(everywhere, f"{track.title} {track.artists[0].name}")["groups"]
    assert [one["provider"] for one in groups] == list(PROVIDERS)
    for one in groups:
        assert one["error"] is None, one
        found = [truth().get(item["id"]) for item in one["items"]]
        assert SONG.key in [recording.key for recording in found if recording], one["provider"]


def test_the_same_search_at_each_is_a_link_whether_it_answered_or_not(
    everywhere: Person, simulators: dict[str, Simulator]
) -> None:
    words = "50% & more / #1?"
    wanted = {
        "spotify": "https://open.spotify.com/search/50%25%20%26%20more%20%2F%20%231%3F/tracks",
        "youtube": "https://www.youtube.com/results?search_query=50%25%20%26%20more%20%2F%20%231%3F",
        "tidal": "https://tidal.com/search?q=50%25%20%26%20more%20%2F%20%231%3F",
        "listenbrainz": "https://listenbrainz.org/search/?search_type=track"
        "&search_term=50%25%20%26%20more%20%2F%20%231%3F",
    }
    simulators["youtube"].fault("GET /youtube/v3/search", ready_made="server_error", times=None)
    groups = search(everywhere, words)["groups"]
    assert {one["provider"]: one["url"] for one in groups} == wanted
    assert next(one for one in groups if one["provider"] == "youtube")["error"] is not None


def test_who_has_no_account_of_an_optional_provider_is_told_nothing_of_it(
    nobody: Person, simulators: dict[str, Simulator]
) -> None:
    for provider in ("spotify", "youtube"):
        link(nobody, provider, "read")
    groups = search(nobody, SONG.tracks[0].title)["groups"]
    assert [one["provider"] for one in groups] == ["spotify", "youtube"]
    assert resolve(nobody, address("spotify", ids("spotify", [SONG])[0])).keys() == {"youtube"}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("is_searched", [True, False])
def test_what_exists_is_pinned_whether_a_search_found_it_or_not(
    everywhere: Person, simulators: dict[str, Simulator], provider: str, is_searched: bool
) -> None:
    kind = registry.get(provider).item_types[0]
    item_id = ids(provider, [SONG])[0]
    if is_searched:
        track = SONG.tracks[0]
        found = group(everywhere, provider, f"{track.title} {track.artists[0].name}", provider=provider)
        item_id = found["items"][0]["id"]
    simulators[provider].clear_calls()
    body = {"provider": provider, "type": kind, "id": item_id}
    answer = everywhere.call("POST", "/v1/pins", body)
    assert answer.status == 201, answer.text
    assert answer.json["url"] == address(provider, item_id)
    assert answer.json["title"]
    assert (simulators[provider].calls() == {}) is is_searched
    assert [one["item_id"] for one in everywhere.call("GET", "/v1/pins").json["items"]] == [item_id]


def test_what_listenbrainz_is_not_searched_for_is_said_and_not_pinned(everywhere: Person) -> None:
    """Its search finds recordings: albums and artists of MusicBrainz are not offered."""
    for kind in (ItemType.ALBUM, ItemType.ARTIST, ItemType.PLAYLIST):
        error = group(everywhere, "listenbrainz", "kestrel parade", type=kind)["error"]
        assert error["code"] == "type-not-offered"
        assert error["message"] == "ListenBrainz has none of these. It can be searched for: track."
        body = {"provider": "listenbrainz", "type": kind, "id": musicbrainz().of_spotify[SONG.tracks[0].id]}
        answer = everywhere.call("POST", "/v1/pins", body)
        assert answer.status == 422, answer.text


@pytest.mark.parametrize(("source", "target"), EVERY_WAY)
def test_a_link_of_each_finds_the_same_song_on_each_other(
    everywhere: Person, source: str, target: str
) -> None:
    found = resolve(everywhere, address(source, ids(source, [SONG])[0]))
    assert found.keys() == set(PROVIDERS) - {source}
    assert found[target]["outcome"] == "matched", found[target]
    assert truth()[found[target]["item"]["id"]].key == SONG.key
    assert "not-in-catalogue" not in found[target]["reason_codes"]


def test_what_musicbrainz_lacks_is_told_by_a_code_the_second_time_too(
    everywhere: Person, simulators: dict[str, Simulator]
) -> None:
    lacking = next(id_ for one in well_known(200) if (id_ := one.tracks[0].id) in musicbrainz().lacking)
    for source in ("search", "match_store"):
        found = resolve(everywhere, address("spotify", lacking))["listenbrainz"]
        assert (found["outcome"], found["source"]) == ("no_match", source), found
        assert found["reason_codes"][0] == "not-in-catalogue"
        assert found["reasons"][0] == "it is not in MusicBrainz, where you can add it"
