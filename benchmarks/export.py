"""How quickly plays are exported, and in how much memory.

Fills a person's plays in the running system, asks for exports over HTTP and lets the function build them,
through queue, Postgres and object storage. The floor is one ``COPY (the same query) TO STDOUT (FORMAT csv)``
into a file, in the same run, in turn with the exports.

    python -m benchmarks.export --rows 1000000 [--json]
"""

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent / "layers" / "musicconnect"))

from benchmarks.fixtures.plays import fill_plays
from benchmarks.report import Figure, emit
from local.demo.exports import build, download
from local.demo.user import ApiUser
from local.stack.stack import Options, Stack
from musicconnect.exports.content import sql_csv
from musicconnect.exports.content.filters import BEGINNING, END, ExportFilters
from musicconnect.exports.content.plays import PlaysCsv
from musicconnect.platform.storage.bucket import MIN_PART
from musicconnect.trends.plays.export import PLAYS

AIM_SHARE = 0.5
"""Of COPY, as CSV."""
AIM_JSON_SHARE = 0.15
DEADLINE = 900.0
"""Seconds for one export."""
AIM_MEMORY = 150.0
"""Decimal megabytes."""
AIM_GROWTH = 1.1
"""Of the peak at ten times as many rows; "the same", but for what an allocator keeps."""
_CELLS = ", ".join(
    sql_csv.escape_formula(name) if name in PlaysCsv.texts else name for name in PlaysCsv.columns
)
PLAY_ROWS = f"SELECT {_CELLS} FROM ({PLAYS}) p"
"""The cells of the CSV one by one."""
AS_THEY_ARE = """
    SELECT played_at, title, artist, album, provider, provider_track_id, ms_played, duration_ms, kind, source,
        precision_s
    FROM trends.plays WHERE user_id = %(user)s ORDER BY played_at, track_key, ordinal
"""


@dataclass(frozen=True)
class Run:
    """One export."""

    seconds: float
    """From the worker's first look to its last commit."""
    size: int
    parts: int


def run(stack: Stack, person: ApiUser, rows: int, kind: str) -> Run:
    """Export and look at what came of it."""
    export = build(person, {"type": kind}, seconds=DEADLINE)
    if export["status"] != "completed" or export["files"][0]["row_count"] != rows:
        raise SystemExit(f"{kind} of {rows} rows failed: {export}")
    with psycopg.connect(stack.database_url) as connection:
        found = connection.execute(
            "SELECT storage_bucket, storage_key FROM exports.files WHERE export_job_id = %s", [export["id"]]
        ).fetchone()
    assert found is not None
    tag = stack.aws.s3().head_object(Bucket=found[0], Key=found[1])["ETag"].strip('"')
    seconds = _moment(export["completed_at"]) - _moment(export["started_at"])
    size = int(export["files"][0]["size_bytes"])
    parts = int(tag.partition("-")[2] or 1)
    print(f"{kind}, {rows:,} rows: {seconds:.2f} s, {size:,} bytes, {parts} parts", file=sys.stderr)
    return Run(seconds, size, parts)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def copied(url: str, query: str, values: dict[str, Any]) -> float:
    """Seconds of a COPY into a file."""
    with psycopg.connect(url) as connection, tempfile.NamedTemporaryFile() as file:
        connection.execute("SET TimeZone = 'UTC'")
        started = time.perf_counter()
        with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", values) as copy:
            for block in copy:
                file.write(block)
        file.flush()
        return time.perf_counter() - started


def peak_mb() -> float | None:
    """The most memory that an instance of the function has used; None where the system does not say."""
    peaks = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "exports_worker.app.handler" in process.cmdline():
                status = Path(f"/proc/{process.pid}/status").read_text()
                peaks += [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
        except (psutil.Error, OSError):
            continue
    return max(peaks) * 1024 / 1e6 if peaks else None


def is_whole(person: ApiUser, rows: int) -> bool:
    """Whether a downloaded file has as many lines as there are plays, in order of time."""
    content = download(person, build(person, {"type": "history_csv"}, seconds=DEADLINE))
    times = [line[:19] for line in content.split(b"\r\n")[1:-1]]
    return len(times) == rows and times == sorted(times)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3, help="Of each; the best counts.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows, tenth = options.rows, options.rows // 10
    with Stack(Options()) as stack:
        people = {count: ApiUser.sign_up(stack.api_url, "Ada") for count in (tenth, rows)}
        ids = {count: int(person.call("GET", "/v1/me")["id"]) for count, person in people.items()}
        for count, user_id in ids.items():
            fill_plays(stack.database_url, user_id, count)
        warm = ApiUser.sign_up(stack.api_url, "Bob")
        build(warm, {"type": "history_csv"})
        small = [run(stack, people[tenth], tenth, kind) for kind in ("history_csv", "history_json")]
        memory_small = peak_mb()
        values = ExportFilters(provider=None, since=None, until=None, zone="UTC").values(ids[rows])
        values |= {"after": BEGINNING, "upto": END}
        csv, json, floors, plain = [], [], [], []
        # In turn, so that a busy moment of the machine hits all alike.
        for _ in range(options.rounds):
            floors.append(copied(stack.database_url, PLAY_ROWS, values))
            csv.append(run(stack, people[rows], rows, "history_csv"))
            plain.append(copied(stack.database_url, AS_THEY_ARE, values))
            json.append(run(stack, people[rows], rows, "history_json"))
        memory = peak_mb()
        whole = is_whole(people[rows], rows)
    floor, best_csv, best_json = (
        min(floors),
        min(one.seconds for one in csv),
        min(one.seconds for one in json),
    )
    figures = {
        "history_csv": Figure(round(rows / best_csv), "rows/s", None),
        "history_json": Figure(round(rows / best_json), "rows/s", None),
        "COPY of the same query": Figure(round(rows / floor), "rows/s", None),
        "COPY of the columns as they stand": Figure(round(rows / min(plain)), "rows/s", None),
        "history_csv against COPY": Figure(round(floor / best_csv, 3), "share", AIM_SHARE),
        "history_json against COPY": Figure(round(floor / best_json, 3), "share", AIM_JSON_SHARE),
        f"peak memory at {tenth:,} rows": Figure(_rounded(memory_small), "MB", AIM_MEMORY, "lower"),
        f"peak memory at {rows:,} rows": Figure(_rounded(memory), "MB", AIM_MEMORY, "lower"),
        "growth of the peak": Figure(
            round(memory / memory_small, 3) if memory and memory_small else None, "times", AIM_GROWTH, "lower"
        ),
        "bytes of history_csv": Figure(csv[-1].size, "bytes", None, "lower"),
        "parts of history_csv": Figure(csv[-1].parts, "parts", None, "lower"),
        "bytes of history_json": Figure(json[-1].size, "bytes", None, "lower"),
        "parts of history_json": Figure(json[-1].parts, "parts", None, "lower"),
        "files that are not whole": Figure(0 if whole else 1, "files", 0, "lower"),
    }
    context = {
        "rows": rows,
        "small": {"csv_seconds": round(small[0].seconds, 3), "json_seconds": round(small[1].seconds, 3)},
        "seconds of history_csv": [round(one.seconds, 3) for one in csv],
        "seconds of history_json": [round(one.seconds, 3) for one in json],
        "seconds of COPY": [round(one, 3) for one in floors],
        "seconds of COPY of the columns as they stand": [round(one, 3) for one in plain],
        "export": "from the worker's first look to its last commit, object storage included, in one function",
        "COPY": "the same query, formulas made harmless, in one statement, as the owner, into a file",
        "least part": MIN_PART,
    }
    emit("export", figures, context, as_json=options.json)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


if __name__ == "__main__":
    main()
