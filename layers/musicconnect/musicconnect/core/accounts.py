"""Sign users up and in; change passwords and profiles."""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller, Repeat, Request
from musicconnect.core import (
    emails,
    idempotency,
    mail,
    new_places,
    rate_limits,
    services,
    session_cookies,
    store,
)
from musicconnect.core.schemas import (
    NewSession,
    PasswordChange,
    PasswordChanged,
    ProfileChange,
    SignIn,
    SignUp,
    User,
)
from musicconnect.core.tokens import service as tokens_service
from musicconnect.core.tokens import store as tokens_store
from musicconnect.platform import clock, config, passwords, problems, tokens
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem
from musicconnect.platform.text import storable

NEW_ACCOUNT = timedelta(days=1)
"""Whoever has just signed up is not told of the first place from which they sign in."""
USER_AGENT_LENGTH = 256
"""Characters kept of what a client calls itself."""


def sign_up(database: Database, body: SignUp, request: Request, repeat: Repeat | None = None) -> NewSession:
    """Make an account and sign in.

    That an address is taken is said: without mail there is no other way to tell its owner from a stranger,
    and pretending would leave the owner with an account that does not work. `limits` makes asking expensive.

    Raises:
        Problem: 403 if another site's page asks for a cookie, 409 if the address is taken, 422 if the
            password is the address, 429.
    """
    at = clock.now()
    source = rate_limits.source_of(request.source_ip)
    check_origin(request, as_cookie=body.as_cookie)
    check_password(body.password, body.email, "body.password")
    with database.transaction() as connection:
        services.require_core(connection)
        request.answer_headers.update(rate_limits.consume_sign_up(connection, source, at))
        rate_limits.delete_full(connection, at)
    password_hash = passwords.hash_password(body.password)
    with database.transaction() as connection:
        user = store.insert_user(
            connection,
            email=body.email,
            password_hash=password_hash,
            display_name=body.display_name or body.email.rpartition("@")[0],
            time_zone=body.time_zone,
            at=at,
        )
        if user is not None:
            idempotency.save(connection, user.id, repeat, user.id)
            return open_session(connection, user, request, at, as_cookie=body.as_cookie)
        rate_limits.charge_taken_email(connection, source)
    if repeat is not None and (session := _sign_up_again(database, body, request, repeat)) is not None:
        return session
    raise problems.conflict(
        "address-taken", "The address is taken", "There is an account with this address. Sign in instead."
    )


def sign_in(database: Database, body: SignIn, request: Request) -> NewSession:
    """Open a session for whoever knows the password.

    An address without an account costs the same work as one with: a hash of nobody's password is verified.

    Raises:
        Problem: 401 if address and password do not belong together or the account is not active, 403 if
            another site's page asks for a cookie, 429.
    """
    at = clock.now()
    source = rate_limits.source_of(request.source_ip)
    check_origin(request, as_cookie=body.as_cookie)
    with database.transaction() as connection:
        services.require_core(connection)
        account = store.find_account(connection, body.email, source)
        known = account is not None and account.is_known_source
        request.answer_headers.update(
            rate_limits.consume_sign_in(connection, body.email, source, is_known_source=known, at=at)
        )
    right = passwords.verify_password(
        body.password, account.password_hash if account else passwords.decoy_hash()
    )
    if not right or account is None or not account.is_active:
        raise _refused()
    better = passwords.hash_password(body.password) if passwords.needs_rehash(account.password_hash) else None
    with database.transaction(account.user_id) as connection:
        # While the password was verified it may have been changed, and everybody else signed out: a session
        # opened now with the old one would survive that.
        if better is None:
            holds = store.lock_if_unchanged(connection, account.user_id, account.password_hash)
        else:
            holds = store.replace_password(
                connection, account.user_id, old=account.password_hash, new=better, at=at
            )
        user = store.get_user(connection, account.user_id)
        if not holds or user is None:
            raise _refused()
        rate_limits.refund_sign_in(connection, body.email, source, is_known_source=known)
        rate_limits.delete_full(connection, at)
        store.delete_expired_sessions(connection, at, rate_limits.CLEANUP_ROWS)
        return open_session(connection, user, request, at, as_cookie=body.as_cookie)


def _sign_up_again(database: Database, body: SignUp, request: Request, repeat: Repeat) -> NewSession | None:
    """Sign in whoever made the account by this very request and did not hear of it; None: somebody else."""
    source = rate_limits.source_of(request.source_ip)
    with database.transaction() as connection:
        account = store.find_account(connection, body.email, source)
    if account is None:
        return None
    with database.transaction(account.user_id) as connection:
        if idempotency.find(connection, account.user_id, repeat) is None:
            return None
    try:
        again = SignIn(email=body.email, password=body.password, as_cookie=body.as_cookie)
        return sign_in(database, again, request)
    except Problem as problem:
        if problem.status == 401:  # the same but for the password, so not the same
            return None
        raise


def change_password(
    database: Database, caller: Caller, body: PasswordChange, request: Request
) -> PasswordChanged:
    """Replace the password, end every other session, and revoke personal tokens unless they are to be kept.

    Raises:
        Problem: 401 if the session has ended meanwhile, 409 if the password has changed meanwhile, 422 if the
            current password is wrong or the new one is the address, 429.
    """
    at = clock.now()
    account = verify_own_password(
        database, caller, body.current_password, request, "body.current_password", new=body.new_password
    )
    password_hash = passwords.hash_password(body.new_password)
    with database.transaction(caller.user_id) as connection:
        if not store.replace_password(
            connection, caller.user_id, old=account.password_hash, new=password_hash, at=at
        ):
            raise problems.conflict(
                "changed-meanwhile", "The password has just been changed", "Sign in and try again."
            )
        changed = PasswordChanged(
            sessions_ended=store.delete_other_sessions(connection, caller.user_id, keep=caller.session_id),
            tokens_revoked=tokens_store.delete_tokens(connection, caller.user_id)
            if body.revoke_tokens
            else 0,
            tokens=tokens_service.valid(connection, caller.user_id, at),
        )
        mail_id = tell_password_changed(connection, caller.user_id, request, at)
    mail.wake(mail_id, caller.user_id)
    return changed


def verify_own_password(
    database: Database, caller: Caller, password: str, request: Request, path: str, *, new: str | None = None
) -> store.SignInAccount:
    """Verify the caller's password, within the limits of signing in; give the account.

    Args:
        database: The service's.
        caller: Whose password.
        password: What they say it is.
        request: Where from.
        path: Of the field, for the problem.
        new: A password that is to be; not the address.

    Raises:
        Problem: 401 if the session has ended meanwhile, 422 if the password is wrong, 429.
    """
    at = clock.now()
    source = rate_limits.source_of(request.source_ip)
    with database.transaction(caller.user_id) as connection:
        account = store.own_account(connection, caller.user_id, caller.session_id, source, at)
        if account is None:
            raise problems.unauthorized("The session has ended.")
        # A stolen session must not be a way to guess the password without limits.
        known = account.is_known_source
        request.answer_headers.update(
            rate_limits.consume_sign_in(connection, account.email, source, is_known_source=known, at=at)
        )
    if new is not None:
        check_password(new, account.email, "body.new_password")
    if not passwords.verify_password(password, account.password_hash):
        detail = "This is not the current password" if new is not None else "This is not the password"
        raise problems.invalid(path, detail)
    with database.transaction(caller.user_id) as connection:
        rate_limits.refund_sign_in(connection, account.email, source, is_known_source=known)
    return account


def tell_password_changed(
    connection: Connection[Any], user_id: int, request: Request, at: datetime
) -> int | None:
    """Tell a person by mail that their password was changed; give the mail's id to wake the worker with."""
    return mail.enqueue(
        connection,
        mail.OutgoingMail(
            template="password-changed",
            key=f"password-changed:{at.isoformat()}",
            user_id=user_id,
            params={"at": at.isoformat(), "base_url": request.base_url},
        ),
    )


def profile(database: Database, caller: Caller) -> User:
    """Get the caller's profile; `Problem` 404 if the account has been deleted meanwhile."""
    with database.transaction(caller.user_id) as connection:
        return _existing(store.get_user(connection, caller.user_id))


def change_profile(database: Database, caller: Caller, body: ProfileChange) -> User:
    """Change what the body names; `Problem` 404 if the account has been deleted meanwhile."""
    with database.transaction(caller.user_id) as connection:
        return _existing(store.update_user(connection, caller.user_id, **body.model_dump(), at=clock.now()))


def delete_user(connection: Connection[Any], user_id: int) -> bool:
    """Delete a user and what was counted about their address; False if they are gone."""
    known = store.email_and_sources(connection, user_id)
    if known is None:
        return False
    rate_limits.clear(connection, *known)
    store.delete_user(connection, user_id)
    return True


def check_password(password: str, email: str, path: str) -> None:
    """Refuse the address as a password: `Problem` 422."""
    if emails.normalize(password) == email:
        raise problems.invalid(path, "The password must not be the address")


def _refused() -> Problem:
    detail = "Check both, or sign up if you have no account."
    return Problem(401, "wrong-credentials", "Address or password is wrong", detail)


def _existing(user: store.UserRow | None) -> User:
    if user is None:
        raise problems.not_found("account")
    return User.model_validate(user)


def check_origin(request: Request, *, as_cookie: bool) -> None:
    """Let no page of another site sign a person in as somebody else; `Problem` 403."""
    if as_cookie and not session_cookies.is_same_origin(request.base_url, "POST", request.headers):
        raise problems.cross_origin()


def open_session(
    connection: Connection[Any], user: store.UserRow, request: Request, at: datetime, *, as_cookie: bool
) -> NewSession:
    """Open a session, in the transaction of what lets the person in; its place is known from then on."""
    source = rate_limits.source_of(request.source_ip)
    token = tokens.new_token()
    expires_at = at + config.session_lifetime()
    session_id = store.insert_session(
        connection,
        user.id,
        token_hash=tokens.token_hash(token),
        ip_address=request.source_ip,
        user_agent=storable(request.user_agent)[:USER_AGENT_LENGTH],
        at=at,
        expires_at=expires_at,
    )
    if store.upsert_source(
        connection, user.id, source, at=at, delete_before=at - rate_limits.KNOWN_SOURCE_LIFETIME
    ) and (at - user.created_at > NEW_ACCOUNT or store.has_other_source(connection, user.id, source)):
        new_places.record(connection, user.id, session_id, request, at)
    if as_cookie:
        request.answer_headers["Set-Cookie"] = session_cookies.set_cookie(
            request.base_url, token, expires_at=expires_at, at=at
        )
    return NewSession(
        token=None if as_cookie else token,
        session_id=session_id,
        expires_at=expires_at,
        user=User.model_validate(user),
    )
