"""Both clients against their simulators: what callers get in the common vocabulary."""

from collections.abc import Callable

import pytest

from musicconnect.music import model
from musicconnect.music.model import ItemKind
from musicconnect.providers import errors, protocol
from musicconnect.providers.protocol import Client
from tests.integration.providers.conftest import Act
from tests.support.functions import Person
from tests.support.oauth import link
from tests.support.simulator import Simulator


def all_of[T](fetch: Callable[[str | None], model.Page[T]]) -> list[T]:
    """Every page's items."""
    found: list[T] = []
    cursor: str | None = None
    while True:
        page = fetch(cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found


@pytest.fixture(params=["development", "extended"])
def mode(request: pytest.FixtureRequest, spotify: Simulator) -> str:
    name: str = request.param
    spotify.settings(mode=name)
    return name


@pytest.fixture
def on_spotify(person: Person, act: Act, spotify: Simulator) -> Client:
    link(person, "spotify")
    return act(person, "spotify", "write")


@pytest.fixture
def on_youtube(person: Person, act: Act, youtube: Simulator) -> Client:
    link(person, "youtube")
    return act(person, "youtube", "write")


def test_spotifys_playlists_begin_with_the_liked_songs(
    mode: str, on_spotify: Client, spotify: Simulator
) -> None:
    playlists = all_of(on_spotify.playlists)
    users = {user["id"]: user for user in spotify.control("GET", "/users")["users"]}
    assert playlists[0].is_liked
    assert playlists[0].track_count == users["ada"]["liked"]
    assert {playlist.id: playlist.track_count for playlist in playlists[1:]} == {
        playlist["id"]: playlist["count"] for playlist in users["ada"]["playlists"]
    }
    own = {playlist["id"]: playlist["owner"] == "ada" for playlist in users["ada"]["playlists"]}
    assert {playlist.id: playlist.is_own for playlist in playlists[1:]} == own


def test_spotifys_playlist_is_read_in_order_over_pages(
    mode: str, on_spotify: Client, spotify: Simulator
) -> None:
    (road_trip,) = [playlist for playlist in all_of(on_spotify.playlists) if playlist.name == "Road trip"]
    spotify.clear_calls()
    items = all_of(lambda cursor: on_spotify.playlist_items(road_trip.id, cursor))
    assert [item.track.id for item in items] == spotify.truth(road_trip.id)
    assert [item.position for item in items] == list(range(road_trip.track_count))
    assert sum(spotify.calls().values()) == -(-road_trip.track_count // 50)
    track = items[0].track
    assert track.artists
    assert track.album
    assert track.isrc
    assert track.duration_ms


def test_spotifys_odd_entries_keep_their_places(mode: str, on_spotify: Client, spotify: Simulator) -> None:
    known = [hit.id for hit in on_spotify.search_tracks("love", 2)]
    local = {"local": {"title": "Demo", "artist": "Me", "album": "Tapes", "duration_s": 180}}
    playlist = spotify.playlist(name="Odd", items=[known[0], None, local, known[1], known[0]])
    items = all_of(lambda cursor: on_spotify.playlist_items(playlist, cursor))
    assert [item.track.kind for item in items] == [
        ItemKind.TRACK,
        ItemKind.UNAVAILABLE,
        ItemKind.LOCAL,
        ItemKind.TRACK,
        ItemKind.TRACK,
    ]
    assert [item.position for item in items] == [0, 1, 2, 3, 4]
    assert items[2].track.title == "Demo"


def test_spotifys_liked_songs_are_read_like_a_playlist(
    mode: str, on_spotify: Client, spotify: Simulator
) -> None:
    liked = on_spotify.playlist("liked")
    items = all_of(lambda cursor: on_spotify.playlist_items(liked.id, cursor))
    assert len(items) == liked.track_count > 0
    assert all(item.track.kind is ItemKind.TRACK for item in items)


def test_spotifys_new_playlist_is_private_and_takes_tracks_in_order(
    mode: str, on_spotify: Client, spotify: Simulator
) -> None:
    tracks = {
        hit.id for query in ("love", "night", "rain", "a", "e") for hit in on_spotify.search_tracks(query, 10)
    }
    wanted = (sorted(tracks) * 8)[:130]
    made = on_spotify.create_playlist("Über <alles> 🎵", "line one\nline two")
    assert (made.name, made.track_count, made.is_own) == ("Über <alles> 🎵", 0, True)

    first = on_spotify.add_items(made.id, wanted[:100])
    second = on_spotify.add_items(made.id, wanted[100:])

    assert spotify.truth(made.id) == wanted
    assert first.item_ids == [None] * 100
    assert first.version != second.version
    now = on_spotify.playlist(made.id)
    assert (now.track_count, now.version) == (130, second.version)
    assert now.description == "line one line two"
    for count in (0, 101):
        with pytest.raises(ValueError, match="tracks at a time"):
            on_spotify.add_items(made.id, wanted[:1] * count)


def test_spotify_takes_out_every_entry_of_a_track(mode: str, on_spotify: Client, spotify: Simulator) -> None:
    one, other, third = (hit.id for hit in on_spotify.search_tracks("night", 3))
    playlist = spotify.playlist(name="Doubles", items=[one, other, one, third])
    items = all_of(lambda cursor: on_spotify.playlist_items(playlist, cursor))
    on_spotify.remove_items(playlist, [items[2], items[3]])
    assert spotify.truth(playlist) == [other]
    # Again, as after a failure that took effect: nothing more happens.
    on_spotify.remove_items(playlist, [items[2]])
    assert spotify.truth(playlist) == [other]
    for count in (0, 101):
        with pytest.raises(ValueError, match="entries at a time"):
            on_spotify.remove_items(playlist, items[:1] * count)


def test_spotify_tells_the_cursors_of_all_pages_with_the_first(
    mode: str, on_spotify: Client, spotify: Simulator
) -> None:
    ids = [hit.id for hit in on_spotify.search_tracks("love", 2)] * 60
    playlist = spotify.playlist(name="Long", items=ids)
    first = on_spotify.playlist_items(playlist)
    rest = [on_spotify.playlist_items(playlist, cursor) for cursor in first.following]
    assert first.cursor == first.following[0]
    assert [item.track.id for page in (first, *rest) for item in page.items] == ids
    assert rest[-1].cursor is None
    assert not any(page.following for page in rest)
    assert not on_spotify.playlist_items(spotify.playlist(name="Short", items=ids[:50])).following


def test_spotify_does_not_give_out_what_others_own(on_spotify: Client, spotify: Simulator) -> None:
    (followed,) = [playlist for playlist in all_of(on_spotify.playlists) if not playlist.is_own]
    assert not on_spotify.playlist(followed.id).is_own
    with pytest.raises(errors.NotAllowedError):
        on_spotify.playlist_items(followed.id)


def test_spotifys_search_and_lookup_agree(mode: str, on_spotify: Client, spotify: Simulator) -> None:
    hits = on_spotify.search_tracks("love", 50)
    assert 0 < len(hits) <= on_spotify.limits.search_limit
    assert len(on_spotify.search_tracks("love", 1)) == 1
    spotify.clear_calls()
    assert on_spotify.tracks([hits[0].id]) == [hits[0]]
    assert on_spotify.tracks(["0" * 22]) == []
    assert on_spotify.tracks(["no id at all"]) == []
    assert sum(spotify.calls().values()) == 3
    (by_isrc,) = on_spotify.search_tracks(f"isrc:{hits[0].isrc}", 1)
    assert by_isrc.isrc == hits[0].isrc


def test_what_spotify_does_not_have_is_not_found(on_spotify: Client, spotify: Simulator) -> None:
    for call in (on_spotify.playlist, on_spotify.playlist_items):
        with pytest.raises((errors.NotFoundError, errors.RejectedError)):
            call("0" * 22)


def test_youtubes_playlists_begin_with_the_liked_videos(on_youtube: Client, youtube: Simulator) -> None:
    playlists = all_of(on_youtube.playlists)
    users = {user["id"]: user for user in youtube.control("GET", "/users")["users"]}
    assert (playlists[0].id, playlists[0].is_liked) == ("LL", True)
    counts = {playlist["id"]: playlist["count"] for playlist in users["ada"]["playlists"]}
    assert {p.id: p.track_count for p in playlists[1:]} == {
        playlist_id: count for playlist_id, count in counts.items() if playlist_id != "LL"
    }
    liked = all_of(lambda cursor: on_youtube.playlist_items("LL", cursor))
    assert len(liked) == playlists[0].track_count == on_youtube.playlist("LL").track_count


def test_youtubes_playlist_is_read_in_order_over_pages(on_youtube: Client, youtube: Simulator) -> None:
    hits = on_youtube.search_tracks("love", 50)
    ids = ([hit.id for hit in hits] * 60)[:120]
    playlist = youtube.playlist(name="Long", items=ids)
    youtube.clear_calls()
    items = all_of(lambda cursor: on_youtube.playlist_items(playlist, cursor))
    assert [item.track.id for item in items] == ids
    assert [item.position for item in items] == list(range(120))
    assert len({item.item_id for item in items}) == 120
    assert youtube.calls() == {"GET /youtube/v3/playlistItems": 3}
    assert all(item.track.kind is ItemKind.VIDEO for item in items)
    assert all(item.track.channel for item in items)


def test_youtubes_new_playlist_takes_one_video_at_a_time(on_youtube: Client, youtube: Simulator) -> None:
    hits = on_youtube.search_tracks("love", 3)
    made = on_youtube.create_playlist("Über <alles> 🎵", "made by <MusicConnect>")
    assert "<" not in made.name
    added = [on_youtube.add_items(made.id, [hit.id]) for hit in hits]
    assert youtube.truth(made.id) == [hit.id for hit in hits]
    items = on_youtube.playlist_items(made.id).items
    assert [item.item_id for item in items] == [one.item_ids[0] for one in added]
    assert on_youtube.playlist(made.id).track_count == 3
    assert on_youtube.playlist(made.id).version != made.version
    with pytest.raises(ValueError, match="one video at a time"):
        on_youtube.add_items(made.id, ["a", "b"])


def test_youtube_takes_out_one_place_and_not_its_double(on_youtube: Client, youtube: Simulator) -> None:
    one, other = (hit.id for hit in on_youtube.search_tracks("love", 2))
    playlist = youtube.playlist(name="Doubles", items=[one, other, one])
    items = on_youtube.playlist_items(playlist).items
    on_youtube.remove_items(playlist, [items[0]])
    assert youtube.truth(playlist) == [other, one]
    # Again, as after a failure that took effect: nothing more happens.
    on_youtube.remove_items(playlist, [items[0]])
    assert youtube.truth(playlist) == [other, one]
    with pytest.raises(ValueError, match="one place at a time"):
        on_youtube.remove_items(playlist, items)
    with pytest.raises(ValueError, match="by its id"):
        on_youtube.remove_items(playlist, [model.PlaylistItem(position=0, track=items[1].track)])


def test_youtubes_lookup_adds_the_duration_in_batches(on_youtube: Client, youtube: Simulator) -> None:
    hits = on_youtube.search_tracks("love", 50)
    assert all(hit.duration_ms is None for hit in hits)
    assert not [hit for hit in hits if "&amp;" in hit.title or "&#39;" in hit.title]
    youtube.clear_calls()
    asked = [hits[0].id, "no-such-video", *[hit.id for hit in hits[1:]], hits[0].id][:50]
    found = on_youtube.tracks(asked)
    assert youtube.calls() == {"GET /youtube/v3/videos": 1}
    expected = [video_id for video_id in dict.fromkeys(asked) if video_id != "no-such-video"]
    assert [track.id for track in found] == expected
    assert all(track.duration_ms for track in found)
    assert {track.title for track in found} <= {hit.title for hit in hits}
    assert on_youtube.tracks([]) == []
    with pytest.raises(ValueError, match="at most 50"):
        on_youtube.tracks(["x"] * 51)


def test_what_youtube_does_not_have_is_not_found(on_youtube: Client) -> None:
    for call in (on_youtube.playlist, on_youtube.playlist_items):
        with pytest.raises(errors.NotFoundError):
            call("PLnone")


def test_liked_videos_that_youtube_keeps_to_itself_are_left_out(
    on_youtube: Client, youtube: Simulator
) -> None:
    youtube.fault("GET /youtube/v3/playlistItems", ready_made="not_found")
    playlists = all_of(on_youtube.playlists)
    assert playlists
    assert not any(playlist.is_liked for playlist in playlists)


def test_a_refused_lookup_is_not_taken_for_an_unknown_track(on_spotify: Client, spotify: Simulator) -> None:
    spotify.fault("GET /v1/tracks/{track_id}", status=418, body={})
    with pytest.raises(errors.RejectedError):
        on_spotify.tracks(["0" * 22])


def test_a_profile_without_any_id_is_no_profile(on_spotify: Client, spotify: Simulator) -> None:
    spotify.fault("GET /v1/me", status=200, body={"display_name": "Ada"})
    with pytest.raises(errors.TransientError):
        on_spotify.profile()


def test_a_profile_without_an_account_id_goes_by_its_id(on_spotify: Client, spotify: Simulator) -> None:
    spotify.fault("GET /v1/me", status=200, body={"id": "ada", "account_id": None})
    assert on_spotify.profile() == protocol.Profile(provider_user_id="ada", display_name="ada")


def test_a_write_without_a_version_may_have_taken_effect(on_spotify: Client, spotify: Simulator) -> None:
    made = on_spotify.create_playlist("x", "")
    spotify.fault("POST /v1/playlists/{playlist_id}/items", status=201, body={})
    with pytest.raises(errors.TransientError) as invalid:
        on_spotify.add_items(made.id, ["0" * 22])
    assert invalid.value.may_have_applied
