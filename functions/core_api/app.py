"""Accounts: signing up, in and out, sessions, the profile, the register of services, health."""

from musicconnect import account_deletion
from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat, Request
from musicconnect.core import accounts, services, sessions
from musicconnect.core.approvals import service as approvals
from musicconnect.core.approvals.schemas import AppApproval
from musicconnect.core.schemas import (
    Health,
    NewSession,
    PasswordChange,
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
from musicconnect.platform import database

api = Api("Accounts", "musicconnect-core")


@api.post("/v1/auth/signup", status=201, public=True, problems=(403, 409), location="/v1/me", limited=True)
def sign_up(body: SignUp, request: Request, repeat: Repeat | None) -> NewSession:
    """Make an account and sign in."""
    return accounts.sign_up(database.shared(), body, request, repeat)


@api.post("/v1/auth/login", public=True, problems=(401, 403), limited=True)
def sign_in(body: SignIn, request: Request) -> NewSession:
    """Sign in with address and password."""
    return accounts.sign_in(database.shared(), body, request)


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


@api.post("/v1/auth/password", status=204, problems=(409,), limited=True)
def change_password(caller: Caller, body: PasswordChange, request: Request) -> None:
    """Change the password and sign out everywhere else.

    Personal tokens are revoked, too, unless they are to be kept.
    """
    accounts.change_password(database.shared(), caller, body, request)


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
