"""Make the target, once: the third stage."""

from datetime import timedelta

from musicconnect.migrations.engine import store
from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.transitions import (
    NEW_PLAYLISTS,
    Continue,
    StageResult,
    Wait,
    may_have_applied,
    visible_after,
    waiting,
)
from musicconnect.platform import text
from musicconnect.providers import registry
from musicconnect.providers.errors import ProviderError
from musicconnect.providers.protocol import Limits
from musicconnect.providers.quota import ledger
from musicconnect.providers.registry import title

MAX_NEW_PLAYLISTS_PER_DAY = {"youtube": 5}
"""New playlists per person and day. YouTube stops at about ten, and has closed channels that made many."""
UNNAMED = "Untitled playlist"


def create(context: StepContext) -> StageResult:
    """Make the target, unless an earlier attempt has made it. Raises `ProviderError`."""
    row = context.row
    if row.target_playlist_id is not None:  # Of an earlier migration, or of an earlier attempt.
        return context.advance()
    if row.create_intended_at is not None:
        outcome = _find_created(context)
        if outcome is not None:
            return outcome
    if row.create_intended_at is None:
        _check_daily_cap(context)
    if not context.budget.may_call():
        return Continue()
    limits = context.target.limits
    context.commit(create_intended_at=context.now())
    try:
        made = context.target.create_playlist(
            name_of(row.source_name, limits),
            description_of(row.source_description, row.marker, row.source_provider, limits),
        )
    except ProviderError as error:
        if not may_have_applied(error):
            context.commit(create_intended_at=None)
        raise
    return context.advance(target_playlist_id=made.id, target_name=made.name)


def _check_daily_cap(context: StepContext) -> None:
    """Raise `QuotaExhaustedError` when the person's new playlists of the day are made."""
    provider = context.row.target_provider
    most = MAX_NEW_PLAYLISTS_PER_DAY.get(provider)
    if most is None:
        return
    now = context.now()
    midnight = ledger.next_reset(registry.get(provider), now)
    with context.database.transaction(context.row.user_id) as connection:
        made = store.count_created_since(connection, provider, midnight - timedelta(days=1))
    if made >= most:
        raise ledger.exhausted_error(provider, NEW_PLAYLISTS, midnight)


def _find_created(context: StepContext) -> StageResult | None:
    """Find the playlist by its marker; None when there is none."""
    cursor: str | None = None
    while True:
        if not context.budget.may_call():
            return Continue()
        page = context.target.playlists(cursor)
        for playlist in page.items:
            if context.row.marker in playlist.description:
                return context.advance(target_playlist_id=playlist.id, target_name=playlist.name)
        cursor = page.cursor
        if cursor is None:
            break
    now = context.now()
    until = visible_after(context.row.create_intended_at, now)
    if until is None:
        return None
    state = waiting("looking-for-new-playlist", context.row.target_provider, until)
    return Wait(until=until, state=state, waiting_for="provider", attempts=context.row.attempts)


def name_of(source_name: str, limits: Limits) -> str:
    """Give the source's name as it is, in one line, as long as the target allows."""
    name = text.one_line(source_name)
    return text.truncate(name if text.is_visible(name) else UNNAMED, limits.name_length)


def description_of(source_description: str, marker: str, source_provider: str, limits: Limits) -> str:
    """Write the source's description, cut so that the marker always fits that identifies it."""
    mark = f"Moved from {title(source_provider)} with MusicConnect [{marker}]"
    if len(mark) > limits.description_length:
        return marker
    room = limits.description_length - len(mark) - len(" · ")
    description = text.truncate(text.one_line(source_description), room) if room > 0 else ""
    return f"{description} · {mark}" if description else mark
