"""What providers do wrong, as the caller of a client sees it, and what is written down about it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from musicconnect.platform import clock
from musicconnect.providers import errors, protocol, registry
from tests.integration.providers.conftest import Act
from tests.support.functions import FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql
from tests.support.simulator import Simulator

READ = {
    "spotify": "GET /v1/me/tracks",
    "youtube": "GET /youtube/v3/playlistItems",
    "tidal": "GET /v2/userCollectionTracks/{id}",
    "listenbrainz": "GET /1/user/{name}/playlists",
}
CREATE = {
    "spotify": "POST /v1/me/playlists",
    "youtube": "POST /youtube/v3/playlists",
    "tidal": "POST /v2/playlists",
    "listenbrainz": "POST /1/playlist/create",
}
ADD = {
    "spotify": "POST /v1/playlists/{playlist_id}/items",
    "youtube": "POST /youtube/v3/playlistItems",
    "tidal": "POST /v2/playlists/{id}/relationships/items",
    "listenbrainz": "POST /1/playlist/{mbid}/item/add",
}
ONE = {
    "spotify": "GET /v1/playlists/{playlist_id}",
    "youtube": "GET /youtube/v3/playlists",
    "listenbrainz": "GET /1/playlist/{mbid}",
}


@pytest.fixture
def client(provider: str, simulator: Simulator, person: Person, act: Act) -> protocol.Client:
    """A linked person's client, with its tokens at hand."""
    link(person, provider)
    made = act(person, provider, "write")
    made.profile()
    simulator.clear_calls()
    return made


@pytest.mark.parametrize(
    "fault",
    [{"kind": "garbage"}, {"kind": "empty"}, {"kind": "close"}, {"status": 500}, {"status": 200, "body": []}],
)
def test_a_failed_read_is_worth_trying_again(
    fault: dict[str, Any], provider: str, simulator: Simulator, client: protocol.Client
) -> None:
    simulator.fault(READ[provider], **fault)
    with pytest.raises(errors.TransientError) as failed:
        client.playlists()
    assert not failed.value.may_have_applied
    assert simulator.calls()[READ[provider]] == 1, "nothing is repeated behind the caller's back"
    assert client.playlists().items[0].is_liked == (registry.get(provider).liked_id is not None)


@pytest.mark.parametrize("kind", ["garbage", "empty", "close"])
@pytest.mark.parametrize("applied", [True, False])
def test_a_failed_write_may_have_taken_effect(
    kind: str, applied: bool, provider: str, simulator: Simulator, client: protocol.Client
) -> None:
    playlist = client.create_playlist("Target", "")
    track = client.search_tracks("a", 1)[0]
    simulator.fault(ADD[provider], kind=kind, applied=applied)
    with pytest.raises(errors.TransientError) as failed:
        client.add_items(playlist.id, [track.id])
    assert failed.value.may_have_applied
    assert simulator.truth(playlist.id) == ([track.id] if applied else [])
    assert simulator.calls()[ADD[provider]] == 1, "a write is never repeated by the client"


def test_a_silent_provider_is_given_up(
    provider: str,
    simulator: Simulator,
    person: Person,
    act: Act,
    harness: FunctionRunner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    link(person, provider)
    monkeypatch.setenv("PROVIDER_TIMEOUT_SECONDS", "0.3")
    client = act(person, provider, "write")
    simulator.fault(READ[provider], kind="hang")
    simulator.fault(CREATE[provider], kind="hang")
    with pytest.raises(errors.TransientError) as reading:
        client.playlists()
    with pytest.raises(errors.TransientError) as writing:
        client.create_playlist("x", "")
    assert (reading.value.reason, writing.value.reason) == ("no_response", "no_response")
    assert not reading.value.may_have_applied
    assert writing.value.may_have_applied


def test_a_provider_that_is_not_there_has_written_nothing(
    provider: str, simulator: Simulator, person: Person, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(person, provider)
    # Port 9 (discard) is not served here: the connection is refused.
    for variable in ("SPOTIFY_API_URL", "YOUTUBE_API_URL", "TIDAL_API_URL", "LISTENBRAINZ_API_URL"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    with pytest.raises(errors.TransientError) as failed:
        act(person, provider, "write").create_playlist("x", "")
    assert not failed.value.may_have_applied


def test_nothing_secret_is_in_what_is_raised(
    provider: str, simulator: Simulator, person: Person, act: Act, harness: FunctionRunner
) -> None:
    link(person, provider)
    client = act(person, provider)
    simulator.fault(READ[provider], kind="close")
    with pytest.raises(errors.TransientError) as failed:
        client.playlists()
    error: BaseException | None = failed.value
    assert error is not None
    assert error.__suppress_context__
    assert simulator.url not in repr(error)


@pytest.mark.parametrize(
    ("provider", "ready_made", "kind"),
    [
        ("spotify", "burst", errors.RateLimitedError),
        ("spotify", "quota", errors.QuotaExhaustedError),
        ("spotify", "server_error", errors.TransientError),
        ("spotify", "bad_gateway", errors.TransientError),
        ("spotify", "forbidden", errors.NotAllowedError),
        ("spotify", "insufficient_scope", errors.ScopeMissingError),
        ("spotify", "not_registered", errors.NotAllowedError),
        ("spotify", "premium", errors.NotAllowedError),
        ("spotify", "not_found", errors.NotFoundError),
        ("youtube", "quota_exceeded", errors.QuotaExhaustedError),
        ("youtube", "user_rate_limit", errors.RateLimitedError),
        ("youtube", "conflict", errors.TransientError),
        ("youtube", "server_error", errors.TransientError),
        ("youtube", "signup_required", errors.NoChannelError),
        ("youtube", "insufficient", errors.ScopeMissingError),
        ("youtube", "not_found", errors.NotFoundError),
        ("listenbrainz", "rate_limited", errors.RateLimitedError),
        ("listenbrainz", "expired_token", errors.ConsentRevokedError),
        ("listenbrainz", "forbidden", errors.NotAllowedError),
        ("listenbrainz", "server_error", errors.TransientError),
        ("listenbrainz", "unavailable", errors.TransientError),
        ("listenbrainz", "not_found", errors.NotFoundError),
    ],
    indirect=["provider"],
)
def test_every_refusal_has_its_error(
    provider: str,
    ready_made: str,
    kind: type[errors.ProviderError],
    simulator: Simulator,
    person: Person,
    act: Act,
) -> None:
    link(person, provider)
    client = act(person, provider, "write")
    simulator.fault(ONE[provider], ready_made=ready_made)
    with pytest.raises(kind) as refused:
        client.playlist("3a1b0f5e-7a2c-4f60-9c8e-2f6f7f1f7a10")
    assert type(refused.value) is kind


def test_spotifys_burst_limit_says_how_long(person: Person, act: Act, spotify: Simulator) -> None:
    link(person, "spotify")
    spotify.fault("GET /v1/me", ready_made="burst")
    with pytest.raises(errors.RateLimitedError) as limited:
        act(person, "spotify").profile()
    assert limited.value.retry_after == 3


def test_a_spent_spotify_quota_stops_everybody_without_another_call(
    person: Person, act: Act, spotify: Simulator, later: Callable[[float], None]
) -> None:
    link(person, "spotify")
    client = act(person, "spotify")
    client.profile()
    spotify.clear_calls()
    spotify.fault("GET /v1/me", ready_made="quota")
    with pytest.raises(errors.QuotaExhaustedError) as spent:
        client.profile()
    left = spent.value.until - clock.now()
    assert timedelta(seconds=48_900) < left <= timedelta(seconds=48_925)
    with pytest.raises(errors.QuotaExhaustedError):
        act(person, "spotify").playlists()
    assert spotify.calls() == {"GET /v1/me": 1}
    later(48_930)
    assert act(person, "spotify").profile().display_name == "Ada"


def test_spent_searches_of_youtube_leave_the_rest_alone(person: Person, act: Act, youtube: Simulator) -> None:
    link(person, "youtube")
    client = act(person, "youtube")
    youtube.quota(search=1)
    assert client.search_tracks("love", 3)
    with pytest.raises(errors.QuotaExhaustedError) as spent:
        client.search_tracks("love", 3)
    assert spent.value.bucket == "search"
    youtube.clear_calls()
    with pytest.raises(errors.QuotaExhaustedError):
        client.search_tracks("love", 3)
    assert youtube.calls() == {}
    assert client.playlists().items


def test_spent_units_of_youtube_stop_before_the_call_is_made(
    person: Person, act: Act, youtube: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(person, "youtube")
    monkeypatch.setenv("YOUTUBE_DAILY_UNITS", "60")
    client = act(person, "youtube", "write")
    youtube.clear_calls()
    client.create_playlist("One", "")
    with pytest.raises(errors.QuotaExhaustedError):
        client.create_playlist("Two", "")
    assert youtube.calls() == {"POST /youtube/v3/playlists": 1}
    assert client.playlists().items, "what is left is enough to read"


def test_our_ledger_agrees_with_youtubes(
    person: Person, act: Act, youtube: Simulator, harness: FunctionRunner
) -> None:
    link(person, "youtube")
    client = act(person, "youtube", "write")
    playlist = client.create_playlist("Ledger", "")
    hits = client.search_tracks("love", 5)
    client.tracks([hit.id for hit in hits])
    client.add_items(playlist.id, [hits[0].id])
    client.playlist_items(playlist.id)
    with pytest.raises(errors.NotFoundError):
        client.add_items("PLnone", [hits[0].id])
    theirs = youtube.control("GET", "/quota")
    booked = sql(harness.database_url, "SELECT bucket, used FROM providers.quota_usage ORDER BY 1")
    assert booked == [("general", theirs["general"]["used"]), ("search", theirs["search"]["used"])]


def test_youtubes_limit_of_new_playlists_is_the_channels_and_not_the_projects(
    person: Person, act: Act, youtube: Simulator, harness: FunctionRunner
) -> None:
    youtube.settings(playlists_per_day=1)
    link(person, "youtube")
    client = act(person, "youtube", "write")
    client.create_playlist("One", "")
    with pytest.raises(errors.QuotaExhaustedError) as spent:
        client.create_playlist("Two", "")
    assert spent.value.bucket == "new_playlists"
    assert (
        sql(harness.database_url, "SELECT 1 FROM providers.quota_usage WHERE exhausted_until IS NOT NULL")
        == []
    )


def test_a_channel_that_is_gone_shows_in_the_status(person: Person, act: Act, youtube: Simulator) -> None:
    link(person, "youtube")
    youtube.fault("POST /youtube/v3/playlists", ready_made="signup_required")
    with pytest.raises(errors.NoChannelError):
        act(person, "youtube", "write").create_playlist("x", "")
    account = person.call("GET", "/v1/providers/youtube").json
    assert account["status"] == "no_channel"
    assert account["next_step"]["code"] == "no-channel"
    # Having made one, the person need not link again: the next reading finds out.
    person.call("POST", "/v1/playlists/sync", {"provider": "youtube"})
    person.harness.drain("PROVIDERS_SYNC_QUEUE_URL", "providers_sync_worker")
    assert person.call("GET", "/v1/providers/youtube").json["status"] == "active"


def test_a_full_playlist_and_a_refused_duplicate_are_told_apart(
    person: Person, act: Act, youtube: Simulator
) -> None:
    link(person, "youtube")
    client = act(person, "youtube", "write")
    playlist = client.create_playlist("Small", "")
    first, second = client.search_tracks("love", 2)
    youtube.settings(duplicates="refuse")
    client.add_items(playlist.id, [first.id])
    with pytest.raises(errors.DuplicateRefusedError):
        client.add_items(playlist.id, [first.id])
    youtube.settings(playlist_size=1)
    with pytest.raises(errors.PlaylistFullError):
        client.add_items(playlist.id, [second.id])


def test_youtubes_conflict_is_handed_to_the_caller_to_look(
    person: Person, act: Act, youtube: Simulator
) -> None:
    link(person, "youtube")
    client = act(person, "youtube", "write")
    playlist = client.create_playlist("Fast", "")
    track = client.search_tracks("love", 1)[0]
    youtube.fault("POST /youtube/v3/playlistItems", ready_made="conflict", applied=True)
    with pytest.raises(errors.TransientError) as conflict:
        client.add_items(playlist.id, [track.id])
    assert conflict.value.may_have_applied
    assert [item.track.id for item in client.playlist_items(playlist.id).items] == [track.id]
