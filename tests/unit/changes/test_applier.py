"""A change set is written exactly once, whatever happens to its worker, and nothing else is touched."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from musicconnect.changes.applier import Applied, Applier, Unfinished, Waiting
from musicconnect.changes.edit import plan_edit, plan_replacement
from musicconnect.changes.model import ChangeSet, Entry, Kind, Operation, State, entries
from musicconnect.changes.undo import plan_undo
from musicconnect.platform import clock
from musicconnect.providers.errors import NotFoundError
from musicconnect.providers.protocol import Client
from tests.support.playlist_twin import Killed, MemoryJournal, PlaylistTwin

PROVIDERS = ("spotify", "youtube")


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def listed(twin: PlaylistTwin) -> list[Entry]:
    items: list[Any] = []
    cursor: str | None = None
    while True:
        page = twin.playlist_items("P", cursor)
        items += page.items
        cursor = page.cursor
        if cursor is None:
            return entries(items)


def change_set(twin: PlaylistTwin, operations: Sequence[Operation], before: Sequence[Entry]) -> ChangeSet:
    return ChangeSet(
        id=1, user_id=1, provider=twin.name, playlist_id="P", before=before, operations=operations
    )


def run(
    twin: PlaylistTwin,
    planned: ChangeSet,
    journal: MemoryJournal | None = None,
    kills: Sequence[tuple[int, bool]] = (),
) -> ChangeSet:
    """Write a set as workers do that are killed now and then: each takes up what the last one left."""
    journal = journal or MemoryJournal({one.number: one for one in planned.operations})
    kills = list(kills)
    for _ in range(200):
        if kills and twin.kill_at is None:
            twin.kill_at, twin.kill_after = kills.pop()
        current = replace(planned, operations=[journal.operations[one.number] for one in planned.operations])
        try:
            outcome = Applier(cast("Client", twin), journal, current).run()
        except Killed:
            continue
        match outcome:
            case Applied(done):
                return done
            case Waiting(until):
                age = until - clock.now() + timedelta(seconds=1)
                journal.operations = {
                    number: replace(one, intended_at=one.intended_at and one.intended_at - age)
                    for number, one in journal.operations.items()
                }
            case Unfinished():
                journal.calls_left += 5
    raise AssertionError("never done")


def apply(twin: PlaylistTwin, wanted: Sequence[str]) -> ChangeSet:
    """Make a playlist's tracks the wanted ones, the entries it has already used where possible."""
    before = listed(twin)
    return run(twin, change_set(twin, plan_edit(before, wanted_entries(before, wanted)), before))


def wanted_entries(before: Sequence[Entry], wanted: Sequence[str]) -> list[Entry]:
    left = list(before)
    result = []
    for number, track_id in enumerate(wanted):
        found = next((entry for entry in left if entry.track_id == track_id), None)
        if found is None:
            found = Entry(f"new{number}", track_id)
        else:
            left.remove(found)
        result.append(found)
    return result


def shuffled(rng: random.Random, tracks: Sequence[str]) -> list[str]:
    """Edit a list at random: in, out, moved, copies."""
    result = list(tracks)
    for _ in range(rng.randint(0, 6)):
        match rng.choice("iiddm"):
            case "i":
                result.insert(rng.randint(0, len(result)), f"t{rng.randint(0, 12)}")
            case "d" if result:
                del result[rng.randrange(len(result))]
            case "m" if result:
                result.insert(rng.randint(0, len(result) - 1), result.pop(rng.randrange(len(result))))
            case _:
                pass
    return result


@pytest.mark.parametrize("first_seed", range(0, 300, 100))
def test_makes_any_list_of_any_other(provider: str, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 100):
        _makes_any_list_of_any_other(provider, random.Random(seed))


def _makes_any_list_of_any_other(provider: str, rng: random.Random) -> None:
    first = [f"t{rng.randint(0, 12)}" for _ in range(rng.randint(0, 10))]
    twin = PlaylistTwin.of(provider, first)
    wanted = shuffled(rng, first)

    apply(twin, wanted)

    assert twin.track_ids == wanted


@pytest.mark.parametrize("first_seed", range(0, 600, 100))
def test_goes_on_wherever_it_is_killed(provider: str, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 100):
        _goes_on_wherever_it_is_killed(provider, random.Random(seed))


def _goes_on_wherever_it_is_killed(provider: str, rng: random.Random) -> None:
    first = [f"t{rng.randint(0, 6)}" for _ in range(rng.randint(1, 9))]
    twin = PlaylistTwin.of(provider, first)
    wanted = shuffled(rng, first)
    before = listed(twin)
    planned = change_set(twin, plan_edit(before, wanted_entries(before, wanted)), before)
    budget = rng.choice((3, 10**6))
    journal = MemoryJournal({one.number: one for one in planned.operations}, calls_left=budget)
    kills = [(rng.randint(1, 3), rng.random() < 0.5) for _ in range(rng.randint(1, 6))]

    done = run(twin, planned, journal, kills)

    assert done.is_done
    assert twin.track_ids == wanted
    assert journal.is_done


@pytest.mark.parametrize("first_seed", range(0, 300, 100))
def test_undone_at_once_it_never_was(provider: str, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 100):
        _undone_at_once_it_never_was(provider, random.Random(seed))


def _undone_at_once_it_never_was(provider: str, rng: random.Random) -> None:
    first = [f"t{rng.randint(0, 12)}" for _ in range(rng.randint(0, 10))]
    twin = PlaylistTwin.of(provider, first)
    sets = [apply(twin, shuffled(rng, twin.track_ids)) for _ in range(rng.randint(1, 4))]

    now = listed(twin)
    run(twin, change_set(twin, plan_undo(sets[::-1], now), now))

    assert twin.track_ids == first


@pytest.mark.parametrize("first_seed", range(0, 300, 100))
def test_undoing_spares_what_the_person_did_since(provider: str, first_seed: int) -> None:
    for seed in range(first_seed, first_seed + 100):
        _undoing_spares_what_the_person_did_since(provider, random.Random(seed))


def _undoing_spares_what_the_person_did_since(provider: str, rng: random.Random) -> None:
    first = [f"t{number}" for number in rng.sample(range(12), rng.randint(2, 8))]
    twin = PlaylistTwin.of(provider, first)
    wanted = list(dict.fromkeys(shuffled(rng, first)))
    done = apply(twin, wanted)
    twin.insert("mine", rng.randint(0, len(twin.places)))
    taken = twin.places.pop(rng.randrange(len(twin.places))).track_id if rng.random() < 0.5 else None

    now = listed(twin)
    run(twin, change_set(twin, plan_undo([done], now), now))

    assert Counter(twin.track_ids) == Counter(
        {*first, "mine"} - ({taken} if taken in wanted else set()) - ({"mine"} if taken == "mine" else set())
    )


def test_a_person_who_edits_meanwhile_loses_nothing(provider: str) -> None:
    twin = PlaylistTwin.of(provider, ["a", "b", "c", "d"])
    before = listed(twin)
    operations = plan_edit(before, wanted_entries(before, ["d", "a", "x", "c"]))
    twin.insert("theirs", 1)
    del twin.places[0]  # "a" is out by hand

    run(twin, change_set(twin, operations, before))

    assert Counter(twin.track_ids) == Counter(["d", "x", "c", "theirs"])


def test_one_of_two_copies_goes_and_the_other_keeps_its_place() -> None:
    twin = PlaylistTwin.of("spotify", ["a", "b", "a", "c", "a"])
    before = listed(twin)
    twin.kill_at, twin.kill_after = 1, True  # all copies are gone, and so is the worker

    run(twin, change_set(twin, plan_edit(before, [entry for entry in before if entry.ref != "a#2"]), before))

    assert twin.track_ids == ["a", "b", "c", "a"]


def test_a_copy_that_the_person_took_out_first_is_no_trouble() -> None:
    twin = PlaylistTwin.of("spotify", ["a", "b", "a", "a"])
    before = listed(twin)
    operations = plan_edit(before, [before[0], before[1]])
    del twin.places[2]

    run(twin, change_set(twin, operations, before))

    assert twin.track_ids == ["a", "b"]


def test_copies_of_somebody_elses_survive_a_removal_of_ours() -> None:
    twin = PlaylistTwin.of("spotify", ["a", "b"])
    before = listed(twin)
    twin.insert("a")
    twin.kill_at, twin.kill_after = 1, True

    run(twin, change_set(twin, plan_edit(before, [before[1]]), before))

    assert twin.track_ids == ["b", "a"]


def test_a_replacement_that_is_refused_leaves_the_old_one(provider: str) -> None:
    twin = PlaylistTwin.of(provider, ["a", "b", "c"])
    twin.refused = {"x"}
    before = listed(twin)

    done = run(twin, change_set(twin, plan_replacement(before, before[1].ref, "x"), before))

    assert twin.track_ids == ["a", "b", "c"]
    assert [one.state for one in done.operations] == [State.REFUSED, State.DROPPED]


def test_a_replacement_stands_where_the_old_one_stood_for_two_writes(provider: str) -> None:
    twin = PlaylistTwin.of(provider, ["a", "b", "c"])
    before = listed(twin)

    run(twin, change_set(twin, plan_replacement(before, before[1].ref, "x"), before))

    assert twin.track_ids == ["a", "x", "c"]
    assert twin.writes == 2


def test_what_is_refused_is_left_out_and_said(provider: str) -> None:
    twin = PlaylistTwin.of(provider, ["a"])
    twin.refused = {"x3", "x4"}

    done = apply(twin, ["a", *(f"x{number}" for number in range(9))])

    assert twin.track_ids == ["a", *(f"x{number}" for number in range(9) if number not in (3, 4))]
    refused = [one for one in done.operations if one.state is State.REFUSED]
    assert {one.track_id for one in refused} == {"x3", "x4"}
    assert {one.error.code for one in refused if one.error} == {"refused-by-provider"}


def test_what_a_provider_leaves_out_of_a_write_is_said_and_never_taken_for_there() -> None:
    """TIDAL takes a write and leaves out what it does not have (any more)."""
    twin = PlaylistTwin.of("tidal", ["a"])
    twin.left_out = {"x2", "x5"}

    done = apply(twin, ["x1", "x2", "x3", "a", "x4", "x5", "x6"])

    assert twin.track_ids == ["x1", "x3", "a", "x4", "x6"]
    refused = [one for one in done.operations if one.state is State.REFUSED]
    assert [(one.track_id, one.error and one.error.code) for one in refused] == [
        ("x2", "not-on-provider"), ("x5", "not-on-provider"),
    ]  # fmt: skip
    assert [entry.item_id for entry in done.expected()] == [place.item_id for place in twin.places]


def test_a_full_playlist_refuses_the_rest_in_words(provider: str) -> None:
    twin = PlaylistTwin.of(provider, ["a"])
    twin.capacity = 3

    done = apply(twin, ["a", "b", "c", "d", "e"])

    assert twin.track_ids == ["a", "b", "c"]
    assert [one.error and one.error.code for one in done.operations if one.state is State.REFUSED] == [
        "playlist-full", "playlist-full",
    ]  # fmt: skip


def test_a_playlist_that_sorts_itself_gets_the_new_ones_and_no_moves() -> None:
    twin = PlaylistTwin.of("youtube", ["a", "b", "c"])
    twin.is_self_sorted = True

    done = apply(twin, ["c", "a", "x", "b"])

    assert Counter(twin.track_ids) == Counter(["a", "b", "c", "x"])
    assert [one.is_misplaced for one in done.operations if one.kind is Kind.ADD] == [True]
    assert [one.error and one.error.code for one in done.operations if one.kind is Kind.MOVE] == [
        "sorts-itself"
    ]


def test_a_deleted_playlist_is_not_taken_for_a_refused_track(provider: str) -> None:
    twin = PlaylistTwin.of(provider, ["a"])
    before = listed(twin)
    planned = change_set(twin, plan_edit(before, wanted_entries(before, ["a", "b"])), before)
    journal = MemoryJournal({one.number: one for one in planned.operations})
    items = twin.playlist_items("P").items
    twin.is_deleted = True

    with pytest.raises(NotFoundError):
        Applier(cast("Client", twin), journal, planned).run(items)

    assert not any(one.state.is_final for one in journal.operations.values())


def test_nothing_in_doubt_is_written_again_before_a_list_can_show_it(provider: str) -> None:
    twin = PlaylistTwin.of(provider, ["a"])
    before = listed(twin)
    planned = change_set(twin, plan_edit(before, wanted_entries(before, ["a", "b"])), before)
    journal = MemoryJournal({one.number: one for one in planned.operations})
    twin.kill_at, twin.kill_after = 1, False
    with pytest.raises(Killed):
        Applier(cast("Client", twin), journal, planned).run()
    current = replace(planned, operations=list(journal.operations.values()))

    outcome = Applier(cast("Client", twin), journal, current).run()

    assert isinstance(outcome, Waiting)
    assert twin.track_ids == ["a"]


def test_moves_are_as_few_as_there_are_entries_out_of_line(provider: str) -> None:
    twin = PlaylistTwin.of(provider, list("abcdefgh"))

    done = apply(twin, list("habcdefg"))

    assert [one.kind for one in done.operations] == [Kind.MOVE]
    assert twin.writes == 1


def test_neighbours_that_move_together_are_one_call_on_spotify() -> None:
    twin = PlaylistTwin.of("spotify", list("abcdefgh"))

    apply(twin, list("fghabcde"))

    assert twin.track_ids == list("fghabcde")
    assert twin.writes == 1
