"""Make the target, once: the third stage."""

from datetime import datetime

from musicconnect.migrations.engine.context import StepContext
from musicconnect.migrations.engine.transitions import (
    Continue,
    StageResult,
    Wait,
    may_have_applied,
    visible_after,
    waiting,
)
from musicconnect.music.model import ListKind
from musicconnect.platform import text
from musicconnect.providers import registry
from musicconnect.providers.errors import ProviderError
from musicconnect.providers.library import NAMES as LIBRARY_NAMES
from musicconnect.providers.protocol import Limits
from musicconnect.providers.quota import ledger
from musicconnect.providers.registry import NEW_PLAYLISTS, title

UNNAMED = "Untitled playlist"
LIKES = "Likes"
"""What a person's likes are called, which are no playlist."""


def create(context: StepContext) -> StageResult:
    """Make the target, unless an earlier attempt has made it. Raises `ProviderError`."""
    row = context.row
    if row.target_playlist_id is not None:  # Of an earlier migration, or of an earlier attempt.
        return context.advance()
    if row.kind is not ListKind.PLAYLIST:
        library_id = registry.get(row.target_provider).library_id(row.kind)
        return context.advance(
            target_playlist_id=library_id, target_name=LIBRARY_NAMES[row.kind], is_update=True
        )
    if row.into_likes:
        liked_id = registry.get(row.target_provider).liked_id
        return context.advance(target_playlist_id=liked_id, target_name=LIKES, is_update=True)
    if row.create_intended_at is not None:
        outcome = _find_created(context)
        if outcome is not None:
            return outcome
    if not context.budget.may_call():
        return Continue()
    limits = context.target.limits
    intended_at = _intend(context)
    try:
        made = context.target.create_playlist(
            name_of(row.source_name, limits, row.part, row.parts or 1),
            description_of(row.source_description, row.marker, row.source_provider, limits),
            row.privacy,
        )
    except ProviderError as error:
        if not may_have_applied(error):
            _take_back(context, intended_at)
        raise
    return context.advance(target_playlist_id=made.id, target_name=made.name)


def _intend(context: StepContext) -> datetime:
    """Store that a playlist is about to be made, paid for from the person's allowance of new ones.

    What an attempt before this one intended, and what then did not appear, is paid for already.

    Raises `QuotaExhaustedError` when the new playlists of the day are made.
    """
    provider, user_id, now = context.row.target_provider, context.row.user_id, context.now()
    is_paid = context.row.create_intended_at is not None
    if is_paid or not registry.get(provider).has_bucket(NEW_PLAYLISTS):
        context.commit(create_intended_at=now)
    else:
        context.commit(
            create_intended_at=now,
            also=lambda connection: ledger.reserve_personal(
                connection, provider, NEW_PLAYLISTS, user_id, now
            ),
        )
    return now


def _take_back(context: StepContext, intended_at: datetime) -> None:
    """Store that no playlist was made, and give back what was paid for it."""
    provider, user_id = context.row.target_provider, context.row.user_id
    context.commit(
        create_intended_at=None,
        also=lambda connection: ledger.refund_personal(
            connection, provider, NEW_PLAYLISTS, user_id, intended_at
        ),
    )


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


def name_of(source_name: str, limits: Limits, part: int = 1, parts: int = 1) -> str:
    """Give the source's name as it is, in one line, as long as the target allows.

    Of several parts each says which it is: ``Name (2 of 3)``, whatever has to be cut for it.
    """
    name = text.one_line(source_name)
    suffix = f" ({part} of {parts})" if parts > 1 else ""
    return (
        text.truncate(name if text.is_visible(name) else UNNAMED, limits.name_length - len(suffix)) + suffix
    )


def description_of(source_description: str, marker: str, source_provider: str, limits: Limits) -> str:
    """Write the source's description, cut so that the marker always fits that identifies it."""
    mark = f"Moved from {title(source_provider)} with MusicConnect [{marker}]"
    if len(mark) > limits.description_length:
        return marker
    room = limits.description_length - len(mark) - len(" · ")
    description = text.truncate(text.one_line(source_description), room) if room > 0 else ""
    return f"{description} · {mark}" if description else mark
