"""People who import plays, and the files that they import."""

import gzip
import io
import json
import urllib.request
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.support.functions import Answer, FunctionRunner, Person

Scrobbler = Callable[..., Answer]
"""Calls ListenBrainz's endpoints with somebody's personal token."""


@pytest.fixture
def person(core_harness: FunctionRunner) -> Person:
    return core_harness.sign_up(display_name="Ada Lovelace", time_zone="Europe/Berlin")


@pytest.fixture
def scrobbler(person: Person) -> Scrobbler:
    """Calls ListenBrainz's endpoints with a personal token."""
    token = person.call("POST", "/v1/auth/tokens", {"name": "scrobbler"}).json["token"]

    def call(method: str, target: str, body: Any = None, **options: Any) -> Answer:
        headers = {"Authorization": f"Token {token}"} | options.pop("headers", {})
        return person.harness.call(method, target, body, headers=headers, **options)

    return call


def upload(person: Person, content: bytes, name: str = "history.json") -> int:
    """Upload a file and declare it complete; gives the import's id."""
    answer = person.call("POST", "/v1/plays/imports", {"size_bytes": len(content), "file_name": name})
    assert answer.status == 201, answer.text
    link = answer.json["upload"]
    request = urllib.request.Request(link["url"], content, link["headers"], method=link["method"])
    urllib.request.urlopen(request, timeout=30).close()
    started = person.call("POST", f"/v1/plays/imports/{answer.json['id']}/start")
    assert started.status == 202, started.text
    return int(answer.json["id"])


def import_history(person: Person, content: bytes, name: str = "history.json") -> dict[str, Any]:
    """Upload a file and let the worker read it; gives the import."""
    import_id = upload(person, content, name)
    person.harness.drain("TRENDS_IMPORT_QUEUE_URL", "trends_import_worker")
    found = person.call("GET", f"/v1/plays/imports/{import_id}").json
    counts = found["ledger"]
    assert counts["total"] == sum(counts[name] for name in ("accepted", "duplicate", "skipped", "failed"))
    assert all(
        sum(counts["reasons"].get(name, {}).values()) == counts[name]
        for name in ("accepted", "duplicate", "skipped", "failed")
    )
    return dict(found)


def plays(person: Person, query: str = "") -> list[dict[str, Any]]:
    """All plays of a person, oldest first, through the pages of the list."""
    found, cursor = [], ""
    while True:
        page = person.call("GET", f"/v1/plays?limit=500{query}{cursor}").json
        found += page["items"]
        if page["next_cursor"] is None:
            return found[::-1]
        cursor = f"&cursor={page['next_cursor']}"


def as_json(rows: Iterable[Any]) -> bytes:
    return json.dumps(list(rows), ensure_ascii=False).encode()


def as_zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content)


def account_row(end: str, artist: str, track: str, ms: int) -> dict[str, Any]:
    return {"endTime": end, "artistName": artist, "trackName": track, "msPlayed": ms}


ACCOUNT = as_json(
    [
        account_row("2024-01-15 14:30", "Queen", "Bohemian Rhapsody", 354320),
        account_row("2024-01-15 14:30", "Abba", "Waterloo", 1200),
        account_row("2024-01-15 14:31", "Abba", "Waterloo", 29999),
        account_row("2024-01-15 14:33", "Abba", "Waterloo", 166000),
    ]
)
"""Four rows of a history of minutes: two plays, two skips."""


def extended_row(ts: str, artist: str | None, track: str | None, ms: int, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "ts": ts, "platform": "android", "ms_played": ms, "conn_country": "DE", "ip_addr": "203.0.113.5",
        "master_metadata_track_name": track, "master_metadata_album_artist_name": artist,
        "master_metadata_album_album_name": "Album", "spotify_track_uri": None, "episode_name": None,
        "episode_show_name": None, "spotify_episode_uri": None, "reason_start": "trackdone",
        "reason_end": "trackdone", "shuffle": False, "skipped": False, "offline": False,
        "offline_timestamp": None, "incognito_mode": False,
    }  # fmt: skip
    return row | more


def listen(at: int, artist: str, track: str, **info: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"artist_name": artist, "track_name": track}
    if info:
        metadata["additional_info"] = info
    return {"listened_at": at, "track_metadata": metadata}
