"""The listening half of the demonstration: a history that somebody brings, and the figures drawn from it."""

import json
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from local.demo.user import ApiUser
from local.stack.stack import Stack
from local.stack.wait import wait_until

DAYS = 60
TIMEOUT = 30
BLOCKS = " ▁▂▃▄▅▆▇█"
# A made-up band each, so that nobody's name is used.
SONGS = [
    (f"{band}", f"{song}")
    for band in (
        "The Quiet Elevators",
        "Marmalade Radar",
        "Nine Lighthouses",
        "Solveig & the Tram",
        "Ōkami Kite",
    )
    for song in ("Low Tide", "Paper Weather", "Home by Eight", "Kelp", "Window Seat", "Second Umbrella")
]


def import_history(stack: Stack, person: ApiUser) -> dict[str, Any]:
    """Import a made-up history, run the roll-up, draw the days; what came of it."""
    console = Console()
    history = made_up_history(datetime.now(UTC))
    found = upload_history(person, json.dumps(history).encode())
    print_ledger(console, found)
    again = upload_history(person, json.dumps(history).encode())
    console.print(f"The same file again: {again['status_message']}")
    stack.fire_schedule("TrendsRollupFunctionEveryMinute")
    first = (datetime.now(UTC) - timedelta(days=DAYS)).date().isoformat()
    days = person.call("GET", f"/v1/trends/me/daily?from={first}")["items"]
    console.print(f"Plays a day, {len(days)} days: {curve([day['plays'] for day in days])}")
    picture = Path(tempfile.gettempdir()) / "musicconnect-demo-chart.svg"
    picture.write_bytes(chart(person))
    console.print(f"The same as a picture: {picture}", soft_wrap=True)
    return {
        "counts": {
            name: found["counts"][name] for name in ("total", "accepted", "duplicate", "skipped", "failed")
        },
        "accepted_again": again["counts"]["accepted"],
        "plays_in_the_figures": sum(day["plays"] for day in days),
        "plays_in_the_ledger": found["counts"]["reasons"]["accepted"]["play"],
        "chart": str(picture),
    }


def went_well(plays: dict[str, Any]) -> bool:
    """Whether everything was taken in once and counted."""
    ledger = plays["counts"]
    return bool(
        ledger["total"] == ledger["accepted"] + ledger["duplicate"] + ledger["skipped"] + ledger["failed"]
        and plays["accepted_again"] == 0
        and plays["plays_in_the_figures"] == plays["plays_in_the_ledger"] > 0
    )


def made_up_history(now: datetime) -> list[dict[str, Any]]:
    """An extended history of Spotify's, of two months: plays, skips, a podcast, something private."""
    chance = random.Random(7)  # noqa: S311 - no secret
    rows = []
    for day in range(DAYS - 1, 0, -1):
        at = (now - timedelta(days=day)).replace(hour=7, minute=0, second=0, microsecond=0)
        for _ in range(chance.randrange(3, 25)):
            band, song = chance.choice(SONGS)
            seconds = chance.choice((4, 12, 180, 200, 215, 240))
            at += timedelta(seconds=seconds + chance.randrange(1, 900))
            rows.append(row(at, band, song, seconds))
        rows.append(row(at + timedelta(minutes=5), None, None, 600) | {"episode_name": "On Kelp"})
    rows[3] |= {"incognito_mode": True}
    return rows


def row(ended: datetime, artist: str | None, track: str | None, seconds: int) -> dict[str, Any]:
    """A row as Spotify writes it."""
    return {
        "ts": ended.strftime("%Y-%m-%dT%H:%M:%SZ"), "platform": "demo", "ms_played": seconds * 1000,
        "ip_addr": "203.0.113.7", "master_metadata_track_name": track,
        "master_metadata_album_artist_name": artist, "master_metadata_album_album_name": None,
        "spotify_track_uri": None, "episode_name": None, "reason_end": "trackdone", "incognito_mode": False,
    }  # fmt: skip


def upload_history(person: ApiUser, content: bytes) -> dict[str, Any]:
    """Upload a file and wait until it has been read."""
    made = person.call("POST", "/v1/plays/imports", {"size_bytes": len(content), "file_name": "demo.json"})
    link = made["upload"]
    requests.put(link["url"], content, headers=link["headers"], timeout=TIMEOUT).raise_for_status()
    path = f"/v1/plays/imports/{made['id']}"
    person.call("POST", f"{path}/start")
    wait_until(
        lambda: person.call("GET", path)["status"] in {"completed", "failed"},
        seconds=TIMEOUT,
        what="the history to be read",
    )
    return dict(person.call("GET", path))


def print_ledger(console: Console, found: dict[str, Any]) -> None:
    """What became of the records, and why."""
    table = Table(title=f"Imported {found['file_name']}: {', '.join(found['formats'])}")
    table.add_column("")
    table.add_column("Records", justify="right")
    table.add_column("Of them")
    ledger = found["counts"]
    for name in ("accepted", "duplicate", "skipped", "failed", "total"):
        reasons = ledger["reasons"].get(name, {})
        table.add_row(
            name, f"{ledger[name]:,}", ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
        )
    console.print(table)


def curve(values: list[int]) -> str:
    """A line of blocks, as high as the values."""
    most = max(values, default=0) or 1
    return "".join(BLOCKS[-(-value * (len(BLOCKS) - 1) // most)] for value in values)


def chart(person: ApiUser) -> bytes:
    """The picture of the days."""
    answer = requests.get(
        f"{person.api_url}/v1/trends/me/chart.svg?kind=daily",
        headers={"Authorization": f"Bearer {person.token}"},
        timeout=TIMEOUT,
    )
    answer.raise_for_status()
    return answer.content


def main() -> int:
    """Run this half alone; 0 when all went well."""
    from local.stack.stack import Options  # noqa: PLC0415 - as the demo does

    started = time.monotonic()
    with Stack(Options()) as stack:
        plays = import_history(stack, ApiUser.sign_up(stack.api_url, "Ada"))
    print(json.dumps(plays | {"seconds": round(time.monotonic() - started, 1)}, ensure_ascii=False))
    return 0 if went_well(plays) else 1


if __name__ == "__main__":
    raise SystemExit(main())
