"""Describe a linked account's status and what the user has to do next. Pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from musicconnect.music.model import ListKind
from musicconnect.platform.status import Reader, Status
from musicconnect.providers.accounts.schemas import NextStep, NextStepCode, ProviderStatus
from musicconnect.providers.accounts.store import AccountRow
from musicconnect.providers.registry import Provider
from musicconnect.providers.status_text import render


def status_of(entry: Provider, row: AccountRow | None, reader: Reader) -> ProviderStatus:
    """Describe a provider, and the user's account with it where there is one."""
    if row is None:
        return ProviderStatus(
            provider=entry.name,
            title=entry.title,
            linked=False,
            next_step=_step("not-linked", reader, provider=entry.name),
            apps_page=entry.apps_page,
            library=_library(entry),
        )
    ends_on = consent_ends_on(entry, row.authorized_at)
    return ProviderStatus(
        provider=entry.name,
        title=entry.title,
        linked=True,
        account_id=row.id,
        provider_user_id=row.provider_user_id,
        display_name=row.display_name,
        status=row.status,
        access=row.access,
        linked_at=row.linked_at,
        authorized_at=row.authorized_at,
        consent_ends_on=ends_on,
        next_step=_next_step(entry, row, ends_on, reader),
        apps_page=entry.apps_page,
        library=_library(entry),
    )


def _library(entry: Provider) -> list[Literal["artists", "albums"]]:
    parts: dict[ListKind, Literal["artists", "albums"]] = {
        ListKind.ARTISTS: "artists",
        ListKind.ALBUMS: "albums",
    }
    return [parts[kind] for kind in entry.library]


def consent_ends_on(entry: Provider, authorized_at: datetime) -> date | None:
    """Get the day (UTC) on which a consent ends by itself; None where it does not."""
    if entry.consent_months is None:
        return None
    return months_later(authorized_at.astimezone(UTC).date(), entry.consent_months)


def months_later(day: date, months: int) -> date:
    """Get the same day of a later month; its last day where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def _next_step(entry: Provider, row: AccountRow, ends_on: date | None, reader: Reader) -> NextStep | None:
    today = reader.now.astimezone(UTC).date()
    if row.status == "consent_needed" or (ends_on is not None and ends_on <= today):
        return _step("consent-needed", reader, provider=entry.name)
    if row.status == "no_channel":
        return _step("no-channel", reader, provider=entry.name)
    if ends_on is not None and reader.now >= row.authorized_at + timedelta(days=entry.consent_warning_days):
        return _step("consent-ends", reader, provider=entry.name, ends_on=ends_on.isoformat())
    if row.access == "read":
        return _step("read-only", reader, provider=entry.name)
    return None


def _step(code: NextStepCode, reader: Reader, **params: str) -> NextStep:
    return NextStep(code=code, params=params, message=render(Status(code, params), reader))
