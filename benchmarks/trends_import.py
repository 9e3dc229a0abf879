"""How quickly and how exactly histories are imported.

Uploads every history file there to the running system as a person would, and lets the function read it,
through object storage, queue and Postgres. Then imports the same files again. The floor is a ``COPY`` of the
same rows, ready as text, into the same table with the same indexes, for another person, in the same run.

    python -m benchmarks.trends_import --data ../shared/data [--json]
"""

import argparse
import io
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
import requests

from benchmarks.report import Figure, emit
from local.demo.user import ApiUser
from local.stack.stack import Options, Stack

AIM_SHARE = 0.4
DEADLINE = 900.0
"""Seconds for one import."""
COLUMNS = (
    "played_at, track_key, artist_key, import_id, inserted_at, ms_played, duration_ms, ordinal, precision_s, "
    "kind, source, provider, provider_track_id, title, artist, album, details"
)


@dataclass
class Run:
    """One import of one file."""

    file: str
    seconds: float
    """From the first look of the worker to its last commit."""
    found: dict[str, Any]

    @property
    def counts(self) -> dict[str, Any]:
        """What became of the records."""
        counts: dict[str, Any] = self.found["ledger"]
        return counts


def files_of(data: Path) -> list[Path]:
    """Every history: what begins with ``history_`` and is no expectation, and the samples of formats."""
    own = [path for path in sorted(data.glob("history_*")) if path.is_file() and "expected" not in path.name]
    return own + sorted(path for path in data.glob("history_format_samples/*") if path.is_file())


def bring(person: ApiUser, path: Path) -> Run:
    """Upload a file and wait until it has been read."""
    content = path.read_bytes()
    made = person.call("POST", "/v1/plays/imports", {"size_bytes": len(content), "file_name": path.name})
    link = made["upload"]
    requests.put(link["url"], content, headers=link["headers"], timeout=60).raise_for_status()
    person.call("POST", f"/v1/plays/imports/{made['id']}/start")
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        found = person.call("GET", f"/v1/plays/imports/{made['id']}")
        if found["status"] in {"completed", "failed"}:
            break
        time.sleep(0.05)
    seconds = _moment(found["finished_at"]) - _moment(found["started_at"])
    counts = found["ledger"]
    parts = {name: counts[name] for name in ("total", "accepted", "duplicate", "skipped", "failed")}
    print(
        f"{path.name}: {found['status']}, {', '.join(f'{n} {v:,}' for n, v in parts.items())}; "
        f"{counts['reasons']}",
        file=sys.stderr,
    )
    return Run(path.name, seconds, found)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def copy_floor(url: str, user_id: int, other_id: int) -> tuple[int, float]:
    """Rows and seconds of a COPY of a person's plays, as another person's."""
    buffer = io.BytesIO()
    with psycopg.connect(url) as connection:
        with connection.cursor().copy(
            f"COPY (SELECT {other_id}, {COLUMNS} FROM trends.plays WHERE user_id = {user_id}) TO STDOUT"
        ) as copy:
            for block in copy:
                buffer.write(block)
        text = buffer.getvalue()
        started = time.perf_counter()
        with connection.cursor().copy(f"COPY trends.plays (user_id, {COLUMNS}) FROM STDIN") as copy:
            for at in range(0, len(text), 1 << 20):
                copy.write(text[at : at + (1 << 20)])
        connection.commit()
        return text.count(b"\n"), time.perf_counter() - started


def counts(url: str, user_id: int) -> dict[str, Any]:
    """What stands in the plays of one import, before the counting rule."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            """
            SELECT artist, ms, to_char((played_at + ms * interval '1 ms') AT TIME ZONE 'UTC', 'YYYY-MM')
            FROM (SELECT *, coalesce(ms_played, 0) AS ms FROM trends.plays) p WHERE user_id = %s
            """,
            [user_id],
        ).fetchall()
    plays, ms = Counter[str](), Counter[str]()
    for artist, played, *_ in rows:
        plays[artist] += 1
        ms[artist] += played
    return {
        "plays": len(rows),
        "artists": len(plays),
        "top10_artists_by_plays": plays.most_common(10),
        "top10_artists_by_ms": ms.most_common(10),
        "plays_per_month": dict(sorted(Counter(row[2] for row in rows).items())),
    }


def differences(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Which of the expected counts are not as found."""
    return [
        name
        for name, value in expected.items()
        if name != "file" and json.loads(json.dumps(found[name])) != value
    ]


def peak_mib() -> float | None:
    """The most memory that an instance of the function has used; None where the system does not say."""
    peaks = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "trends_import_worker.app.handler" in process.cmdline():
                status = Path(f"/proc/{process.pid}/status").read_text()
                peaks += [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
        except (psutil.Error, OSError):
            continue
    return max(peaks) / 1024 if peaks else None


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="Folder with the histories.")
    parser.add_argument("--rounds", type=int, default=3, help="Of importing and of COPY; the best counts.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    paths = files_of(options.data)
    if not paths:
        raise SystemExit(f"no histories in {options.data}")
    expected = json.loads((options.data / "history_expected_counts.json").read_text())
    wrong: list[str] = []
    with Stack(Options(quiet=True)) as stack:
        url = stack.database_url
        # Every file for a person of its own, so that nothing is another file's duplicate.
        people = {path: ApiUser.sign_up(stack.api_url, "Ada") for path in paths}
        warm_up = ApiUser.sign_up(stack.api_url, "Bob")
        bring(warm_up, min(paths, key=lambda path: path.stat().st_size))
        first = {path: bring(person, path) for path, person in people.items()}
        for known in expected:
            path = options.data / known["file"]
            wrong += [
                f"{known['file']}: {name}" for name in differences(known, counts(url, _id(people[path])))
            ]
        again = {path: bring(person, path) for path, person in people.items()}
        largest = max(paths, key=lambda path: first[path].counts["total"])
        imports, floors = [first[largest].seconds], []
        # In turn, each for a new person, so that a busy moment of the machine hits both alike.
        for round_ in range(options.rounds):
            rows, seconds = copy_floor(url, _id(people[largest]), _id(ApiUser.sign_up(stack.api_url, "Cy")))
            floors.append(seconds)
            if round_ < options.rounds - 1:
                imports.append(bring(ApiUser.sign_up(stack.api_url, "Di"), largest).seconds)
        memory = peak_mib()
    floor = min(floors)
    rate = rows / min(imports)
    all_counts = [run.counts for run in (*first.values(), *again.values())]
    broken = [
        one
        for one in all_counts
        if one["total"] != sum(one[name] for name in ("accepted", "duplicate", "skipped", "failed"))
    ]
    figures = {
        "counts that differ from the expected": Figure(len(wrong), "counts", 0, "lower"),
        "imports whose counts do not add up": Figure(len(broken), "imports", 0, "lower"),
        "accepted by the second import": Figure(
            sum(run.counts["accepted"] for run in again.values()), "rows", 0, "lower"
        ),
        "import": Figure(round(rate), "rows/s", None),
        "COPY of the same rows": Figure(round(rows / floor), "rows/s", None),
        "import against COPY": Figure(round(rate * floor / rows, 3), "share", AIM_SHARE),
        "second import": Figure(
            round(again[largest].counts["total"] / again[largest].seconds), "rows/s", None
        ),
        "peak memory of the function": Figure(memory and round(memory, 1), "MiB", None, "lower"),
    }
    context = {
        "files": {
            run.file: {**run.counts, "failures": run.counts["failures"][:5], "formats": run.found["formats"]}
            for run in first.values()
        },
        "second": {run.file: run.counts["reasons"] for run in again.values()},
        "wrong": wrong,
        "import": f"{largest.name}, from the worker's first look to its last commit",
        "seconds of imports and of COPY": [
            [round(one, 3) for one in imports],
            [round(one, 3) for one in floors],
        ],
        "COPY": "ready text into the same table, partitions and indexes, one transaction, as the owner",
    }
    emit("trends_import", figures, context, as_json=options.json)


def _id(person: ApiUser) -> int:
    return int(person.call("GET", "/v1/me")["id"])


if __name__ == "__main__":
    main()
