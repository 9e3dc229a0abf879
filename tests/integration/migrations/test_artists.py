"""Followed artists move into the target's own library: whoever is proven, and nobody else without asking."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest

from local.simulators.catalogue import Artist
from local.simulators.tidal.catalogue import TidalCatalogue
from tests.integration.migrations.fault_injection import Interruption
from tests.integration.migrations.scenario import MigrationScenario, catalogue, ids_on
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner
from tests.support.oauth import link

PROVEN = ("Kestrel Parade", "Lady Parallax", "Solenne Marsh", "Tessellate")
"""Artists with several releases that every provider has."""
WAYS = list(permutations(("spotify", "youtube", "tidal"), 2))


@dataclass(frozen=True)
class Ids:
    """The ids of one artist."""

    spotify: str
    youtube: str
    tidal: str

    def on(self, provider: str) -> str:
        return str(getattr(self, provider))


def _ids(name: str) -> Ids:
    recordings = catalogue().recordings
    spotify = next(
        one.id for entry in recordings for track in entry.tracks for one in track.artists if one.name == name
    )
    youtube = next(
        upload.channel_id
        for entry in recordings
        for upload in entry.uploads
        if upload.channel == f"{name} - Topic"
    )
    tracks = TidalCatalogue(catalogue()).tracks.values()
    tidal = next(one.id for track in tracks for one in track.artists if one.name == name)
    return Ids(spotify, youtube, tidal)


def _of_one_release() -> Artist:
    """An artist whose only release proves nothing, on Spotify and with a channel."""
    releases: dict[Artist, set[str]] = {}
    for entry in catalogue().recordings:
        for track in entry.tracks:
            for one in track.album.artists:
                releases.setdefault(one, set()).add(track.album.name)
    channels = {upload.channel for entry in catalogue().recordings for upload in entry.uploads}
    return next(
        one for one, titles in releases.items() if len(titles) == 1 and f"{one.name} - Topic" in channels
    )


@pytest.fixture
def scenario(
    harness: FunctionRunner, spotify_url: str, youtube_url: str, tidal_url: str, shifted_clock: ShiftedClock
) -> Iterator[MigrationScenario]:
    """Somebody with all three accounts, on a Spotify whose application may follow artists."""
    urls = {"spotify": spotify_url, "youtube": youtube_url, "tidal": tidal_url}
    made = MigrationScenario(harness, urls, shifted_clock)
    made.begin()
    made.lift_quotas()
    made.control("tidal", "PUT", "/settings", {"access_token_seconds": 3600})
    made.control("spotify", "PUT", "/settings", {"mode": "extended"})
    yield made
    made.control("spotify", "PUT", "/settings", {"mode": "development"})
    harness.environment["TIDAL_TOKENS"] = "100000 100000"
    made.end()


def _fan(scenario: MigrationScenario, *, follows: bool = True, **following: list[str]) -> None:
    """Sign somebody up who follows these and nobody else."""
    names = {"spotify": "following", "tidal": "following", "youtube": "subscriptions"}
    for provider in scenario.urls:
        person = {"id": "fan", "display_name": "Fan", names[provider]: following.get(provider, [])}
        scenario.control(provider, "POST", "/users", person)
    scenario.people.clear()
    person = scenario.harness.sign_up()
    scenario.people.append(person)
    for provider in scenario.urls:
        link(person, provider, "write", login="fan", follows=follows)


def _following(scenario: MigrationScenario, provider: str) -> set[str]:
    users = scenario.control(provider, "GET", "/users")["users"]
    fan = next(user for user in users if user["id"] == "fan")
    return set(fan["subscriptions" if provider == "youtube" else "following"])


def _start(scenario: MigrationScenario, source: str, target: str, **order: Any) -> int:
    body = {"source_provider": source, "target_provider": target, "library": ["artists"], **order}
    answer = scenario.person.call("POST", "/v1/migrations", body)
    assert answer.status == 202, answer.text
    return int(answer.json["id"])


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_proven_artists_are_followed_in_every_direction(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    artists = [_ids(name) for name in PROVEN]
    _fan(scenario, **{source: [one.on(source) for one in artists]})
    made = len(scenario.playlists(target, "fan"))

    migration_id = _start(scenario, source, target)
    job = scenario.finish(migration_id)

    assert job["status"] == "completed", job
    assert _following(scenario, target) == {one.on(target) for one in artists}
    assert job["status_message"] == f"Done: 4 of 4 artists added to {TITLES[target]}."
    (moved,) = scenario.moved(migration_id)
    assert (moved["kind"], moved["target_playlist_id"]) == ("artists", f"{target}:artists")
    assert len(scenario.playlists(target, "fan")) == made
    track = scenario.tracks(migration_id)[0]
    assert track["source_kind"] == "artist"
    assert "artist-same-titles" in {reason["code"] for reason in track["reason_details"]}
    assert f"/{'channel' if target == 'youtube' else 'artist'}/" in track["target"]["url"]


TITLES = {"spotify": "Spotify", "youtube": "YouTube", "tidal": "TIDAL"}


def test_a_name_alone_is_asked_about_and_a_choice_is_followed_and_remembered(
    scenario: MigrationScenario,
) -> None:
    artist = _of_one_release()
    channel = next(
        upload.channel_id
        for entry in catalogue().recordings
        for upload in entry.uploads
        if upload.channel == f"{artist.name} - Topic"
    )
    _fan(scenario, spotify=[artist.id])
    migration_id = _start(scenario, "spotify", "youtube")
    scenario.finish(migration_id)
    assert _following(scenario, "youtube") == set()
    (track,) = scenario.tracks(migration_id)
    assert track["outcome"] == "needs_review"
    assert channel in {one["id"] for one in track["candidates"]}
    assert all("/channel/" in one["url"] for one in track["candidates"])

    answer = scenario.act(
        migration_id,
        f"tracks/{track['id']}/resolve",
        202,
        {"link": f"https://www.youtube.com/channel/{channel}"},
    )
    assert answer.json["id"] == migration_id
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _following(scenario, "youtube") == {channel}
    (track,) = scenario.tracks(migration_id)
    assert track["target"]["url"] == f"https://www.youtube.com/channel/{channel}"

    scenario.clear_calls()
    again = _start(scenario, "spotify", "youtube")
    scenario.finish(again)
    (track,) = scenario.tracks(again)
    assert (track["outcome"], track["target_track_id"]) == ("matched", channel)
    assert "GET /youtube/v3/search" not in scenario.calls("youtube")
    assert scenario.sql("SELECT count(*) FROM providers.match_store")[0][0] == 0


def test_a_link_to_something_else_is_refused(scenario: MigrationScenario) -> None:
    _fan(scenario, spotify=[_of_one_release().id])
    migration_id = _start(scenario, "spotify", "youtube")
    scenario.finish(migration_id)
    (track,) = scenario.tracks(migration_id)
    video = ids_on("youtube", 1)[0]
    answer = scenario.act(
        migration_id, f"tracks/{track['id']}/resolve", 422, {"link": f"https://youtu.be/{video}"}
    )
    assert "artist on YouTube" in answer.text


def test_another_choice_takes_the_first_one_s_place(scenario: MigrationScenario) -> None:
    right, other = _ids("Kestrel Parade"), _ids("Lady Parallax")
    _fan(scenario, spotify=[right.spotify])
    migration_id = _start(scenario, "spotify", "youtube")
    scenario.finish(migration_id)
    assert _following(scenario, "youtube") == {right.youtube}
    (track,) = scenario.tracks(migration_id)
    scenario.act(
        migration_id,
        f"tracks/{track['id']}/resolve",
        202,
        {"link": f"https://www.youtube.com/channel/{other.youtube}"},
    )
    scenario.finish(migration_id)
    assert _following(scenario, "youtube") == {other.youtube}
    scenario.act(migration_id, f"tracks/{track['id']}/undo", 202)
    scenario.finish(migration_id)
    assert _following(scenario, "youtube") == {right.youtube}
    scenario.act(migration_id, f"tracks/{track['id']}/resolve", 202, {"leave_out": True})
    scenario.finish(migration_id)
    assert _following(scenario, "youtube") == set()


@pytest.mark.parametrize(("source", "target"), WAYS)
def test_whom_the_person_followed_before_stays_when_it_is_undone(
    scenario: MigrationScenario, source: str, target: str
) -> None:
    mine, new, foreign = _ids("Kestrel Parade"), _ids("Lady Parallax"), _ids("Tessellate")
    _fan(
        scenario,
        **{source: [mine.on(source), new.on(source)], target: [mine.on(target), foreign.on(target)]},
    )
    migration_id = _start(scenario, source, target)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _following(scenario, target) == {mine.on(target), new.on(target), foreign.on(target)}

    scenario.act(migration_id, "rollback", 202)
    assert scenario.finish(migration_id)["status"] == "undone"
    assert _following(scenario, target) == {mine.on(target), foreign.on(target)}


def test_a_channel_of_nobody_is_followed_nowhere(scenario: MigrationScenario) -> None:
    films = next(
        upload.channel_id
        for entry in catalogue().recordings
        for upload in entry.uploads
        if upload.channel == "FrontRow Films"
    )
    _fan(scenario, youtube=[films, _ids("Tessellate").youtube])
    migration_id = _start(scenario, "youtube", "spotify")
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _following(scenario, "spotify") == {_ids("Tessellate").spotify}
    (track,) = scenario.tracks(migration_id, "&outcome=no_match")
    assert track["source_title"] == "FrontRow Films"


def test_a_dry_run_writes_nothing_and_is_made_real(scenario: MigrationScenario) -> None:
    artists = [_ids(name) for name in PROVEN]
    _fan(scenario, spotify=[one.spotify for one in artists])
    preview = _start(scenario, "spotify", "youtube", dry_run=True)
    job = scenario.finish(preview)
    assert _following(scenario, "youtube") == set()
    assert job["status_message"].startswith("Dry run: 4 of 4 artists")
    assert job["would_cost"]["units"] >= 200

    answer = scenario.person.call("POST", "/v1/migrations", {"from_preview": preview})
    assert answer.status == 202, answer.text
    scenario.finish(answer.json["id"])
    assert _following(scenario, "youtube") == {one.youtube for one in artists}


def test_playlists_and_artists_move_together(scenario: MigrationScenario) -> None:
    _fan(scenario, spotify=[_ids("Tessellate").spotify])
    playlist = scenario.playlist("spotify", ids_on("spotify", 2), login="fan")
    migration_id = _start(scenario, "spotify", "youtube", playlists=[playlist])
    scenario.finish(migration_id)
    tracks, artists = scenario.moved(migration_id)
    assert (tracks["kind"], artists["kind"]) == ("playlist", "artists")
    assert scenario.contents("youtube", tracks["target_playlist_id"]) == ids_on("youtube", 2)
    assert _following(scenario, "youtube") == {_ids("Tessellate").youtube}


def test_known_channels_need_no_search(scenario: MigrationScenario) -> None:
    artist = _ids("Kestrel Parade")
    _fan(scenario, spotify=[artist.spotify])
    recording = next(
        entry
        for entry in catalogue().recordings
        if entry.tracks
        and entry.tracks[0].artists[0].id == artist.spotify
        and any(upload.channel_id == artist.youtube for upload in entry.uploads)
    )
    upload = next(one for one in recording.uploads if one.channel_id == artist.youtube)
    # Anybody's playlist with a recording of theirs names the channel.
    scenario.finish(
        scenario.start("youtube", "spotify", [scenario.playlist("youtube", [upload.video_id], login="fan")])
    )
    scenario.clear_calls()
    scenario.finish(_start(scenario, "spotify", "youtube"))
    assert _following(scenario, "youtube") == {artist.youtube}
    assert "GET /youtube/v3/search" not in scenario.calls("youtube")


def test_without_the_consent_nothing_begins_and_linking_again_asks_for_it(
    scenario: MigrationScenario,
) -> None:
    artist = _ids("Tessellate")
    _fan(scenario, follows=False, spotify=[artist.spotify])
    body = {"source_provider": "spotify", "target_provider": "youtube", "library": ["artists"]}
    answer = scenario.person.call("POST", "/v1/migrations", body)
    assert answer.status == 409, answer.text
    assert (answer.json["type"].rpartition(":")[2], answer.json["action"]) == ("follows-needed", "link")
    # Reading would do; the account may write, and linking it again is not to take that away.
    assert (answer.json["follows"], answer.json["access"]) == (True, "write")

    link(scenario.person, "spotify", "write", login="fan", follows=True)
    # Who links once more for another reason loses nothing.
    link(scenario.person, "spotify", "write", login="fan")
    scenario.finish(_start(scenario, "spotify", "youtube"))
    assert _following(scenario, "youtube") == {artist.youtube}


def test_where_spotify_lets_nobody_be_followed_the_person_gets_the_links(scenario: MigrationScenario) -> None:
    artist = _ids("Tessellate")
    _fan(scenario, tidal=[artist.tidal])
    scenario.control("spotify", "PUT", "/settings", {"mode": "development"})
    migration_id = _start(scenario, "tidal", "spotify")
    job = scenario.finish(migration_id)
    assert job["status"] == "failed"
    assert "follow no artists" in job["status_message"]
    (track,) = scenario.tracks(migration_id)
    assert track["target"]["url"] == f"https://open.spotify.com/artist/{artist.spotify}"
    assert _following(scenario, "spotify") == set()


def test_more_than_the_account_may_follow_is_said(scenario: MigrationScenario) -> None:
    artists = [_ids(name) for name in PROVEN]
    _fan(scenario, spotify=[one.spotify for one in artists])
    scenario.control("youtube", "PUT", "/settings", {"subscriptions_limit": 3})
    migration_id = _start(scenario, "spotify", "youtube")
    scenario.finish(migration_id)
    assert len(_following(scenario, "youtube")) == 3
    (track,) = scenario.tracks(migration_id, "&status=failed")
    assert track["error_message"] == "There are as many artists as YouTube allows."


def test_a_spent_day_goes_on_tomorrow(scenario: MigrationScenario) -> None:
    artists = [_ids(name) for name in PROVEN]
    _fan(scenario, spotify=[one.spotify for one in artists])
    scenario.finish(_start(scenario, "spotify", "youtube", dry_run=True))
    used = next(
        entry["used"]
        for entry in scenario.person.call("GET", "/v1/providers/youtube/quota").json["items"]
        if entry["bucket"] == "general"
    )
    scenario.harness.environment["YOUTUBE_DAILY_UNITS"] = str(used + 130)
    migration_id = _start(scenario, "spotify", "youtube")
    scenario.work()
    job = scenario.job(migration_id)
    assert job["progress"]["waiting_for"] == "quota"
    assert len(_following(scenario, "youtube")) < 4
    assert scenario.finish(migration_id)["status"] == "completed"
    assert _following(scenario, "youtube") == {one.youtube for one in artists}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("source", "target"), [("spotify", "youtube"), ("youtube", "tidal")])
def test_a_worker_killed_at_any_call_follows_each_once_and_takes_back_its_own(
    scenario: MigrationScenario, interruption: Interruption, source: str, target: str, after: bool
) -> None:
    mine, new, foreign = _ids("Kestrel Parade"), _ids("Lady Parallax"), _ids("Tessellate")
    before = {mine.on(target), foreign.on(target)}
    _fan(scenario, **{source: [mine.on(source), new.on(source)], target: sorted(before)})
    scenario.control("youtube", "PUT", "/settings", {"subscription_lag_reads": 1})

    def work_interrupted(migration_id: int, call: int, status: str) -> bool:
        was_killed = interruption.kill_in(scenario.work, call, after=after)
        assert scenario.finish(migration_id)["status"] == status, call
        return was_killed

    point, was_killed = 0, True
    while was_killed:
        point += 1
        migration_id = _start(scenario, source, target)
        was_killed = work_interrupted(migration_id, point, "completed")
        assert _following(scenario, target) == before | {new.on(target)}, point
        assert scenario.moved(migration_id)[0]["tracks"]["written"] == 2
        scenario.act(migration_id, "rollback", 202)
        was_killed |= work_interrupted(migration_id, point, "undone")
        assert _following(scenario, target) == before, point
    assert point > 5
