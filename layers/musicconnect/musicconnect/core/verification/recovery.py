"""Get back in: by a new password, or by a link instead of one."""

from datetime import datetime
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Request
from musicconnect.core import accounts, mail, store
from musicconnect.core.mail import feedback
from musicconnect.core.mail import store as mail_store
from musicconnect.core.schemas import NewSession, PasswordChanged
from musicconnect.core.tokens import service as tokens_service
from musicconnect.core.tokens import store as tokens_store
from musicconnect.core.verification import service
from musicconnect.core.verification.schemas import AddressOnly, MailAnnounced, PasswordReset, SessionProof
from musicconnect.platform import clock, passwords
from musicconnect.platform.database import Database


def forgot(database: Database, body: AddressOnly, request: Request) -> MailAnnounced:
    """Send a link for a new password, if there is such an account; `Problem` 409, 429."""
    return service.begin(database, "reset", body.email, request)


def reset(database: Database, body: PasswordReset, request: Request) -> PasswordChanged:
    """Set a new password by what was in the mail, and end all sessions.

    Raises:
        Problem: 410 if link or code are not good, 422 if the password is the address, 429.
    """
    at = clock.now()
    found = service.check(database, "reset", body, request)
    accounts.check_password(body.new_password, found.address, "body.new_password")
    user_id = _account_of(database, found.address)
    password_hash = passwords.hash_password(body.new_password)
    with database.transaction(user_id) as connection:
        service.use(connection, found, at)
        if not store.set_password(connection, user_id, password_hash, at):
            raise service.ended()
        _confirm(connection, user_id, found.address, at)
        changed = PasswordChanged(
            sessions_ended=store.delete_other_sessions(connection, user_id, keep=0),
            tokens_revoked=tokens_store.delete_tokens(connection, user_id) if body.revoke_tokens else 0,
            tokens=tokens_service.valid(connection, user_id, at),
        )
        mail_id = accounts.tell_password_changed(connection, user_id, request, at)
    mail.wake(mail_id, user_id)
    return changed


def send_link(database: Database, body: AddressOnly, request: Request) -> MailAnnounced:
    """Send a link to sign in with, if there is such an account; `Problem` 409, 429."""
    return service.begin(database, "sign-in", body.email, request)


def sign_in(database: Database, body: SessionProof, request: Request) -> NewSession:
    """Sign in by what was in the mail, however many guesses others have made.

    Raises:
        Problem: 403 if another site's page asks for a cookie, 410 if link or code are not good, 429.
    """
    at = clock.now()
    accounts.check_origin(request, as_cookie=body.as_cookie)
    found = service.check(database, "sign-in", body, request)
    user_id = _account_of(database, found.address)
    with database.transaction(user_id) as connection:
        service.use(connection, found, at)
        user = store.get_user(connection, user_id)
        if user is None:
            raise service.ended()
        _confirm(connection, user_id, found.address, at)
        return accounts.open_session(connection, user, request, at, as_cookie=body.as_cookie)


def _account_of(database: Database, address: str) -> int:
    with database.transaction() as connection:
        account = store.find_account(connection, address, "")
    if account is None or not account.is_active:
        raise service.ended()
    return account.user_id


def _confirm(connection: Connection[Any], user_id: int, address: str, at: datetime) -> None:
    """Whoever has the mail reads the address."""
    store.confirm_email(connection, user_id, at)
    mail_store.lift_suppression(connection, feedback.address_hash(address))
