"""When a migration will be done, where a provider gives so much a day. Pure."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta

from musicconnect.providers.quota import fair_share

MAX_DAYS = 3650
SECONDS_PER_TRACK = {"youtube": 0.7}
"""Where every track is a write of its own, and writes come one after the other."""
SECONDS_PER_TRACK_ELSEWHERE = 0.05
MIN_SECONDS = 30.0


def days_needed(me: int, needs: Mapping[int, int], *, daily: int, left_today: int, today: int) -> int:
    """On which day what I need is there, 0 for today, if days are shared as `sharing` shares them.

    Args:
        me: Who asks.
        needs: Calls that each person needs who waits, me among them.
        daily: Calls that a day brings.
        left_today: Calls that today still holds.
        today: The day's number.
    """
    waiting = {person: calls for person, calls in sorted(needs.items()) if calls > 0}
    available = left_today
    for day in range(MAX_DAYS):
        _share(waiting, available, today + day)
        if me not in waiting:
            return day
        available = daily
    return MAX_DAYS


def _share(waiting: dict[int, int], available: int, day: int) -> None:
    """One day: everybody gets an equal part until they have enough or nothing is left."""
    while available > 0 and waiting:
        for person, part in fair_share.equal_parts(list(waiting), available, day).items():
            taken = min(part, waiting[person])
            available -= taken
            waiting[person] -= taken
            if not waiting[person]:
                del waiting[person]


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
    return MIN_SECONDS + tracks * SECONDS_PER_TRACK.get(target, SECONDS_PER_TRACK_ELSEWHERE)


def units(unwritten: int, playlists: int, write_cost: int) -> int:
    """What is still to be paid for writing and reading back."""
    return write_cost * (unwritten + playlists) + math.ceil(unwritten / 50)
