"""What the migration tests do to the scenario, and how they look at the truth."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

import requests

from local.simulators.catalogue import Catalogue, Recording
from musicconnect.platform import clock, database
from musicconnect.providers.accounts.tokens import AccountTokens
from tests.integration.migrations.own_apps import OwnApp, app_of
from tests.support.clock import ShiftedClock
from tests.support.functions import Answer, FunctionRunner, Person
from tests.support.oauth import link
from tests.support.postgres import sql, url_for

QUEUE = "MIGRATIONS_QUEUE_URL"
PAST_ALL_LEASES_S = 600.0
"""Seconds: more than leases, delays of messages and the wait for a lost message last."""


@cache
def catalogue() -> Catalogue:
    return Catalogue.load()


def well_known(count: int, skip: int = 0) -> list[Recording]:
    """Recordings that any matcher finds: studio versions with an art track of the same title and length.

    One of each artist first: what is found for one of an artist's says nothing about another's.
    """
    found = []
    titles: set[str] = set()
    for recording in catalogue().recordings:
        if not recording.tracks or not recording.uploads:
            continue
        track, upload = recording.tracks[0], recording.uploads[0]
        if (
            upload.kind == "art_track"
            and len(track.artists) == 1
            and upload.title == track.title
            and track.title.isascii()
            and "." not in track.artists[0].name  # an initial leaves the matcher in doubt
            and track.isrc
            and not set("()-[]\"'").intersection(track.title)
            and len(recording.tracks) == 1
            and track.title not in titles
            and all(
                abs(entry.duration_s - track.duration_ms / 1000) < 1.5
                for entry in recording.uploads
                if entry.same_recording
            )
        ):
            titles.add(track.title)
            found.append(recording)
    artists: Counter[str] = Counter()
    ranks: dict[str, int] = {}
    for recording in found:
        name = recording.tracks[0].artists[0].name
        ranks[recording.key] = artists[name]
        artists[name] += 1
    found.sort(key=lambda recording: ranks[recording.key])
    return found[skip : skip + count]


def track_ids(recordings: list[Recording]) -> list[str]:
    return [recording.tracks[0].id for recording in recordings]


def video_ids(recordings: list[Recording]) -> list[str]:
    return [recording.uploads[0].video_id for recording in recordings]


WAYS = [("spotify", "youtube"), ("youtube", "spotify")]
SLOW_DOWN: dict[str, Any] = {
    "endpoint": "GET /youtube/v3/search", "status": 429, "headers": {"Retry-After": "600"}, "body": "slow",
}  # fmt: skip
LOCAL_FILE = {"local": {"artist": "Me", "album": "Tape", "title": "Demo", "duration_s": 60}}
"""An entry of a playlist on Spotify that nobody else has."""


def ids_on(provider: str, count: int, skip: int = 0) -> list[str]:
    recordings = well_known(count, skip)
    return track_ids(recordings) if provider == "spotify" else video_ids(recordings)


def without_upload() -> str:
    """A track that has no counterpart on YouTube."""
    return next(entry.tracks[0].id for entry in catalogue().recordings if entry.tracks and not entry.uploads)


@dataclass
class MigrationScenario:
    harness: FunctionRunner
    urls: dict[str, str]
    shifted_clock: ShiftedClock
    people: list[Person] = field(default_factory=list)
    login: str = "ada"
    """Under which the person is known to every provider."""

    def of(self, person: Person, login: str) -> "MigrationScenario":
        """Give the same as another person sees it."""
        return replace(self, people=[person], login=login)

    @property
    def person(self) -> Person:
        return self.people[0]

    def begin(self) -> None:
        for provider in self.urls:
            self.control(provider, "POST", "/reset")
        self.sign_up()

    def end(self) -> None:
        """Leave nothing behind: the queue, the database's work and the ledger belong to the next test too."""
        for variable in ("YOUTUBE_DAILY_SEARCHES", "YOUTUBE_DAILY_UNITS"):
            self.harness.environment.pop(variable, None)
        while self.harness.drain(QUEUE, "migrations_worker"):
            pass
        self.sql(
            "TRUNCATE providers.quota_usage, providers.quota_shares, providers.match_store, "
            "providers.match_disputes, providers.learned_names, providers.artist_channels, providers.seeds, "
            "core.users CASCADE"
        )

    def sign_up(self, access: str = "write", login: str | None = None) -> Person:
        person = self.harness.sign_up()
        for provider in self.urls:
            link(person, provider, access, login=login or self.login)
        self.people.append(person)
        return person

    # The simulators

    def control(self, provider: str, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.urls[provider]}/_control{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def playlist(
        self, provider: str, items: list[Any], name: str = "Road trip", login: str | None = None
    ) -> str:
        path = f"/users/{login or self.login}/playlists"
        made = self.control(provider, "POST", path, {"name": name, "items": items})
        return str(made["id"])

    def fault(self, provider: str, endpoint: str, **fault: Any) -> None:
        self.control(provider, "POST", "/faults", {"endpoint": endpoint, **fault})

    def clear_faults(self) -> None:
        for provider in self.urls:
            self.control(provider, "DELETE", "/faults")

    def calls(self, provider: str) -> dict[str, int]:
        by_endpoint: dict[str, int] = self.control(provider, "GET", "/calls")["by_endpoint"]
        return by_endpoint

    def clear_calls(self) -> None:
        for provider in self.urls:
            self.control(provider, "DELETE", "/calls")

    def contents(self, provider: str, playlist_id: str) -> list[str]:
        return [track_id for track_id, _ in self.places(provider, playlist_id)]

    def places(self, provider: str, playlist_id: str) -> list[tuple[str, str]]:
        """What a playlist holds in truth: tracks, each with what tells it from a later copy."""
        items = self.control(provider, "GET", f"/playlists/{playlist_id}/items")["items"]
        return [(item["id"], item.get("item_id") or item.get("added_at") or "") for item in items]

    def playlists(self, provider: str, login: str | None = None) -> list[dict[str, Any]]:
        users = self.control(provider, "GET", "/users")["users"]
        return next(user["playlists"] for user in users if user["id"] == (login or self.login))

    def lift_quotas(self) -> None:
        """For tests that are about something else: more searches and new playlists than YouTube gives."""
        self.control("youtube", "PUT", "/settings", {"playlists_per_day": None})
        self.control("youtube", "PUT", "/quota", {"search": None, "general": None})
        self.harness.environment |= {"YOUTUBE_DAILY_SEARCHES": "100000", "YOUTUBE_DAILY_UNITS": "1000000"}

    def clear_matches(self) -> None:
        """Empty the match store: everything is to be searched anew."""
        self.sql("TRUNCATE providers.match_store, providers.artist_channels")

    # Time

    def now(self) -> datetime:
        return clock.now()

    def pass_time(self, seconds: float) -> None:
        self.shifted_clock.advance(seconds)
        for provider in self.urls:
            self.control(provider, "PUT", "/clock", {"offset_seconds": self.shifted_clock.offset})

    # What the person does with the providers' own apps

    def maintain(self, *tasks: str) -> None:
        """Run tasks of maintenance; none may fail."""
        answer = self.harness.invoke("maintenance", {"tasks": list(tasks)}, remaining_ms=300_000)
        assert answer["failed"] == []

    def token(self, provider: str) -> str:
        with self.harness.environment_of("migrations_worker"):
            return AccountTokens(database.shared(), self.person.id, provider, "write").access_token()

    def app(self, provider: str) -> OwnApp:
        """Open the provider's own app."""
        return app_of(provider, self.urls[provider], self.token(provider))

    def write(self, provider: str, playlist_id: str, entry: str) -> None:
        self.app(provider).add(playlist_id, [entry])

    def remove_entry(self, provider: str, playlist_id: str, entry: str) -> None:
        self.app(provider).remove(playlist_id, self.contents(provider, playlist_id).index(entry))

    def replace_contents(self, provider: str, playlist_id: str, entries: list[str]) -> None:
        self.app(provider).replace(playlist_id, entries)

    def rename(self, provider: str, playlist_id: str, name: str, description: str | None = None) -> None:
        """Give a playlist another name and, where one is given, another description."""
        self.app(provider).rename(playlist_id, name, description)

    def delete_playlist(self, playlist_id: str, provider: str = "youtube") -> None:
        self.app(provider).delete(playlist_id)

    # Migrations

    def start(
        self,
        source: str,
        target: str,
        playlists: list[str] | str,
        person: Person | None = None,
        order: dict[str, Any] | None = None,
        **options: Any,
    ) -> int:
        """Start a migration; gives its id. ``order`` is what else its body says."""
        answer = (person or self.person).call(
            "POST",
            "/v1/migrations",
            {"source_provider": source, "target_provider": target, "playlists": playlists, **(order or {})},
            **options,
        )
        assert answer.status == 202, answer.text
        return int(answer.json["id"])

    def start_known(
        self, count: int = 3, source: str = "spotify", person: Person | None = None, **order: Any
    ) -> int:
        """Start a migration of some well-known recordings to the other provider; gives its id."""
        target = next(provider for provider in self.urls if provider != source)
        return self.start(source, target, [self.playlist(source, ids_on(source, count))], person, order)

    def act(self, migration_id: int, what: str, status: int, body: Any = None) -> Answer:
        """Call one of a migration's actions, such as ``pause``, which has to answer with this status."""
        answer = self.person.call("POST", f"/v1/migrations/{migration_id}/{what}", body)
        assert answer.status == status, answer.text
        return answer

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return sql(self.harness.database_url, query, *parameters)

    def deliver(self, records: list[dict[str, Any]]) -> list[str]:
        """Hand messages to a worker; gives the ids of those that failed."""
        answer = self.harness.invoke("migrations_worker", {"Records": records})
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def cut_connections(self) -> None:
        """Do what a restart of the database does to those who use it."""
        sql(
            url_for(self.harness.database_url, role="mc_migrations"),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = 'mc_migrations' AND datname = current_database() AND pid <> pg_backend_pid()",
        )

    def work(self) -> int:
        return self.harness.drain(QUEUE, "migrations_worker")

    def dispatch(self) -> int:
        return int(self.harness.invoke("migrations_dispatcher", {})["sent"])

    def finish(self, migration_id: int, rounds: int = 60, person: Person | None = None) -> dict[str, Any]:
        """Work until the migration has ended, letting time pass whenever it waits."""
        for _ in range(rounds):
            self.work()
            job = self.job(migration_id, person)
            if job["status"] in ("completed", "failed", "undone"):
                return job
            due = self.sql(
                "SELECT min(greatest(due_at, coalesce(lease_until, due_at))) FROM migrations.playlists "
                "WHERE job_id = %s AND status IN ('pending', 'running')",
                migration_id,
            )[0][0]
            assert isinstance(due, datetime), job
            self.pass_time(max(0.0, (due - self.now()).total_seconds()) + PAST_ALL_LEASES_S)
            self.dispatch()
        raise AssertionError(f"not finished after {rounds} rounds: {json.dumps(job, indent=2)}")

    def job(self, migration_id: int, person: Person | None = None) -> dict[str, Any]:
        answer = (person or self.person).call("GET", f"/v1/migrations/{migration_id}")
        assert answer.status == 200, answer.text
        return dict(answer.json)

    def moved(self, migration_id: int) -> list[dict[str, Any]]:
        answer = self.person.call("GET", f"/v1/migrations/{migration_id}/playlists?limit=200")
        assert answer.status == 200, answer.text
        return list(answer.json["items"])

    def tracks(self, migration_id: int, query: str = "", limit: int = 200) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = self.person.call(
                "GET", f"/v1/migrations/{migration_id}/tracks?limit={limit}{query}{cursor}"
            )
            assert answer.status == 200, answer.text
            found += answer.json["items"]
            if answer.json["next_cursor"] is None:
                return found
            cursor = f"&cursor={answer.json['next_cursor']}"

    def assert_target_is_right(self, migration_id: int) -> list[str]:
        """The target holds exactly the matched tracks, in order; gives their ids."""
        (playlist,) = self.moved(migration_id)
        intended = [
            track["target_track_id"] for track in self.tracks(migration_id) if track["status"] == "matched"
        ]
        target = self.job(migration_id)["target_provider"]
        assert self.contents(target, playlist["target_playlist_id"]) == intended
        assert playlist["tracks"]["written"] == len(intended)
        return intended
