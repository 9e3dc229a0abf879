"""What is known of a pair: copied, stored and read again."""

import json
from dataclasses import MISSING, asdict, fields
from typing import Any

from musicconnect.sync.merge.state import PairState, Removal, Row, Slot, SlotState


def filled() -> PairState:
    """Make a state of which no field holds what it holds by default."""
    slots = [
        Slot(**{one.name: name if one.default is None else _other(one) for one in fields(Slot)})
        for name in ("x", "y")
    ]
    return PairState(
        [Row(3, "left:a", slots, "Song", "Singer")], [[3], [3]], 4, True,
        [Removal("2026-12-01T00:00:00+00:00", 1, "left:b")], {"in:0:left:b": ["2026-12-01T00:00:00+00:00"]},
        [("Drive", "Down"), ("Road", "")], [("Drive", "Up"), ("Road", "")],
    )  # fmt: skip


def _other(one: Any) -> Any:
    if one.default_factory is not MISSING:
        return ["a", "b"]
    return {bool: not one.default, int: 7, SlotState: SlotState.GONE}[type(one.default)]


def test_no_field_is_lost_on_the_way_to_the_database_and_back() -> None:
    state = filled()

    stored = json.loads(json.dumps(state.to_json()))

    assert PairState.from_json(stored) == state
    assert state.to_json() == asdict(state)


def test_what_an_older_version_stored_is_read() -> None:
    stored = filled().to_json()
    for row in stored["rows"]:
        for slot in row["slots"]:
            del slot["is_anew"]

    read = PairState.from_json(stored)

    assert [slot.is_anew for slot in read.rows[0].slots] == [False, False]


def test_a_copy_changes_apart_from_what_it_is_of() -> None:
    state = filled()
    copy, before = state.copy(), asdict(state)
    assert copy == state

    copy.rows[0].slots[0].aliases.append("c")
    copy.rows[0].slots[1].missing += 1
    copy.rows[0].title = "Other"
    copy.rows.append(copy.new_row("left:c"))
    copy.orders[0].append(4)
    copy.removals[0].side = 0
    copy.reversals["in:0:left:b"].append("now")
    copy.names.clear()
    copy.shown_names.clear()

    assert asdict(state) == before
