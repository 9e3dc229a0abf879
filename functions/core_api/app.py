"""Accounts: signing up, in and out, sessions, the profile, the register of services, health."""

from musicconnect import account_deletion
from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat, Request
from musicconnect.core import accounts, services, sessions
from musicconnect.core.approvals import service as approvals
from musicconnect.core.approvals.schemas import AppApproval
from musicconnect.core.passkeys import service as passkeys
from musicconnect.core.passkeys.schemas import (
    Passkey,
    PasskeyBegin,
    PasskeyCreate,
    PasskeyList,
    PasskeyOptions,
    PasskeyRename,
    PasskeySignIn,
)
from musicconnect.core.schemas import (
    Health,
    NewSession,
    PasswordChange,
    PasswordChanged,
    ProfileChange,
    Revoked,
    ServiceList,
    SessionList,
    SessionQuery,
    SignIn,
    SignUp,
    User,
)
from musicconnect.core.tokens import service
from musicconnect.core.tokens.schemas import NewToken, TokenCreate, TokenList, TokenListQuery
from musicconnect.core.verification import addresses, recovery, signing_up
from musicconnect.core.verification.schemas import (
    AddressChange,
    AddressOnly,
    MailAnnounced,
    PasswordReset,
    Proof,
    SessionProof,
)
from musicconnect.platform import database

api = Api("Accounts", "musicconnect-core")


@api.post("/v1/auth/signup", status=201, public=True, problems=(403, 409), location="/v1/me", limited=True)
def sign_up(body: SignUp, request: Request, repeat: Repeat | None) -> NewSession | MailAnnounced:
    """Make an account and sign in.

    Where this deployment sends mail the answer is 202, for every address: the account is made once the
    address is confirmed.
    """
    return signing_up.sign_up(database.shared(), body, request, repeat)


@api.post(
    "/v1/auth/signup/confirm", status=201, public=True, problems=(403, 410), location="/v1/me", limited=True
)
def confirm_sign_up(body: SessionProof, request: Request) -> NewSession:
    """Confirm the address of a sign-up, and sign in."""
    return signing_up.confirm(database.shared(), body, request)


@api.post("/v1/auth/login", public=True, problems=(401, 403), limited=True)
def sign_in(body: SignIn, request: Request) -> NewSession:
    """Sign in with address and password."""
    return accounts.sign_in(database.shared(), body, request)


@api.post(
    "/v1/auth/login/link", status=202, public=True, problems=(409,), location="/v1/auth/login/confirm",
    limited=True,
)  # fmt: skip
def send_sign_in_link(body: AddressOnly, request: Request) -> MailAnnounced:
    """Send a link and a code to sign in with, if there is such an account."""
    return recovery.send_link(database.shared(), body, request)


@api.post("/v1/auth/login/confirm", public=True, problems=(403, 410), limited=True)
def sign_in_by_mail(body: SessionProof, request: Request) -> NewSession:
    """Sign in with what was in the mail."""
    return recovery.sign_in(database.shared(), body, request)


@api.post("/v1/auth/passkeys/registration", limited=True)
def begin_passkey(caller: Caller, body: PasskeyBegin, request: Request) -> PasskeyOptions:
    """Begin to add a passkey: what the browser is to be asked with."""
    return passkeys.begin_adding(database.shared(), caller, body, request)


@api.post("/v1/auth/passkeys", status=201, problems=(409,), location="/v1/auth/passkeys/{id}")
def add_passkey(caller: Caller, body: PasskeyCreate, request: Request) -> Passkey:
    """Add a passkey that the browser has made."""
    return passkeys.add(database.shared(), caller, body, request)


@api.get("/v1/auth/passkeys")
def list_passkeys(caller: Caller) -> PasskeyList:
    """List your passkeys, oldest first."""
    return passkeys.list_passkeys(database.shared(), caller)


@api.patch("/v1/auth/passkeys/{passkey_id}", problems=(404,))
def rename_passkey(caller: Caller, passkey_id: int, body: PasskeyRename) -> Passkey:
    """Give a passkey another name."""
    return passkeys.rename(database.shared(), caller, passkey_id, body)


@api.delete("/v1/auth/passkeys/{passkey_id}", status=204, problems=(404,))
def delete_passkey(caller: Caller, passkey_id: int) -> None:
    """Delete a passkey: it lets nobody in any more."""
    passkeys.delete(database.shared(), caller, passkey_id)


@api.post("/v1/auth/passkeys/authentication", public=True, limited=True)
def begin_passkey_sign_in(request: Request) -> PasskeyOptions:
    """Begin to sign in with a passkey: what the browser is to be asked with."""
    return passkeys.begin_signing_in(database.shared(), request)


@api.post("/v1/auth/login/passkey", public=True, problems=(401, 403), limited=True)
def sign_in_by_passkey(body: PasskeySignIn, request: Request) -> NewSession:
    """Sign in with a passkey."""
    return passkeys.sign_in(database.shared(), body, request)


@api.post("/v1/auth/logout", status=204, stays=True)
def sign_out(caller: Caller, request: Request) -> None:
    """Sign out: end the session that the request comes with."""
    sessions.sign_out(database.shared(), caller, request)


@api.get("/v1/auth/sessions", problems=(400,))
def list_sessions(caller: Caller, query: SessionQuery) -> SessionList:
    """List where you are signed in, newest first."""
    return sessions.list_sessions(database.shared(), caller, query)


@api.delete("/v1/auth/sessions")
def revoke_other_sessions(caller: Caller) -> Revoked:
    """Sign out everywhere else."""
    return sessions.revoke_others(database.shared(), caller)


@api.delete("/v1/auth/sessions/{session_id}", status=204, problems=(404,))
def revoke_session(caller: Caller, session_id: int) -> None:
    """Sign out in one place."""
    sessions.revoke(database.shared(), caller, session_id)


@api.post("/v1/auth/password", problems=(409,), limited=True)
def change_password(caller: Caller, body: PasswordChange, request: Request) -> PasswordChanged:
    """Change the password and sign out everywhere else.

    Personal tokens are revoked, too, unless they are to be kept; the answer lists those that are valid.
    """
    return accounts.change_password(database.shared(), caller, body, request)


@api.post(
    "/v1/auth/password/forgot", status=202, public=True, problems=(409,), location="/v1/auth/password/reset",
    limited=True,
)  # fmt: skip
def forgot_password(body: AddressOnly, request: Request) -> MailAnnounced:
    """Send a link and a code for a new password, if there is such an account."""
    return recovery.forgot(database.shared(), body, request)


@api.post("/v1/auth/password/reset", public=True, problems=(410,), limited=True)
def reset_password(body: PasswordReset, request: Request) -> PasswordChanged:
    """Set a new password with what was in the mail, and sign out everywhere."""
    return recovery.reset(database.shared(), body, request)


@api.post("/v1/auth/email", status=202, problems=(409,), location="/v1/auth/email/confirm", limited=True)
def change_address(caller: Caller, body: AddressChange, request: Request) -> MailAnnounced:
    """Change your address, or confirm it: a link and a code are sent there."""
    return addresses.change(database.shared(), caller, body, request)


@api.post("/v1/auth/email/confirm", status=204, public=True, problems=(410,), limited=True)
def confirm_address(body: Proof, request: Request) -> None:
    """Confirm an address with what was in the mail; both addresses are told of a change."""
    addresses.confirm(database.shared(), body, request)


@api.post("/v1/auth/tokens", status=201, problems=(409,), location="/v1/auth/tokens/{id}")
def create_token(caller: Caller, body: TokenCreate, repeat: Repeat | None) -> NewToken:
    """Make a personal token for a program that sends plays, a scrobbler for example."""
    return service.create(database.shared(), caller, body, repeat)


@api.get("/v1/auth/tokens", problems=(400,))
def list_tokens(caller: Caller, query: TokenListQuery) -> TokenList:
    """List your personal tokens, newest first."""
    return service.list_tokens(database.shared(), caller, query)


@api.delete("/v1/auth/tokens/{token_id}", status=204, problems=(404,))
def revoke_token(caller: Caller, token_id: int) -> None:
    """Revoke a personal token."""
    service.revoke(database.shared(), caller, token_id)


@api.post("/v1/auth/apps", status=204, problems=(409,))
def approve_app(caller: Caller, body: AppApproval) -> None:
    """Let a program in that signs in as at Last.fm: it fetches a personal token of yours, once."""
    approvals.approve(database.shared(), caller, body)


@api.get("/v1/me")
def get_profile(caller: Caller) -> User:
    """Get your profile."""
    return accounts.profile(database.shared(), caller)


@api.patch("/v1/me")
def change_profile(caller: Caller, body: ProfileChange) -> User:
    """Change your profile."""
    return accounts.change_profile(database.shared(), caller, body)


@api.delete("/v1/me", status=204)
def delete_account(caller: Caller, request: Request) -> None:
    """Delete your account and everything that belongs to it, at once and for good."""
    account_deletion.delete_account(database.shared(), caller)
    sessions.clear_browser(request)


@api.get("/v1/services", stays=True)
def list_services(request: Request) -> ServiceList:
    """List the services that MusicConnect consists of."""
    return services.list_services(database.shared(), request.base_url)


@api.get("/v1/health", public=True, stays=True)
def health() -> Health:
    """Check that the API answers and reaches its database."""
    return services.health(database.shared())


handler = api.handle
