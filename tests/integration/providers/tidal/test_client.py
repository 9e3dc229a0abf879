"""TIDAL's client: what callers get in the common vocabulary, and what they get in trouble."""

from collections.abc import Callable

import pytest

from local.simulators.catalogue import Catalogue
from local.simulators.tidal.catalogue import TidalCatalogue
from musicconnect.music import model
from musicconnect.music.model import ItemKind, ItemType, PlaylistItem
from musicconnect.providers import errors
from musicconnect.providers.tidal.client import TidalClient
from tests.support.simulator import Simulator

ADD = "POST /v2/playlists/{id}/relationships/items"


@pytest.fixture(scope="module")
def catalogue() -> TidalCatalogue:
    return TidalCatalogue(Catalogue.load())


@pytest.fixture(scope="module")
def ids(catalogue: TidalCatalogue) -> list[str]:
    return [track.id for track in catalogue.tracks.values() if not track.country]


def all_of[T](fetch: Callable[[str | None], model.Page[T]]) -> list[T]:
    found: list[T] = []
    cursor: str | None = None
    while True:
        page = fetch(cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            return found


def contents(client: TidalClient, playlist_id: str) -> list[PlaylistItem]:
    return all_of(lambda cursor: client.playlist_items(playlist_id, cursor))


def test_playlists_begin_with_the_liked_songs_and_end_with_those_of_others(
    client: TidalClient, tidal: Simulator
) -> None:
    playlists = all_of(client.playlists)
    ada = next(user for user in tidal.control("GET", "/users")["users"] if user["id"] == "ada")
    liked, *others = playlists
    assert (liked.id, liked.is_liked, liked.track_count) == ("liked", True, ada["liked"])
    assert {(p.id, p.track_count, p.is_own) for p in others} == {
        (p["id"], p["count"], p["owner"] == "ada") for p in ada["playlists"]
    }
    assert [item.track.kind for item in contents(client, "liked")] == [ItemKind.TRACK] * liked.track_count
    for playlist in others:
        assert client.playlist(playlist.id).is_own == playlist.is_own


def test_a_playlist_is_read_in_order_over_pages(
    client: TidalClient, tidal: Simulator, booked: list[tuple[str, int]]
) -> None:
    late = all_of(client.playlists)[1]
    booked.clear()
    tidal.settings(short_pages=True, relationship_stubs=True)
    items = contents(client, late.id)
    assert [item.track.id for item in items] == tidal.truth(late.id)
    assert [item.position for item in items] == list(range(late.track_count))
    assert len({item.item_id for item in items}) == late.track_count
    assert all(item.track.artists and item.track.album and item.track.isrc for item in items)
    assert all(item.track.duration_ms and item.added_at for item in items)
    assert set(booked) == {("tokens", 5)}


def test_odd_entries_stay_in_their_places(
    client: TidalClient, tidal: Simulator, ids: list[str], catalogue: TidalCatalogue
) -> None:
    elsewhere = next(track.id for track in catalogue.tracks.values() if track.country)
    video = {"video": {"title": "Clip", "artists": ["Someone"], "duration_s": 61}}
    playlist = tidal.playlist(name="Odd", items=[ids[0], {"dead": "424242"}, video, elsewhere, ids[0]])
    items = contents(client, playlist)
    assert [item.track.kind for item in items] == [
        ItemKind.TRACK,
        ItemKind.UNAVAILABLE,
        ItemKind.VIDEO,
        ItemKind.UNAVAILABLE,
        ItemKind.TRACK,
    ]
    assert [item.track.id for item in items][1::2] == ["424242", elsewhere]
    assert (items[2].track.title, items[2].track.artists, items[2].track.isrc) == ("Clip", ("Someone",), None)
    client.remove_items(playlist, [items[1], items[2]])
    assert tidal.truth(playlist) == [ids[0], elsewhere, ids[0]]


def test_a_new_playlist_is_unlisted_and_takes_tracks_in_order(
    client: TidalClient, tidal: Simulator, ids: list[str]
) -> None:
    made = client.create_playlist("Über <alles> 🎵", "line one")
    assert (made.name, made.description, made.track_count) == ("Über <alles> 🎵", "line one", 0)
    assert (made.is_own, made.is_public) == (True, False)
    wanted = (ids * 2)[:80]
    first = client.add_items(made.id, wanted[:50])
    client.add_items(made.id, wanted[50:])
    assert tidal.truth(made.id) == wanted
    assert [item.item_id for item in contents(client, made.id)][:50] == first.item_ids
    now = client.playlist(made.id)
    assert (now.track_count, now.is_public) == (80, False)
    assert now.version != made.version
    for count in (0, 51):
        with pytest.raises(ValueError, match="tracks at a time"):
            client.add_items(made.id, wanted[:1] * count)


def test_likes_are_a_set_whose_last_is_listed_first(
    client: TidalClient, tidal: Simulator, ids: list[str]
) -> None:
    before = [item.track.id for item in contents(client, "liked")]
    new = [one for one in ids if one not in before][:3]
    added = client.add_items("liked", [new[0], before[0], "424242"])
    assert list(added.missing) == [2]
    client.add_items("liked", new[1:])
    items = contents(client, "liked")
    assert [item.track.id for item in items] == [new[2], new[1], new[0], *before]
    client.remove_items("liked", items[:2])
    client.remove_items("liked", items[:2])
    assert [item.track.id for item in contents(client, "liked")] == [new[0], *before]


def test_what_is_counted_is_what_came_back(client: TidalClient, tidal: Simulator, ids: list[str]) -> None:
    playlist = tidal.playlist(name="Partly", items=[])
    added = client.add_items(playlist, [ids[0], "424242", ids[1], ids[0], "434343"])
    assert list(added.missing) == [1, 4]
    assert [place is None for place in added.item_ids] == [False, True, False, False, True]
    assert tidal.truth(playlist) == [ids[0], ids[1], ids[0]]
    tidal.settings(skips_duplicates=True)
    again = client.add_items(playlist, [ids[0], ids[2]])
    assert (list(again.missing), again.item_ids[0]) == ([], None)
    assert tidal.truth(playlist) == [ids[0], ids[1], ids[0], ids[2]]


def test_a_write_without_an_answer_is_repeated_with_its_key(
    client: TidalClient, tidal: Simulator, ids: list[str]
) -> None:
    playlist = tidal.playlist(name="Once", items=[])
    tidal.fault(ADD, kind="close", applied=True)
    with pytest.raises(errors.TransientError) as lost:
        client.add_items(playlist, ids[:3], key="k1")
    assert lost.value.may_have_applied
    again = client.add_items(playlist, ids[:3], key="k1")
    assert tidal.truth(playlist) == ids[:3]
    assert [item.item_id for item in contents(client, playlist)] == again.item_ids
    tidal.fault(ADD, ready_made="in_progress")
    with pytest.raises(errors.TransientError) as busy:
        client.add_items(playlist, ids[:3], key="k1")
    assert (busy.value.may_have_applied, busy.value.retry_after) == (True, 2.0)
    with pytest.raises(errors.RejectedError):
        client.add_items(playlist, ids[:2], key="k1")
    made = [client.create_playlist("Same", f"[{mark}]").id for mark in ("m1", "m1", "m2")]
    assert made[0] == made[1] != made[2]
    assert client.create_playlist("Same", "[m3]", "public").is_public


def test_positions_are_those_of_our_walk(client: TidalClient, tidal: Simulator, ids: list[str]) -> None:
    playlist = tidal.playlist(name="Order", items=ids[:30])
    client.add_items(playlist, ids[40:42], 25)
    expected = [*ids[:25], *ids[40:42], *ids[25:30]]
    assert tidal.truth(playlist) == expected
    client.add_items(playlist, ids[50:51], 32)
    assert tidal.truth(playlist) == [*expected, ids[50]]
    for start, count, position in ((0, 2, 22), (22, 3, 1), (5, 1, 32), (4, 2, 4)):
        before = tidal.truth(playlist)
        items = contents(client, playlist)
        client.move_items(playlist, items[start : start + count], position)
        rest = [*before[:start], *before[start + count :]]
        moved = [*rest[:position], *before[start : start + count], *rest[position:]]
        assert tidal.truth(playlist) == moved
    with pytest.raises(ValueError, match="at a time"):
        client.move_items(playlist, contents(client, playlist)[:21], 3)
    client.change_playlist(playlist, "Other", "words")
    now = client.playlist(playlist)
    assert (now.name, now.description, now.is_public) == ("Other", "words", False)


@pytest.mark.parametrize("status", [404, 200])
def test_entries_that_are_gone_are_no_error(
    client: TidalClient, tidal: Simulator, ids: list[str], status: int
) -> None:
    tidal.settings(gone_item_status=status)
    playlist = tidal.playlist(name="Doubles", items=[ids[0], ids[1], ids[0]])
    items = contents(client, playlist)
    client.remove_items(playlist, [items[0]])
    assert tidal.truth(playlist) == [ids[1], ids[0]]
    client.remove_items(playlist, items[:2])
    assert tidal.truth(playlist) == [ids[0]]
    client.remove_items(playlist, items[:2])
    assert tidal.truth(playlist) == [ids[0]]
    with pytest.raises(ValueError, match="by their ids"):
        client.remove_items(playlist, [PlaylistItem(position=0, track=items[1].track)])


def test_a_full_playlist(client: TidalClient, tidal: Simulator, ids: list[str]) -> None:
    tidal.settings(playlist_size_limit=1)
    with pytest.raises(errors.PlaylistFullError):
        client.add_items(tidal.playlist(name="Small", items=[]), ids[:2])


def test_an_isrc_finds_what_can_be_played_here(
    client: TidalClient, tidal: Simulator, catalogue: TidalCatalogue
) -> None:
    swedish = next(track for track in catalogue.tracks.values() if track.country == "SE")
    siblings = [track for track in catalogue.tracks.values() if track.isrc == swedish.isrc]
    found = client.search_tracks(f"isrc:{swedish.isrc.lower()}", 10)
    assert {track.id for track in found} == {track.id for track in siblings if not track.country}
    assert {track.isrc for track in found} == {swedish.isrc}
    assert client.search_tracks("isrc:nonsense", 10) == []
    assert client.search_tracks("isrc:ZZZZZ9900000", 10) == []
    tidal.control("POST", "/users/ada/country", {"country": "SE"})


def test_a_dead_id_is_found_again_by_its_isrc(client: TidalClient, tidal: Simulator, ids: list[str]) -> None:
    (before,) = client.tracks([ids[0]])
    new = tidal.control("POST", f"/tracks/{ids[0]}/churn")["id"]
    assert client.tracks([ids[0]]) == []
    assert new in {track.id for track in client.search_tracks(f"isrc:{before.isrc}", 10)}


def test_search_and_lookup_agree(client: TidalClient, ids: list[str], booked: list[tuple[str, int]]) -> None:
    hits = client.search_tracks("love", 50)
    assert 0 < len(hits) <= client.limits.search_limit
    assert client.search_tracks("love", 1) == hits[:1]
    assert client.tracks([hit.id for hit in reversed(hits[:5])]) == hits[:5][::-1]
    assert client.durations([hits[0].id, "7"]) == {hits[0].id: hits[0].duration_ms}
    assert client.tracks([]) == []
    assert client.search_tracks("x" * 300, 5) == []
    with pytest.raises(ValueError, match="at most 20"):
        client.tracks(ids[:21])


def test_versions_are_told_once(client: TidalClient, catalogue: TidalCatalogue) -> None:
    versioned = [track for track in catalogue.tracks.values() if track.version and not track.country]
    for start in range(0, len(versioned), 20):
        for track in client.tracks([one.id for one in versioned[start : start + 20]]):
            version = catalogue.tracks[track.id].version or ""
            assert track.title.count(version) == 1
            assert track.title.endswith(f"({version})")


def test_the_catalogue_is_searched_for_several_types_and_goes_on(
    client: TidalClient, tidal: Simulator, booked: list[tuple[str, int]]
) -> None:
    kinds = (ItemType.TRACK, ItemType.ALBUM, ItemType.ARTIST, ItemType.PLAYLIST)
    assert ItemType.PLAYLIST in {item.type for item in client.search("rising", kinds, 20).items}
    first = client.search("Kestrel Parade Salt and Signal", kinds, 20)
    assert {item.type for item in first.items} >= {ItemType.TRACK, ItemType.ALBUM}
    assert {cost for _, cost in booked} == {1, 5}
    songs = [{"track": {"title": f"Paging {n}", "artists": ["P"], "duration_ms": 9000}} for n in range(23)]
    tidal.playlist(name="x", items=songs)
    hits = all_of(lambda cursor: client.search("paging", (ItemType.TRACK,), 20, cursor))
    assert len({hit.id for hit in hits}) == len(hits) == 23
    track = hits[0]
    assert track.artwork is not None
    assert track.artwork.endswith("320x320.jpg")
    assert track.url == f"https://tidal.com/browse/track/{track.id}"
    assert client.items(ItemType.TRACK, [track.id]) == [track]
    assert client.items(ItemType.ALBUM, ["7"]) == []


def test_where_lists_are_for_applications_the_application_asks(
    client: TidalClient, tidal: Simulator, ids: list[str]
) -> None:
    tidal.settings(multi_get_needs_client_token=True)
    assert [track.id for track in client.tracks(ids[:2])] == ids[:2]


def test_an_access_token_that_ended_is_renewed_once(client: TidalClient, tidal: Simulator) -> None:
    tidal.fault("GET /v2/users/{id}", ready_made="expired_token")
    assert client.profile().display_name == "Ada"
    tidal.fault("GET /v2/userCollectionTracks/{id}", ready_made="expired_token", times=2)
    with pytest.raises(errors.TransientError):
        client.playlist("liked")


@pytest.mark.parametrize(
    ("fault", "kind", "wait"),
    [
        ({"ready_made": "rate_limited"}, errors.RateLimitedError, 5.0),
        ({"ready_made": "rate_limited_for_a_while"}, errors.RateLimitedError, 7.0),
        ({"ready_made": "blocked"}, errors.RateLimitedError, 5.0),
        ({"ready_made": "server_error"}, errors.TransientError, None),
        ({"ready_made": "bad_gateway"}, errors.TransientError, None),
        ({"kind": "close"}, errors.TransientError, None),
        ({"kind": "garbage"}, errors.TransientError, None),
        ({"kind": "empty"}, errors.TransientError, None),
        ({"ready_made": "forbidden"}, errors.NotAllowedError, None),
        ({"ready_made": "not_found"}, errors.NotFoundError, None),
        ({"status": 418, "body": {}}, errors.RejectedError, None),
    ],
)
def test_trouble(
    client: TidalClient, tidal: Simulator, fault: dict[str, object], kind: type[Exception], wait: float | None
) -> None:
    playlist = tidal.playlist(name="x", items=[])
    client.profile()
    tidal.fault("GET /v2/playlists/{id}/relationships/items", **fault)
    with pytest.raises(kind) as raised:
        client.playlist_items(playlist)
    assert getattr(raised.value, "retry_after", None) == wait


def test_the_bucket_of_tokens_says_how_long_to_wait(client: TidalClient, tidal: Simulator) -> None:
    client.profile()
    tidal.quota(tokens=10)
    client.search_tracks("love", 1)
    client.search_tracks("love", 1)
    with pytest.raises(errors.RateLimitedError) as raised:
        client.search_tracks("love", 1)
    assert raised.value.retry_after is not None
    assert 1 <= raised.value.retry_after <= 5


def test_what_others_have_is_not_there(as_person: Callable[..., TidalClient], tidal: Simulator) -> None:
    private = tidal.playlist("grace", name="Hers", items=[], access="PRIVATE")
    unlisted = tidal.playlist("grace", name="Hers", items=[])
    client = as_person()
    for call in (client.playlist, client.playlist_items):
        with pytest.raises(errors.NotFoundError):
            call(private)
    assert not client.playlist(unlisted).is_own
    assert as_person("grace").playlist(private).is_own
