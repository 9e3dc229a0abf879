"""What accepted matches have taught about names: which channel is which artist's, which names one artist has.

Every match that a person's search or choice ends in may teach something (`musicconnect.matching.lessons`).
It is reported under that person, so that people can be counted, and believed when several of them, with
several recordings, say the same: then maintenance learns it. What has been learned names nobody, and stays a
while longer than any one of them; so one person can neither plant it nor tear it down.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from musicconnect.matching import LearnedNames, Outcome, choose, lessons, name_keys
from musicconnect.music.model import Track
from musicconnect.providers.match_store import names_store
from musicconnect.providers.match_store.model import Finding

MIN_PEOPLE: Final = 3
MIN_RECORDINGS: Final = 3
REPORTS_KEPT_FOR: Final = timedelta(days=180)
"""Only what enough people have said within this time is learned."""
LEARNED_FOR: Final = timedelta(days=180)
"""Since the last report of what enough people say."""


def find(connection: Connection[Any], tracks: Sequence[Track]) -> LearnedNames:
    """Find what has been learned about the artists and channels of tracks."""
    keys = sorted(frozenset().union(*map(name_keys, tracks)))
    channels = sorted({track.channel_id for track in tracks if track.channel_id})
    if not keys and not channels:
        return LearnedNames()
    found = names_store.find(connection, keys, channels)
    pairs = [(subject, artist) for kind, subject, artist in found if kind == "alias"]
    return LearnedNames(
        channels=frozenset((subject, artist) for kind, subject, artist in found if kind == "channel"),
        aliases=frozenset([*pairs, *((artist, subject) for subject, artist in pairs)]),
    )


def report(connection: Connection[Any], findings: Sequence[Finding], now: datetime) -> None:
    """Report what findings teach under the transaction's person; nothing where there is none.

    What was accepted only because of something learned teaches nothing: it would confirm itself.
    """
    rows = [
        {
            "kind": lesson.kind,
            "subject": lesson.subject,
            "artist": lesson.artist,
            "recording": lesson.recording,
        }
        for finding in findings
        if finding.target is not None
        for lesson in lessons(finding.source, finding.target)
        if finding.confirmed_by == "person"
        or choose(finding.source, [finding.target]).outcome is Outcome.MATCHED
    ]
    if rows:
        names_store.report(connection, rows, now)


def deny(connection: Connection[Any], source: Track, target: Track, now: datetime) -> None:
    """Report under the transaction's person that a match teaches nothing: they replaced it."""
    rows = [
        {
            "kind": lesson.kind,
            "subject": lesson.subject,
            "artist": lesson.artist,
            "recording": lesson.recording,
        }
        for lesson in lessons(source, target)
    ]
    if rows:
        names_store.report(connection, rows, now, is_denied=True)


def learn(connection: Connection[Any], now: datetime, limit: int) -> int:
    """Learn what enough people have reported; give the number of facts, new or confirmed."""
    return names_store.learn(
        connection,
        now,
        since=now - REPORTS_KEPT_FOR,
        people=MIN_PEOPLE,
        recordings=MIN_RECORDINGS,
        limit=limit,
    )


def forget(connection: Connection[Any], now: datetime, limit: int) -> int:
    """Delete old reports, and what nobody has confirmed for long; give the number of rows."""
    return names_store.forget(
        connection, reported_before=now - REPORTS_KEPT_FOR, confirmed_before=now - LEARNED_FOR, limit=limit
    )
