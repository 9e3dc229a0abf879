"""Saved albums move into the target's own library: what is certain, and nothing else without asking."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.simulators.catalogue import Album
from local.simulators.tidal.catalogue import TidalCatalogue, track_of
from tests.integration.migrations.fault_injection import Interruption
from tests.integration.migrations.scenario import QUEUE, MigrationScenario, catalogue, ids_on
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner
from tests.support.oauth import link

WAYS = [("spotify", "tidal"), ("tidal", "spotify")]
TITLES = {"spotify": "Spotify", "tidal": "TIDAL"}
NO_BARCODE = {"spotify": {"upc": None}, "tidal": {"barcode_id": ""}}
"""Facts by which an album has none."""


@dataclass(frozen=True)
class Both:
    """An album that both services have, with all its songs."""

    album: Album
    tidal: str

    @property
    def spotify(self) -> str:
        return self.album.id

    def on(self, provider: str) -> str:
        return str(getattr(self, provider))


def _everywhere(count: int) -> list[Both]:
    """Albums of one edition each that both services have alike."""
    spotify: dict[Album, list[Any]] = {}
    for track in catalogue().tracks_by_id.values():
        spotify.setdefault(track.album, []).append(track)
    there = TidalCatalogue(catalogue()).of_spotify
    other_editions = {
        album.id
        for album in spotify
        for other in spotify
        if other is not album and other.artists == album.artists and other.name.startswith(album.name)
    }
    found = [
        Both(album, track_of(tracks[0]).album.id)
        for album, tracks in spotify.items()
        if all(track.id in there for track in tracks)
        and album.id not in other_editions
        and "(" not in album.name
        and len(album.release_date) == 10
        and album.album_type == "album"
    ]
    return found[:count]


@pytest.fixture
def scenario(
    harness: FunctionRunner, spotify_url: str, youtube_url: str, tidal_url: str, shifted_clock: ShiftedClock
) -> Iterator[MigrationScenario]:
    """Somebody with all three accounts, on a Spotify whose application is a new one."""
    urls = {"spotify": spotify_url, "youtube": youtube_url, "tidal": tidal_url}
    made = MigrationScenario(harness, urls, shifted_clock)
    made.begin()
    made.lift_quotas()
    made.control("tidal", "PUT", "/settings", {"access_token_seconds": 3600})
    yield made
    harness.environment["TIDAL_TOKENS"] = "100000 100000"
    made.end()


def _fan(scenario: MigrationScenario, access: str = "write", **albums: list[str]) -> None:
    """Sign somebody up who saved these albums and no others; the last saved first."""
    for provider in scenario.urls:
        person: dict[str, Any] = {"id": "fan", "display_name": "Fan"}
        if provider != "youtube":
            person["albums"] = albums.get(provider, [])
        scenario.control(provider, "POST", "/users", person)
    scenario.people.clear()
    person = scenario.harness.sign_up()
    scenario.people.append(person)
    for provider in scenario.urls:
        link(person, provider, access, login="fan")


def _saved(scenario: MigrationScenario, provider: str) -> list[str]:
    """What is saved, the last saved first."""
    users = scenario.control(provider, "GET", "/users")["users"]
    return next(list(user["albums"])[::-1] for user in users if user["id"] == "fan")


def _start(scenario: MigrationScenario, source: str, target: str, **order: Any) -> int:
    body = {"source_provider": source, "target_provider": target, "library": ["albums"], **order}
    answer = scenario.person.call("POST", "/v1/migrations", body)
    assert answer.status == 202, answer.text
    return int(answer.json["id"])


def _tell(scenario: MigrationScenario, provider: str, album_id: str, **facts: Any) -> None:
    scenario.control(provider, "PUT", f"/albums/{album_id}", facts)


def _codes(track: dict[str, Any]) -> set[str]:
    return {reason["code"] for reason in track["reason_details"]}


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_albums_of_the_same_barcode_are_saved_in_their_order(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    albums = _everywhere(4)
    _fan(scenario, **{source: [one.on(source) for one in albums]})
    made = len(scenario.playlists(target, "fan"))

    migration_id = _start(scenario, source, target)
    job = scenario.finish(migration_id)

    assert job["status"] == "completed", job
    assert _saved(scenario, target) == [one.on(target) for one in albums]
    assert job["status_message"] == f"Done: 4 of 4 albums added to {TITLES[target]}."
    (moved,) = scenario.moved(migration_id)
    assert (moved["kind"], moved["target_playlist_id"]) == ("albums", f"{target}:albums")
    assert len(scenario.playlists(target, "fan")) == made
    track = scenario.tracks(migration_id)[0]
    assert track["source_kind"] == "album"
    assert _codes(track) == {"album-same-barcode"}
    assert "/album/" in track["target"]["url"]
    assert "/album/" in track["source"]["url"]


@pytest.mark.parametrize("lacks", WAYS[0])
@pytest.mark.parametrize(("source", "target"), WAYS)
def test_without_a_barcode_artist_title_year_and_number_of_tracks_say_it(
    scenario: MigrationScenario, source: str, target: str, lacks: str
) -> None:
    (album,) = _everywhere(1)
    _tell(scenario, lacks, album.on(lacks), **NO_BARCODE[lacks])
    _fan(scenario, **{source: [album.on(source)]})
    migration_id = _start(scenario, source, target)
    scenario.finish(migration_id)
    assert _saved(scenario, target) == [album.on(target)]
    (track,) = scenario.tracks(migration_id)
    assert _codes(track) == {"album-same-facts"}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"release_date": "1999-01-01", **NO_BARCODE["tidal"]}, "album-other-year"),
        ({"barcode_id": "4006381333931"}, "album-other-barcode"),
        ({"title": "{} (Deluxe Edition)", **NO_BARCODE["tidal"]}, "album-other-edition"),
        ({"title": "{} (2011 Remaster)", **NO_BARCODE["tidal"]}, "album-other-edition"),
    ],
    ids=["year", "barcode", "deluxe", "remaster"],
)
def test_another_edition_is_asked_about_and_a_choice_is_saved_and_remembered(
    scenario: MigrationScenario, facts: dict[str, str], code: str
) -> None:
    (album,) = _everywhere(1)
    told = {name: value.format(album.album.name) for name, value in facts.items()}
    _tell(scenario, "tidal", album.tidal, **told)
    _fan(scenario, spotify=[album.spotify])
    migration_id = _start(scenario, "spotify", "tidal")
    scenario.finish(migration_id)
    assert _saved(scenario, "tidal") == []
    (track,) = scenario.tracks(migration_id)
    assert (track["outcome"], _codes(track)) == ("needs_review", {code})
    assert [one["id"] for one in track["candidates"]] == [album.tidal]
    assert track["candidates"][0]["url"] == f"https://tidal.com/browse/album/{album.tidal}"

    answer = scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, {"candidate": album.tidal})
    assert answer.json["id"] == migration_id
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _saved(scenario, "tidal") == [album.tidal]

    again = _start(scenario, "spotify", "tidal")
    scenario.finish(again)
    (track,) = scenario.tracks(again)
    assert (track["outcome"], track["target_track_id"]) == ("matched", album.tidal)
    assert scenario.sql("SELECT count(*) FROM providers.match_store")[0][0] == 0
    assert scenario.sql("SELECT count(*) FROM providers.match_disputes")[0][0] == 0


def test_a_barcode_that_the_target_refuses_leaves_the_words(scenario: MigrationScenario) -> None:
    (album,) = _everywhere(1)
    _fan(scenario, spotify=[album.spotify])
    scenario.fault("tidal", "GET /v2/albums", status=400, body={"errors": []})
    migration_id = _start(scenario, "spotify", "tidal")
    scenario.finish(migration_id)
    assert _saved(scenario, "tidal") == [album.tidal]
    assert scenario.calls("tidal")["GET /v2/searchResults"] == 1


def test_two_that_are_alike_are_asked_about(scenario: MigrationScenario) -> None:
    there = TidalCatalogue(catalogue()).tracks.values()
    sizes = Counter(track.album for track in there if not track.country)
    one, other = next(
        (one, other)
        for one, size in sizes.items()
        for other, other_size in sizes.items()
        if one != other and one.artists == other.artists and size == other_size
    )
    (source,) = {
        track.album.id for track in catalogue().tracks_by_id.values() if track_of(track).album.id == one.id
    }
    facts = {"release_date": "2020-02-02"}
    _tell(scenario, "spotify", source, upc=None, name="Twofold", total_tracks=sizes[one], **facts)
    for album in (one, other):
        _tell(scenario, "tidal", album.id, title="Twofold", **facts)
    _fan(scenario, spotify=[source])
    migration_id = _start(scenario, "spotify", "tidal")
    scenario.finish(migration_id)
    (track,) = scenario.tracks(migration_id)
    assert (track["outcome"], "album-several" in _codes(track)) == ("needs_review", True)
    assert {found["id"] for found in track["candidates"]} == {one.id, other.id}
    assert _saved(scenario, "tidal") == []


def test_an_album_that_is_not_there_is_said(scenario: MigrationScenario) -> None:
    (album,) = _everywhere(1)
    _fan(scenario, spotify=[album.spotify])
    scenario.control("tidal", "POST", f"/albums/{album.tidal}/withdraw", {})
    migration_id = _start(scenario, "spotify", "tidal")
    job = scenario.finish(migration_id)
    assert job["status_message"] == "Done: 0 of 1 album added to TIDAL, 1 could not be moved."
    (track,) = scenario.tracks(migration_id)
    assert (track["outcome"], _codes(track)) == ("no_match", {"nothing-found"})


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_an_album_that_went_away_at_the_source_keeps_its_place_and_is_not_moved(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    kept, gone = _everywhere(2)
    _fan(scenario, **{source: [gone.on(source), kept.on(source)]})
    scenario.control(source, "POST", f"/albums/{gone.on(source)}/withdraw", {})
    migration_id = _start(scenario, source, target)
    scenario.finish(migration_id)
    assert _saved(scenario, target) == [kept.on(target)]
    (track,) = scenario.tracks(migration_id, "&outcome=not_transferable")
    assert track["source_kind"] == "unavailable"


@pytest.mark.parametrize("comes_back", [True, False], ids=["under another id", "for good"])
@pytest.mark.parametrize(("source", "target"), WAYS)
def test_an_album_that_goes_before_it_is_saved_is_looked_for_again(
    scenario: MigrationScenario, source: str, target: str, comes_back: bool
) -> None:
    albums = _everywhere(3)
    _fan(scenario, **{source: [one.on(source) for one in albums]})
    preview = _start(scenario, source, target, dry_run=True)
    scenario.finish(preview)
    rule = {
        "source_provider": source, "source_id": f"album:{albums[1].on(source)}", "target_provider": target,
        "target_id": albums[1].on(target),
    }  # fmt: skip
    # A person's own choice is not looked up before it is written.
    assert scenario.person.call("POST", "/v1/migrations/rules", rule).status in (200, 201)
    new = scenario.control(
        target, "POST", f"/albums/{albums[1].on(target)}/withdraw", {"comes_back": comes_back}
    )["id"]
    migration_id = _start(scenario, source, target)
    assert scenario.finish(migration_id)["status"] == "completed"
    wanted = {albums[0].on(target), albums[2].on(target)} | ({new} if comes_back else set())
    assert set(_saved(scenario, target)) == wanted
    track = scenario.tracks(migration_id)[1]
    assert track["target_track_id"] == new
    assert "target-gone" in _codes(track)


def test_a_link_to_something_else_is_refused_and_one_to_an_album_taken(scenario: MigrationScenario) -> None:
    (album, other) = _everywhere(2)
    _tell(scenario, "tidal", album.tidal, barcode_id="4006381333931")
    _fan(scenario, spotify=[album.spotify])
    migration_id = _start(scenario, "spotify", "tidal")
    scenario.finish(migration_id)
    (track,) = scenario.tracks(migration_id)
    path = f"tracks/{track['id']}/resolve"
    answer = scenario.act(migration_id, path, 422, {"link": "https://tidal.com/browse/artist/7804"})
    assert "an album on TIDAL" in answer.text
    answer = scenario.act(migration_id, path, 422, {"link": "https://tidal.com/browse/album/1"})
    assert "has no such album" in answer.text
    scenario.act(migration_id, path, 202, {"link": f"https://tidal.com/browse/album/{other.tidal}"})
    scenario.finish(migration_id)
    assert _saved(scenario, "tidal") == [other.tidal]


def test_another_choice_takes_the_first_one_s_place(scenario: MigrationScenario) -> None:
    right, other = _everywhere(2)
    _fan(scenario, spotify=[right.spotify])
    migration_id = _start(scenario, "spotify", "tidal")
    scenario.finish(migration_id)
    (track,) = scenario.tracks(migration_id)
    link_to = f"https://tidal.com/browse/album/{other.tidal}"
    scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, {"link": link_to})
    scenario.finish(migration_id)
    assert _saved(scenario, "tidal") == [other.tidal]
    scenario.act(migration_id, f"tracks/{track['id']}/undo", 202)
    scenario.finish(migration_id)
    assert _saved(scenario, "tidal") == [right.tidal]
    scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, {"leave_out": True})
    scenario.finish(migration_id)
    assert _saved(scenario, "tidal") == []


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_what_the_person_had_saved_before_stays_when_it_is_undone(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    mine, new, foreign = _everywhere(3)
    before = [mine.on(target), foreign.on(target)]
    _fan(scenario, **{source: [mine.on(source), new.on(source)], target: before})
    migration_id = _start(scenario, source, target)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert set(_saved(scenario, target)) == {*before, new.on(target)}

    scenario.act(migration_id, "rollback", 202)
    assert scenario.finish(migration_id)["status"] == "undone"
    assert _saved(scenario, target) == before


def test_two_people_do_not_see_each_other_s_albums(scenario: MigrationScenario) -> None:
    (album,) = _everywhere(1)
    _fan(scenario, spotify=[album.spotify])
    migration_id = _start(scenario, "spotify", "tidal")
    scenario.finish(migration_id)
    (track,) = scenario.tracks(migration_id)
    stranger = scenario.harness.sign_up()
    for method, path in [
        ("GET", f"/v1/migrations/{migration_id}"),
        ("GET", f"/v1/migrations/{migration_id}/tracks"),
        ("GET", f"/v1/migrations/{migration_id}/tracks/{track['id']}"),
        ("POST", f"/v1/migrations/{migration_id}/rollback"),
    ]:
        assert stranger.call(method, path).status == 404, path
    body = {"leave_out": True}
    path = f"/v1/migrations/{migration_id}/tracks/{track['id']}/resolve"
    assert stranger.call("POST", path, body).status == 404
    assert _saved(scenario, "tidal") == [album.tidal]


def test_a_dry_run_writes_nothing_and_is_made_real(scenario: MigrationScenario) -> None:
    albums = _everywhere(3)
    _fan(scenario, spotify=[one.spotify for one in albums])
    preview = _start(scenario, "spotify", "tidal", dry_run=True)
    job = scenario.finish(preview)
    assert _saved(scenario, "tidal") == []
    assert job["status_message"].startswith("Dry run: 3 of 3 albums")
    assert job["would_cost"]["days"] >= 0

    answer = scenario.person.call("POST", "/v1/migrations", {"from_preview": preview})
    assert answer.status == 202, answer.text
    scenario.finish(answer.json["id"])
    assert _saved(scenario, "tidal") == [one.tidal for one in albums]


def test_playlists_artists_and_albums_move_together(scenario: MigrationScenario) -> None:
    (album,) = _everywhere(1)
    _fan(scenario, spotify=[album.spotify])
    link(scenario.person, "spotify", "write", login="fan", follows=True)
    playlist = scenario.playlist("spotify", ids_on("spotify", 2), login="fan")
    migration_id = _start(scenario, "spotify", "tidal", playlists=[playlist], library=["albums", "artists"])
    scenario.finish(migration_id)
    kinds = [moved["kind"] for moved in scenario.moved(migration_id)]
    assert kinds == ["playlist", "albums", "artists"]
    assert _saved(scenario, "tidal") == [album.tidal]


def test_a_library_without_albums_is_said_to_be_empty(scenario: MigrationScenario) -> None:
    _fan(scenario)
    migration_id = _start(scenario, "spotify", "tidal")
    assert scenario.finish(migration_id)["status"] == "completed"
    (moved,) = scenario.moved(migration_id)
    assert moved["status_message"] == "There are no albums."


def test_an_account_that_is_unlinked_takes_it_along(scenario: MigrationScenario) -> None:
    _fan(scenario, spotify=[one.spotify for one in _everywhere(2)])
    migration_id = _start(scenario, "spotify", "tidal")
    assert scenario.person.call("DELETE", "/v1/providers/tidal").status == 200
    scenario.work()
    # What was read of an account goes with it.
    assert scenario.person.call("GET", f"/v1/migrations/{migration_id}").status == 404
    assert _saved(scenario, "tidal") == []


def test_a_consent_that_is_withdrawn_ends_it_in_words(scenario: MigrationScenario) -> None:
    _fan(scenario, spotify=[one.spotify for one in _everywhere(2)])
    migration_id = _start(scenario, "spotify", "tidal")
    scenario.control("tidal", "POST", "/users/fan/revoke")
    job = scenario.finish(migration_id)
    assert job["status"] == "failed"
    assert "TIDAL" in job["status_message"]
    assert _saved(scenario, "tidal") == []


def test_only_reading_is_not_enough_for_the_target(scenario: MigrationScenario) -> None:
    _fan(scenario, access="read")
    body = {"source_provider": "spotify", "target_provider": "tidal", "library": ["albums"]}
    answer = scenario.person.call("POST", "/v1/migrations", body)
    assert (answer.status, answer.json["action"]) == (409, "link")


def test_a_stop_of_the_service_goes_on_later(scenario: MigrationScenario) -> None:
    albums = _everywhere(3)
    _fan(scenario, tidal=[one.tidal for one in albums])
    migration_id = _start(scenario, "tidal", "spotify")
    error = {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}
    scenario.fault(
        "spotify", "PUT /v1/me/library", status=429, headers={"Retry-After": "48925"}, body={"error": error}
    )
    scenario.work()
    job = scenario.job(migration_id)
    assert job["progress"]["waiting_for"] == "quota"
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _saved(scenario, "spotify") == [one.spotify for one in albums]


def test_what_one_of_a_batch_lacks_keeps_no_other_back(scenario: MigrationScenario) -> None:
    """Spotify refuses all of a call in which one album is gone."""
    albums = _everywhere(6)
    _fan(scenario, tidal=[one.tidal for one in albums])
    dead = albums[2]
    rule = {
        "source_provider": "tidal", "source_id": f"album:{dead.tidal}", "target_provider": "spotify",
        "target_id": dead.spotify,
    }  # fmt: skip
    assert scenario.person.call("POST", "/v1/migrations/rules", rule).status in (200, 201)
    scenario.control("spotify", "POST", f"/albums/{dead.spotify}/withdraw", {})
    migration_id = _start(scenario, "tidal", "spotify")
    job = scenario.finish(migration_id)
    assert set(_saved(scenario, "spotify")) == {one.spotify for one in albums if one is not dead}
    assert job["status_message"] == "Done: 5 of 6 albums added to Spotify, 1 could not be moved."


def test_a_message_that_comes_twice_saves_nothing_twice(scenario: MigrationScenario) -> None:
    albums = _everywhere(3)
    _fan(scenario, spotify=[one.spotify for one in albums])
    migration_id = _start(scenario, "spotify", "tidal")
    scenario.deliver(scenario.harness.messages(QUEUE) * 2)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _saved(scenario, "tidal") == [one.tidal for one in albums]
    assert scenario.calls("tidal")["POST /v2/userCollectionAlbums/{id}/relationships/items"] == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("source", "target"), WAYS)
def test_a_worker_killed_at_any_call_saves_each_once_and_takes_back_its_own(
    scenario: MigrationScenario, interruption: Interruption, source: str, target: str, after: bool
) -> None:
    mine, new, foreign = _everywhere(3)
    before = [mine.on(target), foreign.on(target)]
    _fan(scenario, **{source: [mine.on(source), new.on(source)], target: before})

    def work_interrupted(migration_id: int, call: int, status: str) -> bool:
        was_killed = interruption.kill_in(scenario.work, call, after=after)
        assert scenario.finish(migration_id)["status"] == status, call
        return was_killed

    point, was_killed = 0, True
    while was_killed:
        point += 1
        migration_id = _start(scenario, source, target)
        was_killed = work_interrupted(migration_id, point, "completed")
        assert _saved(scenario, target) == [new.on(target), *before], point
        assert scenario.moved(migration_id)[0]["tracks"]["written"] == 2
        scenario.act(migration_id, "rollback", 202)
        was_killed |= work_interrupted(migration_id, point, "undone")
        assert _saved(scenario, target) == before, point
    assert point > 5
