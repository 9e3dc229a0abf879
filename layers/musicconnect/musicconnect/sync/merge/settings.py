"""Say how a pair is to be kept in step. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from musicconnect.sync.merge.state import LEFT


class Mode(StrEnum):
    """Which way changes go. One-way is from left to right."""

    TWO_WAY = "two_way"
    MIRROR = "mirror"
    """The right side follows the left one, additions, removals and order."""
    ADD_ONLY = "add_only"
    """What the left side gains, the right side gains, and nothing more."""


MIN_ROWS_GUARDED: Final = 4
"""A side that showed at least so many and shows nothing is not believed."""
MIN_OUT_HELD: Final = 10
"""Removals up to so many are no mass, whatever their share."""
LOOK_INTERVAL: Final = timedelta(minutes=15)
"""Between two looks that count as two."""
LEAK_WINDOW: Final = timedelta(days=7)
"""Within which removals of many runs are counted together, and reversals of what we wrote."""
LEAK_SHARE: Final = 0.3
"""Share of the rows at its start above which removals within it wait for a person ..."""
MIN_LEAK: Final = 20
"""... where they are more than this many."""
MAX_REVERSALS: Final = 3
"""Reversals of one recording at which another program seems to be at work, and we leave it alone."""
RETRY_FULL: Final = timedelta(days=1)
"""Until what found no room is tried again."""
SETTLE_LOOKS: Final = 3
"""Looks that do not show what we wrote, before it is written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Of one pair and one run."""

    mode: Mode = Mode.TWO_WAY
    authority: int = LEFT
    """Whose order counts where both sides changed it."""
    is_order_kept: tuple[bool, bool] = (True, True)
    looks: int = 2
    """Complete looks that have to miss an entry before it counts as taken out; 1 when a person watches."""
    max_out: int = 50
    """Removals of one run above which it stops and asks."""
    max_out_share: float = 0.2
    """Share of the rows above which it does, from `MIN_OUT_HELD` removals on."""
    min_out: int = MIN_OUT_HELD
    is_approved: bool = False
    """Whether a person has said yes to the removals."""
    takes_foreign: bool = False
    """In one-way mode: whether entries that a person put into the right side are taken out, too."""

    @property
    def is_one_way(self) -> bool:
        """Whether changes of the right side stay there."""
        return self.mode is not Mode.TWO_WAY

    def keeps_order(self, side: int) -> bool:
        """Tell whether entries of a side are moved."""
        if self.is_one_way and (side == LEFT or self.mode is Mode.ADD_ONLY):
            return False
        return self.is_order_kept[side]
