"""Add passkeys, name and delete them, and sign in with one."""

import hashlib
import json
import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from musicconnect.api.binding import Caller, Request
from musicconnect.core import accounts, mail, rate_limits, services
from musicconnect.core import store as core_store
from musicconnect.core.passkeys import store
from musicconnect.core.passkeys.schemas import (
    Passkey,
    PasskeyBegin,
    PasskeyCreate,
    PasskeyList,
    PasskeyOptions,
    PasskeyRename,
    PasskeySignIn,
)
from musicconnect.core.schemas import NewSession
from musicconnect.platform import clock, problems, tokens
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialRequestOptions

MAX_PASSKEYS: Final = 20
"""Of one person."""
LIFETIME: Final = timedelta(minutes=5)
"""That a browser and its person have."""
TITLE: Final = "MusicConnect"
LOOPBACK: Final = "127.0.0.1"
LOOPBACK_NAME: Final = "localhost"


def begin_adding(database: Database, caller: Caller, body: PasskeyBegin, request: Request) -> PasskeyOptions:
    """Give what a browser makes a passkey of.

    Raises:
        Problem: 401 if the session has ended, 422 if the password is wrong, 429.
    """
    import webauthn  # noqa: PLC0415 - few requests are about passkeys
    from webauthn.helpers import structs  # noqa: PLC0415

    account = accounts.verify_own_password(database, caller, body.password, request, "body.password")
    with database.transaction(caller.user_id) as connection:
        user = core_store.get_user(connection, caller.user_id)
        known = store.credential_ids(connection, caller.user_id)
    challenge = os.urandom(32)
    options = webauthn.generate_registration_options(
        rp_id=_host(request),
        rp_name=TITLE,
        # Nothing that says who it is: authenticators show it to whoever has them.
        user_id=hashlib.sha256(f"musicconnect user {caller.user_id}".encode()).digest(),
        user_name=account.email,
        user_display_name=user.display_name if user else account.email,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return _begun(database, caller.user_id, challenge, webauthn.options_to_json(options))


def add(database: Database, caller: Caller, body: PasskeyCreate, request: Request) -> Passkey:
    """Add a passkey that a browser has made, and tell its person by mail.

    Raises:
        Problem: 409 if it is known or there are too many, 422 if it is none, or not for this.
    """
    import webauthn  # noqa: PLC0415 - as above

    at = clock.now()
    challenge = _take(database, caller.user_id, body.ceremony, at)
    if challenge is None:
        raise problems.invalid("body.ceremony", "It was used or is old: begin again")
    try:
        verified = webauthn.verify_registration_response(
            credential=body.credential,
            expected_challenge=challenge,
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
            require_user_verification=True,
        )
    except _refusals():
        raise problems.invalid("body.credential", "This is no passkey for this site; begin again") from None
    with database.transaction(caller.user_id) as connection:
        row = store.insert(
            connection,
            caller.user_id,
            {
                "credential_id": verified.credential_id, "public_key": verified.credential_public_key,
                "sign_count": verified.sign_count, "name": body.name, "at": at, "limit": MAX_PASSKEYS,
            },
        )  # fmt: skip
        if row is None:
            raise problems.conflict(
                "passkey-not-added",
                "The passkey is not added",
                f"It is known already, or there are {MAX_PASSKEYS}: delete one first.",
            )
        mail_id = mail.enqueue(
            connection,
            mail.OutgoingMail(
                template="passkey-added",
                key=f"passkey-added:{row.id}",
                user_id=caller.user_id,
                params={"at": at.isoformat(), "name": body.name},
            ),
        )
    mail.wake(mail_id, caller.user_id)
    return Passkey.model_validate(row)


def list_passkeys(database: Database, caller: Caller) -> PasskeyList:
    """List the caller's passkeys."""
    with database.transaction(caller.user_id) as connection:
        rows = store.list_passkeys(connection, caller.user_id)
    return PasskeyList(items=[Passkey.model_validate(row) for row in rows])


def rename(database: Database, caller: Caller, passkey_id: int, body: PasskeyRename) -> Passkey:
    """Give a passkey another name; `Problem` 404 if there is no such one."""
    with database.transaction(caller.user_id) as connection:
        row = store.rename(connection, caller.user_id, passkey_id, body.name)
    if row is None:
        raise problems.not_found("passkey")
    return Passkey.model_validate(row)


def delete(database: Database, caller: Caller, passkey_id: int) -> None:
    """Delete a passkey; `Problem` 404 if there is no such one."""
    with database.transaction(caller.user_id) as connection:
        if not store.delete(connection, caller.user_id, passkey_id):
            raise problems.not_found("passkey")


def begin_signing_in(database: Database, request: Request) -> PasskeyOptions:
    """Give what a passkey is to sign. It names nobody, so that it tells nothing; `Problem` 429."""
    import webauthn  # noqa: PLC0415 - as above
    from webauthn.helpers import structs  # noqa: PLC0415

    _count(database, request)
    challenge = os.urandom(32)
    options: PublicKeyCredentialRequestOptions = webauthn.generate_authentication_options(
        rp_id=_host(request),
        challenge=challenge,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return _begun(database, None, challenge, webauthn.options_to_json(options))


def sign_in(database: Database, body: PasskeySignIn, request: Request) -> NewSession:
    """Open a session for whoever has the passkey.

    Raises:
        Problem: 401 if it is none of ours, was deleted, or signed something else, 403 if another site's page
            asks for a cookie, 429.
    """
    import webauthn  # noqa: PLC0415 - as above

    at = clock.now()
    accounts.check_origin(request, as_cookie=body.as_cookie)
    _count(database, request)
    challenge = _take(database, None, body.ceremony, at)
    found = _found(database, body.credential)
    if challenge is None or found is None:
        raise _refused()
    try:
        verified = webauthn.verify_authentication_response(
            credential=body.credential,
            expected_challenge=challenge,
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
            credential_public_key=found.public_key,
            credential_current_sign_count=found.sign_count,
            require_user_verification=True,
        )
    except _refusals():
        raise _refused() from None
    with database.transaction(found.user_id) as connection:
        user = core_store.get_user(connection, found.user_id)
        if user is None or not store.record_use(connection, found, sign_count=verified.new_sign_count, at=at):
            raise _refused()
        return accounts.open_session(connection, user, request, at, as_cookie=body.as_cookie)


def _begun(database: Database, user_id: int | None, challenge: bytes, options: str) -> PasskeyOptions:
    at, handle = clock.now(), tokens.new_token()
    with database.transaction(user_id) as connection:
        store.insert_ceremony(
            connection,
            user_id,
            handle_hash=tokens.token_hash(handle),
            challenge=challenge,
            at=at,
            expires_at=at + LIFETIME,
        )
    return PasskeyOptions(ceremony=handle, options=json.loads(options), expires_at=at + LIFETIME)


def _take(database: Database, user_id: int | None, handle: str, at: datetime) -> bytes | None:
    """Use a ceremony up, in a transaction of its own: whatever comes of it, it is over."""
    with database.transaction(user_id) as connection:
        return store.take_ceremony(connection, tokens.token_hash(handle), at)


def _found(database: Database, credential: dict[str, Any]) -> store.FoundPasskey | None:
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415 - as above

    try:
        credential_id = base64url_to_bytes(credential["rawId"])
    except _refusals():
        return None
    with database.transaction() as connection:
        return store.find(connection, credential_id)


def _count(database: Database, request: Request) -> None:
    source = rate_limits.source_of(request.source_ip)
    with database.transaction() as connection:
        services.require_core(connection)
        request.answer_headers.update(rate_limits.consume_proof(connection, source, clock.now()))


def _refusals() -> tuple[type[Exception], ...]:
    """List what the library raises for what callers send: its own errors, and Python's of odd types."""
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415 - as above

    return WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError


def _refused() -> Problem:
    return Problem(
        401,
        "wrong-passkey",
        "The passkey does not let in",
        "It is none of an account here. Begin again, or sign in.",
    )


def _host(request: Request) -> str:
    """Give the name that passkeys belong to. Browsers make none for a number, so loopback's is its name."""
    host = urlsplit(request.base_url).hostname or ""
    return LOOPBACK_NAME if host == LOOPBACK else host


def _origin(request: Request) -> str:
    parts = urlsplit(request.base_url)
    return f"{parts.scheme}://{parts.netloc.replace(LOOPBACK, LOOPBACK_NAME)}"
