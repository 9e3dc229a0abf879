"""How much time our search adds to the providers' own, and how many of their calls it needs.

Runs the whole local stack with simulators that answer after 120 ms (Spotify) and 180 ms (YouTube). The
slower provider's own time is measured in the same run and under the same load, by making the very calls
that a search makes of it straight at its simulator. The floor of cached answers is `SELECT 1` through the
same gateway, authorizer and function, to which a route is added for this purpose.

    python -m benchmarks.search [--calls 40] [--json]
"""

import argparse
import contextlib
import os
import random
import re
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import requests

from benchmarks.report import Figure, emit
from local.demo.user import ApiUser
from local.simulators.catalogue import Catalogue
from local.stack.stack import ROOT, Options, Stack

LATENCY_MS = {"spotify": 120, "youtube": 180}
AT_ONCE = 8
AIM_P50_MS, AIM_P99_MS = 10.0, 40.0
AIM_CACHED = 2.5
"""Times the floor."""
ZIPF_QUERIES, ZIPF_DISTINCT, ZIPF_EXPONENT = 1000, 300, 1.0
FLOOR = '''"""The search function with one more route: the least that a request with a query can cost."""

from musicconnect.api.binding import Caller
from musicconnect.api.responses import Reply
from musicconnect.platform import database
from search_api.app import api


@api.get("/v1/search/floor")
def floor(caller: Caller) -> Reply:
    """Ask the database for nothing."""
    with database.shared().transaction(caller.user_id) as connection:
        connection.execute("SELECT 1").fetchone()
    return Reply("{}")


handler = api.handle
'''


@dataclass
class Fixture:
    """What is measured on."""

    person: ApiUser
    stack: Stack
    youtube_token: str
    slowest: tuple[float, str] = (0.0, "")
    """Of our searches in ms, with what the function says about it."""

    def search(self, session: requests.Session, query: str) -> float:
        """One search of ours in ms; everything has to be there."""
        elapsed, answer = self._get(session, "/v1/search", {"q": query})
        self.slowest = max(self.slowest, (elapsed, answer.headers["Server-Timing"]))
        if any(group["error"] for group in answer.json()["groups"]):
            raise SystemExit(f"{query!r} was answered with {answer.text}")
        return elapsed

    def floor(self, session: requests.Session) -> float:
        """`SELECT 1` in ms."""
        return self._get(session, "/v1/search/floor", {})[0]

    def _get(
        self, session: requests.Session, path: str, query: dict[str, str]
    ) -> tuple[float, requests.Response]:
        started = time.perf_counter()
        answer = session.get(
            self.person.api_url + path,
            params=query,
            headers={"Authorization": f"Bearer {self.person.token}"},
            timeout=30,
        )
        elapsed = (time.perf_counter() - started) * 1e3
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}: {answer.text}")
        return elapsed, answer

    def own_time(self, session: requests.Session, query: str) -> float:
        """What the slower provider takes for the same by itself, in ms: a search and a look-up of lengths."""
        started = time.perf_counter()
        found = self._youtube(
            session,
            "search",
            {"part": "snippet", "q": query, "type": "video", "videoCategoryId": "10", "maxResults": "50"},
        )
        ids = ",".join(hit["id"]["videoId"] for hit in found["items"])
        if ids:
            self._youtube(
                session,
                "videos",
                {"part": "contentDetails", "id": ids, "fields": "items(id,contentDetails/duration)"},
            )
        return (time.perf_counter() - started) * 1e3

    def _youtube(self, session: requests.Session, what: str, query: dict[str, str]) -> Any:
        answer = session.get(
            f"{self.stack.youtube_url}/youtube/v3/{what}",
            params=query,
            headers={"Authorization": f"Bearer {self.youtube_token}"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()


@contextlib.contextmanager
def template_with_floor() -> Iterator[Path]:
    """The template with the floor's route added to the search function."""
    with tempfile.TemporaryDirectory(prefix="musicconnect-floor-") as folder:
        code = Path(folder) / "code"
        code.mkdir()
        (code / "search_api").symlink_to(ROOT / "functions" / "search_api")
        (code / "floor.py").write_text(FLOOR)
        text = (ROOT / "template.yaml").read_text()
        text = text.replace("CodeUri: functions/", f"CodeUri: {ROOT}/functions/")
        text = text.replace("ContentUri: layers/", f"ContentUri: {ROOT}/layers/")
        text = text.replace(
            "Handler: search_api.app.handler", f"CodeUri: {code}\n      Handler: floor.handler"
        )
        text, added = re.subn(
            r'(\n +)(Search:\n +Type: HttpApi\n +Properties: )(\{.*?), Path: "/v1/search"\}',
            r'\1Floor:\1  Type: HttpApi\1  Properties: \3, Path: "/v1/search/floor"}'
            r'\1\2\3, Path: "/v1/search"}',
            text,
        )
        if added != 1:
            raise SystemExit("the search function's routes look different in template.yaml now")
        path = Path(folder) / "template.yaml"
        path.write_text(text)
        yield path
        shutil.rmtree(code)


def youtube_token(stack: Stack) -> str:
    """A token of the simulator, for calling it without us."""
    client = {"client_id": "musicconnect-local", "redirect_uri": "http://127.0.0.1:9/callback"}
    consent = requests.get(
        f"{stack.youtube_url}/o/oauth2/v2/auth",
        params={
            **client,
            "response_type": "code",
            "scope": "https://www.googleapis.com/auth/youtube.readonly",
            "state": "s",
            "login": "ada",
            "decision": "approve",
        },
        allow_redirects=False,
        timeout=10,
    )
    (code,) = re.findall(r"code=([^&]+)", consent.headers.get("Location", ""))[:1] or [""]
    answer = requests.post(
        f"{stack.youtube_url}/token",
        data={
            **client,
            "client_secret": "local-secret",
            "grant_type": "authorization_code",
            "code": requests.utils.unquote(code),
        },
        timeout=10,
    )
    token: str = answer.json()["access_token"]
    return token


def distinct_queries() -> Iterator[str]:
    """Queries that find something, none twice."""
    recordings = [recording for recording in Catalogue.load().recordings if recording.tracks]
    forms: tuple[Callable[[str, str], str], ...] = (
        lambda artist, title: f"{artist} {title}",
        lambda artist, title: f"{title} {artist}",
        lambda artist, title: f"{title} by {artist}",
        lambda artist, title: f"{title}, {artist}",
        lambda artist, title: f"{artist}: {title}",
        lambda artist, title: f"{artist} - {title}",
    )
    seen: set[str] = set()
    for form in forms:
        for recording in recordings:
            track = recording.tracks[0]
            query = form(track.artists[0].name, track.title)
            if query.casefold() not in seen:
                seen.add(query.casefold())
                yield query


def together(
    count: int, work: Callable[[requests.Session, str], float], queries: Sequence[str]
) -> list[float]:
    """Work through queries, so many at once; what each took."""
    local = threading.local()

    def run(query: str) -> float:
        if not hasattr(local, "session"):
            local.session = requests.Session()
        return work(local.session, query)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, queries))


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0..1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def live(
    fixture: Fixture, queries: Iterator[str], calls: int, at_once: int
) -> tuple[list[float], list[float]]:
    """Our answers and the slower provider's own time, in turns of some calls each, as many at once.

    A turn is long enough for those who ask together to fall out of step, as people do.
    """
    ours: list[float] = []
    own: list[float] = []
    to_warm = 6  # so that every instance has started and has its connections
    while len(ours) < calls:
        chunk = list(islice(queries, 8 if to_warm or at_once == 1 else 6 * at_once))
        if not chunk:
            raise SystemExit("there are not enough different queries")
        took = together(at_once, fixture.search, chunk)
        alone = together(at_once, fixture.own_time, chunk)
        if to_warm:
            to_warm -= 1
            fixture.slowest = (0.0, "")
            continue
        ours += took
        own += alone
        print(f"\r{at_once} at once: {len(ours)} of {calls} searches", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return ours, own


def cached(fixture: Fixture, query: str, calls: int) -> tuple[list[float], list[float]]:
    """Answers from the cache and the floor, in turns."""
    ours: list[float] = []
    floor: list[float] = []
    with requests.Session() as session:
        for number in range(calls + 30):
            hit, least = fixture.search(session, query), fixture.floor(session)
            if number >= 30:
                ours.append(hit)
                floor.append(least)
    return ours, floor


def zipf(fixture: Fixture, queries: Iterator[str]) -> tuple[dict[str, int], int]:
    """Provider searches for queries of which a few are asked most; and how many different ones they were."""
    names = list(islice(queries, ZIPF_DISTINCT))
    chance = random.Random(7)
    weights = [1 / rank**ZIPF_EXPONENT for rank in range(1, len(names) + 1)]
    drawn = chance.choices(names, weights, k=ZIPF_QUERIES)
    urls = {"spotify": fixture.stack.spotify_url, "youtube": fixture.stack.youtube_url}
    for url in urls.values():
        requests.delete(f"{url}/_control/calls", timeout=10).raise_for_status()
    together(AT_ONCE, fixture.search, drawn)
    counted = {}
    for name, url in urls.items():
        calls = requests.get(f"{url}/_control/calls", timeout=30).json()["by_endpoint"]
        counted[name] = sum(count for endpoint, count in calls.items() if endpoint.endswith("/search"))
    return counted, len(set(drawn))


def set_latency(stack: Stack, milliseconds: dict[str, int]) -> None:
    """How long the simulators take for each answer."""
    for name, url in (("spotify", stack.spotify_url), ("youtube", stack.youtube_url)):
        body = {"ms": milliseconds[name]}
        requests.put(f"{url}/_control/latency", json=body, timeout=10).raise_for_status()


def measure(calls: int) -> tuple[dict[str, Figure], dict[str, object]]:
    """All figures, with what a reader needs to judge them."""
    queries = distinct_queries()
    with template_with_floor() as template:
        options = Options(
            template=template,
            instances=AT_ONCE,
            parameters={"YouTubeDailySearches": "100000"},
            quiet=True,
        )
        with Stack(options) as stack:
            person = ApiUser.sign_up(stack.api_url, "Ada", aws_url=stack.aws_url)
            for provider in LATENCY_MS:
                person.link(provider)
            requests.put(
                f"{stack.youtube_url}/_control/quota", json={"search": 100_000}, timeout=10
            ).raise_for_status()
            fixture = Fixture(person, stack, youtube_token(stack))
            set_latency(stack, LATENCY_MS)
            alone, alone_own = live(fixture, queries, calls, 1)
            many, many_own = live(fixture, queries, 3 * calls, AT_ONCE)
            hits, floor = cached(fixture, next(queries), 300)
            crowded = together(AT_ONCE, lambda session, _: fixture.floor(session), ["SELECT 1"] * 400)
            set_latency(stack, dict.fromkeys(LATENCY_MS, 20))
            counted, distinct = zipf(fixture, queries)
    own = statistics.median(many_own)
    figures = {
        "added_p50 (8 at once)": Figure(round(statistics.median(many) - own, 2), "ms", AIM_P50_MS, "lower"),
        "added_p99 (8 at once)": Figure(round(percentile(many, 0.99) - own, 2), "ms", AIM_P99_MS, "lower"),
        "added_p50 (one at a time)": Figure(
            round(statistics.median(alone) - statistics.median(alone_own), 2), "ms", AIM_P50_MS, "lower"
        ),
        "added_p99 (one at a time)": Figure(
            round(percentile(alone, 0.99) - statistics.median(alone_own), 2), "ms", AIM_P99_MS, "lower"
        ),
        "cached_p50": Figure(round(statistics.median(hits), 2), "ms", None, "lower"),
        "floor_p50": Figure(round(statistics.median(floor), 2), "ms", None, "lower"),
        "floor_p50 (8 at once)": Figure(round(statistics.median(crowded), 2), "ms", None, "lower"),
        "floor_p99 (8 at once)": Figure(round(percentile(crowded, 0.99), 2), "ms", None, "lower"),
        "cached_over_floor": Figure(
            round(statistics.median(hits) / statistics.median(floor), 2), "times", AIM_CACHED, "lower"
        ),
        "spotify_searches": Figure(counted["spotify"], "calls per 1,000 queries", distinct, "lower"),
        "youtube_searches": Figure(counted["youtube"], "calls per 1,000 queries", distinct, "lower"),
    }
    context: dict[str, object] = {
        "latency_ms": LATENCY_MS,
        "own time": "median of search and look-up of lengths, straight at the slower simulator, same load",
        "own_p50_ms": {"one at a time": round(statistics.median(alone_own), 1), "8 at once": round(own, 1)},
        "slowest": {"ms": round(fixture.slowest[0], 1), "function": fixture.slowest[1]},
        "searches": {"one at a time": len(alone), "8 at once": len(many)},
        "floor": "SELECT 1 through the same gateway, authorizer and function",
        "cores and load": [os.cpu_count(), *(round(load, 1) for load in os.getloadavg())],
        "zipf": {"distinct": distinct, "of": ZIPF_DISTINCT, "exponent": ZIPF_EXPONENT},
    }
    return figures, context


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--calls", type=int, default=40, help="live searches one at a time; three times that 8 at once"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures, context = measure(options.calls)
    emit("search", figures, context, as_json=options.json)


if __name__ == "__main__":
    main()
