"""Decide when a pair is looked at again, and whether a look proves that nothing changed. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from musicconnect.changes.model import Entry
from musicconnect.music.model import Playlist

INTERVALS: Final = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "by_hand": timedelta(days=25),  # so that what YouTube said is fresh, or goes
}
VERSION_PROVES: Final = frozenset({"spotify"})
"""Providers whose equal versions prove that no entry changed."""
FULL_READ: Final = timedelta(days=1)
"""Between two whole reads where a look does not prove that nothing was moved or exchanged ..."""
RARE_FULL_READ: Final = timedelta(days=3)
"""... and of pairs that nothing was written to for a week."""
ACTIVE_FOR: Final = timedelta(days=7)
SECOND_LOOK: Final = timedelta(minutes=16)
"""Until a missing entry is looked for again."""


def next_due(schedule: str, now: datetime, *, has_suspects: bool = False) -> datetime:
    """Give when a pair is due again."""
    wait = INTERVALS[schedule]
    return now + (min(wait, SECOND_LOOK) if has_suspects else wait)


def version_of(playlist: Playlist) -> str:
    """Tell states of a playlist apart: its version, where there is one, and its size."""
    return f"{playlist.version or ''}/{playlist.track_count}"


def is_proven_unchanged(
    versions: Sequence[tuple[str | None, str | None, bool]],
    *,
    read_at: datetime | None,
    wrote_at: datetime | None,
    now: datetime,
) -> bool:
    """Tell whether a pair needs no reading.

    Args:
        versions: Of each side: the version that was read last, the present one, and whether equal ones prove
            that no entry changed. Unequal ones prove nothing.
        read_at: When both sides were last read whole.
        wrote_at: When we last wrote.
        now: The current time.
    """
    if read_at is None or any(before is None or before != present for before, present, _ in versions):
        return False
    if all(proves for _, _, proves in versions):
        return True
    is_active = wrote_at is not None and now - wrote_at < ACTIVE_FOR
    return now - read_at < (FULL_READ if is_active else RARE_FULL_READ)


def fingerprint(entries: Sequence[Entry]) -> str:
    """Sum up a side's entries, their order and availability."""
    text = "\n".join(f"{one.item_id or ''} {one.track_id} {one.is_available:d}" for one in entries)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
