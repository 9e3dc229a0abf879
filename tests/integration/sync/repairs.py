"""What the tests of repairs do over and over."""

from dataclasses import dataclass
from typing import Any

from tests.integration.migrations.scenario import MigrationScenario
from tests.integration.sync.pairs import Pairs
from tests.support.functions import Person

QUEUE = "SYNC_QUEUE_URL"


@dataclass
class Repairs:
    """Repairs of one person's playlists; songs are known by letters, as those of pairs."""

    scenario: MigrationScenario
    pairs: Pairs

    def check(self, provider: str, playlist_id: str, country: str | None = None, **options: Any) -> int:
        """Begin a check; gives the repair's id."""
        body = {"provider": provider, "playlist_id": playlist_id, "country": country}
        answer = self.scenario.person.call("POST", "/v1/repairs", body, **options)
        assert answer.status == 202, answer.text
        return int(answer.json["id"])

    def checked(self, provider: str, playlist_id: str, country: str | None = None) -> Any:
        """Check a playlist to the end; gives the repair."""
        repair_id = self.check(provider, playlist_id, country)
        self.work()
        return self.get(repair_id)

    def work(self) -> None:
        """Let the worker do what is due, and what becomes due within a few minutes."""
        harness = self.scenario.harness
        for _ in range(5):
            harness.drain(QUEUE, "sync_worker")
            self.scenario.pass_time(90)
            harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
        harness.drain(QUEUE, "sync_worker")

    def get(self, repair_id: int) -> Any:
        return self.scenario.person.call("GET", f"/v1/repairs/{repair_id}").json

    def entries(self, repair_id: int, limit: int = 50) -> list[Any]:
        """All entries, page by page."""
        found: list[Any] = []
        cursor = ""
        while True:
            path = f"/v1/repairs/{repair_id}/entries?limit={limit}{cursor}"
            page = self.scenario.person.call("GET", path).json
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    def post(self, repair_id: int, what: str, body: Any = None, person: Person | None = None) -> Any:
        return (person or self.scenario.person).call("POST", f"/v1/repairs/{repair_id}/{what}", body)

    def apply(self, repair_id: int, body: Any = None) -> Any:
        """Order the replacement and let it be done."""
        answer = self.post(repair_id, "apply", body or {})
        assert answer.status == 200, answer.text
        self.work()
        return self.get(repair_id)

    def lose(self, video_id: str, privacy: str = "deleted") -> None:
        """Let YouTube have a video no longer, or not for everybody."""
        self.scenario.control("youtube", "PUT", f"/videos/{video_id}", {"privacy": privacy})

    def migrated(self, letters: str) -> str:
        """A playlist on YouTube that we wrote for one on Spotify; gives its id."""
        source = self.pairs.playlist("spotify", letters)
        migration_id = self.scenario.start("spotify", "youtube", [source])
        assert self.scenario.finish(migration_id)["status"] == "completed"
        return str(self.scenario.moved(migration_id)[0]["target_playlist_id"])
