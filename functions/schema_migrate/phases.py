"""Which revisions may run before new code takes over, and which after.

A revision that only adds is an *expansion*: code before it and code after it both work with it. One that
takes away what the code before still uses is a *contraction*, and says so: ``phase = "contract"`` beside its
``revision``. A deployment expands, lets the new code in, and contracts when the old code is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

type Phase = Literal["expand", "contract"]


class PhaseError(RuntimeError):
    """What is pending cannot be applied while old code runs, or before new code does."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A revision that the database does not have yet."""

    revision: str
    phase: Phase


def expansion(pending: Sequence[Pending], *, is_new: bool) -> str | None:
    """Up to which revision to go while the code in place is the old one; None: nothing to do.

    ``is_new`` is whether nothing was ever applied, so that there is no old code either. ``PhaseError``: an
    expansion comes after a contraction that the old code would not survive.
    """
    if is_new:
        return pending[-1].revision if pending else None
    first = list(takewhile(lambda one: one.phase == "expand", pending))
    rest = pending[len(first) :]
    if later := [one.revision for one in rest if one.phase == "expand"]:
        raise PhaseError(
            f"Revision {later[0]} comes after {rest[0].revision}, which takes away what older code uses. "
            + (
                f"Deploy the version that ends with {rest[0].revision} first."
                if first
                else 'Send {"action": "contract"}, as the end of the last deployment should have.'
            )
            + ' Or stop the traffic and send {"action": "upgrade"}.'
        )
    return first[-1].revision if first else None


def contraction(pending: Sequence[Pending]) -> str | None:
    """Up to which revision to go once the code in place is the new one; None: nothing to do."""
    if missing := [one.revision for one in pending if one.phase == "expand"]:
        raise PhaseError(f"Revision {missing[0]} has not been applied: deploy first.")
    return pending[-1].revision if pending else None
