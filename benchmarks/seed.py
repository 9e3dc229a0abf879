"""How quickly open data becomes candidates: a dump of releases that is made up, in the published form.

Its sizes and shares are those of the dump of October 2026 (`benchmarks.fixtures.discogs`). The load is killed
three times and taken up again; the table has to be the one of a load in one go, and the one that the dump
was made to name. Making the dump takes longer than loading it, and is not measured.

    python -m benchmarks.seed [--releases 1000000] [--dump FILE] [--json]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent / "layers" / "musicconnect"))
sys.path.insert(0, str(Path(__file__).parent.parent / "functions"))

from benchmarks.fixtures.discogs import write_dump
from benchmarks.report import Figure, emit
from local.stack.postgres import ADMIN, postgres
from schema_migrate.upgrade import upgrade

AIM_RATE, AIM_MEGABYTES = 20_000, 300.0
KILLED_AFTER = (0.1, 0.25, 0.4)
"""Shares of the time of a whole load: all three are in the middle of it."""
ROOT = Path(__file__).parent.parent


def load(url: str, file: Path, kill_after_s: float | None = None) -> tuple[float, float, float]:
    """Run the command; gives seconds, the most memory of its processes in MB, and their processor time."""
    began, before, peak = time.perf_counter(), os.times(), 0.0
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.seed", "discogs", str(file)],
        env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": "layers/musicconnect:functions:."},
        cwd=ROOT, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    if kill_after_s is not None:
        threading.Timer(kill_after_s, process.send_signal, [signal.SIGKILL]).start()
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            together = [watched, *watched.children(recursive=True)]
            peak = max(peak, sum(one.memory_full_info().uss for one in together) / 1e6)
        except psutil.Error:
            pass  # one of them has just ended
        time.sleep(0.2)
    if kill_after_s is None and process.returncode != 0:
        raise SystemExit("the load failed")
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return time.perf_counter() - began, peak, spent


def contents(url: str) -> tuple[int, str]:
    """How many candidates there are, and a digest of all of them."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*), md5(string_agg(s::text, ',' ORDER BY key, track_id)) FROM providers.seeds s"
        ).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--releases", type=int, default=1_000_000)
    parser.add_argument("--dump", type=Path, help="a made-up dump to use, or to make where there is none")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, postgres(throwaway=True) as server:
        file = options.dump or Path(folder) / "discogs_20261001_releases.xml.gz"
        about = file.with_suffix(".json")
        if not about.exists():
            size, named = write_dump(file, options.releases)
            made = {"releases": options.releases, "unpacked_bytes": size, "candidates": named}
            about.write_text(json.dumps(made))
        made = json.loads(about.read_text())
        urls = []
        for name in ("whole", "killed"):
            with psycopg.connect(server.url(user=ADMIN), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            urls.append(server.url(user=ADMIN, database=name))
            upgrade(urls[-1])
        seconds, megabytes, processor_s = load(urls[0], file)
        kills = [load(urls[1], file, kill_after_s=seconds * share)[0] for share in KILLED_AFTER]
        load(urls[1], file)
        whole, resumed = contents(urls[0]), contents(urls[1])
        packed = file.stat().st_size
    releases = made["releases"]
    figures = {
        "releases_per_second": Figure(round(releases / seconds), "releases/s", AIM_RATE),
        "memory": Figure(round(megabytes, 1), "MB of all processes", AIM_MEGABYTES, "lower"),
        "same_after_kills": Figure(float(whole == resumed), "1: the same table", 1.0),
        "as_made": Figure(float(whole[0] == made["candidates"]), "1: as many as the dump names", 1.0),
        "candidates": Figure(whole[0], "rows", None),
    }
    context = {
        "releases": releases, "unpacked_mb": round(made["unpacked_bytes"] / 1e6),
        "packed_mb": round(packed / 1e6), "seconds": round(seconds, 1),
        "processor_s_without_database": round(processor_s, 1), "load_average": os.getloadavg()[0],
        "killed_after_s": [round(one, 1) for one in kills], "processors": os.cpu_count(),
    }  # fmt: skip
    emit("seed", figures, context, options.json)


if __name__ == "__main__":
    main()
