"""Which new names go over to the other side of a pair, and what an undo gives back."""

from dataclasses import replace

import pytest

from musicconnect.changes.model import ChangeSet, State
from musicconnect.providers.spotify.client import SpotifyClient
from musicconnect.providers.youtube.client import YouTubeClient
from musicconnect.sync import names
from musicconnect.sync.merge.settings import Mode
from musicconnect.sync.names import Named

LIMITS = (SpotifyClient.limits, YouTubeClient.limits)
BEFORE = (Named("Road", "Slow"), Named("Road", "Slow · Moved"))


def planned(left: Named, right: Named, mode: Mode = Mode.TWO_WAY) -> dict[int, Named]:
    return names.plan(BEFORE, (left, right), mode, LIMITS)


def test_nothing_goes_over_of_what_nobody_changed_or_nobody_knows() -> None:
    assert planned(*BEFORE) == {}
    assert names.plan((), (Named("A"), Named("B")), Mode.TWO_WAY, LIMITS) == {}


@pytest.mark.parametrize("mode", list(Mode))
def test_what_the_left_side_is_called_goes_over_and_the_other_text_stays(mode: Mode) -> None:
    assert planned(Named("Trip", "Slow"), BEFORE[1], mode) == {1: Named("Trip", "Slow · Moved")}
    assert planned(Named("Road", "Fast"), BEFORE[1], mode) == {1: Named("Road", "Fast")}


def test_the_right_sides_name_goes_over_both_ways_only() -> None:
    right = Named("Trip", "Slow · Moved")
    assert planned(BEFORE[0], right) == {0: Named("Trip", "Slow")}
    assert planned(BEFORE[0], right, Mode.MIRROR) == {}
    assert planned(BEFORE[0], right, Mode.ADD_ONLY) == {}


def test_the_left_one_counts_where_both_changed_and_equal_ones_are_left_alone() -> None:
    assert planned(Named("A", "Slow"), Named("B", "Slow · Moved")) == {1: Named("A", "Slow · Moved")}
    assert planned(Named("A", "Slow"), Named("A", "Slow · Moved")) == {}
    assert planned(Named("A", "Slow"), Named("Road", "Fast")) == {
        0: Named("A", "Fast"), 1: Named("A", "Fast"),
    }  # fmt: skip


def test_a_name_is_cut_to_what_the_other_side_takes_and_does_not_come_back_cut() -> None:
    long = Named("Road", "y" * 400)
    right = Named("x" * 150, "Slow · Moved")
    (wanted,) = planned(BEFORE[0], right).values()
    assert len(wanted.name) <= SpotifyClient.limits.name_length
    shown = (Named(wanted.name, "Slow"), right)
    assert names.plan(shown, shown, Mode.TWO_WAY, LIMITS) == {}
    assert planned(long, BEFORE[1]) == {1: Named("Road", "y" * 400)}


def test_a_name_of_nothing_visible_is_given_to_nobody() -> None:
    assert planned(Named(" \u200b", "Slow"), BEFORE[1]) == {}


def rename(wanted: Named, shown: Named) -> ChangeSet:
    made = names.operation(1, wanted, shown, names.RENAMED)
    done = replace(made, state=State.DONE)
    return ChangeSet(id=1, user_id=1, provider="youtube", playlist_id="p", before=[], operations=[done])


def test_an_undo_gives_the_oldest_name_back_but_for_what_was_changed_since() -> None:
    first, second, third = Named("A", "a"), Named("B", "b"), Named("C", "c")
    sets = [rename(third, second), rename(second, first)]  # The latest first.
    assert names.plan_undo(sets, third) == first
    assert names.plan_undo(sets, Named("Mine", "c")) == Named("Mine", "a")
    assert names.plan_undo(sets, Named("Mine", "mine")) is None
    assert names.plan_undo([], third) is None
    brackets = [rename(Named("<3", ""), first)]
    assert names.plan_undo(brackets, Named("‹3", "")) == first  # As YouTube shows it.
