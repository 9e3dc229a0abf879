"""Import a made-up listening history, and read the figures that are drawn from it."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from local.demo.user import ApiUser
from local.stack.stack import Stack

DAYS = 60
BLOCKS = " ▁▂▃▄▅▆▇█"
COUNTS = ("total", "accepted", "duplicate", "skipped", "failed")
CHART = "plays-by-day.svg"
# Made up, so that nobody's name is used.
BANDS = ("The Quiet Elevators", "Marmalade Radar", "Nine Lighthouses", "Solveig & the Tram", "Ōkami Kite")
TITLES = ("Low Tide", "Paper Weather", "Home by Eight", "Kelp", "Window Seat", "Second Umbrella")
SONGS = [(band, title) for band in BANDS for title in TITLES]


def import_history(stack: Stack, user: ApiUser, folder: Path) -> dict[str, Any]:
    """Import a history twice, run the roll-up, save a chart of the days; gives the figures."""
    content = json.dumps(made_up_history(datetime.now(UTC)), indent=1).encode()
    (folder / "history.json").write_bytes(content)
    first, again = (user.upload("/v1/plays/imports", content, "history.json") for _ in range(2))
    stack.fire_schedule("TrendsRollupFunctionEveryMinute")
    since = (datetime.now(UTC) - timedelta(days=DAYS)).date().isoformat()
    days = [day["plays"] for day in user.call("GET", f"/v1/trends/me/daily?from={since}")["items"]]
    (folder / CHART).write_bytes(user.download("/v1/trends/me/chart.svg?kind=daily"))
    return {
        "counts": {name: first["ledger"][name] for name in COUNTS},
        "reasons": first["ledger"]["reasons"],
        "accepted_again": again["ledger"]["accepted"],
        "plays_in_the_figures": sum(days),
        "plays_accepted": first["ledger"]["reasons"]["accepted"]["play"],
        "curve": curve(days),
        "chart": str(folder / CHART),
    }


def is_consistent(plays: dict[str, Any]) -> bool:
    """Whether every record was accepted once and counted."""
    total, *parts = (plays["counts"][name] for name in COUNTS)
    return bool(
        total == sum(parts)
        and plays["accepted_again"] == 0
        and plays["plays_in_the_figures"] == plays["plays_accepted"] > 0
    )


def curve(values: list[int]) -> str:
    """Draw values as a line of blocks, as high as the values."""
    highest = max(values, default=0) or 1
    return "".join(BLOCKS[-(-value * (len(BLOCKS) - 1) // highest)] for value in values)


def made_up_history(now: datetime) -> list[dict[str, Any]]:
    """Make an extended history of Spotify's, of two months: plays, skips, podcasts, a private session."""
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
    """Make a record as Spotify writes it."""
    return {
        "ts": ended.strftime("%Y-%m-%dT%H:%M:%SZ"), "platform": "demo", "ms_played": seconds * 1000,
        "ip_addr": "203.0.113.7", "master_metadata_track_name": track,
        "master_metadata_album_artist_name": artist, "master_metadata_album_album_name": None,
        "spotify_track_uri": None, "episode_name": None, "reason_end": "trackdone", "incognito_mode": False,
    }  # fmt: skip
