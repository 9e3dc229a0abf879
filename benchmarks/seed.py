"""How quickly open data becomes candidates: a dump of releases that is made up, in the published form.

A fifth of the releases have videos, as in the dump of October 2026, and a release has some three kilobytes.
The load is killed in the middle and taken up again; the table has to be the one of a load in one go.

    python -m benchmarks.seed [--releases 1000000] [--json]
"""

import argparse
import gzip
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

from benchmarks.baselines.migration_script import word
from benchmarks.report import Figure, emit
from local.stack.postgres import ADMIN, postgres
from schema_migrate.upgrade import upgrade

AIM_RATE, AIM_MEGABYTES = 20_000, 300.0
WITH_VIDEOS = 5
"""One of so many releases."""
TRACKS = 9
ROOT = Path(__file__).parent.parent
_NOTES = "Recorded in one room within a week. " * 40


def release(number: int) -> str:
    """A release as the dump has it; the same number gives the same one."""
    artist = f"{word(15485863 * (number % 99991))} {word(32452843 * (number % 9973) + 5)}"
    titles = [
        f"{word(7919 * (number + place))} {word(104729 * (number + 7 * place))}" for place in range(TRACKS)
    ]
    tracks = "".join(
        f"<track><position>{place + 1}</position><title>{title}</title>"
        f"<duration>{2 + place % 4}:{(number + 7 * place) % 60:02d}</duration></track>"
        for place, title in enumerate(titles)
    )
    videos = "".join(
        f'<video src="https://www.youtube.com/watch?v={number:09d}_{place}" '
        f'duration="{60 * (2 + place % 4) + (number + 7 * place) % 60}" embed="true">'
        f"<title>{artist} - {titles[place]}</title><description>Uploaded</description></video>"
        for place in range(3)
    )
    return (
        f'<release id="{number}" status="Accepted"><artists><artist><id>{number % 99991}</id>'
        f"<name>{artist}</name><anv/><join/><role/><tracks/></artist></artists><title>{titles[0]}</title>"
        f'<labels><label name="Quay" catno="Q {number}" id="5"/></labels><genres><genre>Rock</genre></genres>'
        f"<country>Norway</country><released>2011-04-00</released><notes>{_NOTES}</notes>"
        f"<data_quality>Correct</data_quality><tracklist>{tracks}</tracklist>"
        f"{f'<videos>{videos}</videos>' if number % WITH_VIDEOS == 0 else ''}</release>"
    )


def make(file: Path, releases: int) -> int:
    """Write a dump; gives its unpacked bytes."""
    size = 0
    with gzip.open(file, "wb", compresslevel=1) as out:
        out.write(b"<releases>\n")
        for number in range(1, releases + 1):
            size += out.write(release(number).encode() + b"\n")
        out.write(b"</releases>\n")
    return size


def load(url: str, file: Path, kill_after_s: float | None = None) -> tuple[float, float]:
    """Run the command; gives seconds, and the most memory of all its processes in MB."""
    began, peak = time.perf_counter(), 0.0
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
        time.sleep(0.05)
    if kill_after_s is None and process.returncode != 0:
        raise SystemExit("the load failed")
    return time.perf_counter() - began, peak


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
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder, postgres(throwaway=True) as server:
        file = Path(folder) / "discogs_20261001_releases.xml.gz"
        size = make(file, options.releases)
        urls = []
        for name in ("whole", "killed"):
            with psycopg.connect(server.url(user=ADMIN), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            urls.append(server.url(user=ADMIN, database=name))
            upgrade(urls[-1])
        seconds, megabytes = load(urls[0], file)
        kills = [load(urls[1], file, kill_after_s=seconds * share)[0] for share in (0.3, 0.6)]
        load(urls[1], file)
        whole, resumed = contents(urls[0]), contents(urls[1])
    figures = {
        "releases_per_second": Figure(round(options.releases / seconds), "releases/s", AIM_RATE),
        "memory": Figure(round(megabytes, 1), "MB of all processes", AIM_MEGABYTES, "lower"),
        "same_after_kills": Figure(float(whole == resumed), "1: the same table", 1.0),
        "candidates": Figure(whole[0], "rows", None),
    }
    context = {
        "releases": options.releases, "unpacked_mb": round(size / 1e6), "seconds": round(seconds, 1),
        "killed_after_s": [round(one, 1) for one in kills], "processors": os.cpu_count(),
    }  # fmt: skip
    emit("seed", figures, context, options.json)


if __name__ == "__main__":
    main()
