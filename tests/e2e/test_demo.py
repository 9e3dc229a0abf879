"""The newcomer's first command, as it is."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local.waiting import wait_until
from tests.support.processes import is_running

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.e2e


def test_the_demo_moves_two_playlists_and_proves_it_with_what_the_targets_hold() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "local", "demo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    summary = json.loads(finished.stdout.splitlines()[-1])
    *_, told, counterpart, _ = finished.stdout.splitlines()
    assert told.startswith("https://open.spotify.com/track/")
    assert counterpart.startswith("On the other side: ")
    assert "https://www.youtube.com/watch?v=" in counterpart
    directions = {migration["direction"]: migration for migration in summary["migrations"]}
    assert directions.keys() == {"spotify->youtube", "youtube->spotify"}
    assert directions["spotify->youtube"]["tracks"] >= 40
    assert directions["youtube->spotify"]["tracks"] >= 20
    for migration in directions.values():
        assert migration["status"] == "completed"
        assert migration["written"] == migration["matched"]
        assert migration["duplicates"] == 0
        assert migration["in_order"] is True
        assert migration["matched"] + migration["failed"] == migration["tracks"]
    # One search for each different track at the most, one insert for each track written.
    calls = summary["provider_calls"]["youtube"]
    assert calls["POST /youtube/v3/playlistItems"] == directions["spotify->youtube"]["written"]
    assert summary["quota"]["youtube.search"] == calls["GET /youtube/v3/search"] <= 60
    # A playlist that goes out as a file and comes in again is the same.
    assert summary["file"] == {"entries": 4, "same": True}
    # What was listened to comes in once, and the figures show what the ledger says.
    plays = summary["plays"]
    assert plays["accepted_again"] == 0
    assert plays["plays_in_the_figures"] == plays["plays_in_the_ledger"] > 0
    assert Path(plays["chart"]).read_text().startswith("<svg")


def test_an_interrupted_demo_leaves_no_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "local", "demo"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"TERM": "dumb"},
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "Linked YouTube" in line:
                break
        started = [child.pid for child in psutil.Process(demo.pid).children(recursive=True)]
        assert started
        demo.send_signal(signal.SIGINT)
        demo.stdout.read()
        demo.wait(timeout=30)
    wait_until(lambda: not any(map(is_running, started)), seconds=15, what="the demo's processes to end")
