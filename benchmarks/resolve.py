"""How many links of the demo catalogue find their counterpart, and what that costs in searches.

Every recording of the catalogue that the simulators serve is resolved both ways through the running API, one
link each, twenty at a time: first from Spotify, then, with an empty match store again, from YouTube. Then all
links there are, every release and every upload, are resolved on what the store has learned. The catalogue
says which uploads a listener would accept as the recording. Last, a hundred links are one request, with
simulators that take as long as the real ones, beside what their calls would take one after the other.

    python -m benchmarks.resolve [--json]
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
import requests

from benchmarks.report import Figure, emit
from local.demo.tour import linked_user
from local.demo.user import ApiUser
from local.simulators.catalogue import Catalogue, Recording
from local.stack.stack import Options, Stack

AT_A_TIME = 20
MANY = 100
LATENCY_MS = {"spotify": 120, "youtube": 180}
AIM_RIGHT, AIM_WRONG = 0.95, 0.0


@dataclass(frozen=True)
class Link:
    """A link and what it should lead to."""

    url: str
    key: str
    """The recording's."""
    right: frozenset[str]
    """Ids on the other side that are the same recording; empty: there is none."""
    is_other: bool = False
    """The upload is not the recording it is filed under; ``right`` are then the ids it must not lead to."""

    @property
    def target(self) -> str:
        """The provider on the other side."""
        return "youtube" if "spotify.com" in self.url else "spotify"


@dataclass
class Tally:
    """How a number of links fared."""

    right: int = 0
    """Led to the recording, or to nothing where there is none."""
    wrong: int = 0
    unanswered: int = 0
    """Found nothing, or left it to a person, where there is a counterpart."""
    searches: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All of them."""
        return self.right + self.wrong + self.unanswered

    def share(self, count: int) -> float:
        """Of all."""
        return round(count / self.total, 4) if self.total else 0.0

    def note(self, link: Link, counterpart: dict[str, Any]) -> None:
        """Judge one answer."""
        item = counterpart["item"]
        found = item["id"] if item else None
        if link.is_other:
            is_right = found not in link.right
        else:
            is_right = found in link.right if link.right else found is None and not counterpart["error"]
        if is_right:
            self.right += 1
        elif found is not None:
            self.wrong += 1
            self.errors.append(f"wrong: {link.key}: {link.url} -> {item['title']} ({item['url']})")
        else:
            self.unanswered += 1
            self.errors.append(f"unanswered: {link.key}: {link.url}: {counterpart['outcome']}")


def track_url(track_id: str) -> str:
    """A track's address."""
    return f"https://open.spotify.com/track/{track_id}"


def video_url(video_id: str) -> str:
    """A video's address."""
    return f"https://www.youtube.com/watch?v={video_id}"


def accepted(recording: Recording) -> frozenset[str]:
    """The uploads that are the recording."""
    return frozenset(upload.video_id for upload in recording.uploads if upload.same_recording)


def links_of(recordings: Sequence[Recording]) -> dict[str, list[Link]]:
    """By direction: one link for each recording; and all there are."""
    tracks = {recording.key: frozenset(track.id for track in recording.tracks) for recording in recordings}
    to_youtube = [
        Link(track_url(recording.tracks[0].id), recording.key, accepted(recording))
        for recording in recordings
        if recording.tracks
    ]
    to_spotify = [
        Link(video_url(upload.video_id), recording.key, tracks[recording.key])
        for recording in recordings
        if (upload := next((one for one in recording.uploads if one.same_recording), None))
    ]
    everything = [
        Link(track_url(track.id), recording.key, accepted(recording))
        for recording in recordings
        for track in recording.tracks
    ] + [
        Link(video_url(upload.video_id), recording.key, tracks[recording.key], not upload.same_recording)
        for recording in recordings
        for upload in recording.uploads
        if upload.category_id == "10"
    ]
    return {"spotify_to_youtube": to_youtube, "youtube_to_spotify": to_spotify, "everything": everything}


def resolve(person: ApiUser, links: Sequence[Link], label: str) -> Tally:
    """Resolve links and judge every answer."""
    tally = Tally()
    for start in range(0, len(links), AT_A_TIME):
        chunk = list(links[start : start + AT_A_TIME])
        while chunk:
            answer = person.call("POST", "/v1/resolve", {"urls": [link.url for link in chunk]})
            tally.searches += sum(answer["searches_spent"].get(provider, 0) for provider in LATENCY_MS)
            again = []
            for link, resolved in zip(chunk, answer["items"], strict=True):
                # The person has a third provider, too, whose catalogue says nothing of recordings.
                counterpart = next(
                    (one for one in resolved["counterparts"] if one["provider"] == link.target),
                    {"item": None, "error": resolved["error"], "outcome": ""},
                )
                if (counterpart["error"] or {}).get("code") == "too-many-at-once":
                    again.append(link)  # as the answer says
                else:
                    tally.note(link, counterpart)
            if len(again) == len(chunk):
                raise SystemExit(f"no progress: {counterpart}")
            chunk = again
        print(f"\r{label}: {tally.total} of {len(links)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return tally


def clear_match_store(stack: Stack) -> None:
    """Empty the match store."""
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM providers.match_store")


def at_once(stack: Stack, person: ApiUser, links: Sequence[Link]) -> tuple[float, float]:
    """Seconds for a hundred links in one request, and what the calls that it makes take by themselves."""
    urls = {"spotify": stack.spotify_url, "youtube": stack.youtube_url}
    clear_match_store(stack)
    for name, url in urls.items():
        requests.delete(f"{url}/_control/calls", timeout=10).raise_for_status()
        requests.put(f"{url}/_control/latency", json={"ms": LATENCY_MS[name]}, timeout=10).raise_for_status()
    started = time.perf_counter()
    person.call("POST", "/v1/resolve", {"urls": [link.url for link in links[:MANY]]})
    took = time.perf_counter() - started
    calls = {
        name: sum(requests.get(f"{url}/_control/calls", timeout=10).json()["by_endpoint"].values())
        for name, url in urls.items()
    }
    return took, sum(calls[name] * LATENCY_MS[name] for name in urls) / 1e3


def measure() -> tuple[dict[str, Figure], dict[str, object]]:
    """All figures, with what a reader needs to judge them."""
    links = links_of(Catalogue.load().recordings)
    with Stack(Options(quiet=True, parameters={"YouTubeDailySearches": "100000"})) as stack:
        person = linked_user(stack)
        requests.put(
            f"{stack.youtube_url}/_control/quota", json={"search": 100_000}, timeout=10
        ).raise_for_status()
        tallies = {}
        for direction, group in links.items():
            if direction != "everything":
                clear_match_store(stack)
            tallies[direction] = resolve(person, group, direction)
        once_more = resolve(person, links["spotify_to_youtube"], "once more")
        many, one_by_one = at_once(stack, person, links["youtube_to_spotify"])
    figures = {}
    for direction, tally in tallies.items():
        figures |= {
            f"{direction} right": Figure(tally.share(tally.right), "share", AIM_RIGHT, "higher"),
            f"{direction} wrong": Figure(tally.share(tally.wrong), "share", AIM_WRONG, "lower"),
            f"{direction} unanswered": Figure(tally.share(tally.unanswered), "share", None, "lower"),
            f"{direction} searches": Figure(tally.searches, "searches", None, "lower"),
            f"{direction} searches_per_link": Figure(
                round(tally.searches / tally.total, 3), "searches", None, "lower"
            ),
        }
    figures["once_more searches"] = Figure(once_more.searches, "searches", 0, "lower")
    figures["hundred_links"] = Figure(round(many, 2), "s", None, "lower")
    figures["hundred_links calls one by one"] = Figure(round(one_by_one, 2), "s", None, "lower")
    context: dict[str, object] = {
        "links": {direction: tally.total for direction, tally in tallies.items()},
        "right": "leads to the recording, or to nothing where the other side does not have it",
        "everything": "every release and upload, covers and live versions too, on what the store had learned",
        "errors": {direction: tally.errors[:20] for direction, tally in tallies.items()},
    }
    return figures, context


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures, context = measure()
    emit("resolve", figures, context, as_json=options.json)


if __name__ == "__main__":
    main()
