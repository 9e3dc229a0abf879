"""What a merge comes to."""

from dataclasses import dataclass, field

from musicconnect.sync.merge.state import PairState


@dataclass(frozen=True, slots=True)
class Held:
    """Removals that wait for a person."""

    side: int
    """The side that no longer shows the entries."""
    code: str
    """``source-empty``, ``many-removals`` or ``slow-leak``."""
    rows: tuple[int, ...]
    of: int
    """Rows that the side showed before."""
    total: int = 0
    """Of a slow leak: the removals of the last days, these included."""


@dataclass(frozen=True, slots=True)
class Surplus:
    """An entry that we had written once more, since it did not show, and that showed after all."""

    side: int
    index: int


@dataclass(slots=True)
class Merged:
    """What a merge comes to."""

    state: PairState
    """As it is once everything planned is intended."""
    places: tuple[dict[int, int], dict[int, int]]
    """Of each side: the index of a row's entry in the look."""
    removals: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    """Of each side: rows whose entry goes."""
    additions: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    surplus: list[Surplus] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    contested: list[int] = field(default_factory=list)
    """Rows that are let be from now on: somebody undoes again and again what we write of them."""
    suspects: set[int] = field(default_factory=set)
    """Rows that one look missed: nothing is done with them before another one."""
