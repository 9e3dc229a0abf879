"""How the API behaves while 1 to 64 people use it at once, with 20 connections to the database.

The whole local stack, its functions behind PgBouncer as templates/pooler.yaml runs it, here with at most 20
connections to the server for all roles together. Each person is a thread that asks for one thing after
another, without a pause, out of a fixed mix of routes; what is asked is the same in every round. Then 16
people go on while others search a provider that takes 8 seconds, in turns with 16 people alone.

    python -m benchmarks.load [--requests 480] [--turns 4] [--json]
"""

import argparse
import json
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import requests

from benchmarks.fixtures.plays import fill_plays
from benchmarks.report import Figure, emit
from benchmarks.search import distinct_queries, percentile
from local.demo.user import ApiUser
from local.stack.stack import Options, Stack
from tests.support import pooler

LEVELS = (1, 2, 4, 8, 16, 32, 64)
AT = 16
"""People at once where the spread is held against its aim, and beside whom others wait for a provider."""
CONNECTIONS = pooler.SERVER_CONNECTIONS
AIM_SPREAD = 5.0
AIM_SLOWER = 1.2
WAITING = 8
"""People who search a slow provider."""
SLOW_MS, USUAL_MS = 8000, 120
PLAYS = 2000
"""Of each person."""
QUERY = "salt and signal"
"""Asked once before, and answered from the cache since."""


@dataclass(frozen=True)
class Route:
    """One kind of request, and how many of a hundred it is."""

    weight: int
    method: str
    path: str
    body: Callable[[random.Random], Any] = lambda _: None


def _listen(chance: random.Random) -> Any:
    track = {"artist_name": "Portishead", "track_name": f"Song {chance.randrange(10**6)}"}
    listened_at = int(time.time()) - chance.randrange(10**6)
    return {"listen_type": "single", "payload": [{"listened_at": listened_at, "track_metadata": track}]}


MIX = (
    Route(10, "GET", "/v1/me"),
    Route(8, "GET", "/v1/providers"),
    Route(12, "GET", "/v1/playlists?limit=20"),
    Route(14, "GET", "/v1/plays?limit=20"),
    Route(12, "POST", "/1/submit-listens", _listen),
    Route(8, "GET", "/v1/trends/me/summary?period=month"),
    Route(6, "GET", "/v1/trends/me/top/artists?period=year"),
    Route(10, "GET", f"/v1/search?q={QUERY.replace(' ', '+')}&provider=spotify"),
    Route(6, "GET", "/v1/pins"),
    Route(4, "GET", "/v1/search/history"),
    Route(6, "GET", "/v1/migrations"),
    Route(4, "GET", "/v1/exports"),
)


@dataclass
class Measured:
    """What a number of people saw."""

    seconds: float = 0.0
    ms: list[float] = field(default_factory=list)
    by_route: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def spread(self) -> float:
        """The slowest in a hundred against the one in the middle."""
        return percentile(self.ms, 0.99) / statistics.median(self.ms)

    def add(self, other: "Measured") -> None:
        """Take in what was measured in another turn."""
        self.seconds += other.seconds
        self.ms += other.ms
        self.errors += other.errors
        for path, times in other.by_route.items():
            self.by_route.setdefault(path, []).extend(times)


@dataclass(frozen=True)
class Guest:
    """A person, with a token for scrobblers."""

    user: ApiUser
    scrobbler: str

    def headers(self, path: str) -> dict[str, str]:
        """What proves who asks."""
        if path.startswith("/1/"):
            return {"Authorization": f"Token {self.scrobbler}"}
        return {"Authorization": f"Bearer {self.user.token}"}


def guest(stack: Stack, number: int) -> Guest:
    """Make a person who has linked Spotify and has plays and a pin, every fourth has playlists, too."""
    user = ApiUser.sign_up(stack.api_url, f"Guest{number}")
    user.link("spotify")
    if number % 4 == 0:
        user.synced_playlists()
    user.call("POST", "/v1/pins", {"provider": "spotify", "type": "track", "id": "5ovODbIxH3D9PN3iKkFXiz"})
    fill_plays(
        stack.database_url, int(user.call("GET", "/v1/me")["id"]), PLAYS, first="2026-06-01 00:00:00+00"
    )
    return Guest(user, user.call("POST", "/v1/auth/tokens", {"name": "phone"})["token"])


def ask(guests: Sequence[Guest], requests_in_all: int, seed: int) -> Measured:
    """Have these people ask at once; each request of the mix goes to whoever is free next."""
    chance = random.Random(seed)
    orders = chance.choices(MIX, [route.weight for route in MIX], k=requests_in_all)
    bodies = [route.body(chance) for route in orders]
    waiting = iter(range(requests_in_all))
    lock, together = threading.Lock(), threading.Barrier(len(guests) + 1)

    def act(one: Guest) -> Measured:
        seen = Measured()
        with requests.Session() as session:
            session.trust_env = False
            together.wait()
            while True:
                with lock:
                    number = next(waiting, None)
                if number is None:
                    return seen
                route = orders[number]
                url, headers = one.user.api_url + route.path, one.headers(route.path)
                started = time.perf_counter()
                try:
                    answer = session.request(
                        route.method, url, json=bodies[number], headers=headers, timeout=35
                    )
                    error = "" if answer.ok else f"{answer.status_code} {answer.text[:200]}"
                except requests.RequestException as caught:
                    error = repr(caught)
                elapsed = (time.perf_counter() - started) * 1e3
                seen.ms.append(elapsed)
                seen.by_route.setdefault(f"{route.method} {route.path}", []).append(elapsed)
                if error:
                    seen.errors[f"{route.method} {route.path}: {error}"] += 1

    with ThreadPoolExecutor(len(guests)) as pool:
        acting = [pool.submit(act, one) for one in guests]
        together.wait()
        started = time.perf_counter()
        all_of_them = Measured()
        for one in acting:
            all_of_them.add(one.result())
        all_of_them.seconds = time.perf_counter() - started
    return all_of_them


@contextmanager
def searching(guests: Sequence[Guest], queries: Iterator[str]) -> Iterator[Counter[str]]:
    """Have these people ask a provider for something new all the time; counts how its group was answered."""
    ended = threading.Event()
    answers: Counter[str] = Counter()
    lock = threading.Lock()

    def act(one: Guest) -> None:
        while not ended.is_set():
            with lock:
                query = next(queries)
            found = requests.get(
                f"{one.user.api_url}/v1/search",
                {"q": query, "provider": "spotify"},
                headers=one.headers("/v1/search"),
                timeout=35,
            )
            error = found.json()["groups"][0]["error"] if found.ok else {"code": str(found.status_code)}
            with lock:
                answers[error["code"] if error else "answered"] += 1

    with ThreadPoolExecutor(len(guests)) as pool:
        acting = [pool.submit(act, one) for one in guests]
        time.sleep(1.0)  # so that all of them wait by now
        try:
            yield answers
        finally:
            ended.set()
            for one in acting:
                one.result()


@contextmanager
def counting(url: str) -> Iterator[list[int]]:
    """Look all the time how many connections the pooler has to the server."""
    most, ended = [0], threading.Event()
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'mc\\_%'"

    def look() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not ended.wait(0.02):
                most[0] = max(most[0], int(connection.execute(query).fetchall()[0][0]))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def passwords(stack: Stack) -> dict[str, str]:
    """Of the roles that log in."""
    found = {}
    for page in stack.aws.secrets.get_paginator("list_secrets").paginate():
        for secret in page["SecretList"]:
            text = stack.aws.secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
            if text.startswith("{") and "username" in (value := json.loads(text)):
                found[value["username"]] = value["password"]
    return found


def slow(stack: Stack, milliseconds: int) -> None:
    """How long Spotify's simulator takes for each answer."""
    requests.put(
        f"{stack.spotify_url}/_control/latency", json={"ms": milliseconds}, timeout=10
    ).raise_for_status()


@dataclass
class Outcome:
    """Everything that was measured."""

    levels: dict[int, Measured] = field(default_factory=dict)
    alone: Measured = field(default_factory=Measured)
    beside: Measured = field(default_factory=Measured)
    searches: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    queries: Iterator[str] = field(default_factory=distinct_queries)


def measure(requests_in_all: int, turns: int, people: int) -> Outcome:
    """Run the stack and everything on it."""
    if pooler.find() is None:
        raise SystemExit("This needs PgBouncer; Debian has it as the package pgbouncer.")
    own = pooler.free_port()
    parameters = {"DatabasePoolerHost": "127.0.0.1", "DatabasePoolerPort": str(own)}
    outcome = Outcome()
    with Stack(Options(quiet=True, parameters=parameters, instances=AT + WAITING)) as stack:
        assert stack.postgres is not None
        # The pool of a role as templates/pooler.yaml has it; all of them share what there is.
        limit = f"max_db_connections = {CONNECTIONS}\ndefault_pool_size = {CONNECTIONS // 2}"
        host, port = stack.postgres.host, stack.postgres.port
        with pooler.in_front_of(host, port, passwords(stack), own=own, more=limit):
            slow(stack, USUAL_MS)
            guests = [guest(stack, number) for number in range(people)]
            for one in guests[:2]:  # the question is answered from the cache from now on
                one.user.call("GET", f"/v1/search?q={QUERY}&provider=spotify")
            outcome.connections = _levels(stack, guests, requests_in_all, outcome)
            for turn in range(turns):
                _slow_provider(stack, guests, requests_in_all, turn, outcome)
    return outcome


def _levels(stack: Stack, guests: Sequence[Guest], requests_in_all: int, outcome: Outcome) -> int:
    levels = [level for level in LEVELS if level <= len(guests)]
    ask(guests, requests_in_all, seed=0)  # so that every instance has started
    with counting(stack.database_url) as most:
        for level in levels:
            measured = outcome.levels[level] = ask(guests[:level], requests_in_all, seed=level)
            p50, p99 = statistics.median(measured.ms), percentile(measured.ms, 0.99)
            slowest = max(measured.by_route, key=lambda path: max(measured.by_route[path]))
            said = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {max(measured.ms):.0f} ms of {slowest}"
            print(f"{level} at once: {said}", file=sys.stderr, flush=True)
    return most[0]


def _slow_provider(
    stack: Stack, guests: Sequence[Guest], requests_in_all: int, turn: int, outcome: Outcome
) -> None:
    others, searchers = guests[:AT], guests[-WAITING:]
    outcome.alone.add(ask(others, requests_in_all, seed=100 + turn))
    slow(stack, SLOW_MS)
    with searching(searchers, outcome.queries) as answers:
        outcome.beside.add(ask(others, requests_in_all, seed=100 + turn))
    outcome.searches += answers
    slow(stack, USUAL_MS)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=480, help="of each level and turn")
    parser.add_argument("--turns", type=int, default=4, help="with and without the slow provider")
    parser.add_argument("--people", type=int, default=max(LEVELS), help="at once, at most")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    outcome = measure(options.requests, options.turns, max(options.people, AT + WAITING))
    errors = outcome.alone.errors + outcome.beside.errors
    figures: dict[str, Figure] = {}
    for level, measured in outcome.levels.items():
        errors += measured.errors
        p50, p99 = statistics.median(measured.ms), percentile(measured.ms, 0.99)
        figures[f"{level}.p50"] = Figure(round(p50, 1), "ms", None, "lower")
        figures[f"{level}.p99"] = Figure(round(p99, 1), "ms", None, "lower")
        aim = AIM_SPREAD if level == AT else None
        figures[f"{level}.p99_over_p50"] = Figure(round(measured.spread, 2), "times", aim, "lower")
        figures[f"{level}.rate"] = Figure(round(len(measured.ms) / measured.seconds, 1), "requests/s", None)
    alone, beside = outcome.alone, outcome.beside
    figures |= {
        "errors": Figure(errors.total(), "requests", 0, "lower"),
        "connections": Figure(outcome.connections, "to the server at most", CONNECTIONS, "lower"),
        "beside a slow provider.p50": Figure(
            round(statistics.median(beside.ms) / statistics.median(alone.ms), 3), "times", AIM_SLOWER, "lower"
        ),
        "beside a slow provider.p99": Figure(
            round(percentile(beside.ms, 0.99) / percentile(alone.ms, 0.99), 3), "times", None, "lower"
        ),
    }
    slowest = outcome.levels.get(AT, alone)
    context = {
        "people": sorted(outcome.levels),
        "requests of a level": options.requests,
        "mix": {f"{route.method} {route.path}": route.weight for route in MIX},
        "ms of routes (p50, p99)": {
            path: [round(statistics.median(times), 1), round(percentile(times, 0.99), 1)]
            for path, times in sorted(slowest.by_route.items())
        },
        "slow provider": {"ms": SLOW_MS, "people who ask it": WAITING, "its groups": dict(outcome.searches)},
        "errors": dict(errors.most_common(10)),
        "cores and load": [os.cpu_count(), *(round(load, 1) for load in os.getloadavg())],
    }
    emit("load", figures, context, as_json=options.json)


if __name__ == "__main__":
    main()
