"""Files of playlists for the tests of imports, and how they are brought."""

import io
import urllib.request
import zipfile
from typing import Any

from local.simulators.catalogue import Recording
from musicconnect.playlist_files.model import Entry, Format, PlaylistHeader
from musicconnect.playlist_files.writers import writer
from tests.integration.migrations.scenario import MigrationScenario
from tests.support.functions import Person

QUEUE = "MIGRATIONS_IMPORT_QUEUE_URL"
ROUTE = "/v1/imports/playlists"


def entries_of(recordings: list[Recording], *, with_ids: bool = True) -> list[Entry]:
    """What an export of these says of their tracks on Spotify."""
    return [
        Entry(
            position=position,
            provider="spotify" if with_ids else None,
            provider_id=recording.tracks[0].id if with_ids else None,
            url=f"https://open.spotify.com/track/{recording.tracks[0].id}" if with_ids else "music/a.mp3",
            title=recording.tracks[0].title,
            artists=tuple(artist.name for artist in recording.tracks[0].artists),
            album=recording.tracks[0].album.name,
            duration_ms=recording.tracks[0].duration_ms,
            isrc=recording.tracks[0].isrc if with_ids else None,
        )
        for position, recording in enumerate(recordings)
    ]


def file_of(kind: Format, name: str, entries: list[Entry], **head: Any) -> bytes:
    made = writer(kind)
    return made.begin(PlaylistHeader(name=name, **head)) + b"".join(map(made.entry, entries)) + made.end()


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def asked(person: Person, content: bytes, name: str = "", target: str = "youtube", **options: Any) -> Any:
    """Ask for an import and upload its file; gives the import, not started."""
    body = {"target_provider": target, "size_bytes": len(content), "file_name": name, **options}
    answer = person.call("POST", ROUTE, body)
    assert answer.status == 201, answer.text
    link = answer.json["upload"]
    request = urllib.request.Request(link["url"], content, link["headers"], method=link["method"])
    urllib.request.urlopen(request, timeout=30).close()
    return answer.json


def started(person: Person, content: bytes, name: str = "", target: str = "youtube", **options: Any) -> int:
    import_id = int(asked(person, content, name, target, **options)["id"])
    answer = person.call("POST", f"{ROUTE}/{import_id}/start")
    assert answer.status == 202, answer.text
    return import_id


def upload(
    scenario: MigrationScenario, content: bytes, name: str = "", target: str = "youtube", **options: Any
) -> dict[str, Any]:
    """Bring a file and have it read; gives the import."""
    person: Person = options.pop("person", scenario.person)
    import_id = started(person, content, name, target, **options)
    scenario.harness.drain(QUEUE, "migrations_import_worker")
    found = person.call("GET", f"{ROUTE}/{import_id}")
    assert found.status == 200, found.text
    return dict(found.json)


def moved(
    scenario: MigrationScenario, content: bytes, name: str = "", target: str = "youtube", **options: Any
) -> int:
    """Bring a file and have its playlists migrated to the end; gives the migration's id."""
    found = upload(scenario, content, name, target, **options)
    assert found["status"] == "completed", found
    job = scenario.finish(found["migration_ids"][0])
    assert job["status"] == "completed", job
    return int(job["id"])
