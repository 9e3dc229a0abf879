"""How quickly the running API answers, and how much of that is SQL.

Calls every readable route, and a cheap writable one, over one kept-alive connection against the whole local
stack: gateway, authorizer, function, Postgres. The function's own share and its time in SQL come from the
``Server-Timing`` header that every answer carries.

    python -m benchmarks.api [--calls 300] [--json]
"""

import argparse
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from benchmarks.report import Figure, emit
from local.demo.tour import linked_user, start_migrations, watch
from local.demo.user import ApiUser
from local.stack.stack import Options, Stack

AIM_OVERHEAD_MS = 3.0
WARM_UP = 20
_TIMING = re.compile(r"(\w+);dur=([0-9.]+)")


@dataclass
class Route:
    """One operation and what its calls took, in ms."""

    name: str
    path: str
    method: str = "GET"
    body: Any = None
    public: bool = False
    total: list[float] = field(default_factory=list)
    function: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)

    def call(self, session: requests.Session, person: ApiUser) -> None:
        """Call once and note the times."""
        headers = {} if self.public else {"Authorization": f"Bearer {person.token}"}
        started = time.perf_counter()
        answer = session.request(
            self.method, person.api_url + self.path, json=self.body, headers=headers, timeout=30
        )
        elapsed = (time.perf_counter() - started) * 1e3
        if not answer.ok:
            raise SystemExit(f"{self.name} answered {answer.status_code}: {answer.text}")
        timing = {name: float(ms) for name, ms in _TIMING.findall(answer.headers.get("Server-Timing", ""))}
        self.total.append(elapsed)
        if "app" in timing:
            self.function.append(timing["app"])
            self.sql.append(timing["sql"])


def routes_of(person: ApiUser) -> list[Route]:
    """What is called, over data that is there."""
    playlist = next(iter(person.every("/v1/playlists")))
    job = next(iter(person.every("/v1/migrations")))
    return [
        Route("GET /v1/health", "/v1/health", public=True),
        Route("GET /v1/me", "/v1/me"),
        Route("PATCH /v1/me", "/v1/me", "PATCH", {"display_name": "Ada"}),
        Route("GET /v1/auth/sessions", "/v1/auth/sessions"),
        Route("GET /v1/services", "/v1/services"),
        Route("GET /v1/providers", "/v1/providers"),
        Route("GET /v1/providers/{provider}", "/v1/providers/spotify"),
        Route("GET /v1/providers/{provider}/quota", "/v1/providers/youtube/quota"),
        Route("GET /v1/playlists", "/v1/playlists"),
        Route("GET /v1/playlists/{playlist_id}", f"/v1/playlists/{playlist['id']}"),
        Route("GET /v1/playlists/sync", "/v1/playlists/sync"),
        Route("GET /v1/migrations", "/v1/migrations"),
        Route("GET /v1/migrations/{migration_id}", f"/v1/migrations/{job['id']}"),
        Route("GET /v1/migrations/{migration_id}/playlists", f"/v1/migrations/{job['id']}/playlists"),
        Route("GET /v1/migrations/{migration_id}/tracks", f"/v1/migrations/{job['id']}/tracks"),
        Route("GET /openapi.json", "/openapi.json", public=True),
    ]


def percentile(values: list[float], share: float) -> float:
    """The value below which ``share`` (0..1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def measure(person: ApiUser, calls: int) -> list[Route]:
    """Call the routes in turn, so that a noisy moment hits all alike."""
    routes = routes_of(person)
    with requests.Session() as session:
        for number in range(WARM_UP + calls):
            if number == WARM_UP:
                _each(routes, lambda route: (route.total.clear(), route.function.clear(), route.sql.clear()))
            print(f"\rround {number + 1} of {WARM_UP + calls}", end="", file=sys.stderr, flush=True)
            _each(routes, lambda route: route.call(session, person))
    print(file=sys.stderr)
    return routes


def figures_of(route: Route) -> dict[str, Figure]:
    """The figures of one route."""
    p50 = statistics.median(route.total)
    figures = {
        f"{route.name} p50": Figure(round(p50, 2), "ms", None, "lower"),
        f"{route.name} p99": Figure(round(percentile(route.total, 0.99), 2), "ms", None, "lower"),
    }
    if route.function:
        function, sql = statistics.median(route.function), statistics.median(route.sql)
        overhead = statistics.median([f - s for f, s in zip(route.function, route.sql, strict=True)])
        figures |= {
            f"{route.name} function_p50": Figure(round(function, 2), "ms", None, "lower"),
            f"{route.name} sql_share": Figure(round(sql / p50, 3), "share", None, "higher"),
            f"{route.name} overhead_p50": Figure(round(overhead, 2), "ms", AIM_OVERHEAD_MS, "lower"),
        }
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with Stack(Options(quiet=True)) as stack:
        person = linked_user(stack)
        watch(person, start_migrations(person, person.synced_playlists()))
        routes = measure(person, options.calls)
    figures: dict[str, Figure] = {}
    for route in routes:
        figures |= figures_of(route)
    context = {
        "calls": options.calls,
        "p50, p99": "as a caller on this machine sees them: gateway, authorizer and function",
        "overhead": "the function's own time minus its time in SQL",
    }
    emit("api", figures, context, as_json=options.json)


def _each(routes: list[Route], action: Callable[[Route], object]) -> None:
    for route in routes:
        action(route)


if __name__ == "__main__":
    main()
