"""What the tests of pairs do over and over."""

from dataclasses import dataclass
from typing import Any

import boto3
import requests

from tests.integration.migrations.scenario import MigrationScenario, well_known

QUEUE = "SYNC_QUEUE_URL"
HOUR = 3_600.0


@dataclass
class Pairs:
    """Pairs of one person: songs are known by letters, the same on both providers."""

    scenario: MigrationScenario

    def __post_init__(self) -> None:
        self.songs = well_known(14)

    def clear(self) -> None:
        url = self.scenario.harness.queues[QUEUE]
        while records := self.scenario.harness.messages(QUEUE):
            for record in records:
                boto3.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=record["receiptHandle"])

    def ids(self, provider: str, letters: str) -> list[str]:
        songs = [self.songs[ord(letter) - ord("A")] for letter in letters]
        if provider == "spotify":
            return [song.tracks[0].id for song in songs]
        return [song.uploads[0].video_id for song in songs]

    def playlist(self, provider: str, letters: str, name: str = "Road trip") -> str:
        return self.scenario.playlist(provider, self.ids(provider, letters), name)

    def shows(self, provider: str, playlist_id: str) -> str:
        by_id = {}
        for number, song in enumerate(self.songs):
            letter = chr(ord("A") + number)
            by_id |= {track.id: letter for track in song.tracks}
            by_id |= {upload.video_id: letter for upload in song.uploads}
        return "".join(by_id.get(one, "?") for one in self.scenario.contents(provider, playlist_id))

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
        """Make a pair that is in step: pair, Spotify's playlist, YouTube's."""
        left, right = self.playlist("spotify", letters), self.playlist("youtube", letters)
        pair_id = self.make(("spotify", left), ("youtube", right), **options)
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

    # What the person does with the provider's own apps

    def replace(self, playlist_id: str, letters: str) -> None:
        """Give Spotify's playlist other contents."""
        url = f"{self.scenario.urls['spotify']}/v1/playlists/{playlist_id}/items"
        uris = [f"spotify:track:{one}" for one in self.ids("spotify", letters)]
        token = self.scenario.token("spotify")
        answer = requests.put(
            url, json={"uris": uris}, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        assert answer.ok, answer.text

    def remove_from_youtube(self, playlist_id: str, position: int) -> None:
        """Take the entry at a position out of YouTube's playlist."""
        base = f"{self.scenario.urls['youtube']}/youtube/v3/playlistItems"
        headers = {"Authorization": f"Bearer {self.scenario.token('youtube')}"}
        query = {"part": "snippet", "playlistId": playlist_id, "maxResults": "50"}
        items = requests.get(base, params=query, headers=headers, timeout=10).json()["items"]
        answer = requests.delete(base, params={"id": items[position]["id"]}, headers=headers, timeout=10)
        assert answer.ok, answer.text
