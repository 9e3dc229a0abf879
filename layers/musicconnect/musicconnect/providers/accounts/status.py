"""How a linked account stands, and what the person has to do next. Pure."""

from datetime import UTC, date, datetime, timedelta

from musicconnect.providers.accounts.schemas import NextStep, ProviderStatus
from musicconnect.providers.accounts.store import AccountRow
from musicconnect.providers.registry import Provider


def status_of(entry: Provider, row: AccountRow | None, now: datetime) -> ProviderStatus:
    """A provider as a person sees it.

    Args:
        entry: The provider.
        row: The person's account, if there is one.
        now: The current time.
    """
    if row is None:
        step = NextStep(
            code="not_linked",
            message=f"Link your {entry.title} account: POST /v1/providers/{entry.name}/link.",
        )
        return ProviderStatus(
            provider=entry.name, title=entry.title, linked=False, next_step=step, apps_page=entry.apps_page
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
        next_step=_next_step(entry, row, ends_on, now),
        apps_page=entry.apps_page,
    )


def consent_ends_on(entry: Provider, authorized_at: datetime) -> date | None:
    """The day (UTC) on which a consent ends by itself; None where it does not."""
    if entry.consent_months is None:
        return None
    return months_later(authorized_at.astimezone(UTC).date(), entry.consent_months)


def months_later(day: date, months: int) -> date:
    """The same day of a later month; its last day where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def _next_step(entry: Provider, row: AccountRow, ends_on: date | None, now: datetime) -> NextStep | None:
    link = f"POST /v1/providers/{entry.name}/link"
    today = now.astimezone(UTC).date()
    if row.status == "consent_needed" or (ends_on is not None and ends_on <= today):
        return NextStep(
            code="link_again",
            message=f"{entry.title} no longer accepts our access. Link the account again: {link}.",
        )
    if row.status == "no_channel":
        return NextStep(
            code="no_channel",
            message="Your Google account has no YouTube channel. Create one at youtube.com, then "
            f"link again: {link}.",
        )
    if ends_on is not None and now >= row.authorized_at + timedelta(days=entry.consent_warning_days):
        return NextStep(
            code="consent_ends",
            message=f"{entry.title} ends our access on {ends_on:%d %B %Y}. Link again before then: {link}.",
        )
    if row.access == "read":
        return NextStep(
            code="needs_write_access",
            message=f"Reading works. Before playlists can be moved to {entry.title}, link again with "
            f'{{"access": "write"}}: {link}.',
        )
    return None
