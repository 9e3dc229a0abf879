"""The control endpoint of the YouTube simulator: people, playlists, resets, bad requests."""

import json
import subprocess
import sys

import pytest

from tests.integration.local.simulators.youtube_factories import YouTube, error


def test_people_and_playlists_can_be_made(youtube: YouTube, videos: list[str]) -> None:
    youtube.control("POST", "users", {"id": "mary", "display_name": "Mary"})
    entries = [videos[0], {"deleted": "xxxxxxxxxxx"}, {"private": "yyyyyyyyyyy"}]
    playlist_id = youtube.new_playlist("mary", items=entries)
    people = {person["id"]: person for person in youtube.control("GET", "users")["users"]}
    assert people["mary"]["playlists"] == [{"id": playlist_id, "name": "Test", "count": 3}]
    assert people["ada"]["liked"]["count"] > 0
    items = youtube.control("GET", f"playlists/{playlist_id}/items")["items"]
    assert [item["privacy"] for item in items] == ["public", "deleted", "private"]
    token = youtube.grant(login="mary")["access_token"]
    answer = youtube.call("GET", "playlistItems", token, part="id", playlistId=playlist_id)
    assert len(answer.json()["items"]) == 3


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "users", {"display_name": "x"}, 400),
        ("POST", "users", {"id": "x", "hat": True}, 400),
        ("POST", "users", {"id": "ada"}, 409),
        ("POST", "users/nobody/playlists", {}, 404),
        ("POST", "users/ada/playlists", {"items": ["no such id"]}, 400),
        ("POST", "users/ada/playlists", {"items": [{"track": "no such id"}]}, 400),
        ("POST", "users/ada/playlists", {"items": "x"}, 400),
        ("GET", "playlists/PLnope/items", None, 404),
        ("PUT", "quota", {"unheard": 1}, 400),
        ("PUT", "settings", {"unheard": 1}, 400),
        ("PUT", "settings", {"write_ms": -1}, 400),
        ("PUT", "videos/x", {"privacy": "gone"}, 400),
        ("PUT", "videos/x", [], 400),
    ],
)
def test_control_says_what_is_wrong(
    youtube: YouTube, method: str, path: str, body: object, status: int
) -> None:
    answer = youtube.http.request(method, f"{youtube.url}/_control/{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert "Untitled" not in str(youtube.control("GET", "users")), "nothing half made is left"


def test_a_reset_forgets_everything(youtube: YouTube, token: str, videos: list[str]) -> None:
    before = youtube.control("GET", "users")
    playlist_id = youtube.new_playlist()
    youtube.insert(token, playlist_id, videos[0])
    youtube.control("PUT", f"videos/{videos[0]}", {"privacy": "deleted"})
    youtube.control("PUT", "quota", {"general": 1})
    youtube.settings(duplicates="refuse")
    youtube.control("POST", "reset")
    assert youtube.control("GET", "users") == before
    assert youtube.control("GET", "quota")["general"] | {"resets_at": ""} == {
        "used": 0, "limit": 10_000, "resets_at": "",
    }  # fmt: skip
    assert youtube.control("GET", "settings")["duplicates"] == "accept"
    assert error(youtube.call("GET", "channels", token, part="id", mine="true")) == (401, "authError")
    fresh = youtube.grant()["access_token"]
    assert youtube.call("GET", "videos", fresh, part="id", id=videos[0]).json()["items"]


def test_it_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "local.simulators.youtube", "--port", "0", "--die-with-parent"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            youtube = YouTube(json.loads(process.stdout.readline())["url"])
            with youtube.http:
                token = youtube.grant()["access_token"]
                assert youtube.call("GET", "channels", token, part="id", mine="true").status_code == 200
                assert youtube.call("HEAD", "channels", token, part="id", mine="true").content == b""
        finally:
            process.terminate()
            process.wait(timeout=30)
