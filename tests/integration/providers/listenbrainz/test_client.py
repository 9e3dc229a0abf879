"""ListenBrainz' client: what callers get in the common vocabulary, and what they get in trouble."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import urllib3

from local.simulators.catalogue import Catalogue
from local.simulators.listenbrainz.catalogue import MusicBrainzCatalogue, MusicBrainzRecording
from musicconnect.music.model import ItemKind, ItemType, PlaylistItem, Track
from musicconnect.providers import errors
from musicconnect.providers.protocol import Client
from tests.support.simulator import Simulator

ADD = "POST /1/playlist/{mbid}/item/add"


@pytest.fixture(scope="module")
def known() -> list[MusicBrainzRecording]:
    return list(MusicBrainzCatalogue(Catalogue.load()).recordings.values())


def ids(known: list[MusicBrainzRecording], count: int) -> list[str]:
    return [one.id for one in known[:count]]


def entry(mbid: str, position: int) -> PlaylistItem:
    return PlaylistItem(position=position, track=Track(provider="listenbrainz", id=mbid, title=""))


def test_playlists_are_listed_ten_a_page_with_what_is_in_them(
    client: Client, listenbrainz: Simulator, known: list[MusicBrainzRecording], booked: list[tuple[str, int]]
) -> None:
    made = [listenbrainz.playlist(name=f"List {n}", items=ids(known, n)) for n in range(12)]
    first = client.playlists()
    assert [(one.name, one.track_count) for one in first.items[:3]] == [
        ("List 11", 11), ("List 10", 10), ("List 9", 9),
    ]  # fmt: skip
    assert [cost for _, cost in booked] == [1, 1, 10], "the rest of a page is paid for together"
    second = client.playlists(first.cursor)
    assert second.cursor is None
    assert {one.id for one in (*first.items, *second.items)} > set(made)
    assert all(one.is_own and one.version for one in first.items)


@pytest.mark.parametrize("as_text", [True, False])
def test_a_playlist_is_read_at_once_and_what_nobody_knows_keeps_its_place(
    client: Client, listenbrainz: Simulator, known: list[MusicBrainzRecording], as_text: bool
) -> None:
    listenbrainz.settings(identifiers_as_text=as_text)
    nobody = str(uuid.uuid4())
    items = [*ids(known, 2), {"dead": nobody}, known[0].id]
    page = client.playlist_items(listenbrainz.playlist(name="Odd", items=items))
    assert [item.track.id for item in page.items] == [*ids(known, 2), nobody, known[0].id]
    assert [item.position for item in page.items] == [0, 1, 2, 3]
    assert page.cursor is None
    track = page.items[0].track
    assert (track.title, track.duration_ms, track.album) == (
        known[0].title, known[0].length_ms, known[0].album,
    )  # fmt: skip
    assert page.items[2].track.kind is ItemKind.UNAVAILABLE


def test_tracks_are_added_where_they_belong(
    client: Client, listenbrainz: Simulator, known: list[MusicBrainzRecording]
) -> None:
    made = client.create_playlist("Road trip", "")
    wanted = ids(known, 5)
    client.add_items(made.id, wanted[2:])
    client.add_items(made.id, wanted[:2], 0)
    assert listenbrainz.truth(made.id) == wanted
    added = client.add_items(made.id, [wanted[0], "no id"])
    assert added.missing == [1]
    assert listenbrainz.truth(made.id) == [*wanted, wanted[0]]
    with pytest.raises(ValueError, match="100"):
        client.add_items(made.id, wanted * 21)


def test_what_is_removed_is_what_was_meant(
    client: Client, listenbrainz: Simulator, known: list[MusicBrainzRecording]
) -> None:
    a, b, c, d = ids(known, 4)
    playlist = listenbrainz.playlist(name="Doubles", items=[a, b, a, c, d, b])
    # Somebody else puts something in front of it meanwhile.
    client.add_items(playlist, [d], 0)
    client.remove_items(playlist, [entry(a, 2), entry(c, 3), entry(b, 5)])
    assert listenbrainz.truth(playlist) == [d, a, b, d]
    client.remove_items(playlist, [entry(c, 3)])
    assert listenbrainz.truth(playlist) == [d, a, b, d], "gone already is no error"


def test_neighbours_are_moved_together(
    client: Client, listenbrainz: Simulator, known: list[MusicBrainzRecording]
) -> None:
    before = ids(known, 8)
    for start, count, position in ((0, 1, 7), (7, 1, 0), (2, 3, 0), (2, 3, 5), (5, 3, 2)):
        playlist = listenbrainz.playlist(name="Order", items=before)
        moved = [entry(before[index], index) for index in range(start, start + count)]
        client.move_items(playlist, moved, position)
        rest = before[:start] + before[start + count :]
        expected = [*rest[:position], *before[start : start + count], *rest[position:]]
        assert listenbrainz.truth(playlist) == expected
    with pytest.raises(errors.NotFoundError):
        client.move_items(playlist, [entry(str(uuid.uuid4()), 0)], 3)


def test_a_new_playlist_is_private_and_keeps_its_collaborators(
    client: Client, as_person: Callable[[str], Client], listenbrainz: Simulator
) -> None:
    made = client.create_playlist("Mine & <yours>", "See [mark] <here> & there", "unlisted")
    with pytest.raises(errors.NotFoundError):
        as_person("grace").playlist(made.id)
    assert client.playlist(made.id).description == "See [mark] <here> & there"
    listenbrainz.control("POST", f"/users/grace/collaborate/{made.id}")
    client.change_playlist(made.id, "Ours", "Other words")
    seen = as_person("grace").playlist(made.id)
    assert (seen.name, seen.description, seen.is_own, seen.is_public) == ("Ours", "Other words", False, False)
    with pytest.raises(errors.NotAllowedError):
        as_person("grace").change_playlist(made.id, "Hers", "")
    public = client.create_playlist("All", "", "public")
    assert as_person("grace").playlist(public.id).is_public


def test_recordings_are_found_by_isrc_by_names_and_by_words(
    client: Client, known: list[MusicBrainzRecording], booked: list[tuple[str, int]]
) -> None:
    wanted = next(one for one in known if one.isrcs and one.album)
    (by_isrc,) = client.search_tracks(f"isrc:{wanted.isrcs[0].lower()}", 5)
    assert (by_isrc.id, by_isrc.isrc, by_isrc.duration_ms) == (
        wanted.id, wanted.isrcs[0].upper(), wanted.length_ms,
    )  # fmt: skip
    (by_names,) = client.search_tracks(f"track:{wanted.title} artist:{wanted.artists[0]}", 5)
    assert by_names.duration_ms is None, "how long it is has to be asked for"
    (details,) = client.tracks([by_names.id])
    assert (details.duration_ms, details.artists) == (
        next(one for one in known if one.id == by_names.id).length_ms,
        next(one for one in known if one.id == by_names.id).artists,
    )
    found = client.search(f"{wanted.title} {wanted.artists[0]}", [ItemType.TRACK], 5)
    assert wanted.id in [item.id for item in found.items]
    assert found.items[0].url.startswith("https://musicbrainz.org/recording/")
    assert [bucket for bucket, _ in booked] == ["musicbrainz", "calls", "calls", "musicbrainz"]


@pytest.mark.parametrize(
    "query", ["isrc:ZZZZZ9999999", "isrc:nonsense", "track:Nothing like it artist:Nobody"]
)
def test_what_is_not_in_musicbrainz_is_no_error(client: Client, query: str) -> None:
    assert client.search_tracks(query, 5) == []


def test_names_that_are_too_long_are_not_asked_for(client: Client, booked: list[tuple[str, int]]) -> None:
    assert client.search_tracks(f"track:{'a' * 200} artist:{'b' * 60}", 5) == []


def test_unknown_ids_are_left_out(client: Client, known: list[MusicBrainzRecording]) -> None:
    asked = [known[1].id, str(uuid.uuid4()), "no id", known[0].id]
    assert [track.id for track in client.tracks(asked)] == [known[1].id, known[0].id]
    assert client.durations([known[0].id]) == {known[0].id: known[0].length_ms}


def test_musicbrainz_learns_whom_to_write_to_and_no_token(
    client: Client,
    listenbrainz: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    known: list[MusicBrainzRecording],
) -> None:
    sent: list[tuple[str, Mapping[str, str]]] = []
    request = urllib3.PoolManager.request

    def noted(pool: urllib3.PoolManager, method: str, url: str, **options: Any) -> Any:
        sent.append((url, options["headers"]))
        return request(pool, method, url, **options)

    monkeypatch.setattr(urllib3.PoolManager, "request", noted)
    client.search_tracks("isrc:USAAA2600001", 1)
    client.playlist(listenbrainz.playlist(name="x", items=[]))
    musicbrainz = [headers for url, headers in sent if "/ws/2/" in url]
    others = [headers for url, headers in sent if "/1/" in url]
    assert ["music@example.org" in headers["User-Agent"] for headers in musicbrainz] == [True]
    assert not any("Authorization" in headers for headers in musicbrainz)
    assert all(headers["Authorization"].startswith("Token ") for headers in others)
    assert len(others) == 2


@pytest.mark.parametrize(
    ("ready_made", "kind", "wait"),
    [("rate_limited", errors.RateLimitedError, 7), ("unavailable", errors.TransientError, None)],
)
def test_limits_say_how_long(
    client: Client,
    listenbrainz: Simulator,
    ready_made: str,
    kind: type[errors.RetryableError],
    wait: float | None,
) -> None:
    listenbrainz.fault("GET /1/playlist/{mbid}", ready_made=ready_made)
    with pytest.raises(kind) as refused:
        client.playlist(str(uuid.uuid4()))
    assert refused.value.retry_after == wait


def test_musicbrainz_says_that_it_is_asked_too_fast(client: Client, listenbrainz: Simulator) -> None:
    listenbrainz.fault("GET /ws/2/isrc/{isrc}", ready_made="musicbrainz_busy")
    with pytest.raises(errors.RateLimitedError) as refused:
        client.search_tracks("isrc:USAAA2600001", 1)
    assert refused.value.retry_after == 2


def test_a_token_that_was_replaced_is_no_longer_good(client: Client, listenbrainz: Simulator) -> None:
    assert client.profile().display_name == "Ada"
    listenbrainz.control("POST", "/users/ada/reset-token")
    for act in (client.profile, client.playlists, lambda: client.create_playlist("x", "")):
        with pytest.raises(errors.ConsentRevokedError):
            act()
