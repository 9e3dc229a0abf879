"""How one step of a pair ends."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from musicconnect.platform.status import Status

ASKING: Final = "asking-"
"""How the codes of pairs begin that wait for a word: the guard's own follows."""
FIRST: Final = "asking-first"


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to do now."""

    status: Status
    due_at: datetime | None
    pair_status: str = "active"
    changes: dict[str, Any] = field(default_factory=dict)
    attempts: int = 0
    """Failures in a row."""


@dataclass(frozen=True, slots=True)
class Continue:
    """The step's budget is spent, or something is waited for: on from there, at a time."""

    at: datetime
    status: Status | None = None
    """What is waited for; None: the pair's state stays."""
