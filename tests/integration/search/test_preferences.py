"""What a person prefers decides which counterpart they get, and nobody else's."""

from typing import Any

import pytest

from tests.integration.search.client import searches
from tests.integration.search.test_resolve import RECORDINGS, counterpart, resolve
from tests.support.functions import Person
from tests.support.simulator import Simulator

EXPLICIT = RECORDINGS["Mira Vonn / Low Battery Love"]
CLEAN = RECORDINGS["Mira Vonn / Low Battery Love (clean)"]
VIDEO = next(upload for upload in EXPLICIT.uploads if upload.kind == "official_video")
"""On Spotify there are both editions of it, a second apart; the video says nothing of its own."""
IDS = {"explicit": EXPLICIT.tracks[0].id, "clean": CLEAN.tracks[0].id}


def prefer(person: Person, **wanted: str) -> None:
    answer = person.call("PATCH", "/v1/me", wanted)
    assert answer.status == 200, answer.text


def found(person: Person) -> dict[str, Any]:
    return counterpart(resolve(person, f"https://youtu.be/{VIDEO.video_id}"))


@pytest.mark.parametrize("edition", ["explicit", "clean"])
def test_where_there_are_both_editions_the_preferred_one_is_found(person: Person, edition: str) -> None:
    prefer(person, match_content=edition)
    answer = found(person)
    assert (answer["outcome"], answer["item"]["id"]) == ("matched", IDS[edition])


def test_what_one_person_prefers_is_not_what_everybody_gets(
    person: Person, another: Person, spotify: Simulator
) -> None:
    standard = found(another)
    everybodys = standard["item"]["id"]
    other = next(edition for edition, track_id in IDS.items() if track_id != everybodys)
    prefer(person, match_content=other)
    for _ in range(2):
        mine = found(person)
        assert (mine["outcome"], mine["item"]["id"]) == ("matched", IDS[other])
    spotify.clear_calls()
    again = found(another)
    assert (again["item"]["id"], again["source"]) == (everybodys, "match_store")
    assert searches(spotify) == 0


def test_a_preference_for_what_is_stored_needs_no_search(person: Person, spotify: Simulator) -> None:
    everybodys = found(person)["item"]["id"]
    edition = next(edition for edition, track_id in IDS.items() if track_id == everybodys)
    prefer(person, match_content=edition)
    spotify.clear_calls()
    assert found(person)["source"] == "match_store"
    assert searches(spotify) == 0
