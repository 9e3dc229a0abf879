"""Writes into one playlist at the same time, on the simulator's own event loop: no timing decides here."""

import asyncio

import pytest

from local.simulators.catalogue import Catalogue
from local.simulators.clock import Clock
from local.simulators.youtube.api import Call
from local.simulators.youtube.errors import ApiError
from local.simulators.youtube.parameters import Query
from local.simulators.youtube.playlist_items import PlaylistItems
from local.simulators.youtube.settings import Settings
from local.simulators.youtube.state import Playlist, YouTubeState


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture
def state(catalogue: Catalogue) -> YouTubeState:
    return YouTubeState(catalogue, Clock(), Settings(write_ms=20, conflict_lands_every=0))


def new_playlist(state: YouTubeState) -> Playlist:
    return state.add_playlist(state.accounts["ada"], title="Test")


async def insert(state: YouTubeState, playlist: Playlist, video_id: str) -> str:
    """The outcome of one insert: ``written`` or the reason of the refusal."""
    resource = {"kind": "youtube#video", "videoId": video_id}
    body = {"snippet": {"playlistId": playlist.id, "resourceId": resource}}
    call = Call(state.accounts["ada"], Query(frozenset({"snippet"})), body)
    try:
        await PlaylistItems(state).insert(call)
    except ApiError as refusal:
        return refusal.reason
    return "written"


def together(state: YouTubeState, *writes: tuple[Playlist, str]) -> list[str]:
    async def run() -> list[str]:
        return await asyncio.gather(*(insert(state, playlist, video_id) for playlist, video_id in writes))

    return asyncio.run(run())


def contents(playlist: Playlist) -> list[str]:
    return [item.video_id for item in playlist.items]


def test_of_writes_at_the_same_time_one_gets_through(state: YouTubeState) -> None:
    playlist = new_playlist(state)
    a, b, c = list(state.videos)[:3]
    assert together(state, (playlist, a), (playlist, b), (playlist, c)) == [
        "written", "SERVICE_UNAVAILABLE", "SERVICE_UNAVAILABLE",
    ]  # fmt: skip
    assert contents(playlist) == [a]
    assert together(state, (playlist, b)) == ["written"], "the next one is welcome"


def test_writes_into_different_playlists_do_not_meet(state: YouTubeState) -> None:
    a = next(iter(state.videos))
    assert together(state, (new_playlist(state), a), (new_playlist(state), a)) == ["written", "written"]


def test_some_refused_writes_have_landed(state: YouTubeState) -> None:
    state.settings.conflict_lands_every = 2
    playlist = new_playlist(state)
    videos = list(state.videos)[:5]
    outcomes = together(state, *((playlist, video_id) for video_id in videos))
    assert outcomes == ["written"] + ["SERVICE_UNAVAILABLE"] * 4
    # The second and the fourth refusal took effect, before the write that was going on.
    assert contents(playlist) == [videos[2], videos[4], videos[0]]


def test_the_switch_lets_them_all_through(state: YouTubeState) -> None:
    state.settings.refuse_concurrent_writes = False
    playlist = new_playlist(state)
    videos = list(state.videos)[:3]
    assert together(state, *((playlist, video_id) for video_id in videos)) == ["written"] * 3
    assert sorted(contents(playlist)) == sorted(videos)


def test_a_playlist_that_vanishes_during_a_write(state: YouTubeState) -> None:
    playlist = new_playlist(state)
    video_id = next(iter(state.videos))

    async def run() -> str:
        writing = asyncio.create_task(insert(state, playlist, video_id))
        await asyncio.sleep(0)
        state.remove_playlist(playlist)
        return await writing

    assert asyncio.run(run()) == "playlistNotFound"
