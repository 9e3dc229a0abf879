"""Confirm and change the address of an account."""

from musicconnect.api.binding import Caller, Request
from musicconnect.core import accounts, mail, rate_limits, store
from musicconnect.core.mail import feedback
from musicconnect.core.mail import store as mail_store
from musicconnect.core.verification import service
from musicconnect.core.verification.schemas import AddressChange, MailAnnounced, Proof
from musicconnect.platform import clock
from musicconnect.platform.database import Database


def change(database: Database, caller: Caller, body: AddressChange, request: Request) -> MailAnnounced:
    """Send a link to the address that is to be the account's; its own is confirmed that way.

    Raises:
        Problem: 401 if the session has ended, 409 if there is no mail, 422 if the password is wrong, 429.
    """
    service.require_mail()
    accounts.verify_own_password(database, caller, body.password, request, "body.password")
    # An address that complained or bounced is tried again because its owner asks for it.
    if _is_own(database, caller, body.email):
        with database.transaction(caller.user_id) as connection:
            mail_store.lift_suppression(connection, feedback.address_hash(body.email))
    return service.begin(database, "address", body.email, request, user_id=caller.user_id)


def confirm(database: Database, body: Proof, request: Request) -> None:
    """Make an address the account's by what was in the mail, and tell both addresses.

    Raises:
        Problem: 410 if link or code are not good, or the address was taken meanwhile, 429.
    """
    at = clock.now()
    found = service.check(database, "address", body, request)
    if found.user_id is None:
        raise service.ended()
    with database.transaction(found.user_id) as connection:
        service.use(connection, found, at)
        known = store.email_and_sources(connection, found.user_id)
        if known is None or not store.replace_email(connection, found.user_id, found.address, at):
            raise service.ended()
        mail_store.lift_suppression(connection, feedback.address_hash(found.address))
        before, sources = known
        mail_ids: list[int | None] = []
        if before != found.address:
            rate_limits.clear(connection, before, sources)
            mail_ids = [
                mail.enqueue(
                    connection,
                    mail.OutgoingMail(
                        template=template,
                        key=f"{template}:{found.verification_id}",
                        user_id=found.user_id,
                        address=address,
                        params={"at": at.isoformat(), "address": found.address},
                    ),
                )
                for template, address in (("address-left", before), ("address-changed", found.address))
            ]
    for mail_id in mail_ids:
        mail.wake(mail_id, found.user_id)


def _is_own(database: Database, caller: Caller, email: str) -> bool:
    with database.transaction(caller.user_id) as connection:
        user = store.get_user(connection, caller.user_id)
    return user is not None and user.email == email
