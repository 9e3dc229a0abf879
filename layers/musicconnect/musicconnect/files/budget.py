"""Limit what one upload may cost: bytes unpacked, members, rows, seconds, all members together.

Everything that is unpacked counts, in every layer and on every pass, so archives within archives escape no
limit. Rows are line ends, so blank ones count. The work is bounded by what it does, not by what a file says
of itself.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from musicconnect.files.errors import BudgetError, OutOfTimeError, StepOverError

MIB: Final = 1024**2


@dataclass(frozen=True, slots=True)
class Limits:
    """What one upload may cost."""

    unpacked_bytes: int
    members: int
    """Files in archives, at whatever depth."""
    rows: int
    """Lines of texts, blank ones too, and records that a reader counts itself (`Budget.count_rows`)."""
    seconds: float
    """Of reading, from `Budget` being made; `Budget.grant` adds to them."""
    ratio: int = 250
    """Bytes unpacked per byte uploaded. Listening histories in JSON pack to a twentieth or less."""
    free_bytes: int = 64 * MIB
    """Unpacked whatever the ratio: small files of few words pack very well."""


class Budget:
    """What is left of the limits of one upload.

    Args:
        limits: Of the whole upload.
        packed_bytes: Its size as it was sent.
        spent: What earlier steps spent, as `spent` gave it; None for the first.
        step_s: Seconds of reading in this step, after which another one has to go on.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        packed_bytes: int,
        spent: Mapping[str, float] | None = None,
        step_s: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        spent = spent or {}
        self.limits = limits
        self.unpacked_bytes = int(spent.get("unpacked_bytes", 0))
        self.members = 0
        self.rows = int(spent.get("rows", 0))
        self.max_unpacked_bytes = min(
            limits.unpacked_bytes, max(limits.free_bytes, limits.ratio * packed_bytes)
        )
        self._clock = clock
        now = clock()
        self._began = now - spent.get("seconds", 0)
        self._step_ends = now + step_s
        self._granted = spent.get("granted", 0)

    @property
    def spent(self) -> dict[str, float]:
        """Give what was spent, as JSON holds it, for another step to go on with."""
        return {
            "unpacked_bytes": self.unpacked_bytes,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "granted": self._granted,
        }

    @property
    def seconds(self) -> float:
        """Give the seconds since the reading began, in all steps."""
        return self._clock() - self._began

    def grant(self, seconds: float) -> None:
        """Add to the time: what brings records in may take longer than what does not."""
        self._granted += seconds

    def count_member(self) -> None:
        """Count a file of an archive. Raises `BudgetError`."""
        self.members += 1
        if self.members > self.limits.members:
            raise BudgetError(
                f"The archive holds too much: more than {self.limits.members:,} files. Send it in parts."
            )

    def count_rows(self, rows: int) -> None:
        """Count rows that are no lines, as the elements of a list. Raises `BudgetError`."""
        self.rows += rows
        if self.rows > self.limits.rows:
            raise BudgetError(f"The file has more than {self.limits.rows:,} rows. Send it in parts.")

    def count_bytes(self, size: int, rows: int = 0) -> None:
        """Count what was unpacked, and the time. Raises `BudgetError`, and `StepOverError`."""
        self.unpacked_bytes += size
        self.require(0)
        if rows:
            self.count_rows(rows)
        if self.seconds > self.limits.seconds + self._granted:
            raise OutOfTimeError(
                f"Reading the file takes longer than {self.limits.seconds:.0f} seconds. Send it in parts."
            )
        if self._clock() > self._step_ends:
            raise StepOverError

    def require(self, size: int) -> None:
        """Refuse what would unpack to more than is left. Raises `BudgetError`."""
        if self.unpacked_bytes + size > self.max_unpacked_bytes:
            raise BudgetError(
                "The file holds too much: unpacked it is larger than "
                f"{self.max_unpacked_bytes / MIB:,.0f} MB. Unpack it, and send the files that matter."
            )

    def forgive(self, unpacked_bytes: int, rows: int) -> None:
        """Take back what was counted for the way to where an earlier step ended."""
        self.unpacked_bytes, self.rows = unpacked_bytes, rows
