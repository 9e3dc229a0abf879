"""Whatever a provider does wrong ends in the right playlist, or in a recorded reason that is true."""

from collections.abc import Sequence
from typing import Any

import pytest

from musicconnect.migrations.engine import transitions
from tests.integration.migrations.scenario import MigrationScenario, ids_on

SPOTIFY_PLAYLIST = "GET /v1/playlists/{playlist_id}"
SPOTIFY_ITEMS = "GET /v1/playlists/{playlist_id}/items"
SPOTIFY_SEARCH = "GET /v1/search"
SPOTIFY_CREATE = "POST /v1/me/playlists"
SPOTIFY_ADD = "POST /v1/playlists/{playlist_id}/items"
YOUTUBE_PLAYLISTS = "GET /youtube/v3/playlists"
YOUTUBE_ITEMS = "GET /youtube/v3/playlistItems"
YOUTUBE_SEARCH = "GET /youtube/v3/search"
YOUTUBE_VIDEOS = "GET /youtube/v3/videos"
YOUTUBE_CREATE = "POST /youtube/v3/playlists"
YOUTUBE_ADD = "POST /youtube/v3/playlistItems"

PASSING: list[dict[str, Any]] = [
    {"as": "server_error", "times": 3},
    {"kind": "garbage", "times": 2},
    {"kind": "empty", "times": 2},
    {"kind": "close", "times": 2},
]
SPOTIFY_PASSING = [*PASSING, {"as": "burst", "times": 2}, {"as": "expired_token"}, {"as": "quota"}]
YOUTUBE_PASSING = [
    *PASSING,
    {"as": "internal_error", "times": 2},
    {"as": "user_rate_limit", "times": 2},
    {"as": "rate_limit"},
    {"as": "auth_error"},
    {"as": "quota_exceeded"},
]


def name(fault: Any) -> str:
    return str(fault.get("as") or fault.get("kind")) if isinstance(fault, dict) else str(fault).split("/")[-1]


@pytest.fixture
def to_youtube(scenario: MigrationScenario) -> int:
    """A small migration towards YouTube that has not begun yet."""
    return scenario.start_known()


def assert_recovers(scenario: MigrationScenario, migration_id: int) -> None:
    before = {provider: len(scenario.playlists(provider)) for provider in scenario.urls}
    job = scenario.finish(migration_id)
    assert job["status"] == "completed", job
    assert len(scenario.assert_target_is_right(migration_id)) == 3
    assert len(scenario.playlists(job["target_provider"])) == before[job["target_provider"]] + 1


def assert_each_passes(
    scenario: MigrationScenario, source: str, provider: str, endpoint: str, faults: Sequence[dict[str, Any]]
) -> None:
    """One migration after the other, each with one of the faults at its first or a later call."""
    target = "youtube" if source == "spotify" else "spotify"
    playlist_id = scenario.playlist(source, ids_on(source, 3))
    for fault in faults:
        scenario.clear_matches()
        migration_id = scenario.start(source, target, [playlist_id], order={"as_copy": True})
        scenario.fault(provider, endpoint, **fault)
        assert_recovers(scenario, migration_id)
        assert not scenario.control(provider, "GET", "/faults")["faults"], "the fault never struck"


@pytest.mark.parametrize(
    ("source", "provider", "endpoint"),
    [
        *(("spotify", "spotify", endpoint) for endpoint in (SPOTIFY_PLAYLIST, SPOTIFY_ITEMS)),
        *(
            ("youtube", "spotify", endpoint)
            for endpoint in (SPOTIFY_SEARCH, SPOTIFY_CREATE, SPOTIFY_ADD, SPOTIFY_ITEMS)
        ),
        *(("youtube", "youtube", endpoint) for endpoint in (YOUTUBE_PLAYLISTS, YOUTUBE_ITEMS)),
        *(
            ("spotify", "youtube", endpoint)
            for endpoint in (YOUTUBE_SEARCH, YOUTUBE_VIDEOS, YOUTUBE_CREATE, YOUTUBE_ADD, YOUTUBE_ITEMS)
        ),
    ],
    ids=name,
)
def test_trouble_that_passes_is_waited_for(
    scenario: MigrationScenario, source: str, provider: str, endpoint: str
) -> None:
    scenario.lift_quotas()
    faults = SPOTIFY_PASSING if provider == "spotify" else YOUTUBE_PASSING
    assert_each_passes(scenario, source, provider, endpoint, faults)


APPLIED: list[dict[str, Any]] = [
    {"as": "server_error"},
    {"kind": "garbage"},
    {"kind": "empty"},
    {"kind": "close"},
    {"status": 409, "body": {"error": {"code": 409, "message": "The operation was aborted."}}},
]


@pytest.mark.parametrize("endpoint", [SPOTIFY_ADD, SPOTIFY_CREATE, YOUTUBE_ADD, YOUTUBE_CREATE], ids=name)
def test_a_write_that_failed_and_took_effect_is_not_made_twice(
    scenario: MigrationScenario, endpoint: str
) -> None:
    target, source = ("youtube", "spotify") if "youtube" in endpoint else ("spotify", "youtube")
    # The first, the second or the last entry, where each is a call; a playlist is made only once.
    skips = (0, 1, 2) if endpoint == YOUTUBE_ADD else (0,)
    faults = [{**fault, "applied": True, "skip": skip} for skip in skips for fault in APPLIED]
    scenario.lift_quotas()
    assert_each_passes(scenario, source, target, endpoint, faults)


def test_conflicts_on_fast_writes_are_told_from_writes_that_landed(
    scenario: MigrationScenario, to_youtube: int
) -> None:
    scenario.control("youtube", "PUT", "/settings", {"write_spacing_ms": 2, "conflict_lands_every": 2})
    scenario.control("youtube", "PUT", "/settings", {"new_playlist_ms": 50})
    assert_recovers(scenario, to_youtube)


def test_lists_that_lag_behind_the_writes_are_given_time(
    scenario: MigrationScenario, to_youtube: int
) -> None:
    scenario.control("youtube", "PUT", "/settings", {"item_lag_reads": 3})
    assert_recovers(scenario, to_youtube)


def test_a_doubtful_write_that_lists_show_late_is_not_made_twice(
    scenario: MigrationScenario, to_youtube: int
) -> None:
    scenario.control("youtube", "PUT", "/settings", {"item_lag_ms": 4000})
    scenario.fault("youtube", YOUTUBE_ADD, applied=True, skip=1, **{"as": "server_error"})
    assert_recovers(scenario, to_youtube)


@pytest.mark.parametrize("endpoint", [YOUTUBE_SEARCH, YOUTUBE_CREATE, YOUTUBE_ADD], ids=name)
def test_a_provider_that_never_answers_is_left_after_the_timeout(
    scenario: MigrationScenario, to_youtube: int, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(scenario.harness.environment, "PROVIDER_TIMEOUT_SECONDS", "0.5")
    scenario.fault("youtube", endpoint, kind="hang")
    assert_recovers(scenario, to_youtube)


def assert_fails(scenario: MigrationScenario, migration_id: int, says: str) -> None:
    job = scenario.finish(migration_id)
    (playlist,) = scenario.moved(migration_id)
    assert job["status"] == "failed"
    assert says in playlist["error_message"]
    assert says in job["status_message"]
    assert playlist["source_name"] in job["status_message"]


@pytest.mark.parametrize(
    ("provider", "endpoint", "fault", "says"),
    [
        ("spotify", SPOTIFY_PLAYLIST, "forbidden", "Spotify refused: "),
        ("spotify", SPOTIFY_PLAYLIST, "not_found", "no longer on Spotify"),
        ("spotify", SPOTIFY_ITEMS, "not_registered", "not on the application's list of allowed users"),
        ("spotify", SPOTIFY_ITEMS, "premium", "no Premium subscription"),
        ("spotify", SPOTIFY_ITEMS, "insufficient_scope", "Our access to Spotify does not cover this"),
        ("youtube", YOUTUBE_SEARCH, "access_not_configured", "not switched on"),
        ("youtube", YOUTUBE_CREATE, "signup_required", "Create one "),
        ("youtube", YOUTUBE_ADD, "insufficient", "Our access to YouTube does not cover this"),
        ("youtube", YOUTUBE_ADD, "playlist_forbidden", "belongs to somebody else"),
        ("youtube", YOUTUBE_ITEMS, "not_accessible", "belongs to somebody else"),
    ],
)
def test_what_is_refused_for_good_fails_with_what_to_do(
    scenario: MigrationScenario, to_youtube: int, provider: str, endpoint: str, fault: str, says: str
) -> None:
    scenario.fault(provider, endpoint, times=None, **{"as": fault})
    assert_fails(scenario, to_youtube, says)
    if provider == "spotify":
        assert scenario.calls("youtube").get(YOUTUBE_CREATE) is None


def test_a_withdrawn_consent_fails_with_what_to_do(scenario: MigrationScenario, to_youtube: int) -> None:
    scenario.fault("youtube", "POST /token", times=None, **{"as": "invalid_grant"})
    scenario.fault("youtube", YOUTUBE_ADD, times=None, **{"as": "auth_error"})
    assert_fails(scenario, to_youtube, "YouTube no longer accepts our access. Link the account again")


def test_an_endless_outage_ends_with_a_true_reason(
    scenario: MigrationScenario, to_youtube: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transitions, "MAX_ATTEMPTS", 5)
    scenario.fault("youtube", YOUTUBE_SEARCH, times=None, **{"as": "server_error"})
    assert_fails(scenario, to_youtube, "YouTube did not answer properly 5 times in a row")
    assert all(track["status"] == "pending" for track in scenario.tracks(to_youtube))


def test_an_outage_is_never_taken_for_not_found(scenario: MigrationScenario, to_youtube: int) -> None:
    scenario.fault("youtube", YOUTUBE_SEARCH, times=4, **{"as": "not_found"})
    scenario.fault("youtube", YOUTUBE_VIDEOS, times=2, kind="empty")
    assert_recovers(scenario, to_youtube)


def test_a_search_that_is_refused_costs_one_track_and_says_so(
    scenario: MigrationScenario, to_youtube: int
) -> None:
    scenario.fault(
        "youtube", YOUTUBE_SEARCH, skip=1, status=400, body={"error": {"code": 400, "message": "q"}}
    )
    job = scenario.finish(to_youtube)
    assert job["status"] == "completed"
    (failed,) = scenario.tracks(to_youtube, "&status=failed")
    assert failed["error_message"].startswith("No match: the search was refused: ")
    assert failed["code"] == "no-match"
    assert len(scenario.assert_target_is_right(to_youtube)) == 2


def test_a_cursor_that_has_expired_starts_the_reading_again(scenario: MigrationScenario) -> None:
    ids = ids_on("youtube", 6) * 10
    migration_id = scenario.start("youtube", "spotify", [scenario.playlist("youtube", ids)])
    expired = {
        "error": {"code": 400, "errors": [{"reason": "invalidPageToken", "domain": "youtube.parameter"}]}
    }
    scenario.fault("youtube", YOUTUBE_ITEMS, skip=1, status=400, body=expired)
    assert scenario.finish(migration_id)["status"] == "completed"
    assert len(scenario.assert_target_is_right(migration_id)) == 60


@pytest.mark.parametrize("fault", ["failed_precondition", "not_found", "already_in_playlist"])
def test_one_refused_video_does_not_stop_the_others(
    scenario: MigrationScenario, to_youtube: int, fault: str
) -> None:
    scenario.fault("youtube", YOUTUBE_ADD, skip=1, **{"as": fault})
    job = scenario.finish(to_youtube)
    assert job["status"] == "completed"
    assert len(scenario.assert_target_is_right(to_youtube)) == 2
    tracks = scenario.tracks(to_youtube)
    assert [track["status"] for track in tracks] == ["matched", "failed", "matched"]
    assert "YouTube refuse" in tracks[1]["error_message"]
    assert tracks[1]["target_track_id"]


def test_a_deleted_target_is_told_from_a_missing_video(scenario: MigrationScenario, to_youtube: int) -> None:
    scenario.fault("youtube", "* /youtube/v3/playlist*", skip=1, times=None, **{"as": "playlist_not_found"})
    assert_fails(scenario, to_youtube, "The new playlist is no longer on YouTube")


def test_youtube_refusing_duplicates_counts_them_as_refused(scenario: MigrationScenario) -> None:
    ids = ids_on("spotify", 2)
    scenario.control("youtube", "PUT", "/settings", {"duplicates": "refuse"})
    job = scenario.finish(
        scenario.start("spotify", "youtube", [scenario.playlist("spotify", [ids[0], ids[1], ids[0]])])
    )
    assert job["status"] == "completed"
    tracks = scenario.tracks(job["id"])
    assert tracks[2]["error_message"] == (
        "YouTube refuses the same entry twice in one playlist; it stands there once."
    )
    scenario.assert_target_is_right(job["id"])


def test_a_full_youtube_playlist_takes_no_more_and_says_so(
    scenario: MigrationScenario, to_youtube: int
) -> None:
    scenario.control("youtube", "PUT", "/settings", {"playlist_size": 1})
    job = scenario.finish(to_youtube)
    assert job["status"] == "completed"
    assert job["progress"]["tracks"]["written"] == 1
    assert [track["error_message"] for track in scenario.tracks(to_youtube)[1:]] == [
        "The playlist is full: YouTube takes no more."
    ] * 2
    assert scenario.calls("youtube")[YOUTUBE_ADD] == 2
    scenario.assert_target_is_right(to_youtube)


def test_a_full_spotify_playlist_keeps_as_many_as_fit(scenario: MigrationScenario) -> None:
    scenario.control("spotify", "PUT", "/settings", {"playlist_size_limit": 5})
    ids = ids_on("youtube", 4) * 2
    job = scenario.finish(scenario.start("youtube", "spotify", [scenario.playlist("youtube", ids)]))
    assert job["status"] == "completed"
    assert len(scenario.assert_target_is_right(job["id"])) == 5
    assert job["progress"]["tracks"]["failed"] == 3


def test_one_bad_id_in_a_batch_is_found_by_halves(scenario: MigrationScenario) -> None:
    ids = ids_on("youtube", 10)
    migration_id = scenario.start("youtube", "spotify", [scenario.playlist("youtube", ids)])
    bad = {"status": 400, "body": {"error": {"status": 400, "message": "Invalid base62 id"}}}
    # The tenth call on: 10 refused, 5 taken, 5 refused, 2 refused, 1 refused: the sixth entry is the culprit.
    for skip in (0, 1, 1, 1):
        scenario.fault("spotify", SPOTIFY_ADD, skip=skip, **bad)
    job = scenario.finish(migration_id)
    assert job["status"] == "completed", job
    assert len(scenario.assert_target_is_right(migration_id)) == 9


def test_a_target_changed_by_somebody_else_fails_with_a_true_reason(
    scenario: MigrationScenario, to_youtube: int
) -> None:
    scenario.fault("youtube", YOUTUBE_ITEMS, times=None, status=200, body={"etag": "x", "items": []})
    assert_fails(scenario, to_youtube, "The playlist on YouTube is not as it was written: 3 entries missing")


def test_a_playlist_that_changes_while_it_is_read_is_read_again(scenario: MigrationScenario) -> None:
    ids = ids_on("youtube", 6) * 10
    playlist_id = scenario.playlist("youtube", ids)
    migration_id = scenario.start("youtube", "spotify", [playlist_id])
    changed = {
        "kind": "youtube#playlistListResponse", "etag": "e", "pageInfo": {"totalResults": 1},
        "items": [{"kind": "youtube#playlist", "etag": "another", "id": playlist_id,
                   "snippet": {"title": "Road trip"}, "contentDetails": {"itemCount": 61}}],
    }  # fmt: skip
    scenario.fault("youtube", YOUTUBE_PLAYLISTS, status=200, body=changed)
    scenario.clear_calls()
    job = scenario.finish(migration_id)
    assert job["status"] == "completed"
    assert scenario.calls("youtube")[YOUTUBE_ITEMS] == 4  # two pages, twice
    assert len(scenario.assert_target_is_right(migration_id)) == 60


def test_a_playlist_that_never_rests_is_given_up_with_the_reason(scenario: MigrationScenario) -> None:
    ids = ids_on("youtube", 6) * 10
    playlist_id = scenario.playlist("youtube", ids)
    migration_id = scenario.start("youtube", "spotify", [playlist_id])
    for number in range(60):
        body = {"items": [{"etag": f"e{number}", "id": playlist_id, "snippet": {"title": "Busy"}}]}
        scenario.fault("youtube", YOUTUBE_PLAYLISTS, status=200, body=body)
    assert_fails(scenario, migration_id, "keeps changing while it is read")
