"""Carry out what an operator orders, and record who did it, in one transaction."""

from typing import Any, Final

from psycopg import Connection

from musicconnect.core import emails
from musicconnect.core.mail import outbox as mail_outbox
from musicconnect.core.mail.model import OutgoingMail
from musicconnect.notices import mail
from musicconnect.operators import store
from musicconnect.operators.schemas import Order
from musicconnect.operators.store import AccountRow
from musicconnect.outbox import service as outbox
from musicconnect.platform import clock
from musicconnect.platform.database import Database
from musicconnect.platform.logging import logger

MAX_ACTS: Final = 20
"""That are shown of an account."""
MAX_REQUEUED: Final = 1_000
"""Of each kind of work, in one act."""


def carry_out(database: Database, order: Order, request_id: str) -> dict[str, Any]:
    """Do what is ordered.

    Args:
        database: As the role ``mc_operator``.
        order: What, on which account, by whom.
        request_id: Of the invocation.

    Returns:
        ``outcome``, and what there is to see. ``not-found`` where there is no such account.
    """
    if order.action == "requeue":
        return _requeue(database, order, request_id)
    address = emails.normalize(order.address) if order.address is not None else None
    with database.transaction() as connection:
        account = store.find_account(connection, address, order.user_id)
        if account is None:
            _record(connection, None, order, request_id, "not-found")
            return {"outcome": "not-found"}
    mail_id: int | None = None
    with database.transaction(account.user_id) as connection:
        outcome, seen = "done", dict[str, Any]()
        match order.action:
            case "suspend":
                outcome, seen, mail_id = _suspend(connection, account, order)
            case "restore":
                if store.set_active(connection, is_active=True):
                    at = clock.now()
                    key = f"account-restored:{at.isoformat()}"
                    outbox.record(connection, account.user_id, "account-restored", {}, key=key, at=at)
                else:
                    outcome = "not-suspended"
            case "end-sessions":
                seen = {"sessions_ended": store.end_sessions(connection)}
            case "show":
                seen = {
                    "holds": store.holdings(connection),
                    "acts": store.list_acts(connection, account.user_id, MAX_ACTS),
                }
        _record(connection, account.user_id, order, request_id, outcome)
        after = store.find_account(connection, None, account.user_id) or account
    mail_outbox.wake(mail_id, account.user_id)
    return {"outcome": outcome, "account": _shown(after), **seen}


def _suspend(
    connection: Connection[Any], account: AccountRow, order: Order
) -> tuple[str, dict[str, Any], int | None]:
    if not store.set_active(connection, is_active=False):
        return "suspended-already", {}, None
    ended = store.end_sessions(connection)
    # Notices rest with the account's work, so this one goes straight to the mail.
    mail_id = mail_outbox.enqueue(
        connection,
        OutgoingMail(
            template=mail.NOTICE,
            key=f"account-suspended:{clock.now().isoformat()}",
            user_id=account.user_id,
            params={"code": "account-suspended", "params": {"reason": order.reason.strip()}},
        ),
    )
    return "done", {"sessions_ended": ended}, mail_id


def _requeue(database: Database, order: Order, request_id: str) -> dict[str, Any]:
    at = clock.now()
    with database.transaction() as connection:
        requeued = {work: store.requeue(connection, work, at, MAX_REQUEUED) for work in store.REQUEUE}
        _record(connection, None, order, request_id, "done")
    return {"outcome": "done", "requeued": requeued}


def _record(
    connection: Connection[Any], user_id: int | None, order: Order, request_id: str, outcome: str
) -> None:
    logger.info("operator acted", action=order.action, operator=order.operator, outcome=outcome)
    store.insert_act(
        connection,
        user_id=user_id,
        operator=order.operator,
        action=order.action,
        reason=order.reason.strip(),
        request_id=request_id,
        outcome=outcome,
        at=clock.now(),
    )


def _shown(account: AccountRow) -> dict[str, Any]:
    return {
        "user_id": account.user_id,
        "address": account.email,
        "display_name": account.display_name,
        "time_zone": account.time_zone,
        "is_active": account.is_active,
        "created_at": account.created_at.isoformat(),
    }
