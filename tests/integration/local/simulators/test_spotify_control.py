"""The control endpoint, shown on the Spotify simulator; both simulators have the same one."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import requests

from local.stack.wait import wait_until
from tests.integration.local.simulators.spotify_factories import Spotify
from tests.support import ROOT
from tests.support.processes import is_running


@pytest.fixture
def token(spotify: Spotify) -> str:
    return spotify.grant()


def test_calls_are_counted_by_endpoint(spotify: Spotify, token: str) -> None:
    playlist_id = spotify.get("me/playlists", token, limit=1)["items"][0]["id"]
    spotify.call("GET", f"playlists/{playlist_id}/items", token, limit=3)
    spotify.call("GET", "nonsense", token)
    report = spotify.control("GET", "calls")
    assert report["by_endpoint"] == {
        "GET /v1/me/playlists": 1,
        "GET /v1/playlists/{playlist_id}/items": 1,
    }
    last = report["calls"][-1]
    assert last["path"] == f"/v1/playlists/{playlist_id}/items"
    assert (last["method"], last["query"], last["status"], last["cost"]) == ("GET", {"limit": "3"}, 200, 1)
    spotify.control("DELETE", "calls")
    assert spotify.control("GET", "calls") == {"calls": [], "by_endpoint": {}}


def test_a_fault_strikes_as_often_as_it_should(spotify: Spotify, token: str) -> None:
    spotify.fault(endpoint="GET /v1/me", skip=1, times=2, status=503, body={"x": 1}, headers={"X-A": "b"})
    answers = [spotify.call("GET", "me", token) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert answers[1].json() == {"x": 1}
    assert answers[1].headers["X-A"] == "b"
    assert [call["fault"] for call in spotify.control("GET", "calls")["calls"]] == [
        None,
        "status",
        "status",
        None,
    ]


def test_faults_match_by_pattern_and_stay_until_removed(spotify: Spotify, token: str) -> None:
    spotify.fault(**{"endpoint": "GET *", "times": None, "as": "server_error"})
    assert spotify.call("GET", "me", token).status_code == 500
    assert spotify.call("GET", "me/playlists", token).status_code == 500
    assert spotify.call("POST", "me/playlists", token, {"name": "x"}).status_code == 201
    assert spotify.control("GET", "faults")["faults"][0]["struck"] == 2
    spotify.control("DELETE", "faults")
    assert spotify.call("GET", "me", token).status_code == 200


def test_chance_repeats_itself(spotify: Spotify, token: str) -> None:
    def run() -> list[int]:
        spotify.control("DELETE", "faults")
        spotify.fault(**{"times": None, "probability": 0.5, "as": "not_found"})
        return [spotify.call("GET", "me", token).status_code for _ in range(20)]

    first = run()
    assert {200, 404} == set(first)
    assert run() == first


@pytest.mark.parametrize("kind", ["status", "garbage", "empty", "close"])
def test_a_write_can_take_effect_and_fail_all_the_same(
    spotify: Spotify, token: str, track_ids: list[str], kind: str
) -> None:
    playlist_id = spotify.new_playlist([])
    body = {"uris": [f"spotify:track:{track_ids[0]}"]}
    for applied in (False, True):
        spotify.fault(endpoint="POST /v1/playlists/{playlist_id}/items", kind=kind, applied=applied)
        if kind == "close":
            with pytest.raises(requests.ConnectionError):
                spotify.call("POST", f"playlists/{playlist_id}/items", token, body)
        else:
            answer = spotify.call("POST", f"playlists/{playlist_id}/items", token, body)
            assert answer.status_code == (500 if kind == "status" else 200)
            with pytest.raises(requests.JSONDecodeError):
                answer.json()
        assert spotify.truth(playlist_id) == (track_ids[:1] if applied else [])


def test_silence(spotify: Spotify, token: str) -> None:
    spotify.fault(kind="hang", endpoint="GET /v1/me")
    with pytest.raises(requests.Timeout):
        requests.get(f"{spotify.url}/v1/me", headers={"Authorization": f"Bearer {token}"}, timeout=0.2)
    assert spotify.call("GET", "me", token).status_code == 200


def test_delays_are_at_least_as_long_as_asked(spotify: Spotify, token: str) -> None:
    def seconds() -> float:
        start = time.monotonic()
        assert spotify.call("GET", "me", token).status_code == 200
        return time.monotonic() - start

    spotify.fault(delay_ms=60)
    assert seconds() >= 0.06
    spotify.control("PUT", "latency", {"ms": 40})
    assert seconds() >= 0.04


def test_faults_that_make_no_sense_are_refused(spotify: Spotify) -> None:
    for body, hint in [
        ({"as": "nonsense"}, "there are:"),
        ({"endpoint": "GET /v2/me"}, "there are:"),
        ({"kind": "explode"}, "kind"),
        ({"unknown": 1}, "unknown"),
        ({"probability": 2}, "probability"),
    ]:
        assert hint in spotify.control("POST", "faults", body, status=400)["error"]
    assert spotify.control("GET", "faults")["faults"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "settings", {"mode": "nonsense"}),
        ("PUT", "settings", {"nonsense": 1}),
        ("PUT", "latency", {"ms": -1}),
        ("PUT", "clock", {"now": "yesterday"}),
        ("PUT", "clock", {}),
        ("PUT", "clock", []),
        ("PUT", "quota", {"nonsense": 1}),
        ("PUT", "quota", {"burst": "many"}),
        ("POST", "users", {}),
        ("POST", "users", {"id": "new", "liked": ["nonsense"]}),
        ("POST", "users/ada/playlists", {"items": ["nonsense"]}),
        ("POST", "users/ada/playlists", {"items": [{"x": 1}]}),
        ("POST", "users/ada/plays", {"plays": [{"track_id": "x"}]}),
    ],
)
def test_control_says_what_is_wrong(spotify: Spotify, method: str, path: str, body: object) -> None:
    assert spotify.control(method, path, body, status=400)["error"]


def test_a_setting_that_is_refused_changes_nothing(spotify: Spotify) -> None:
    before = spotify.control("GET", "settings")
    spotify.control("PUT", "settings", {"premium": False, "mode": "nonsense"}, status=400)
    assert spotify.control("GET", "settings") == before


def test_people_and_playlists_can_be_made(spotify: Spotify, track_ids: list[str]) -> None:
    spotify.control("POST", "users", {"id": "hedy", "display_name": "Hedy", "liked": track_ids[:2]})
    spotify.control("POST", "users", {"id": "hedy"}, status=409)
    spotify.control("POST", "users/nobody/playlists", {"name": "x"}, status=404)
    raw = {"title": "Home made", "artists": ["Nobody Much"], "album": "Tape", "duration_ms": 61_000}
    items = [track_ids[0], f"spotify:track:{track_ids[1]}", None, {"track": raw}]
    playlist_id = spotify.new_playlist(items, user="hedy", name="Mixed")
    people = {person["id"]: person for person in spotify.control("GET", "users")["users"]}
    assert (
        people["hedy"]["playlists"][0] | {"id": playlist_id, "name": "Mixed", "count": 4}
        == (people["hedy"]["playlists"][0])
    )
    truth = spotify.control("GET", f"playlists/{playlist_id}/items")["items"]
    assert [row["title"] for row in truth][2:] == [None, "Home made"]
    token = spotify.grant("hedy")
    liked = spotify.get("me/tracks", token)["items"]
    assert [row["track"]["id"] for row in liked] == track_ids[:2]
    assert spotify.get("search", token, q="home made nobody much", type="track")["tracks"]["total"] == 1
    spotify.control("GET", "playlists/nonsense/items", status=404)


def test_plays_can_be_added(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    play = {"track_id": track_ids[0], "played_at": "2099-01-01T00:00:00.250Z"}
    spotify.control("POST", "users/ada/plays", {"plays": [play]})
    newest = spotify.get("me/player/recently-played", token, limit=1)["items"][0]
    assert (newest["track"]["id"], newest["played_at"]) == (track_ids[0], "2099-01-01T00:00:00.250Z")


def test_the_clock_can_be_set(spotify: Spotify) -> None:
    spotify.control("PUT", "clock", {"now": "2030-05-06T07:08:09Z"})
    assert spotify.control("GET", "clock")["now"].startswith("2030-05-06T07:08:")
    spotify.control("PUT", "clock", {"offset_seconds": -60})
    assert spotify.control("GET", "clock")["offset_seconds"] == -60


def test_reset_forgets_everything(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    spotify.settings(mode="extended")
    spotify.fault(**{"times": None, "as": "not_found"})
    spotify.control("PUT", "clock", {"offset_seconds": 100})
    spotify.control("PUT", "quota", {"burst": 1})
    playlist_id = spotify.new_playlist(track_ids[:1])
    spotify.control("POST", "reset")
    assert spotify.control("GET", "settings")["mode"] == "development"
    assert spotify.control("GET", "faults")["faults"] == []
    assert spotify.control("GET", "clock")["offset_seconds"] == 0
    assert spotify.control("GET", "quota")["burst"]["limit"] is None
    assert spotify.control("GET", "calls")["by_endpoint"] == {}
    spotify.control("GET", f"playlists/{playlist_id}/items", status=404)
    assert spotify.call("GET", "me", token).status_code == 401
    assert len(spotify.get("me/playlists", spotify.grant())["items"]) == 3


def test_concurrent_writes_are_all_kept(spotify: Spotify, token: str, track_ids: list[str]) -> None:
    playlist_id = spotify.new_playlist([])
    headers = {"Authorization": f"Bearer {token}"}

    def add(track_id: str) -> str:
        body = {"uris": [f"spotify:track:{track_id}"]}
        url = f"{spotify.url}/v1/playlists/{playlist_id}/items"
        return str(requests.post(url, json=body, headers=headers, timeout=10).json()["snapshot_id"])

    with ThreadPoolExecutor(8) as pool:
        snapshots = list(pool.map(add, track_ids[:40]))
    assert len(set(snapshots)) == 40
    assert sorted(spotify.truth(playlist_id)) == sorted(track_ids[:40])


def test_it_runs_as_a_process_and_ends_with_its_parent() -> None:
    """A parent starts the simulator, hands over what it prints, and is killed."""
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'local.simulators.spotify', '--die-with-parent'],"
        " stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline().strip(), flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        pid, _, announcement = parent.stdout.readline().strip().partition(" ")
        simulator = psutil.Process(int(pid))
        try:
            url = json.loads(announcement)["url"]
            assert requests.get(f"{url}/_control/users", timeout=10).status_code == 200
            parent.kill()
            wait_until(lambda: not is_running(simulator.pid), seconds=20, what="the simulator to end")
        finally:
            parent.kill()
            if is_running(simulator.pid):
                simulator.kill()
