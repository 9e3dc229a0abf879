"""Sign up where addresses are confirmed first."""

from musicconnect.api.binding import Repeat, Request
from musicconnect.core import accounts, mail, rate_limits, store
from musicconnect.core.schemas import NewSession, SignUp
from musicconnect.core.verification import service
from musicconnect.core.verification.schemas import MailAnnounced, SessionProof
from musicconnect.platform import clock, passwords
from musicconnect.platform.database import Database


def sign_up(
    database: Database, body: SignUp, request: Request, repeat: Repeat | None = None
) -> NewSession | MailAnnounced:
    """Have the address confirmed, where there is mail; make the account at once where there is none.

    Whether the address is taken only its owner learns, by mail.

    Raises:
        Problem: 409 if the address is taken and there is no mail, 422, 429.
    """
    if not mail.is_enabled():
        return accounts.sign_up(database, body, request, repeat)
    accounts.check_password(body.password, body.email, "body.password")
    source = rate_limits.source_of(request.source_ip)
    with database.transaction() as connection:
        rate_limits.consume_sign_up(connection, source, clock.now())
    details = service.SignUpDetails(
        password_hash=passwords.hash_password(body.password),
        display_name=body.display_name or body.email.rpartition("@")[0],
        time_zone=body.time_zone,
    )
    return service.begin(database, "sign-up", body.email, request, details=details)


def confirm(database: Database, body: SessionProof, request: Request) -> NewSession:
    """Make the account of an address that was confirmed, and sign in.

    Raises:
        Problem: 410 if link or code are not good, or the address was taken meanwhile, 429.
    """
    at = clock.now()
    accounts.check_origin(request, as_cookie=body.as_cookie)
    found = service.check(database, "sign-up", body, request)
    if found.password_hash is None or found.display_name is None or found.time_zone is None:
        raise service.ended()
    with database.transaction() as connection:
        service.use(connection, found, at)
        user = store.insert_user(
            connection,
            email=found.address,
            password_hash=found.password_hash,
            display_name=found.display_name,
            time_zone=found.time_zone,
            at=at,
            email_confirmed_at=at,
        )
        if user is None:
            raise service.ended()
        return accounts.open_session(connection, user, request, at, as_cookie=body.as_cookie)
