"""The demonstration: move playlists both ways between simulated accounts; plays, search, exports.

What was written, its order and its duplicates are read from the target provider itself, not from our tables.
"""

import json
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from local.demo import mending, playlist_files
from local.demo.exports import export_everything
from local.demo.pairs import pair_playlists
from local.demo.plays import import_history, is_consistent
from local.demo.search import search_and_resolve
from local.demo.user import ApiUser
from local.stack.stack import STATE, Options, Stack

NAMES = {"spotify": "Spotify", "youtube": "YouTube", "tidal": "TIDAL"}
WAYS = (("spotify", "youtube"), ("youtube", "spotify"), ("spotify", "tidal"))
MIN_TRACKS = {"spotify": 40, "youtube": 20}
"""Of the playlist that is moved from there."""
DEADLINE_S = 180.0
"""After which the demo gives up on a migration."""
MAX_ROWS = 10
WIDTH = 80
NEXT = """\
What to try next: open these files, the chart in a browser. "make up" leaves the same system running, prints \
lines to copy for every step above, and describes its API under /docs. "make help" lists the rest."""

console = Console(width=WIDTH, highlight=False)
progress_console = Console(stderr=True)


@dataclass(frozen=True)
class Migration:
    """One started migration of one playlist."""

    id: int
    source: str
    target: str
    name: str


def main(*, as_json: bool = False) -> int:
    """Run the demonstration; 0 when everything arrived as it should."""
    started = time.monotonic()
    progress_console.print("Starting PostgreSQL, a stand-in for AWS, three simulators and the functions ...")
    with Stack(Options(quiet=True)) as stack:
        if not (stack.spotify_url and stack.youtube_url and stack.tidal_url):
            console.print("The demo needs all simulators: unset the real client ids in the environment.")
            return 2
        simulators = {"spotify": stack.spotify_url, "youtube": stack.youtube_url, "tidal": stack.tidal_url}
        folder = STATE / "demo" / f"{datetime.now(UTC).astimezone():%Y-%m-%d_%H%M%S}"
        folder.mkdir(parents=True, exist_ok=True)
        user = linked_user(stack)
        migrations = start_migrations(user, user.synced_playlists())
        watch(user, migrations)
        tracks = {one.id: list(user.every(f"/v1/migrations/{one.id}/tracks?limit=100")) for one in migrations}
        reports = [report(user, one, tracks[one.id], simulators[one.target]) for one in migrations]
        rows = [(one, track) for one in migrations for track in tracks[one.id]]
        print_tracks(rank_rows(rows), len(rows))
        (moved,) = [one for one in migrations if (one.source, one.target) == WAYS[0]]
        playlist_id = next(user.every(f"/v1/migrations/{moved.id}/playlists"))["source_playlist_id"]
        file = playlist_files.reimport(user, playlist_id, folder)
        transferable = [
            track["source_track_id"] for track in tracks[moved.id] if track["outcome"] != "not_transferable"
        ]
        present = items_of(simulators["spotify"], file["playlist_id"])
        file["same"] = present == transferable
        console.print(
            f"\nExported and imported again: {escape(file['file_name'])}, {file['written']} of "
            f"{file['entries']} written, {'unchanged' if file['same'] else 'NOT the same'}."
        )
        (wrong,) = [one for one in migrations if one.target == "spotify"]
        mended = mending.mend(user, wrong.id, tracks[wrong.id])
        target_id = next(user.every(f"/v1/migrations/{wrong.id}/playlists"))["target_playlist_id"]
        mended["stands"] = items_of(simulators["spotify"], target_id) == mended["expected"]
        console.print(
            f"Mended: another track for “{escape(mended['title'])}”, "
            f"{'in its place' if mended['stands'] else 'NOT in its place'}."
        )
        empty = _made_empty(simulators["tidal"], wrong.name)
        pair = pair_playlists(user, ("spotify", target_id), ("tidal", empty))
        pair["stands"] = items_of(simulators["tidal"], empty) == pair["expected"] != []
        console.print(
            f"Kept in step, Spotify and TIDAL: {len(pair['expected'])} tracks after a yes, "
            f"{'all there, in order' if pair['stands'] else 'NOT so there'}."
        )
        plays = import_history(stack, user, folder)
        print_plays(plays)
        matched = next(track for track in tracks[moved.id] if track["status"] == "matched")
        for line in search_and_resolve(user, matched):
            console.print(line, markup=False)
        exports = export_everything(user, playlist_id, folder)
        summary = {
            "migrations": reports,
            "file": file,
            "mended": mended,
            "pair": pair,
            "plays": plays,
            "exports": exports,
            "folder": str(folder),
            "provider_calls": {
                name: dict(sorted(_control(url, "calls")["by_endpoint"].items()))
                for name, url in simulators.items()
            },
            "quota": {
                f"{name}.{bucket}": use["used"]
                for name, url in simulators.items()
                for bucket, use in _control(url, "quota").items()
            },
            "seconds": round(time.monotonic() - started, 1),
        }
    well = (
        all(map(_went_well, reports))
        and file["same"]
        and mended["stands"]
        and pair["stands"]
        and is_consistent(plays)
        and exports["sums_hold"]
        and all(export["rows"] > 0 for export in exports["exports"].values())
    )
    print_files(folder, exports)
    if not well:
        console.print("\n[bold red]Something did not arrive as it should: see the lines above.[/bold red]")
    console.print(f"\n{NEXT}")
    if as_json:
        print(json.dumps(summary, ensure_ascii=False), flush=True)
    return 0 if well else 1


def linked_user(stack: Stack) -> ApiUser:
    """Sign a user up and link all accounts by following the redirects of the consent pages."""
    user = ApiUser.sign_up(stack.api_url, "Ada", aws_url=stack.aws_url)
    for provider, title in NAMES.items():
        account = user.link(provider)
        progress_console.print(f"Linked {title} as {account['display_name']}.")
    return user


def start_migrations(user: ApiUser, playlists: list[dict[str, Any]]) -> list[Migration]:
    """Start a migration for each of the ways, of a playlist that is long enough to be worth watching."""
    started = []
    for source, target in WAYS:
        playlist = min(
            (
                playlist
                for playlist in playlists
                if playlist["provider"] == source
                and playlist["is_own"]
                and not playlist["is_liked"]
                and playlist["track_count"] >= MIN_TRACKS[source]
            ),
            key=lambda playlist: (playlist["track_count"], playlist["name"]),
        )
        ids = [playlist["provider_playlist_id"]]
        body = {"source_provider": source, "target_provider": target, "playlists": ids}
        job = user.call("POST", "/v1/migrations", body)
        started.append(Migration(job["id"], source, target, playlist["name"]))
    return started


def watch(user: ApiUser, migrations: list[Migration]) -> None:
    """Show progress on standard error until all migrations have ended."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    deadline = time.monotonic() + DEADLINE_S
    with Progress(*columns, console=progress_console, transient=True) as progress:
        bars = {
            migration.id: progress.add_task(f"To {NAMES[migration.target]}: {migration.name}", total=None)
            for migration in migrations
        }
        waiting = set(bars)
        while waiting and time.monotonic() < deadline:
            for migration_id in sorted(waiting):
                job = user.call("GET", f"/v1/migrations/{migration_id}")
                tracks = job["progress"]["tracks"]
                done = tracks["written"] + tracks["failed"]
                progress.update(bars[migration_id], total=tracks["total"] or None, completed=done)
                if job["status"] in {"completed", "failed"}:
                    waiting.discard(migration_id)
            time.sleep(0.2)


def report(
    user: ApiUser, migration: Migration, tracks: list[dict[str, Any]], simulator_url: str
) -> dict[str, Any]:
    """Print what a migration wrote, and compare the target playlist with what was matched.

    A track that stands in the source twice belongs into the target twice; duplicates are those beyond.
    """
    job = user.call("GET", f"/v1/migrations/{migration.id}")
    (playlist,) = user.every(f"/v1/migrations/{migration.id}/playlists")
    matched = [track["target_track_id"] for track in tracks if track["status"] == "matched"]
    present = items_of(simulator_url, playlist["target_playlist_id"])
    duplicates = (Counter(present) - Counter(matched)).total()
    in_order = present == matched
    console.print(
        f"[bold]{NAMES[migration.source]} -> {NAMES[migration.target]}[/bold], {escape(migration.name)}: "
        f"{job['progress']['tracks']['written']} of {len(tracks)} written; "
        + (
            "all there, in order, once."
            if in_order and not duplicates
            else f"NOT so there: {len(present)}, {'' if in_order else 'not '}in order, {duplicates} twice."
        )
    )
    return {
        "id": migration.id,
        "direction": f"{migration.source}->{migration.target}",
        "status": job["status"],
        "tracks": len(tracks),
        "matched": len(matched),
        "failed": sum(track["status"] == "failed" for track in tracks),
        "written": len(present),
        "duplicates": duplicates,
        "in_order": in_order,
    }


def items_of(simulator_url: str, playlist_id: str | None) -> list[str]:
    """Read the ids in a playlist from the simulator that holds it."""
    if playlist_id is None:
        return []
    return [item["id"] for item in _control(simulator_url, f"playlists/{playlist_id}/items")["items"]]


def rank_rows(rows: list[tuple[Migration, dict[str, Any]]]) -> list[tuple[Migration, dict[str, Any]]]:
    """Choose ten tracks: one for each reason of a failure, then the least certain matches, in order."""
    reasons: set[str] = set()
    failed = []
    for row in rows:
        if row[1]["status"] == "failed" and (reason := row[1]["error_message"]) not in reasons:
            reasons.add(reason)
            failed.append(row)
    matched = sorted(
        (row for row in rows if row[1]["status"] == "matched"), key=lambda row: row[1]["match_score"]
    )
    failed = failed[: MAX_ROWS // 2]
    chosen = failed + matched[: MAX_ROWS - len(failed) - 1] + matched[-1:]
    return [row for row in rows if row in chosen]


def print_tracks(rows: list[tuple[Migration, dict[str, Any]]], total: int) -> None:
    """Print tracks, each above its counterpart or the reason why it has none."""
    console.print(f"\nThe {len(rows)} most telling of {total} tracks:")
    table = Table(box=None, width=WIDTH, padding=(0, 1))
    table.add_column("Score", justify="right")
    table.add_column("On")
    table.add_column("Track, and its counterpart or why it has none", overflow="fold", ratio=1)
    for migration, track in rows:
        score = track["match_score"]
        source = _line(track["source_artist"], track["source_title"])
        target = track["error_message"] or _line(track["target_artist"], track["target_title"])
        table.add_row("" if score is None else f"{score:.0f}", NAMES[migration.source], escape(source))
        table.add_row("", NAMES[migration.target], escape(target))
    with console.capture() as captured:
        console.print(table)
    print("\n".join(map(str.rstrip, captured.get().splitlines())))


def print_plays(plays: dict[str, Any]) -> None:
    """Print what became of a history's records."""
    counts = ", ".join(
        f"{count:,} {name}"
        + (f" ({', '.join(f'{number:,} {reason}' for reason, number in reasons.items())})" if reasons else "")
        for name, count in plays["counts"].items()
        if name != "total" and count
        for reasons in [plays["reasons"].get(name)]
    )
    console.print(
        f"Imported a history of {plays['counts']['total']:,} records: {counts}; "
        f"the same file again: {plays['accepted_again']} accepted. Plays a day:"
    )
    console.print(plays["curve"])


def print_files(folder: Path, exports: dict[str, Any]) -> None:
    """Print the files that are left to be looked at."""
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    console.print(f"\nThe files are in [bold]{escape(str(shown))}[/bold]:", soft_wrap=True)
    files = (f"{path.name} ({path.stat().st_size / 1000:,.0f} kB)" for path in sorted(folder.iterdir()))
    console.print(", ".join(files) + ".", markup=False)
    console.print(
        f"The archive has {exports['archive_files']} files, "
        f"{exports['exports']['account_archive']['rows']:,} rows; "
        f"every SHA-256 of its manifest {'holds' if exports['sums_hold'] else 'DOES NOT HOLD'}."
    )


def announce(stack: Stack) -> None:
    """Print how to try a running stack: addresses, a session, lines to copy."""
    addresses = {
        "API": stack.api_url,
        "Documentation": f"{stack.api_url}/docs",
        "Spotify": stack.spotify_url or "the real service",
        "YouTube": stack.youtube_url or "the real service",
        "TIDAL": stack.tidal_url or "the real service",
        "Mail": f"{stack.aws_url}/mailbox",
        "Postgres": stack.database_url,
        "SQS, S3 ...": stack.aws_url,
    }
    print("\n".join(f"{title:<14} {url}" for title, url in addresses.items()))
    if not (stack.spotify_url and stack.youtube_url and stack.tidal_url):
        user = ApiUser.sign_up(stack.api_url, "Ada", aws_url=stack.aws_url)
        print("Link your accounts with POST /v1/providers/spotify/link and .../youtube/link.")
    else:
        user = linked_user(stack)
    header = '-H "Authorization: Bearer $TOKEN"'
    body = '{"source_provider":"spotify","target_provider":"youtube","playlists":"all"}'
    print(
        f"\nexport TOKEN={user.token}\n"
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
    )


def _line(artist: str | None, title: str | None) -> str:
    return " - ".join(part for part in (artist, title) if part)


def _control(url: str, what: str) -> Any:
    answer = requests.get(f"{url}/_control/{what}", timeout=10)
    answer.raise_for_status()
    return answer.json()


def _made_empty(url: str, name: str) -> str:
    body = {"name": name, "items": []}
    answer = requests.post(f"{url}/_control/users/ada/playlists", json=body, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["id"])


def _went_well(migration: dict[str, Any]) -> bool:
    return bool(
        migration["status"] == "completed"
        and migration["written"] == migration["matched"] > 0
        and migration["duplicates"] == 0
        and migration["in_order"]
    )
