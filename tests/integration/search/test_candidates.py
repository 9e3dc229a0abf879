"""What open data names and artists' channels list answers for links, too, before anything is searched for."""

from musicconnect.matching import normal_form
from musicconnect.music.model import Track
from tests.integration.migrations.test_channels import of_one_artist
from tests.integration.search.client import searches
from tests.integration.search.test_many_links import resolve_all
from tests.integration.search.test_resolve import SALT, counterpart, resolve, track_url
from tests.support.functions import FunctionRunner, Person
from tests.support.postgres import sql
from tests.support.simulator import Simulator

LIST = "GET /youtube/v3/playlistItems"


def seed(harness: FunctionRunner, video_id: str) -> None:
    """Let open data name a video for the recording."""
    track = SALT.tracks[0]
    artists = tuple(artist.name for artist in track.artists)
    sql(
        harness.database_url,
        "INSERT INTO providers.seeds (key, provider, track_id, source, duration_ms) "
        "VALUES (%s, 'youtube', %s, 'discogs', %s)",
        normal_form(Track(provider="x", id="", title=track.title, artists=artists)), video_id,
        track.duration_ms,
    )  # fmt: skip


def test_what_open_data_names_costs_no_search(
    person: Person, harness: FunctionRunner, youtube: Simulator
) -> None:
    video_id = SALT.uploads[0].video_id
    seed(harness, video_id)
    found = counterpart(resolve(person, track_url()))
    assert (found["outcome"], found["source"], found["item"]["id"]) == ("matched", "seed", video_id)
    assert searches(youtube) == 0


def test_what_open_data_names_wrongly_is_searched_for(
    person: Person, harness: FunctionRunner, youtube: Simulator
) -> None:
    seed(harness, "deadVideo01")
    found = counterpart(resolve(person, track_url()))
    assert (found["outcome"], found["source"]) == ("matched", "search")
    assert searches(youtube) == 1


def test_of_an_artists_links_one_is_searched_for(person: Person, youtube: Simulator) -> None:
    recordings = of_one_artist()
    items = resolve_all(person, [track_url(one) for one in recordings])["items"]
    found = [counterpart(item) for item in items]
    assert [one["outcome"] for one in found] == ["matched"] * 3
    assert sorted(one["source"] for one in found) == ["channel", "channel", "search"]
    assert searches(youtube) == 1


def test_a_channel_that_cannot_be_listed_leaves_its_searches(person: Person, youtube: Simulator) -> None:
    youtube.fault(LIST, status=500, times=None)
    items = resolve_all(person, [track_url(one) for one in of_one_artist()])["items"]
    assert {counterpart(item)["source"] for item in items} == {"search"}
    assert searches(youtube) == 3
