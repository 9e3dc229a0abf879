"""What goes on around the merge: accounts, quotas, other workers, other programs, the person themself.

The numbers are those of the scenarios of docs/keeping-in-step.md.
"""

import contextlib
import json
from typing import Any

import pytest
import requests

from tests.integration.migrations.fault_injection import Interruption, Killed, kill
from tests.integration.migrations.scenario import LOCAL_FILE
from tests.integration.sync.pairs import QUEUE, Pairs
from tests.support.oauth import link

DAY = 86_400.0
INSERT = "POST /youtube/v3/playlistItems"


def writes(pairs: Pairs, provider: str) -> int:
    return sum(
        count
        for endpoint, count in pairs.scenario.calls(provider).items()
        if endpoint.split()[0] in ("POST", "PUT", "DELETE") and "token" not in endpoint.lower()
    )


def operations(pairs: Pairs, pair_id: int, run_id: int) -> list[Any]:
    path = f"/v1/pairs/{pair_id}/runs/{run_id}/changes?limit=100"
    found: list[Any] = pairs.scenario.person.call("GET", path).json["items"]
    return found


def test_42_a_token_that_dies_in_the_middle(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.replace(left, "ABCDEFGHI")
    pairs.scenario.fault("youtube", INSERT, skip=3, **{"as": "auth_error", "times": None})
    pairs.scenario.fault("youtube", "POST /token", times=None, **{"as": "invalid_grant"})

    pair = pairs.run(pair_id)

    assert (pair["status"], pair["code"]) == ("sleeping", "sleeping"), pair
    assert pairs.shows("youtube", right) == "ABCDE"
    pairs.scenario.clear_faults()
    pairs.scenario.pass_time(3_600)
    link(pairs.scenario.person, "youtube", "write")
    pairs.scenario.clear_calls()
    pairs.work()
    assert pairs.shows("youtube", right) == pairs.shows("spotify", left) == "ABCDEFGHI"
    assert pairs.scenario.calls("youtube")[INSERT] == 4


def test_43_a_day_that_is_spent_in_the_middle_is_planned_anew(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.replace(left, "ABCDEFGHIJ")
    pairs.scenario.fault("youtube", INSERT, skip=3, **{"as": "quota_exceeded", "times": None})

    pair = pairs.run(pair_id)

    assert pair["code"] == "waiting-for-quota", pair
    assert pairs.shows("youtube", right) == "ABCDE"
    assert "It goes on at" in pair["message"]
    pairs.scenario.clear_faults()
    pairs.replace(left, "ABCDEFGIJ")  # H is out before it was ever put in there.
    pairs.scenario.clear_calls()
    pairs.scenario.pass_time(DAY)
    pairs.work()

    assert pairs.shows("youtube", right) == pairs.shows("spotify", left) == "ABCDEFGIJ"
    assert pairs.scenario.calls("youtube")[INSERT] == 4
    assert pairs.get(pair_id)["code"] == "in-step"
    second, first = pairs.runs(pair_id)[:2]
    assert (first["code"], first["counts"]["right"]) == ("given-up", {"add": 3})
    assert second["code"] == "written"
    # Each operation has one end.
    assert {one["state"] for one in operations(pairs, pair_id, first["id"])} == {"done", "dropped"}


def test_44_another_name_goes_over_and_nothing_else_is_written(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABC", schedule="hourly")
    pairs.scenario.rename("spotify", left, "Another name")
    pairs.scenario.clear_calls()

    pairs.scenario.pass_time(3_700)
    pairs.work()

    assert pairs.get(pair_id)["code"] == "in-step"
    assert (writes(pairs, "spotify"), writes(pairs, "youtube")) == (0, 1)
    names = {one["id"]: one["name"] for one in pairs.scenario.playlists("youtube")}
    assert names[right] == "Another name"
    assert pairs.shows("youtube", right) == "ABC"


def test_46_another_version_of_the_same_entries_is_no_change(pairs: Pairs) -> None:
    pair_id, left, _ = pairs.begin("ABC", schedule="hourly")
    runs = len(pairs.runs(pair_id))
    (added,) = pairs.ids("spotify", "D")
    pairs.scenario.write("spotify", left, added)
    pairs.scenario.remove_entry("spotify", left, added)
    pairs.scenario.clear_calls()

    pairs.scenario.pass_time(3_700)
    pairs.work()

    assert pairs.get(pair_id)["code"] == "in-step"
    assert writes(pairs, "youtube") == writes(pairs, "spotify") == 0
    assert len(pairs.runs(pair_id)) == runs


def test_47_a_version_that_comes_after_its_entries_is_stored_at_the_next_look(pairs: Pairs) -> None:
    """Right after our write the list may show what is new while the version is still the old one."""
    pair_id, left, right = pairs.begin("ABC", schedule="hourly")
    pairs.scenario.write("youtube", right, pairs.ids("youtube", "D")[0])
    pairs.run(pair_id)
    assert pairs.shows("spotify", left) == "ABCD"
    pairs.scenario.sql("UPDATE sync.pairs SET left_version = 'old/4' WHERE id = %s", pair_id)
    runs = len(pairs.runs(pair_id))
    pairs.scenario.clear_calls()

    pairs.scenario.pass_time(3_700)
    pairs.work()

    assert writes(pairs, "spotify") == writes(pairs, "youtube") == 0
    assert len(pairs.runs(pair_id)) == runs
    ((version,),) = pairs.scenario.sql("SELECT left_version FROM sync.pairs WHERE id = %s", pair_id)
    assert version != "old/4"


def test_48_another_program_is_noticed_and_told_of(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABCD")
    for _ in range(3):
        pairs.scenario.app("youtube").remove(right, pairs.shows("youtube", right).index("C"))
        pairs.run(pair_id)
        assert "C" not in pairs.shows("spotify", left)
        pairs.scenario.write("spotify", left, pairs.ids("spotify", "C")[0])  # The other program.
        pair = pairs.run(pair_id)

    assert (pair["status"], pair["code"]) == ("active", "in-step"), pair
    assert "another program" in pair["message"]
    assert pairs.shows("spotify", left) == "ABDC"
    assert pairs.shows("youtube", right) == "ABD"
    (guard,) = pairs.runs(pair_id)[0]["guards"]
    assert (guard["code"], guard["count"], len(guard["tracks"])) == ("contested", 1, 1)
    (notice,) = pairs.told()
    assert (notice["code"], notice["params"]) == ("pair-contested", {"pair_id": pair_id, "count": 1})


def test_50_a_corrected_match_is_one_change_set_that_can_be_undone(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABCD")
    rule = {
        "source_provider": "spotify", "source_id": pairs.ids("spotify", "B")[0],
        "target_provider": "youtube", "target_id": pairs.ids("youtube", "K")[0],
    }  # fmt: skip
    answer = pairs.scenario.person.call("POST", "/v1/migrations/rules", rule)
    assert answer.status in (200, 201), answer.text

    pair = pairs.run(pair_id)

    assert pair["code"] == "in-step", pair
    assert pairs.shows("spotify", left) == "ABCD"
    assert pairs.shows("youtube", right) == "AKCD"
    run = pairs.runs(pair_id)[0]
    assert run["counts"]["right"] == {"add": 1, "remove": 1}
    assert pairs.run(pair_id)["code"] == "in-step"
    assert pairs.shows("youtube", right) == "AKCD"
    pairs.post(f"{pair_id}/runs/{run['id']}/undo")
    pairs.work()
    assert pairs.shows("youtube", right) == "ABCD"
    assert pairs.shows("spotify", left) == "ABCD"


def like(pairs: Pairs, letters: str) -> None:
    token = pairs.scenario.token("spotify")
    for track_id in pairs.ids("spotify", letters):
        answer = requests.put(
            f"{pairs.scenario.urls['spotify']}/v1/me/library",
            params={"uris": f"spotify:track:{track_id}"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.ok, answer.text


def test_54_liked_songs_go_to_the_end_by_date_and_order_is_not_kept(pairs: Pairs) -> None:
    for provider in pairs.scenario.urls:
        pairs.scenario.control(provider, "POST", "/users", {"id": "fan", "display_name": "Fan"})
    pairs.scenario.people.clear()
    pairs.scenario.sign_up(login="fan")
    like(pairs, "AB")
    right = pairs.scenario.playlist("youtube", pairs.ids("youtube", "AB"), login="fan")
    pair_id = pairs.make(("spotify", "liked"), ("youtube", right), mode="mirror")
    pairs.work()
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert pairs.shows("youtube", right) == "AB"

    like(pairs, "CDEFGHIJKM")
    pair = pairs.run(pair_id)

    assert pair["code"] == "in-step", pair
    assert pairs.shows("youtube", right) == "ABCDEFGHIJKM"
    assert pairs.runs(pair_id)[0]["counts"]["right"] == {"add": 10}


def sign_in(pairs: Pairs) -> None:
    person = pairs.scenario.person
    body = {"email": person.email, "password": person.password}
    answer = pairs.scenario.harness.call("POST", "/v1/auth/login", body)
    assert answer.status == 200, answer.text
    person.token = answer.json["token"]


def test_55_a_pair_that_nobody_could_read_for_a_month_begins_anew(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("ABCD")
    pairs.post(f"{pair_id}/pause")
    pairs.scenario.pass_time(31 * DAY)
    pairs.scenario.harness.invoke("maintenance", {})
    assert pairs.scenario.sql("SELECT count(*) FROM sync.states") == [(0,)]
    sign_in(pairs)
    for provider in ("spotify", "youtube"):
        link(pairs.scenario.person, provider, "write")
    pairs.replace(left, "ABE")

    pairs.post(f"{pair_id}/resume")
    pairs.work()

    pair = pairs.get(pair_id)
    assert (pair["status"], pair["code"]) == ("asking", "asking-first"), pair
    assert pairs.shows("youtube", right) == "ABCD"
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert pairs.shows("youtube", right) == pairs.shows("spotify", left)
    assert sorted(pairs.shows("spotify", left)) == list("ABCDE"), "nothing was taken out"


def test_56_what_no_other_provider_has_stays_where_it_is(pairs: Pairs) -> None:
    a, b, c, d = pairs.ids("spotify", "ABCD")
    left = pairs.scenario.playlist("spotify", [a, LOCAL_FILE, b, c, d])
    right = pairs.playlist("youtube", "ABCD")
    pair_id = pairs.make(("spotify", left), ("youtube", right))
    pairs.work()
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert pairs.get(pair_id)["code"] == "in-step"
    assert pairs.shows("spotify", left) == "A?BCD"
    assert pairs.shows("youtube", right) == "ABCD"
    assert pairs.runs(pair_id)[0]["counts"]["without_counterpart"] == 1

    pairs.scenario.app("youtube").remove(right, 0)
    pairs.scenario.remove_entry("spotify", left, c)
    pair = pairs.run(pair_id)

    assert pair["code"] == "in-step", pair
    assert pairs.shows("spotify", left) == "?BD"
    assert pairs.shows("youtube", right) == "BD"


def test_57_a_conflict_that_landed_all_the_same_is_not_written_twice(pairs: Pairs) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.replace(left, "ABCD")
    pairs.scenario.fault("youtube", INSERT, **{"as": "conflict_landed"})

    pairs.run(pair_id)
    pairs.work()

    assert pairs.shows("youtube", right) == pairs.shows("spotify", left) == "ABCD"
    assert pairs.get(pair_id)["code"] == "in-step"


@pytest.mark.parametrize("call", [4, 6, 9])
def test_32_and_58_a_second_worker_takes_over_and_the_first_one_writes_no_more(
    pairs: Pairs, interruption: Interruption, call: int
) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.replace(left, "ABCDE")
    pairs.post(f"{pair_id}/run")
    seen: list[str] = []

    def outlast() -> None:
        """The lease runs out under the first worker; the second does all of the work."""
        pairs.scenario.pass_time(600)
        pairs.scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
        pairs.work()
        seen.append(pairs.shows("youtube", right))
        pairs.scenario.clear_calls()

    interruption.at(call, outlast, after=False)
    with contextlib.suppress(Killed):
        pairs.scenario.harness.drain(QUEUE, "sync_worker")

    assert seen == ["ABCDE"]
    assert writes(pairs, "youtube") <= 1, "its one call that was about to be made"
    pairs.scenario.pass_time(120)
    for _ in range(3):
        pairs.run(pair_id)
    assert pairs.shows("youtube", right) == pairs.shows("spotify", left) == "ABCDE"


def test_32_a_message_that_comes_twice_at_once_is_worked_on_once(
    pairs: Pairs, interruption: Interruption
) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.replace(left, "ABCDE")
    pairs.post(f"{pair_id}/run")
    (record,) = pairs.scenario.harness.messages(QUEUE)

    def again() -> None:
        pairs.scenario.harness.invoke("sync_worker", {"Records": [record]})

    interruption.at(7, again, after=True)
    pairs.scenario.clear_calls()
    pairs.scenario.harness.invoke("sync_worker", {"Records": [record]})
    pairs.scenario.harness.invoke("sync_worker", {"Records": [record]})

    assert pairs.shows("youtube", right) == "ABCDE"
    assert pairs.scenario.calls("youtube")[INSERT] == 3


@pytest.mark.parametrize("call", range(5, 11))
def test_the_person_edits_both_sides_during_a_run(
    pairs: Pairs, interruption: Interruption, call: int
) -> None:
    pair_id, left, right = pairs.begin("ABCD")
    pairs.replace(left, "ABCDEF")
    pairs.post(f"{pair_id}/run")

    def edit() -> None:
        pairs.replace(left, "BCDEFG")
        pairs.scenario.write("youtube", right, pairs.ids("youtube", "H")[0])

    interruption.at(call, edit, after=False)
    pairs.scenario.harness.drain(QUEUE, "sync_worker")
    pairs.work()
    for _ in range(2):
        pair = pairs.run(pair_id)

    assert pair["code"] == "in-step", pair
    assert pairs.shows("spotify", left) == pairs.shows("youtube", right)
    assert sorted(pairs.shows("youtube", right)) == list("BCDEFGH")


def test_a_migration_into_a_playlist_is_waited_for(pairs: Pairs) -> None:
    """G11: two that write into one list would each take the other for the person."""
    scenario = pairs.scenario
    source = pairs.playlist("spotify", "ABC", "Moved")
    migration = scenario.start("spotify", "youtube", [source])
    scenario.finish(migration)
    (moved,) = scenario.moved(migration)
    right = moved["target_playlist_id"]
    left = pairs.playlist("spotify", "ABC")
    pair_id = pairs.make(("spotify", left), ("youtube", right))
    pairs.work()
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    pairs.replace(source, "ABCDE")
    again = scenario.start("spotify", "youtube", [source])
    pairs.replace(left, "ABCF")

    pair = pairs.run(pair_id)

    assert pair["code"] == "waiting-for-migration", pair
    assert pair["params"] == {"provider": "youtube", "migration_id": again}
    assert f"Migration {again} is writing" in pair["message"]
    assert pairs.shows("youtube", right) == "ABC"
    scenario.finish(again)
    pairs.scenario.pass_time(400)
    pairs.work()
    assert pairs.get(pair_id)["code"] == "in-step"
    assert sorted(pairs.shows("youtube", right)) == list("ABCDEF")
    assert sorted(pairs.shows("spotify", left)) == list("ABCDEF")


def test_34_what_providers_said_is_gone_after_four_weeks_without_a_reading(pairs: Pairs) -> None:
    pair_id, left, _ = pairs.begin("ABC")
    pairs.replace(left, "ABCD")
    pairs.run(pair_id)
    assert pairs.scenario.sql("SELECT count(*) FROM changes.sets") == [(1,)]
    pairs.post(f"{pair_id}/pause")
    pairs.scenario.pass_time(30 * DAY)

    pairs.scenario.harness.invoke("maintenance", {})

    assert pairs.scenario.sql("SELECT count(*) FROM sync.states") == [(0,)]
    assert pairs.scenario.sql("SELECT count(*) FROM changes.sets") == [(0,)]


def test_a_slow_leak_stops_a_run_and_is_told(pairs: Pairs) -> None:
    """G3b, with the removals of the week before that this pair has made."""
    pair_id, left, right = pairs.begin("ABCDEFGH")
    removed = [
        {"at": pairs.scenario.now().isoformat(), "side": 1, "key": f"left:x{number}"} for number in range(20)
    ]
    pairs.scenario.sql(
        "UPDATE sync.states SET state = state || jsonb_build_object('removals', %s::text::jsonb) "
        "WHERE pair_id = %s",
        json.dumps(removed), pair_id,
    )  # fmt: skip
    pairs.replace(left, "BCDEFGH")

    pair = pairs.run(pair_id)

    assert (pair["status"], pair["code"]) == ("asking", "asking-slow-leak"), pair
    assert "21 songs of 28" in pair["message"]
    assert pairs.shows("youtube", right) == "ABCDEFGH"
    (notice,) = pairs.told()
    assert notice["params"] == {"pair_id": pair_id, "guard": "slow-leak", "count": 1}
    pairs.post(f"{pair_id}/answer", {"answer": "yes"})
    pairs.work()
    assert pairs.shows("youtube", right) == "BCDEFGH"


def test_killed_between_giving_a_plan_up_and_the_next_one(pairs: Pairs, interruption: Interruption) -> None:
    pair_id, left, right = pairs.begin("AB")
    pairs.replace(left, "ABCDEF")
    pairs.scenario.fault("youtube", INSERT, skip=2, **{"as": "quota_exceeded", "times": None})
    pairs.run(pair_id)
    pairs.scenario.clear_faults()
    pairs.scenario.pass_time(DAY)
    interruption.at(2, kill, after=True)
    with contextlib.suppress(Killed):
        pairs.scenario.harness.invoke("sync_worker", {"detail-type": "Scheduled Event"})
        pairs.scenario.harness.drain(QUEUE, "sync_worker")
    pairs.scenario.pass_time(600)
    pairs.work()

    assert pairs.shows("youtube", right) == pairs.shows("spotify", left) == "ABCDEF"
