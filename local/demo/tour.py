"""The demonstration: from nothing to a migrated playlist, both ways, the proof read back; plays; exports.

What was written, what stands there twice and whether it is in order is read from the target provider itself,
not from our own tables.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import requests
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from local.demo import exports as demo_exports
from local.demo import playlist_files, search
from local.demo import plays as demo_plays
from local.demo.user import ApiUser
from local.stack.stack import Options, Stack

NAMES = {"spotify": "Spotify", "youtube": "YouTube"}
ENOUGH = {"spotify": 40, "youtube": 20}
"""Tracks that the playlist to be moved has at least."""
DEADLINE = 180.0
"""Seconds after which the demo gives up on a migration."""

console = Console()


@dataclass(frozen=True)
class Migration:
    """One started migration of one playlist."""

    id: int
    source: str
    target: str
    name: str


@dataclass(frozen=True)
class Proof:
    """What the target provider holds, compared with what was matched."""

    written: int
    duplicates: int
    in_order: bool


def main() -> int:
    """Run the demonstration; 0 when everything arrived as it should."""
    started = time.monotonic()
    with Stack(Options()) as stack:
        simulators = {"spotify": stack.spotify_url, "youtube": stack.youtube_url}
        if not all(simulators.values()):
            console.print("The demo needs both simulators: unset the real client ids in the environment.")
            return 2
        person = linked_user(stack)
        migrations = start_migrations(person, person.synced_playlists())
        watch(person, migrations)
        reports = [report(person, migration, simulators) for migration in migrations]
        file = playlist_files.reimport(
            person,
            source_id(person, migrations),
            playable(person, migrations),
            simulators["spotify"],
            console,
        )
        plays = demo_plays.import_history(stack, person)
        search.show(person, first_found(person, migrations), console)
        exports = demo_exports.show(person, source_id(person, migrations), console)
        summary = {
            "migrations": reports,
            "file": file,
            "plays": plays,
            "exports": exports,
            "provider_calls": {name: _calls(url) for name, url in simulators.items()},
            "quota": {
                f"{name}.{bucket}": use["used"]
                for name, url in simulators.items()
                for bucket, use in _control(url, "quota").items()
            },
            "seconds": round(time.monotonic() - started, 1),
        }
    print(json.dumps(summary, ensure_ascii=False), flush=True)
    well = all(map(_went_well, reports)) and demo_plays.went_well(plays) and demo_exports.went_well(exports)
    return 0 if well and file["same"] else 1


def linked_user(stack: Stack) -> ApiUser:
    """Sign somebody up and link both accounts by following the redirects of the consent pages."""
    person = ApiUser.sign_up(stack.api_url, "Ada")
    console.print(f"Signed up as [bold]{person.email}[/bold].")
    for provider, title in NAMES.items():
        account = person.link(provider)
        console.print(f"Linked {title} as [bold]{account['display_name']}[/bold].")
    return person


def start_migrations(person: ApiUser, playlists: list[dict[str, Any]]) -> list[Migration]:
    """Start one migration each way, of a playlist that is long enough to be worth watching."""
    started = []
    for source, target in (("spotify", "youtube"), ("youtube", "spotify")):
        playlist = min(
            (
                playlist
                for playlist in playlists
                if playlist["provider"] == source
                and playlist["is_own"]
                and not playlist["is_liked"]
                and playlist["track_count"] >= ENOUGH[source]
            ),
            key=lambda playlist: (playlist["track_count"], playlist["name"]),
        )
        body = {
            "source_provider": source,
            "target_provider": target,
            "playlists": [playlist["provider_playlist_id"]],
        }
        job = person.call("POST", "/v1/migrations", body)
        started.append(Migration(job["id"], source, target, playlist["name"]))
    return started


def watch(person: ApiUser, migrations: list[Migration]) -> None:
    """Show live progress until all have ended."""
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(), TextColumn("{task.fields[message]}"),
    )  # fmt: skip
    deadline = time.monotonic() + DEADLINE
    with Progress(*columns, console=console) as progress:
        bars = {
            migration.id: progress.add_task(
                f"{NAMES[migration.source]} -> {NAMES[migration.target]}: {migration.name}",
                total=None,
                message="",
            )
            for migration in migrations
        }
        waiting = set(bars)
        while waiting and time.monotonic() < deadline:
            for migration_id in sorted(waiting):
                job = person.call("GET", f"/v1/migrations/{migration_id}")
                tracks = job["progress"]["tracks"]
                progress.update(
                    bars[migration_id],
                    total=tracks["total"] or None,
                    completed=tracks["written"] + tracks["failed"],
                    message=job["status_message"],
                )
                if job["status"] in {"completed", "failed"}:
                    waiting.discard(migration_id)
            time.sleep(0.2)


def first_found(person: ApiUser, migrations: list[Migration]) -> dict[str, Any]:
    """The first track of Spotify that found its counterpart."""
    (migration,) = [one for one in migrations if one.source == "spotify"]
    return next(person.every(f"/v1/migrations/{migration.id}/tracks?status=matched"))


def source_id(person: ApiUser, migrations: list[Migration]) -> str:
    """Spotify's id of the playlist that was moved from there."""
    (migration,) = [one for one in migrations if one.source == "spotify"]
    return str(next(person.every(f"/v1/migrations/{migration.id}/playlists"))["source_playlist_id"])


def playable(person: ApiUser, migrations: list[Migration]) -> list[str]:
    """Spotify's ids of what stands in that playlist, in order, but for what nobody can put into one."""
    (migration,) = [one for one in migrations if one.source == "spotify"]
    tracks = person.every(f"/v1/migrations/{migration.id}/tracks?limit=100")
    return [track["source_track_id"] for track in tracks if track["outcome"] != "not_transferable"]


def report(person: ApiUser, migration: Migration, simulators: dict[str, str | None]) -> dict[str, Any]:
    """Print what became of every track, and compare the target playlist with it."""
    job = person.call("GET", f"/v1/migrations/{migration.id}")
    tracks = list(person.every(f"/v1/migrations/{migration.id}/tracks?limit=100"))
    playlists = list(person.every(f"/v1/migrations/{migration.id}/playlists"))
    _print_tracks(migration, tracks)
    matched = [track["target_track_id"] for track in tracks if track["status"] == "matched"]
    url = simulators[migration.target]
    assert url is not None
    proof = read_back(url, playlists[0]["target_playlist_id"], matched)
    return {
        "id": migration.id,
        "direction": f"{migration.source}->{migration.target}",
        "status": job["status"],
        "tracks": len(tracks),
        "matched": len(matched),
        "failed": sum(track["status"] == "failed" for track in tracks),
        "written": proof.written,
        "duplicates": proof.duplicates,
        "in_order": proof.in_order,
    }


def read_back(simulator_url: str, playlist_id: str | None, matched: list[str]) -> Proof:
    """Look at the target playlist itself.

    A track that stands in the source twice belongs into the target twice; duplicates are the places beyond.
    """
    if playlist_id is None:
        return Proof(written=0, duplicates=0, in_order=not matched)
    present = [item["id"] for item in _control(simulator_url, f"playlists/{playlist_id}/items")["items"]]
    extra = Counter(present) - Counter(matched)
    return Proof(written=len(present), duplicates=extra.total(), in_order=present == matched)


def announce(stack: Stack) -> None:
    """Say how to try a running stack: addresses, a ready session, lines to copy."""
    lines = [f"API            {stack.api_url}", f"Documentation  {stack.api_url}/docs"]
    lines += [
        f"{title:<14} {url}"
        for title, url in (
            ("Spotify", stack.spotify_url or "the real service"),
            ("YouTube", stack.youtube_url or "the real service"),
            ("Postgres", stack.database_url),
            ("SQS, S3 ...", stack.aws_url),
        )
    ]
    console.print("\n".join(lines), highlight=False, soft_wrap=True)
    if not (stack.spotify_url and stack.youtube_url):
        person = ApiUser.sign_up(stack.api_url, "Ada")
        console.print("Link your accounts with POST /v1/providers/spotify/link and .../youtube/link.")
    else:
        person = linked_user(stack)
    header = '-H "Authorization: Bearer $TOKEN"'
    body = '{"source_provider":"spotify","target_provider":"youtube","playlists":"all"}'
    console.print(
        f"\nexport TOKEN={person.token}\n"
        f"curl {header} {stack.api_url}/v1/me\n"
        f"curl {header} {stack.api_url}/v1/providers\n"
        f"curl {header} -X POST {stack.api_url}/v1/playlists/sync -d '{{}}'\n"
        f"curl {header} {stack.api_url}/v1/playlists\n"
        f"curl {header} -X POST {stack.api_url}/v1/migrations -d '{body}'\n"
        f"curl {header} {stack.api_url}/v1/migrations\n"
        f"curl {header} '{stack.api_url}/v1/search?q=salt+and+signal'\n"
        f"curl {header} '{stack.api_url}/v1/resolve?url=spotify:track:5ovODbIxH3D9PN3iKkFXiz'\n"
        f'curl {header} -X POST {stack.api_url}/v1/exports -d \'{{"type":"account_archive"}}\'\n'
        f"curl {header} -L -OJ {stack.api_url}/v1/exports/1/download\n",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )


def _print_tracks(migration: Migration, tracks: list[dict[str, Any]]) -> None:
    table = Table(title=f"{migration.name}: {NAMES[migration.source]} -> {NAMES[migration.target]}")
    table.add_column("#", justify="right")
    table.add_column("Source", overflow="fold", ratio=3)
    table.add_column("Target", overflow="fold", ratio=3)
    table.add_column("Score", justify="right")
    table.add_column("Parts", overflow="fold", ratio=2)
    table.add_column("Status", overflow="fold", ratio=2)
    for track in tracks:
        score = track["match_score"]
        table.add_row(
            str(track["position"] + 1),
            _line(track["source_artist"], track["source_title"]),
            _line(track["target_artist"], track["target_title"]),
            "" if score is None else f"{float(score):.0f}",
            " ".join(f"{part} {value:.0f}" for part, value in (track["match_parts"] or {}).items()),
            track["error_message"] or track["status"],
        )
    console.print(table)


def _line(artist: str | None, title: str | None) -> str:
    return " - ".join(part for part in (artist, title) if part)


def _calls(url: str | None) -> dict[str, int]:
    calls: dict[str, int] = _control(url, "calls")["by_endpoint"]
    return dict(sorted(calls.items()))


def _control(url: str | None, what: str) -> Any:
    answer = requests.get(f"{url}/_control/{what}", timeout=10)
    answer.raise_for_status()
    return answer.json()


def _went_well(migration: dict[str, Any]) -> bool:
    return bool(
        migration["status"] == "completed"
        and migration["written"] == migration["matched"] > 0
        and migration["duplicates"] == 0
        and migration["in_order"]
    )
