"""Pairs over HTTP, the queue and both simulators."""

import contextlib

import pytest

from tests.integration.migrations.everywhere import EACH_TWICE, EVERY_WAY
from tests.integration.migrations.fault_injection import Interruption, Killed, kill
from tests.integration.migrations.scenario import well_known
from tests.integration.sync.pairs import QUEUE, Pairs
from tests.support.oauth import link

every_way = pytest.mark.parametrize("pairs", EVERY_WAY, indirect=True, ids="-".join)
READ = "GET /youtube/v3/playlistItems"
KILLS = [
    *((EACH_TWICE[0], call, after) for call in range(1, 9) for after in (False, True)),
    *((way, call, True) for way in EACH_TWICE[1:] for call in (3, 5, 7)),
]
"""Pair, call and side of it at which a worker dies: some; the benchmark of crashes tries all."""
each_twice = pytest.mark.parametrize("pairs", EACH_TWICE, indirect=True, ids="-".join)


def test_the_first_run_is_shown_and_written_once_the_person_says_yes(pairs: Pairs) -> None:
    left, right = pairs.playlist("spotify", "ABC"), pairs.playlist("youtube", "BCD")
    pair_id = pairs.make(("spotify", left), ("youtube", right))

    pairs.work()

    pair = pairs.get(pair_id)
    assert (pair["status"], pair["code"]) == ("asking", "asking-first"), pair
    assert pairs.shows("spotify", left) == "ABC"
    assert pairs.shows("youtube", right) == "BCD"
    home = pairs.scenario.person.call("GET", "/v1/home").json
    assert home["pairs"] == [pair]
    (need,) = [one for one in home["needs_you"] if one["code"] == "pairs-ask"]
    assert (need["pair_id"], need["count"]) == (pair_id, 1)
    assert need["message"].endswith("waits for your word before anything is written.")
    (run,) = pairs.runs(pair_id)
    assert run["message"] == "Before the first writing: 2 songs put in. Say yes to begin."
    changes = pairs.scenario.person.call("GET", f"/v1/pairs/{pair_id}/runs/{run['id']}/changes").json["items"]
    assert [(one["side"], one["kind"], one["state"]) for one in changes] == [
        ("left", "add", "planned"), ("right", "add", "planned"),
    ]  # fmt: skip
    assert [one["url"] for one in changes] == [
        f"https://open.spotify.com/track/{pairs.ids('spotify', 'D')[0]}",
        f"https://www.youtube.com/watch?v={pairs.ids('youtube', 'A')[0]}",
    ]

    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()

    assert pairs.shows("spotify", left) == pairs.shows("youtube", right) == "ABCD"
    assert pairs.get(pair_id)["code"] == "in-step"
    (run,) = pairs.runs(pair_id)
    assert run["status"] == "completed"
    assert run["cost"]["youtube"]["general"] >= 50


@every_way
def test_what_is_put_in_out_and_moved_goes_over_in_both_directions(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABCDE")
    pairs.replace(left, "EABD")
    pairs.add_right(right, "F")

    pair = pairs.run(pair_id)

    assert pair["code"] == "in-step", pair
    assert pairs.both(left, right) == ("EABDF", "EABDF")
    assert pairs.run(pair_id)["code"] == "in-step"
    assert pairs.both(left, right) == ("EABDF", "EABDF")


@every_way
def test_what_only_one_side_has_is_found_on_the_other(pairs: Pairs) -> None:
    left, right = (pairs.playlist(*one) for one in zip(pairs.sides, ("ABCHI", "BCDJ"), strict=True))
    pair_id = pairs.make((pairs.sides[0], left), (pairs.sides[1], right))

    pairs.work()
    assert pairs.get(pair_id)["code"] == "asking-first"
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()

    shown = pairs.both(left, right)
    assert pairs.get(pair_id)["code"] == "in-step"
    assert shown[0] == shown[1]
    assert sorted(shown[0]) == list("ABCDHIJ")


@each_twice
def test_an_emptied_source_stops_the_run_which_says_what_it_would_have_done(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABCDEFGH", mode="mirror")
    pairs.replace(left, "")

    pair = pairs.run(pair_id)

    assert (pair["status"], pair["code"]) == ("asking", "asking-source-empty"), pair
    assert pairs.both(left, right)[1] == "ABCDEFGH"
    guard = pairs.runs(pair_id)[0]["guards"][0]
    assert (guard["count"], guard["of"], len(guard["tracks"])) == (8, 8, 8)
    # The person is told of it once, and not of the first run, which they asked for themselves.
    (notice,) = pairs.told()
    assert (notice["code"], notice["params"]) == (
        "pair-stopped", {"pair_id": pair_id, "guard": "source-empty", "count": 8},
    )  # fmt: skip
    assert "would have removed 8 entries" in notice["message"]

    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()

    assert pairs.both(left, right)[1] == ""


def test_no_leaves_both_sides_as_they_are(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABCDE", mode="mirror")
    pairs.replace(left, "")
    pairs.run(pair_id)

    pairs.post(f"{pair_id}/answer", {"answer": "no"})
    pairs.work()

    assert pairs.get(pair_id)["status"] == "paused"
    assert pairs.shows("youtube", right) == "ABCDE"


@each_twice
def test_undo_brings_back_what_was_and_spares_later_edits(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABCD")
    pairs.replace(left, "CABE")
    pairs.run(pair_id)
    assert pairs.both(left, right) == ("CABE", "CABE")
    pairs.add_right(right, "G")
    run_id = next(run["id"] for run in pairs.runs(pair_id) if run["can_be_undone"])

    path, headers = f"/v1/pairs/{pair_id}/runs/{run_id}/undo", {"Idempotency-Key": "undo"}
    made = pairs.scenario.person.call("POST", path, headers=headers)
    pairs.work()

    assert pairs.scenario.person.call("POST", path, headers=headers).json["id"] == made.json["id"]
    assert pairs.both(left, right) == ("CABE", "ABCDG")  # The person's own edits stay.
    pair = pairs.get(pair_id)
    assert (pair["status"], pair["is_approved"]) == ("paused", False), pair
    assert pairs.runs(pair_id)[0]["cause"] == "undo"


def names_of(pairs: Pairs, left: str, right: str) -> tuple[str, str]:
    """What both sides are called at their providers."""
    lists = [one for side in pairs.sides for one in pairs.scenario.playlists(side)]
    by_id = {one["id"]: one["name"] for one in lists}
    return by_id[left], by_id[right]


@each_twice
def test_a_new_name_goes_over_once_and_comes_back_by_an_undo(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.scenario.rename(pairs.sides[0], left, "Night drive")

    pair = pairs.run(pair_id)

    assert names_of(pairs, left, right) == ("Night drive", "Night drive")
    assert (pair["left"]["name"], pair["right"]["name"]) == ("Night drive", "Night drive")
    run = pairs.runs(pair_id)[0]
    assert "1 playlist renamed" in run["message"], run
    path = f"/v1/pairs/{pair_id}/runs/{run['id']}/changes"
    (change,) = pairs.scenario.person.call("GET", path).json["items"]
    assert (change["kind"], change["side"], change["title"], change["state"]) == (
        "rename", "right", "Night drive", "done",
    )  # fmt: skip
    pairs.run(pair_id)
    assert (
        len([one for one in pairs.runs(pair_id) if one["counts"].get("right")]) == 1
    )  # Then there is quiet.

    pairs.scenario.rename(pairs.sides[1], right, "Day drive")
    pairs.run(pair_id)
    assert names_of(pairs, left, right) == ("Day drive", "Day drive")

    pairs.post(f"{pair_id}/runs/{run['id']}/undo")
    pairs.work()

    # What we called the left one is taken back; what the person called the right one stays.
    assert names_of(pairs, left, right) == ("Night drive", "Day drive")


def test_a_dear_order_is_priced_and_asked_about_and_not_written(pairs: Pairs) -> None:
    pairs.songs = well_known(24)
    letters = "".join(chr(ord("A") + number) for number in range(24))
    pair_id, left, right = pairs.begin(letters)
    pairs.replace(left, letters[::-1])

    pair = pairs.run(pair_id)

    assert (pair["status"], pair["code"], pair["params"]["count"]) == ("asking", "asking-many-moves", 23), (
        pair
    )
    assert "1,150 units" in pair["message"]
    (guard,) = pairs.runs(pair_id)[0]["guards"]
    assert (guard["code"], guard["provider"], guard["count"], guard["units"]) == (
        "many-moves", "youtube", 23, 1_150,
    )  # fmt: skip
    assert pairs.shows("youtube", right) == letters
    (notice,) = [one for one in pairs.told() if one["code"] == "pair-stopped"]
    assert notice["params"]["guard"] == "many-moves"
    pairs.post(f"{pair_id}/answer", {"answer": "no"})
    pairs.work()
    assert (pairs.shows("spotify", left), pairs.shows("youtube", right)) == (letters[::-1], letters)


def test_one_of_two_copies_that_go_on_youtube_goes_on_spotify(pairs: Pairs) -> None:
    """E12: Spotify takes every copy of a track out at once."""
    pair_id, left, right = pairs.begin("ABAC")
    pairs.scenario.app("youtube").remove(right, 2)

    pairs.run(pair_id)

    assert pairs.shows("spotify", left) == pairs.shows("youtube", right) == "ABC"


@pytest.mark.parametrize(
    "pairs", [way for way in EACH_TWICE if way[1] != "spotify"], indirect=True, ids="-".join
)  # Spotify never deletes one: its person only sees it no more.
def test_a_deleted_playlist_loses_the_pair_and_nothing_else(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABC")
    pairs.scenario.delete_playlist(right, pairs.sides[1])

    pair = pairs.run(pair_id)

    assert (pair["status"], pair["code"]) == ("lost", "playlist-gone"), pair
    assert pairs.shows(pairs.sides[0], left) == "ABC"


REFUSALS = [
    (403, "accessNotConfigured", "The YouTube Data API is not switched on for this installation's Google"),
    (403, "playlistItemsNotAccessible", "The playlist belongs to somebody else."),
    (400, "invalidValue", "YouTube does not accept the request."),
]
"""What YouTube says for good, and how it is told."""


@pytest.mark.parametrize(("status", "reason", "told"), REFUSALS)
def test_a_pair_that_a_provider_refuses_says_why_and_goes_on_when_it_is_resumed(
    pairs: Pairs, status: int, reason: str, told: str
) -> None:
    pair_id, left, right = pairs.begin("ABC")
    said = {"code": status, "message": "No.", "errors": [{"reason": reason, "domain": "youtube"}]}
    pairs.scenario.fault("youtube", READ, status=status, body={"error": said}, times=None)
    pairs.replace(left, "ABCD")

    pair = pairs.run(pair_id)

    assert (pair["status"], pair["code"]) == ("paused", "refused-by-provider"), pair
    assert pair["message"].startswith(f"YouTube refused: {told}"), pair
    pairs.scenario.clear_faults()
    pairs.post(f"{pair_id}/resume")
    pairs.work()
    assert pairs.get(pair_id)["code"] == "in-step"
    assert pairs.both(left, right) == ("ABCD", "ABCD")


def test_pairs_that_would_loop_are_refused_in_words(pairs: Pairs) -> None:
    a, b, c = (pairs.playlist("spotify", "A", name) for name in ("a", "b", "c"))
    first = pairs.make(("spotify", a), ("spotify", b))
    second = pairs.make(("spotify", b), ("spotify", c))
    for left, right, code, culprits in (
        (c, a, "pairs-would-loop", [first, second]),
        (b, a, "already-in-step", [first]),
    ):
        body = {
            "left": {"provider": "spotify", "playlist_id": left},
            "right": {"provider": "spotify", "playlist_id": right},
        }
        answer = pairs.scenario.person.call("POST", "/v1/pairs", {"items": [body]})
        assert answer.status == 409
        assert answer.json["type"].endswith(code)
        assert all(str(culprit) in answer.json["detail"] for culprit in culprits)


def test_another_persons_pair_is_not_there(pairs: Pairs) -> None:
    pair_id, _, _ = pairs.begin("AB")
    other = pairs.scenario.harness.sign_up()

    for method, path in (("GET", ""), ("POST", "/run"), ("DELETE", ""), ("GET", "/runs"), ("GET", "/tracks")):
        assert other.call(method, f"/v1/pairs/{pair_id}{path}").status == 404


def test_a_playlist_that_sorts_itself_gets_what_is_new_and_then_there_is_quiet(pairs: Pairs) -> None:
    pairs.scenario.control("youtube", "PUT", "/settings", {"manual_sort": False})
    pair_id, left, right = pairs.begin("ABC")
    pairs.replace(left, "CADB")

    pair = pairs.run(pair_id)

    assert sorted(pairs.shows("youtube", right)) == list("ABCD")
    assert pair["keeps_order"] is False
    runs = len(pairs.runs(pair_id))
    pairs.scenario.pass_time(86_400)
    pairs.work()
    assert len(pairs.runs(pair_id)) == runs


def test_the_source_of_a_one_way_pair_may_be_linked_for_reading_only(pairs: Pairs) -> None:
    left, right = pairs.playlist("spotify", "AB"), pairs.playlist("youtube", "A")
    person = pairs.scenario.person
    assert person.call("DELETE", "/v1/providers/spotify").status == 200
    assert link(person, "spotify", "read")["access"] == "read"

    pair_id = pairs.make(("spotify", left), ("youtube", right), mode="add_only")
    pairs.work()
    assert pairs.get(pair_id)["code"] == "asking-first", pairs.get(pair_id)
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()

    assert pairs.get(pair_id)["code"] == "in-step", pairs.get(pair_id)
    assert pairs.shows("youtube", right) == "AB"


@each_twice
def test_a_pair_sleeps_without_its_account_and_wakes_with_the_link(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABC")
    assert pairs.scenario.person.call("DELETE", f"/v1/providers/{pairs.sides[1]}").status in (200, 204)
    for table in ("sync.states", f"changes.sets WHERE provider = '{pairs.sides[1]}'"):
        assert pairs.scenario.sql(f"SELECT count(*) FROM {table}") == [(0,)], table
    pairs.replace(left, "ABCD")

    pair = pairs.run(pair_id)

    assert (pair["status"], pair["code"]) == ("sleeping", "sleeping"), pair
    link(pairs.scenario.person, pairs.sides[1], "write")
    pairs.work()
    pair = pairs.get(pair_id)
    assert pair["status"] in ("active", "asking"), pair
    assert pairs.both(left, right)[1] in ("ABC", "ABCD")


@pytest.mark.parametrize(("pairs", "call", "after"), KILLS, indirect=["pairs"])
def test_killed_at_any_call_it_goes_on(
    pairs: Pairs, interruption: Interruption, call: int, after: bool
) -> None:
    pair_id, left, right = pairs.begin("ABC")
    pairs.replace(left, "CABD")
    pairs.post(f"{pair_id}/run")
    interruption.at(call, kill, after=after)
    with contextlib.suppress(Killed):
        pairs.scenario.harness.drain(QUEUE, "sync_worker")
    pairs.scenario.pass_time(600)
    pairs.work()

    assert pairs.both(left, right) == ("CABD", "CABD")
    assert pairs.get(pair_id)["code"] == "in-step"


def test_a_provider_that_fails_now_and_then_is_waited_for_no_longer_after_each_song(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.replace(left, "ABCDEFG")
    scenario, waits = pairs.scenario, []
    pairs.post(f"{pair_id}/run")
    for _ in range(4):
        # One song is written, the next one is not.
        scenario.fault("youtube", "POST /youtube/v3/playlistItems", skip=1, **{"as": "server_error"})
        written = len(pairs.shows("youtube", right))
        scenario.harness.drain(QUEUE, "sync_worker")
        assert len(pairs.shows("youtube", right)) == written + 1
        assert pairs.get(pair_id)["code"] == "waiting-for-provider"
        ((due_at,),) = scenario.sql("SELECT due_at FROM sync.pairs WHERE id = %s", pair_id)
        waits.append((due_at - scenario.now()).total_seconds())
        scenario.pass_time(max(waits[-1], 0) + 130)
        scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
    assert max(waits) <= 60, waits
    scenario.clear_faults()
    pairs.work()
    assert pairs.both(left, right) == ("ABCDEFG", "ABCDEFG")
    assert pairs.get(pair_id)["code"] == "in-step"
