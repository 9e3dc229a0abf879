"""Which entries of a playlist cannot be played, what they were, and what pairs are told."""

import pytest

from musicconnect.changes.model import ChangeSet, Entry, State, settled
from musicconnect.music.model import Absence, ItemKind, PlaylistItem, Track
from musicconnect.sync.merge.state import LEFT, PairState, SlotState
from musicconnect.sync.repair.entries import (
    DeadEntry,
    Finding,
    Proposal,
    find_dead,
    name_by_neighbours,
    plan_replacements,
)
from musicconnect.sync.repair.paired import Substitution, of_repair, substitute


def item(track_id: str, **track: object) -> PlaylistItem:
    made = Track(**{"provider": "p", "id": track_id, "title": track_id, **track})  # type: ignore[arg-type]
    return PlaylistItem(position=0, track=made, item_id=f"i-{track_id}" if track_id else None)


def dead(position: int, track_id: str = "", number: int = 1) -> DeadEntry:
    return DeadEntry(number, f"i-{track_id}", position, track_id, Absence.UNAVAILABLE)


@pytest.mark.parametrize(
    ("track", "country", "cause"),
    [
        ({"absence": Absence.PRIVATE, "kind": ItemKind.UNAVAILABLE}, None, Absence.PRIVATE),
        ({"kind": ItemKind.UNAVAILABLE}, None, Absence.UNAVAILABLE),
        ({"blocked_in": frozenset({"DE"})}, "DE", Absence.BLOCKED),
        ({"blocked_in": frozenset({"DE"})}, "FR", None),
        ({"blocked_in": frozenset({"DE"})}, None, None),
        ({"allowed_in": frozenset({"US"})}, "DE", Absence.BLOCKED),
        ({"allowed_in": frozenset()}, "DE", Absence.BLOCKED),
        ({"kind": ItemKind.LOCAL, "absence": Absence.UNAVAILABLE}, "DE", None),
        ({"kind": ItemKind.EPISODE, "absence": Absence.UNAVAILABLE}, "DE", None),
        ({}, "DE", None),
    ],
)
def test_the_providers_own_fields_say_what_cannot_be_played(
    track: dict[str, object], country: str | None, cause: Absence | None
) -> None:
    found = find_dead([item("a", **track)], {}, country)
    assert [one.cause for one in found.dead] == ([] if cause is None else [cause])


def test_what_a_look_up_does_not_show_is_unavailable_and_keeps_its_name() -> None:
    found = find_dead([item("a"), item("b")], {"a": None, "b": item("b").track}, None)
    (one,) = found.dead
    assert (one.track_id, one.cause, one.recording and one.recording.title) == ("a", Absence.UNAVAILABLE, "a")
    assert DeadEntry.from_json(one.to_json()).to_json() == one.to_json()


def test_neighbours_name_a_place_only_where_the_numbers_agree() -> None:
    written = [(name, item(name).track) for name in "abcd"]
    before = [Entry("1", "a"), Entry("2", ""), Entry("3", "d")]
    one = Finding(before, [dead(1)])
    assert name_by_neighbours(one, written) == {}  # Two are missing, one place is empty.
    assert name_by_neighbours(one, [*written[:2], written[3]])[1].id == "b"
    both = Finding([before[0], before[1], Entry("x", ""), before[2]], [dead(1), dead(2, number=2)])
    assert [name_by_neighbours(both, written)[number].id for number in (1, 2)] == ["b", "c"]


def test_a_pair_is_told_once_of_what_stands_for_the_same_song() -> None:
    state = PairState(has_base=True)
    row = state.new_row("k")
    row.slots[LEFT].stand("i-a", "a", is_available=True)
    state.rows.append(row)
    proposal = Proposal("b", "b", "", None, None, is_sure=True)
    (added, removed) = plan_replacements(
        [DeadEntry(1, "i-a", 0, "a", Absence.DELETED, is_searched=True, proposal=proposal)]
    )
    done = ChangeSet(
        id=1, user_id=1, provider="p", playlist_id="l", before=[Entry("i-a", "a", "i-a")],
        operations=[settled(added, State.DONE, item_id="i-b"), settled(removed, State.DONE)],
    )  # fmt: skip

    made = of_repair(done)

    assert made == [Substitution("a", "i-a", "b", "i-b")]
    assert substitute(state, LEFT, made)
    slot = row.slots[LEFT]
    assert (slot.track_id, slot.item_id, slot.aliases, slot.is_seen) == ("b", "i-b", ["a"], False)
    assert not substitute(state, LEFT, made)
    assert substitute(state, LEFT, [Substitution("b", "i-b", None)])
    assert slot.state is SlotState.LOST
