"""Expand before new code comes, contract when the old is gone, and refuse what fits neither."""

import pytest

from schema_migrate.phases import Pending, PhaseError, contraction, expansion


def pending(text: str) -> list[Pending]:
    """``E2 C3``: an expansion 2 and a contraction 3."""
    return [Pending(one[1:], "expand" if one[0] == "E" else "contract") for one in text.split()]


@pytest.mark.parametrize(
    ("missing", "target"),
    [
        ("", None),
        ("E2", "2"),
        ("E2 E3", "3"),
        ("E2 C3", "2"),
        ("E2 E3 C4 C5", "3"),
        ("C3", None),
        ("C3 C4", None),
    ],
)
def test_only_expansions_run_while_the_old_code_does(missing: str, target: str | None) -> None:
    assert expansion(pending(missing), is_new=False) == target


@pytest.mark.parametrize(("missing", "target"), [("E1 C2 E3 C4", "4"), ("E1", "1"), ("", None)])
def test_where_there_is_no_old_code_everything_runs(missing: str, target: str | None) -> None:
    assert expansion(pending(missing), is_new=True) == target


def test_a_version_that_was_left_out_is_asked_for() -> None:
    with pytest.raises(PhaseError, match="Deploy the version that ends with 3 first"):
        expansion(pending("E2 C3 E4"), is_new=False)


def test_a_contraction_that_was_forgotten_is_asked_for() -> None:
    with pytest.raises(PhaseError, match="as the end of the last deployment"):
        expansion(pending("C3 E4"), is_new=False)


@pytest.mark.parametrize(("missing", "target"), [("", None), ("C3", "3"), ("C3 C4", "4")])
def test_contractions_run_when_the_new_code_does(missing: str, target: str | None) -> None:
    assert contraction(pending(missing)) == target


def test_nothing_is_taken_away_before_the_new_code_is_there() -> None:
    with pytest.raises(PhaseError, match="2 has not been applied"):
        contraction(pending("E2 C3"))
