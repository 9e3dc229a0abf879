"""The newcomer's first command, as it is."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from rich.cells import cell_len

from local.stack.wait import wait_until
from tests.support import ROOT
from tests.support.processes import is_running

pytestmark = pytest.mark.e2e


def test_the_demo_moves_two_playlists_and_proves_it_with_what_the_targets_hold() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "local", "demo", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | {"COLUMNS": "80"},
    )
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    *printed, last = finished.stdout.splitlines()
    summary = json.loads(last)
    assert len(printed) + len(finished.stderr.splitlines()) <= 60
    assert max(map(cell_len, printed)) <= 80
    assert max(map(len, printed)) <= 80
    assert "…" not in "".join(printed)
    resolved = next(
        number for number, line in enumerate(printed) if line.startswith("https://open.spotify.com/track/")
    )
    following = "\n".join(printed[resolved + 1 : resolved + 4])
    assert "On the other side: " in following
    assert "https://www.youtube.com/watch?v=" in following
    # It ends with files that stay, and with what to try next.
    folder = Path(summary["folder"])
    assert folder.is_relative_to(ROOT / ".local")
    assert any(str(folder.relative_to(ROOT)) in line for line in printed)
    assert any(line.endswith("every SHA-256 of its manifest holds.") for line in printed)
    assert "What to try next" in "\n".join(printed[-5:])
    files = {path.suffix: path for path in folder.iterdir() if path.name != "Road trip.csv"}
    assert files.keys() == {".csv", ".json", ".svg", ".xspf", ".zip"}
    assert files[".csv"].read_text("utf-8-sig").startswith("played_at,local_time,title")
    assert (folder / "Road trip.csv").read_text("utf-8-sig").startswith('"Track URI","Track Name"')
    directions = {migration["direction"]: migration for migration in summary["migrations"]}
    assert directions.keys() == {"spotify->youtube", "youtube->spotify", "spotify->tidal"}
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
    # A pair writes what it showed, once somebody says yes.
    assert summary["pair"]["stands"] is True
    assert len(summary["pair"]["expected"]) >= 15
    assert "Say yes to begin." in summary["pair"]["asked"]
    # What was listened to comes in once, and the figures show what was accepted.
    plays = summary["plays"]
    assert plays["accepted_again"] == 0
    assert plays["plays_in_the_figures"] == plays["plays_accepted"] > 0
    assert files[".svg"].read_text().startswith("<svg")
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
