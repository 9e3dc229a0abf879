"""What the tests of maintenance share: a clock for everything, runs, and rows of every age."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg

from musicconnect.matching import MATCHER_VERSION
from musicconnect.platform import clock
from tests.support.clock import ShiftedClock
from tests.support.functions import FunctionRunner
from tests.support.simulator import Simulator

TIMER = {"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}
TITLE = "Salt and Signal"


@dataclass
class MaintenanceRunner:
    """Runs maintenance at times of its choice."""

    harness: FunctionRunner
    spotify: Simulator
    youtube: Simulator
    shifted_clock: ShiftedClock
    connection: psycopg.Connection[Any]
    """The owner's."""
    started: datetime

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return clock.now()

    def at(self, when: timedelta) -> datetime:
        """Make it so long after the beginning, for the functions and both providers."""
        moment = self.started + when
        offset = self.shifted_clock.set_to(moment)
        for simulator in (self.spotify, self.youtube):
            simulator.control("PUT", "/clock", {"offset_seconds": offset})
        return moment

    def run(self, *tasks: str, remaining_ms: int = 300_000) -> dict[str, Any]:
        """One run; nothing may fail."""
        event = {"tasks": list(tasks)} if tasks else TIMER
        answer: dict[str, Any] = self.harness.invoke("maintenance", event, remaining_ms=remaining_ms)
        assert answer["failed"] == []
        return answer

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The test's own look at the truth."""
        cursor = self.connection.execute(statement.encode(), parameters)  # bytes: a test's own text
        return cursor.fetchall() if cursor.description else []

    def match(self, video: str, at: datetime, *, title: str = TITLE, **columns: Any) -> None:
        """A match of a Spotify track with a video, as the matcher found it at a moment."""
        facts = {"id": video, "title": title, "channel": "Somebody", "duration_ms": 200_000}
        given = {
            "source_provider": "spotify", "source_id": f"s-{video}-{at.timestamp()}",
            "target_provider": "youtube", "target_id": video, "outcome": "matched", "confirmed_by": "score",
            "matcher_version": MATCHER_VERSION, "source": json.dumps({"id": f"s-{video}", "title": title}),
            "target": json.dumps(facts), "fetched_at": at, "created_at": at, "updated_at": at, **columns,
        }  # fmt: skip
        names = ", ".join(given)
        holes = ", ".join(["%s"] * len(given))
        self.sql(f"INSERT INTO providers.match_store ({names}) VALUES ({holes})", *given.values())
