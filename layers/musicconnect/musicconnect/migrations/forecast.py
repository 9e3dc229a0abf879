"""When a migration will be done, where a provider gives so much a day. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

MOST_DAYS = 3650
SECONDS_PER_TRACK = {"youtube": 0.7}
"""Where every track is a write of its own, and writes come one after the other."""
SECONDS_PER_TRACK_ELSEWHERE = 0.05
LEAST_SECONDS = 30.0


def days_needed(mine: int, others: Sequence[int], *, daily: int, left_today: int) -> int:
    """On which day what I need is there, 0 for today, if each day is shared equally among those who need it.

    Args:
        mine: What I need.
        others: What each other person needs.
        daily: What a day brings.
        left_today: What today still holds.
    """
    waiting: list[float] = sorted(amount for amount in others if amount > 0)
    rest, available = float(mine), float(left_today)
    for day in range(MOST_DAYS):
        rest, waiting = _share(rest, waiting, available)
        if rest <= 0:
            return day
        available = float(daily)
    return MOST_DAYS


def _share(mine: float, others: Sequence[float], available: float) -> tuple[float, list[float]]:
    """One day: everybody gets the same until they have enough or nothing is left."""
    needs = [mine, *others]
    while available > 1e-9 and any(need > 0 for need in needs):
        open_needs = [need for need in needs if need > 0]
        part = min(available / len(open_needs), *open_needs)
        needs = [max(0.0, need - part) if need > 0 else 0.0 for need in needs]
        available -= part * len(open_needs)
    needs = [need if need > 1e-6 else 0.0 for need in needs]
    return needs[0], [need for need in needs[1:] if need > 0]


def finish(midnight: datetime, days: int, *, since: datetime, seconds: float) -> datetime:
    """When the last of it is done.

    Args:
        midnight: When the next day's allowance comes.
        days: From `days_needed`.
        since: When the work last went on.
        seconds: That the rest of the work itself takes.
    """
    begin = since if days == 0 else midnight + timedelta(days=days - 1)
    return begin + timedelta(seconds=seconds)


def seconds_of(tracks: int, target: str) -> float:
    """About how long so many tracks take where nothing is waited for."""
    return LEAST_SECONDS + tracks * SECONDS_PER_TRACK.get(target, SECONDS_PER_TRACK_ELSEWHERE)


def units(unwritten: int, playlists: int, write_cost: int) -> int:
    """What is still to be paid for writing and reading back."""
    return write_cost * (unwritten + playlists) + math.ceil(unwritten / 50)
