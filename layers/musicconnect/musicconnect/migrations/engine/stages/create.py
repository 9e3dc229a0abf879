"""The third stage: make the target, once."""

from datetime import timedelta

from musicconnect.migrations import status_text
from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import Bench
from musicconnect.migrations.engine.transitions import (
    Advance,
    Outcome,
    Pause,
    Wait,
    may_have_applied,
    unsettled,
)
from musicconnect.music.model import Playlist
from musicconnect.providers import registry
from musicconnect.providers.errors import ProviderError
from musicconnect.providers.protocol import Limits
from musicconnect.providers.quota import ledger
from musicconnect.providers.registry import title

MAX_NEW = {"youtube": 5}
"""New playlists per person and day. YouTube stops at about ten, and has closed channels that made many."""
UNNAMED = "Untitled playlist"


def create(bench: Bench) -> Outcome:
    """Make the target, after looking for one that an earlier attempt may have made.

    Raises:
        ProviderError: a call failed.
    """
    row = bench.row
    if row.target_playlist_id is not None:  # Of an earlier migration, or of an earlier attempt.
        bench.advance()
        return Advance(bench.row.stage)
    if row.create_intended_at is not None:
        outcome = _look_for_it(bench)
        if outcome is not None:
            return outcome
    if row.create_intended_at is None:
        _hold_to_the_cap(bench)
    if not bench.budget.may_call():
        return Pause()
    limits = bench.target.limits
    bench.commit(create_intended_at=bench.now())
    try:
        made = bench.target.create_playlist(
            name_of(row.source_name, limits),
            description_of(row.source_description, row.marker, row.source_provider, limits),
        )
    except ProviderError as error:
        if not may_have_applied(error):
            bench.commit(create_intended_at=None)
        raise
    return _have(bench, made)


def _hold_to_the_cap(bench: Bench) -> None:
    """Make no more playlists a day than a channel can bear.

    Raises:
        QuotaExhaustedError: the person's playlists of the day are made.
    """
    provider = bench.row.target_provider
    most = MAX_NEW.get(provider)
    if most is None:
        return
    now = bench.now()
    midnight = ledger.next_reset(registry.get(provider), now)
    with bench.database.transaction(bench.row.user_id) as connection:
        made = store.made_since(connection, provider, midnight - timedelta(days=1))
    if made >= most:
        raise ledger.exhausted_error(provider, "new_playlists", midnight)


def _look_for_it(bench: Bench) -> Outcome | None:
    """Find the playlist by its marker; None when there is none."""
    cursor: str | None = None
    while True:
        if not bench.budget.may_call():
            return Pause()
        page = bench.target.playlists(cursor)
        for playlist in page.items:
            if bench.row.marker in playlist.description:
                return _have(bench, playlist)
        cursor = page.cursor
        if cursor is None:
            break
    now = bench.now()
    until = unsettled(bench.row.create_intended_at, now)
    if until is None:
        return None
    message = (
        f"looking on {title(bench.row.target_provider)} for the new playlist, "
        f"again at {status_text.moment(until, now)}"
    )
    return Wait(until=until, message=message, waiting_for="provider", attempts=bench.row.attempts)


def _have(bench: Bench, playlist: Playlist) -> Advance:
    bench.advance(target_playlist_id=playlist.id, target_name=playlist.name)
    return Advance(bench.row.stage)


def name_of(source_name: str, limits: Limits) -> str:
    """The source's name, in one line and as long as the target allows."""
    return _cut(_one_line(source_name) or UNNAMED, limits.name_length)


def description_of(source_description: str, marker: str, source_provider: str, limits: Limits) -> str:
    """The source's description, cut so that the marker by which the target is found again always fits."""
    mark = f"Moved from {title(source_provider)} with MusicConnect [{marker}]"
    if len(mark) > limits.description_length:
        return marker
    room = limits.description_length - len(mark) - len(" · ")
    text = _cut(_one_line(source_description), room) if room > 0 else ""
    return f"{text} · {mark}" if text else mark


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
