"""Show and switch the polling of Spotify for a user's plays. Off by default: see docs/compliance.md."""

from typing import Final

from musicconnect.api.binding import Caller
from musicconnect.platform import clock, config, problems
from musicconnect.platform.database import Database
from musicconnect.platform.status import Reader, Status, render
from musicconnect.trends.polling import status_text, store
from musicconnect.trends.polling.schemas import Polling, PollingGap, PollingUpdate

MAX_GAPS: Final = 20


def get(database: Database, caller: Caller) -> Polling:
    """Show whether Spotify is polled, and how that goes."""
    with database.transaction(caller.user_id) as connection:
        row = store.get_poll(connection, caller.user_id)
        gaps = store.list_gaps(connection, caller.user_id, limit=MAX_GAPS)
    status = Status(row.status_code, row.status_params) if row else Status("off")
    return Polling(
        available=config.is_polling_enabled(),
        enabled=row is not None and row.due_at is not None,
        code=status.code,
        params=dict(status.params),
        status_message=render(status_text.TEXTS, status, Reader.of(caller.time_zone, clock.now())),
        last_polled_at=row.last_polled_at if row else None,
        next_poll_at=row.due_at if row else None,
        gaps=[PollingGap.model_validate(gap) for gap in gaps],
    )


def update(database: Database, caller: Caller, body: PollingUpdate) -> Polling:
    """Switch polling on or off; a 409 where the deployment does not poll or no Spotify account is linked."""
    if body.enabled and not config.is_polling_enabled():
        raise problems.conflict(
            "polling-off",
            "This deployment does not ask Spotify for plays",
            "Whoever runs it has not switched it on. Upload your streaming history instead.",
        )
    with database.transaction(caller.user_id) as connection:
        account_id = store.get_account_id(connection, caller.user_id)
        if account_id is None and body.enabled:
            raise problems.conflict(
                "not-linked",
                "No Spotify account is linked",
                "Link one, then try again.",
                provider="spotify",
                action="link",
            )
        if account_id is not None:
            due_at, code = (clock.now(), "waiting") if body.enabled else (None, "off")
            store.set_due(connection, caller.user_id, account_id, due_at=due_at, code=code)
    return get(database, caller)
