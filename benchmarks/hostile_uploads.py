"""How long files that were made to hold a worker hold it, and in how much memory.

Uploads each of `benchmarks.fixtures.hostile_files` to the running system, as a history and as playlists, and
lets the functions read it, through object storage, queue and Postgres. What counts is how long one invocation
holds a worker: from when it leases the import to when it ends it or hands it over. Then one person sends
several files at once, and it is counted how many of them are read at a time.

    python -m benchmarks.hostile_uploads [--only TEXT] [--json]
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import requests

sys.path.insert(0, str(Path(__file__).parent.parent / "layers" / "musicconnect"))

from benchmarks.fixtures.hostile_files import FILES
from benchmarks.report import Figure, emit
from local.demo.user import ApiUser
from local.stack.stack import Options, Stack
from musicconnect.migrations.imports.schemas import MAX_BYTES
from musicconnect.trends.imports.schemas import MAX_UPLOAD_BYTES

AIM_SECONDS = 60.0
"""Of one invocation, whatever the file brings in."""
AIM_MEMORY = 1024.0
"""Decimal megabytes: what the functions have."""
AT_ONCE = 5
"""Files of one person; there are as many workers."""
DEADLINE = 1_800.0
"""Of a whole file, all invocations together: what brings millions of plays in is read in many of them."""
ROUTES: dict[str, dict[str, Any]] = {
    "/v1/plays/imports": {},
    "/v1/imports/playlists": {"target_provider": "spotify", "dry_run": True},
}
TABLES = {"/v1/plays/imports": "trends.imports", "/v1/imports/playlists": "migrations.imports"}
LOOK_SECONDS = 0.05
SIZES = {"/v1/plays/imports": MAX_UPLOAD_BYTES, "/v1/imports/playlists": MAX_BYTES}
"""Bytes that the API lets people announce."""
WORKERS = ("trends_import_worker.app.handler", "migrations_import_worker.app.handler")


def begin(person: ApiUser, route: str, content: bytes) -> str:
    """Upload a file and ask for it to be read; gives where the import is shown."""
    body = {"size_bytes": len(content), "file_name": "hostile", **ROUTES[route]}
    created = person.call("POST", route, body)
    link = created["upload"]
    requests.put(link["url"], content, headers=link["headers"], timeout=120).raise_for_status()
    person.call("POST", f"{route}/{created['id']}/start")
    return f"{route}/{created['id']}"


def holds(stack: Stack, person: ApiUser, place: str) -> tuple[dict[str, Any], list[float]]:
    """Wait until a file is read; gives the import, and the seconds of each lease that a worker had on it."""
    route, _, import_id = place.rpartition("/")
    leases: dict[str, tuple[float, float]] = {}
    query = f"SELECT lease_token::text, status FROM {TABLES[route]} WHERE id = %s"
    until = time.monotonic() + DEADLINE
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        while (now := time.monotonic()) < until:
            row = connection.execute(query, [import_id]).fetchone()
            assert row is not None
            token, status = row
            if token is not None:
                leases[token] = (leases.get(token, (now, now))[0], now)
            if status in ("completed", "failed"):
                break
            time.sleep(LOOK_SECONDS)
        else:
            raise SystemExit(f"{place}: not read in {DEADLINE:.0f} s")
    return person.call("GET", place), [end - begin + LOOK_SECONDS for begin, end in leases.values()]


def peaks() -> Iterator[float]:
    """Tell the most memory that each instance of the workers has used, in decimal MB."""
    for process in psutil.Process().children(recursive=True):
        try:
            if any(worker in process.cmdline() for worker in WORKERS):
                status = Path(f"/proc/{process.pid}/status").read_text()
                yield from (
                    int(line.split()[1]) * 1024 / 1e6
                    for line in status.splitlines()
                    if line.startswith("VmHWM")
                )
        except (psutil.Error, OSError):
            continue


def max_concurrent_reads(stack: Stack, person: ApiUser, route: str, content: bytes) -> int:
    """Send several files of one person; gives how many were being read at the same time, at most."""
    table = TABLES[route]
    places = [begin(person, route, content) for _ in range(AT_ONCE)]
    most, ended = 0, 0
    until = time.monotonic() + DEADLINE
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        while ended < len(places) and time.monotonic() < until:
            row = connection.execute(
                f"SELECT count(*) FILTER (WHERE lease_until > now()), "
                f"count(*) FILTER (WHERE status IN ('completed', 'failed')) "
                f"FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT {AT_ONCE}) i"
            ).fetchone()
            assert row is not None
            most, ended = max(most, row[0]), row[1]
            time.sleep(0.05)
    if ended < len(places):
        raise SystemExit(f"{route}: {ended} of {len(places)} files were read in {DEADLINE:.0f} s")
    return most


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="files with this in what they are")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = {name: make for name, make in FILES.items() if options.only in name}
    seconds: dict[str, float] = {}
    invocations: dict[str, int] = {}
    with Stack(Options(instances=AT_ONCE)) as stack:
        for name, make in chosen.items():
            content = make()
            for route, largest in SIZES.items():
                if len(content) > largest:
                    continue
                person = ApiUser.sign_up(stack.api_url, "Mallory")
                person.link("spotify")
                place = begin(person, route, content)
                found, held = holds(stack, person, place)
                seconds[f"{name}: {route}"] = longest_s = max(held, default=0.0)
                invocations[f"{name}: {route}"] = len(held)
                said = f"{len(content):,} bytes, {name}, {route}: {str(found['status_message'])[:80]}"
                print(f"{longest_s:6.1f} s, {len(held)} times, {said}", file=sys.stderr)
        memory = max(peaks(), default=None)
        person = ApiUser.sign_up(stack.api_url, "Trudy")
        person.link("spotify")
        several = FILES["playlists of a file, 100,000"]()
        at_once = {route: max_concurrent_reads(stack, person, route, several) for route in ROUTES}
    longest = max(seconds, key=lambda name: seconds[name])
    figures = {
        "longest that an invocation held a worker": Figure(
            round(seconds[longest], 1), "s", AIM_SECONDS, "lower"
        ),
        "peak memory of a worker": Figure(
            None if memory is None else round(memory, 1), "MB", AIM_MEMORY, "lower"
        ),
        "most workers of one person, histories": Figure(at_once["/v1/plays/imports"], "workers", 1, "lower"),
        "most workers of one person, playlists": Figure(
            at_once["/v1/imports/playlists"], "workers", 1, "lower"
        ),
        "files": Figure(len(chosen), "files", None),
    }
    context = {
        "longest": longest,
        "seconds": {
            name: round(value, 2) for name, value in sorted(seconds.items(), key=lambda one: -one[1])
        },
        "invocations": {name: number for name, number in invocations.items() if number > 1},
    }
    emit("hostile_uploads", figures, context, as_json=options.json)


if __name__ == "__main__":
    main()
