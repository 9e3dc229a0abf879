"""What the tests of pairs do over and over."""

from dataclasses import dataclass
from typing import Any

import boto3

from tests.integration.migrations import everywhere
from tests.integration.migrations.scenario import MigrationScenario

QUEUE = "SYNC_QUEUE_URL"
HOUR = 3_600.0


@dataclass
class Pairs:
    """Pairs of one person: songs are known by letters, the same on every provider."""

    scenario: MigrationScenario
    sides: tuple[str, str] = ("spotify", "youtube")
    """Whose playlists stand left and right."""

    def __post_init__(self) -> None:
        self.songs = everywhere.songs_of(self.scenario, 14)

    def clear(self) -> None:
        url = self.scenario.harness.queues[QUEUE]
        while records := self.scenario.harness.messages(QUEUE):
            for record in records:
                boto3.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])

    def ids(self, provider: str, letters: str) -> list[str]:
        return everywhere.ids(provider, [self.songs[ord(letter) - ord("A")] for letter in letters])

    def playlist(self, provider: str, letters: str, name: str = "Road trip") -> str:
        return self.scenario.playlist(provider, self.ids(provider, letters), name)

    def shows(self, provider: str, playlist_id: str) -> str:
        letters = {song.key: chr(ord("A") + number) for number, song in enumerate(self.songs)}
        shown = [everywhere.truth().get(one) for one in self.scenario.contents(provider, playlist_id)]
        return "".join(letters.get(one.key, "?") if one else "?" for one in shown)

    def make(self, left: tuple[str, str], right: tuple[str, str], **options: Any) -> int:
        pair = {
            "left": {"provider": left[0], "playlist_id": left[1]},
            "right": {"provider": right[0], "playlist_id": right[1]},
            **options,
        }
        answer = self.scenario.person.call("POST", "/v1/pairs", {"items": [pair]})
        assert answer.status == 200, answer.text
        return int(answer.json["items"][0]["id"])

    def work(self) -> None:
        """Let workers do what is due, and what becomes due within a minute."""
        harness = self.scenario.harness
        for _ in range(6):
            harness.drain(QUEUE, "sync_worker")
            self.scenario.pass_time(62)
            harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
        harness.drain(QUEUE, "sync_worker")

    def get(self, pair_id: int) -> Any:
        return self.scenario.person.call("GET", f"/v1/pairs/{pair_id}").json

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.scenario.person.call("POST", f"/v1/pairs/{path}", body)
        assert answer.status in (200, 202), answer.text
        return answer.json

    def begin(self, letters: str, **options: Any) -> tuple[int, str, str]:
        """Make a pair that is in step: pair, the left playlist, the right one."""
        left, right = (self.playlist(side, letters) for side in self.sides)
        pair_id = self.make((self.sides[0], left), (self.sides[1], right), **options)
        self.work()
        self.post(f"{pair_id}/answer", {"answer": "yes"})
        self.work()
        assert self.get(pair_id)["code"] == "in-step", self.get(pair_id)
        return pair_id, left, right

    def run(self, pair_id: int) -> Any:
        self.post(f"{pair_id}/run")
        self.work()
        return self.get(pair_id)

    def runs(self, pair_id: int) -> list[Any]:
        found: list[Any] = self.scenario.person.call("GET", f"/v1/pairs/{pair_id}/runs").json["items"]
        return found

    def told(self) -> list[Any]:
        """Everything the person was told; the timer of notices comes twice."""
        for _ in range(2):
            self.scenario.harness.invoke("notices_dispatcher", {})
        found: list[Any] = self.scenario.person.call("GET", "/v1/notices?limit=100").json["items"]
        return found

    def replace(self, left: str, letters: str) -> None:
        """Give the left playlist other contents, with the provider's own app."""
        self.scenario.replace_contents(self.sides[0], left, self.ids(self.sides[0], letters))

    def add_right(self, right: str, letters: str) -> None:
        """Put songs at the end of the right playlist, with the provider's own app."""
        self.scenario.app(self.sides[1]).add(right, self.ids(self.sides[1], letters))

    def both(self, left: str, right: str) -> tuple[str, str]:
        """Give what both sides show."""
        return self.shows(self.sides[0], left), self.shows(self.sides[1], right)
