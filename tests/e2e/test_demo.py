"""The newcomer's first command, as it is."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from local.stack.wait import wait_until
from tests.support import ROOT
from tests.support.processes import is_running

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
    printed = finished.stdout.splitlines()
    (told,) = [
        number for number, line in enumerate(printed) if line.startswith("https://open.spotify.com/track/")
    ]
    assert printed[told + 1].startswith("On the other side: ")
    assert "https://www.youtube.com/watch?v=" in printed[told + 1]
    # It ends with files that were downloaded, and their first lines.
    *_, archive, _ = printed
    assert "musicconnect-archive-" in archive
    assert archive.endswith("every SHA-256 of its manifest holds")
    assert [line for line in printed if line.startswith('"Track URI","Track Name"')]
    assert [line for line in printed if line.startswith("played_at,local_time,title")]
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
    assert summary["file"]["same"] is True
    assert summary["file"]["written"] >= 40
    # What was listened to comes in once, and the figures show what the ledger says.
    plays = summary["plays"]
    assert plays["accepted_again"] == 0
    assert plays["plays_in_the_figures"] == plays["plays_in_the_ledger"] > 0
    assert Path(plays["chart"]).read_text().startswith("<svg")
    exports = summary["exports"]
    assert exports["sums_hold"] is True
    assert exports["exports"]["playlists_csv"]["rows"] == directions["spotify->youtube"]["tracks"]
    assert exports["exports"]["history_csv"]["rows"] == plays["counts"]["accepted"]


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
