"""The demonstration's file: a playlist as Exportify writes it comes in as a new one, and is the same."""

import csv
import io
from typing import Any

import requests
from rich.console import Console

from local.person import Person
from local.waiting import wait_until

SHOWN = 3
"""Of the playlist's tracks."""
TIMEOUT = 60.0
ROUTE = "/v1/imports/playlists"


def bring_back(
    person: Person, tracks: list[dict[str, Any]], simulator_url: str, console: Console
) -> dict[str, Any]:
    """Import a file with the first of some tracks of Spotify, the first of them twice, into Spotify.

    Args:
        person: Who does.
        tracks: Of a migration from Spotify, as the API shows them.
        simulator_url: Of Spotify.
        console: For what people see.
    """
    chosen = [*tracks[:SHOWN], tracks[0]]
    content = exportify(chosen)
    body = {"target_provider": "spotify", "size_bytes": len(content), "file_name": "out_and_in_again.csv"}
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
    present = [item["id"] for item in answer.json()["items"]]
    wanted = [track["source_track_id"] for track in chosen]
    console.print(
        f"Imported {found['file_name']} ({', '.join(found['formats'])}): {job['status_message']}; "
        f"{'the same as in the file' if present == wanted else 'not what the file says'}."
    )
    return {"entries": found["entries"], "same": present == wanted}


def exportify(tracks: list[dict[str, Any]]) -> bytes:
    """The columns that tell most of Exportify's table."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, quoting=csv.QUOTE_ALL)
    rows.writerow(["Track URI", "Track Name", "Artist Name(s)"])
    rows.writerows(
        [f"spotify:track:{track['source_track_id']}", track["source_title"], track["source_artist"]]
        for track in tracks
    )
    return out.getvalue().encode()


def _ended(person: Person, path: str, what: str) -> dict[str, Any]:
    wait_until(
        lambda: person.call("GET", path)["status"] in {"completed", "failed"}, seconds=TIMEOUT, what=what
    )
    return dict(person.call("GET", path))
