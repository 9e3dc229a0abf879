"""The demonstration's circle: a playlist is exported, and the very file is imported as a new one."""

from typing import Any

import requests
from rich.console import Console

from local.demo import exports
from local.demo.user import ApiUser
from local.stack.wait import wait_until

TIMEOUT = 60.0
ROUTE = "/v1/imports/playlists"


def reimport(
    person: ApiUser, playlist_id: str, wanted: list[str], simulator_url: str | None, console: Console
) -> dict[str, Any]:
    """Export a playlist of Spotify as XSPF, import the file into Spotify, and look at what is there.

    Args:
        person: Who does.
        playlist_id: Spotify's.
        wanted: What has to be in the new one, in order: Spotify's ids.
        simulator_url: Of Spotify.
        console: For what people see.
    """
    filters = {"provider": "spotify", "playlists": [playlist_id]}
    export = exports.build(person, {"type": "playlists_xspf", "filters": filters})
    content = exports.download(person, export)
    body = {
        "target_provider": "spotify", "size_bytes": len(content), "file_name": export["files"][0]["name"],
    }  # fmt: skip
    made = person.call("POST", ROUTE, body)
    link = made["upload"]
    requests.put(link["url"], content, headers=link["headers"], timeout=TIMEOUT).raise_for_status()
    path = f"{ROUTE}/{made['id']}"
    person.call("POST", f"{path}/start")
    found = _ended(person, path, "the file to be read")
    job = _ended(person, f"/v1/migrations/{found['migration_id']}", "the file's playlist to be made")
    (playlist,) = person.every(f"/v1/migrations/{job['id']}/playlists")
    answer = requests.get(
        f"{simulator_url}/_control/playlists/{playlist['target_playlist_id']}/items", timeout=TIMEOUT
    )
    is_same = [item["id"] for item in answer.json()["items"]] == wanted
    console.print(
        f"Exported and imported again: [bold]{found['file_name']}[/bold], {job['status_message']}; "
        f"{'the same playlist' if is_same else 'NOT the same playlist'}.",
        soft_wrap=True,
    )
    return {"entries": found["entries"], "written": job["progress"]["tracks"]["written"], "same": is_same}


def _ended(person: ApiUser, path: str, what: str) -> dict[str, Any]:
    wait_until(
        lambda: person.call("GET", path)["status"] in {"completed", "failed"}, seconds=TIMEOUT, what=what
    )
    return dict(person.call("GET", path))
