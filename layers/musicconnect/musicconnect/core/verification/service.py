"""Begin a verification, and check what somebody proves it with.

Beginning one does the same work whether or not there is an account: whom the address belongs to is looked
up by the mail worker (`preparation`), of which the caller sees nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from psycopg import Connection

from musicconnect.api.binding import Request
from musicconnect.core import mail, rate_limits, services
from musicconnect.core.verification import store
from musicconnect.core.verification.schemas import MailAnnounced, Proof
from musicconnect.platform import clock, passwords, problems, tokens
from musicconnect.platform.database import Database
from musicconnect.platform.problems import Problem

type Kind = Literal["sign-up", "address", "reset", "sign-in"]

LIFETIMES: Final[dict[Kind, timedelta]] = {
    "sign-up": timedelta(days=1),
    "address": timedelta(days=1),
    "reset": timedelta(hours=1),
    "sign-in": timedelta(minutes=30),
}
"""How long link and code are good."""
TEMPLATE: Final = "verification"
"""In the outbox; what it becomes is decided when it is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpDetails:
    """What a sign-up will make an account of."""

    password_hash: str | None = None
    display_name: str | None = None
    time_zone: str | None = None


def require_mail() -> None:
    """Refuse what needs mail where there is none: `Problem` 409."""
    if not mail.is_enabled():
        raise problems.conflict(
            "mail-off",
            "This deployment sends no mail",
            "Ask whoever runs it; nothing that needs mail is offered.",
        )


def begin(
    database: Database,
    kind: Kind,
    address: str,
    request: Request,
    *,
    user_id: int | None = None,
    details: SignUpDetails | None = None,
) -> MailAnnounced:
    """Begin a verification and have its mail sent.

    Raises:
        Problem: 409 if there is no mail, 429.
    """
    require_mail()
    at, handle, made = clock.now(), tokens.new_token(), details or SignUpDetails()
    source = rate_limits.source_of(request.source_ip)
    expires_at = at + LIFETIMES[kind]
    with database.transaction(user_id) as connection:
        services.require_core(connection)
        request.answer_headers.update(rate_limits.consume_mail(connection, address, source, at))
        rate_limits.delete_full(connection, at)
        verification_id = store.insert(
            connection,
            {
                "kind": kind, "user_id": user_id, "address": address,
                "handle_hash": tokens.token_hash(handle), "password_hash": made.password_hash,
                "display_name": made.display_name,
                "time_zone": made.time_zone, "base_url": request.base_url, "at": at, "expires_at": expires_at,
            },
        )  # fmt: skip
        mail_id = mail.enqueue(
            connection,
            mail.OutgoingMail(
                template=TEMPLATE,
                key=f"verification:{verification_id}",
                user_id=user_id,
                address=address,
                params={"verification": verification_id},
                lifetime=LIFETIMES[kind],
            ),
        )
    mail.wake(mail_id, user_id)
    return MailAnnounced(confirmation=handle, expires_at=expires_at)


def check(database: Database, kind: Kind, proof: Proof, request: Request) -> store.Found:
    """Find the verification that somebody proves; it is not used up yet (`use`).

    Raises:
        Problem: 410 if link or code are wrong, used or old, 429.
    """
    at = clock.now()
    source = rate_limits.source_of(request.source_ip)
    with database.transaction() as connection:
        services.require_core(connection)
        request.answer_headers.update(rate_limits.consume_proof(connection, source, at))
        found = store.find(
            connection,
            kind,
            token_hash=tokens.token_hash(proof.token) if proof.token else None,
            handle_hash=tokens.token_hash(proof.confirmation) if proof.confirmation else None,
            at=at,
        )
        if found is not None and proof.code is not None:
            rate_limits.consume_code(connection, found.address, at)
    if proof.code is not None:
        code_hash = (found.code_hash if found else None) or passwords.decoy_hash()
        if not passwords.verify_password(proof.code, code_hash):
            raise ended()
    if found is None:
        raise ended()
    return found


def use(connection: Connection[Any], found: store.Found, at: datetime) -> None:
    """Use a verification up, in the transaction of what it is for; `Problem` 410 if it was used."""
    if not store.take(connection, found.verification_id, at):
        raise ended()


def ended() -> Problem:
    """Make the one answer to everything that does not prove what it should."""
    return Problem(
        410,
        "link-ended",
        "The link or code is not good",
        "It was used, is old, or is wrong; a code can be tried five times. Ask for a new mail.",
    )
