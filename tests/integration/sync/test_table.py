"""The scenarios of two lists on the engine over the simulators, by the numbers of docs/keeping-in-step.md.

What both sides come to, and what is written, is the same table that the merge in memory is held to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.integration.migrations.scenario import well_known, without_upload
from tests.integration.sync.pairs import Pairs
from tests.unit.sync.test_scenarios import CASES, Case

MIRRORED = {"21 unavailable", "22 unavailable here, out there", "23 withdrawn"}
"""Cases in which the left side is YouTube's: Spotify tells nothing of what became of an entry."""
OWN_SONGS = {
    "21 unavailable": 14, "22 unavailable here, out there": 18, "23 withdrawn": 22,
    "27 a shared track taken out": 26, "28 a shared track stays": 30,
}  # fmt: skip
"""Cases that change what songs are, and the first of those that are theirs alone."""
ELSEWHERE = {
    "20 another id": "Spotify names no places, and YouTube's keep their video: the merge in memory holds it",
    "31 seen once": "takes a schedule: test_31_and_32",
}
TABLE = {name: case for name, case in CASES.items() if name not in ELSEWHERE} | {
    "14 moves on both sides": Case("A B C", "C A B", "B A C", "C B A", "C B A", "1 moved", "1 moved"),
}
WORDS = {"add": "in", "remove": "out", "move": "moved"}


@dataclass
class Lists:
    """A case's two playlists."""

    pairs: Pairs
    name: str
    case: Case
    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    """By provider and song."""
    sides: list[tuple[str, str]] = field(default_factory=list)
    """Provider and playlist."""
    pair_id: int = 0

    def __post_init__(self) -> None:
        first = OWN_SONGS.get(self.name, 0)
        for letter, song in zip("ABCDEFGH", well_known(8, skip=first), strict=True):
            self.ids["spotify", letter] = song.tracks[0].id
            self.ids["youtube", letter] = song.uploads[0].video_id
        match self.case.world.split():
            case ["B", "missing"]:
                self.ids["spotify", "B"] = without_upload()
            case ["A", "is", "B"]:
                self.ids["youtube", "B"] = self.ids["youtube", "A"]
                self._rule("B")
        base = self.case.base or ""
        left, right = (base, base) if self.case.base is not None else (self.case.left, self.case.right)
        providers = ("youtube", "spotify") if self.name in MIRRORED else ("spotify", "youtube")
        for provider, text in zip(providers, (left, right), strict=True):
            letters = text.replace(" ", "")
            if self.case.world and provider == "youtube" and self.name not in MIRRORED:
                letters = letters.replace("B", "")  # It has no video, or A's.
            ids = [self.ids[provider, letter] for letter in letters]
            self.sides.append((provider, self.pairs.scenario.playlist(provider, ids, self.name)))

    def _rule(self, letter: str) -> None:
        rule = {
            "source_provider": "spotify", "source_id": self.ids["spotify", letter],
            "target_provider": "youtube", "target_id": self.ids["youtube", letter],
        }  # fmt: skip
        answer = self.pairs.scenario.person.call("POST", "/v1/migrations/rules", rule)
        assert answer.status in (200, 201), answer.text

    @property
    def body(self) -> dict[str, Any]:
        """What the pair is made with."""
        left, right = ({"provider": provider, "playlist_id": one} for provider, one in self.sides)
        limits = {"max_removals": 3} if self.case.settings.min_out == 3 else {}
        return {"left": left, "right": right, "schedule": "by_hand", **limits}

    def edit(self) -> None:
        """Make both sides what the case says, as their person would."""
        for side, text in enumerate((self.case.left, self.case.right)):
            provider, playlist_id = self.sides[side]
            if provider == "youtube":
                self._arrange(playlist_id, text.split())
            else:
                ids = [self.ids[provider, word[0]] for word in text.split()]
                self.pairs.scenario.replace_contents(provider, playlist_id, ids)
        if self.case.world.endswith("dead"):
            self._lose("B", "deleted")
        if "(A)" in self.case.left:
            self._lose("A", "private")

    def _lose(self, letter: str, privacy: str) -> None:
        path = f"/videos/{self.ids['youtube', letter]}"
        self.pairs.scenario.control("youtube", "PUT", path, {"privacy": privacy})

    def _arrange(self, playlist_id: str, words: Sequence[str]) -> None:
        """Take out, put in and move entries of YouTube's; what a word does not call new stays itself."""
        pool: dict[str, list[str]] = {}
        for item in self._entries(playlist_id):
            video_id = item["snippet"]["resourceId"]["videoId"]
            letter = next(one for (_, one), track_id in self.ids.items() if track_id == video_id)
            pool.setdefault(letter, []).append(item["id"])
        wanted: list[tuple[str, str | None]] = []
        for word in words:
            name, mark = word.strip("()")[0], word.strip("()")[1:]
            copies = pool.get(name, [])
            at = int(mark) - 1 if mark.isdigit() else 0
            wanted.append((name, copies.pop(min(at, len(copies) - 1)) if copies and mark != "*" else None))
        for item_id in [one for copies in pool.values() for one in copies]:
            self._call("DELETE", params={"id": item_id})
        shown = [item["id"] for item in self._entries(playlist_id)]
        for position, (name, item_id) in enumerate(wanted):
            resource = {"kind": "youtube#video", "videoId": self.ids["youtube", name]}
            snippet = {"playlistId": playlist_id, "resourceId": resource, "position": position}
            if item_id is None:
                made = self._call("POST", params={"part": "snippet"}, json={"snippet": snippet})
                shown.insert(position, made["id"])
            elif shown.index(item_id) != position:
                self._call("PUT", params={"part": "snippet"}, json={"id": item_id, "snippet": snippet})
                shown.remove(item_id)
                shown.insert(position, item_id)

    def _entries(self, playlist_id: str) -> list[Any]:
        query = {"part": "snippet", "playlistId": playlist_id, "maxResults": "50"}
        return list(self._call("GET", params=query)["items"])

    def _call(self, method: str, *, params: dict[str, str], **options: Any) -> Any:
        answer = requests.request(
            method, f"{self.pairs.scenario.urls['youtube']}/youtube/v3/playlistItems",
            params=params, timeout=10,
            headers={"Authorization": f"Bearer {self.pairs.scenario.token('youtube')}"}, **options,
        )  # fmt: skip
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def found(self) -> tuple[str, str, str, str]:
        """What both sides show, and what was written to each."""
        shown = [self._shown(side) for side in (0, 1)]
        run = self.pairs.runs(self.pair_id)[0]
        counts = run["counts"] if run["status"] == "completed" else {}
        written = [
            ", ".join(
                f"{counts[side][kind]} {word}" for kind, word in WORDS.items() if counts[side].get(kind)
            )
            if side in counts and self.runs_before < len(self.pairs.runs(self.pair_id))
            else ""
            for side in ("left", "right")
        ]
        return shown[0], shown[1], written[0], written[1]

    runs_before: int = 0
    """Runs that its pair had when it was in step."""

    def _shown(self, side: int) -> str:
        provider, playlist_id = self.sides[side]
        letters = {}
        for (one, letter), track_id in self.ids.items():
            if one == provider:
                letters.setdefault(track_id, letter)
        contents = self.pairs.scenario.contents(provider, playlist_id)
        return " ".join(letters[track_id] for track_id in contents)

    @property
    def expected(self) -> tuple[str, str, str, str]:
        """What the table says; whether an entry is available is not the question here."""
        case = self.case
        after = [text.replace("(A)", "A") for text in (case.left_after, case.right_after)]
        return after[0], after[1], case.written_left, case.written_right


def test_1_to_40_come_to_what_the_table_says(pairs: Pairs) -> None:
    pairs.scenario.sql("UPDATE core.user_sessions SET expires_at = now() + interval '10 years'")
    lists = [Lists(pairs, name, case) for name, case in TABLE.items()]
    answer = pairs.scenario.person.call("POST", "/v1/pairs", {"items": [one.body for one in lists]})
    assert answer.status == 200, answer.text
    for one, pair in zip(lists, answer.json["items"], strict=True):
        one.pair_id = pair["id"]
    pairs.work()
    in_step = [one for one in lists if one.case.base is not None]
    for one in in_step:
        pairs.post(f"{one.pair_id}/answer", {"answer": "yes"})
    pairs.work()
    for one in in_step:
        assert pairs.get(one.pair_id)["code"] == "in-step", (one.name, pairs.get(one.pair_id))
        one.runs_before = len(pairs.runs(one.pair_id))
        one.edit()
        pairs.post(f"{one.pair_id}/run")
    for one in lists:
        if one.case.base is None:
            pairs.post(f"{one.pair_id}/answer", {"answer": "yes"})

    pairs.work()

    found = {one.name: one.found() for one in lists}
    assert found == {one.name: one.expected for one in lists}
    for one in lists:  # And then there is quiet.
        if pairs.get(one.pair_id)["status"] == "active":
            pairs.post(f"{one.pair_id}/run")
    pairs.work()
    assert {one.name: one.found()[:2] for one in lists} == {one.name: one.expected[:2] for one in lists}


def test_31_and_32_missing_once_is_nothing_and_missing_twice_is_out(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABCD", schedule="hourly")
    pairs.replace(left, "AB")

    pairs.scenario.pass_time(3_601)
    pairs.scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    pairs.scenario.harness.drain("SYNC_QUEUE_URL", "sync_worker")

    assert pairs.shows("youtube", right) == "ABCD"
    pairs.scenario.pass_time(17 * 60)
    pairs.work()
    assert pairs.shows("youtube", right) == pairs.shows("spotify", left) == "AB"
    assert pairs.get(pair_id)["code"] == "in-step"


def test_37_what_no_list_shows_yet_is_not_taken_out_and_not_written_again(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.replace(left, "ABC")
    pairs.scenario.control("youtube", "PUT", "/settings", {"item_lag_ms": 24 * 3_600_000})

    for _ in range(2):
        pairs.run(pair_id)
        assert pairs.shows("youtube", right) == pairs.shows("spotify", left) == "ABC"

    pairs.scenario.control("youtube", "PUT", "/settings", {"item_lag_ms": 0})
    pairs.scenario.pass_time(25 * 3_600)
    pairs.run(pair_id)
    assert pairs.shows("youtube", right) == pairs.shows("spotify", left) == "ABC"
    assert pairs.get(pair_id)["code"] == "in-step"
