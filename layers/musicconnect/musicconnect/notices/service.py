"""List notices, mark them as read, choose how they are told."""

from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller
from musicconnect.notices import status_text, store
from musicconnect.notices.codes import KINDS, Choice, default
from musicconnect.notices.schemas import (
    ChannelChoice,
    MarkedRead,
    Notice,
    NoticeList,
    NoticeQuery,
    Settings,
    SettingsChange,
)
from musicconnect.notices.store import NoticeRow
from musicconnect.platform import clock, pagination, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status


def list_notices(database: Database, caller: Caller, query: NoticeQuery) -> NoticeList:
    """List the caller's notices, newest first."""
    key = pagination.decode(query.cursor, int)
    with database.transaction(caller.user_id) as connection:
        rows = store.list_notices(
            connection, caller.user_id, is_unread=query.unread, before=key[0] if key else None,
            limit=query.limit,
        )  # fmt: skip
        unread = store.count_unread(connection, caller.user_id)
    rows, next_cursor = pagination.page(rows, query.limit, lambda row: [row.id])
    return NoticeList(items=[_notice(row, caller) for row in rows], next_cursor=next_cursor, unread=unread)


def get(database: Database, caller: Caller, notice_id: int) -> Notice:
    """Get a notice; `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        return _existing(store.get_notice(connection, caller.user_id, notice_id), caller)


def mark(database: Database, caller: Caller, notice_id: int, *, is_read: bool) -> Notice:
    """Mark a notice as read or not; `Problem` 404."""
    with database.transaction(caller.user_id) as connection:
        row = (
            store.mark_read(connection, caller.user_id, notice_id, clock.now())
            if is_read
            else store.mark_unread(connection, caller.user_id, notice_id)
        )
    return _existing(row, caller)


def mark_until(database: Database, caller: Caller, until: int) -> MarkedRead:
    """Mark everything up to a notice as read; what came since stays unread."""
    with database.transaction(caller.user_id) as connection:
        return MarkedRead(marked=store.mark_all_read(connection, caller.user_id, until, clock.now()))


def settings(database: Database, caller: Caller) -> Settings:
    """Get how notices reach the caller."""
    with database.transaction(caller.user_id) as connection:
        return _settings(connection, caller.user_id)


def change_settings(database: Database, caller: Caller, body: SettingsChange) -> Settings:
    """Change what the body names.

    Raises:
        Problem: 422 if a kind cannot be changed.
    """
    at = clock.now()
    with database.transaction(caller.user_id) as connection:
        chosen = store.list_choices(connection, caller.user_id)
        for code, wanted in body.kinds.items():
            if KINDS[code].is_fixed:
                raise problems.invalid(
                    f"body.kinds.{code}", "This is always mailed: it concerns your account"
                )
            before = chosen.get(code, default(code))
            choice = Choice(
                before.mail if wanted.mail is None else wanted.mail,
                before.webhook if wanted.webhook is None else wanted.webhook,
            )
            store.save_choice(connection, caller.user_id, code, choice, at)
        return _settings(connection, caller.user_id)


def is_there(connection: Connection[Any], user_id: int) -> bool:
    """Whether there is such a person."""
    return store.time_zone(connection, user_id) is not None


def choices(connection: Connection[Any], user_id: int) -> dict[str, Choice]:
    """Give how every kind reaches a person: what they chose, else what holds by default."""
    chosen = store.list_choices(connection, user_id)
    return {
        code: default(code) if kind.is_fixed else chosen.get(code, default(code))
        for code, kind in KINDS.items()
    }


def _settings(connection: Connection[Any], user_id: int) -> Settings:
    return Settings.model_validate(
        {
            "kinds": {
                code: ChannelChoice(mail=one.mail, webhook=one.webhook, is_fixed=KINDS[code].is_fixed)
                for code, one in choices(connection, user_id).items()
            }
        }
    )


def _existing(row: NoticeRow | None, caller: Caller) -> Notice:
    if row is None:
        raise problems.not_found("notice")
    return _notice(row, caller)


def _notice(row: NoticeRow, caller: Caller) -> Notice:
    reader = Reader.of(caller.time_zone, clock.now())
    return Notice.model_validate(
        {
            "id": row.id,
            "code": row.code,
            "params": row.params,
            "title": status_text.TITLES[row.code],
            "message": status_text.text_of(Status(row.code, row.params), reader),
            "occurred_at": row.occurred_at,
            "read_at": row.read_at,
        }
    )
