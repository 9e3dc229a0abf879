"""How one step of a repair ends."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from musicconnect.platform.status import Status


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to do now."""

    status: str
    """Of the repair."""
    state: Status
    changes: dict[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    is_news: bool = False
    """Whether the person is told: a schedule found what the check before had not."""


@dataclass(frozen=True, slots=True)
class Continue:
    """The step's budget is spent, or a write is in doubt: on from there, at a time."""

    at: datetime
