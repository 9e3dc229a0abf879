"""Link accounts and describe their status."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from psycopg import Connection

from musicconnect.api.binding import Caller, Request
from musicconnect.music.model import ProviderName
from musicconnect.platform import clock, problems
from musicconnect.platform import tokens as platform_tokens
from musicconnect.platform.database import Database
from musicconnect.platform.encryption import KeyRing
from musicconnect.platform.logging import logger
from musicconnect.platform.problems import Problem
from musicconnect.platform.status import Reader
from musicconnect.providers import registry
from musicconnect.providers.accounts import callback, store, tokens
from musicconnect.providers.accounts.schemas import (
    LinkCompletion,
    LinkRequest,
    LinkStarted,
    ProviderList,
    ProviderStatus,
)
from musicconnect.providers.accounts.status import status_of
from musicconnect.providers.accounts.store import AccountRow, LinkState
from musicconnect.providers.errors import RejectedError, RetryableError, TransientError
from musicconnect.providers.playlists import sync_queue
from musicconnect.providers.protocol import Access, Profile, TokenGrant
from musicconnect.providers.quota import ledger
from musicconnect.providers.registry import Provider

LINK_LIFETIME = timedelta(minutes=10)
_LINK_AGAIN = "Link the account again."
_FRESH_REFUSED = "fresh_refused"


def start_link(
    database: Database, caller: Caller, provider: ProviderName, body: LinkRequest, request: Request
) -> LinkStarted:
    """Begin a link: give where to send the person, and the state that comes back with them.

    The state is stored as a hash only, the PKCE verifier encrypted for it. Any consent that was under way
    with the same provider ends.
    """
    entry = registry.get(provider)
    if not entry.is_offered:
        raise Problem(
            409,
            "not-offered",
            f"{entry.title} is not offered here",
            f"Whoever runs this installation has not switched {entry.title} on.",
            provider=provider,
        )
    state = callback.marked_state(platform_tokens.new_token(), body.return_url)
    verifier = platform_tokens.new_token()
    state_hash = platform_tokens.token_hash(state)
    row = LinkState(
        access=body.access,
        code_verifier=KeyRing.from_environment().encrypt(verifier, owner=_owner(state_hash)),
        redirect_uri=f"{request.base_url}/v1/providers/{provider}/callback",
        expires_at=clock.now() + LINK_LIFETIME,
    )
    with database.transaction(caller.user_id) as connection:
        follows = body.follows or _has_follows(connection, entry)
    authorize_url = entry.oauth().authorize_url(
        redirect_uri=row.redirect_uri,
        state=state,
        code_challenge=platform_tokens.code_challenge(verifier),
        access=body.access,
        follows=follows,
    )
    with database.transaction(caller.user_id) as connection:
        store.insert_link_state(
            connection, state_hash=state_hash, user_id=caller.user_id, provider=provider, row=row
        )
    return LinkStarted(
        authorize_url=authorize_url, state=state, expires_at=row.expires_at, linked_by=entry.linked_by
    )


def _has_follows(connection: Connection[Any], entry: Provider) -> bool:
    """Tell whether the person agreed to followed artists before: linking again is not to lose that."""
    account = store.account(connection, entry.name)
    row = None if account is None else store.tokens(connection, account.id)
    return row is not None and bool(row.scope) and entry.oauth().covers_follows(row.scope, "read")


def complete_link(
    database: Database, caller: Caller, provider: ProviderName, body: LinkCompletion
) -> ProviderStatus:
    """Complete a link with what the callback brought back; the signed-in person must be the one who began.

    Raises:
        Problem: 404 for a state that is unknown, used, or another person's; 409 for one that is too old, a
            consent that was refused or covers too little, and a code that buys nothing; 503 when the provider
            does not answer. The state is spent in every case but the first.
        ProviderError: the provider refuses the account (no channel, not on the list, quota spent).
    """
    entry = registry.get(provider)
    state_hash = platform_tokens.token_hash(body.state)
    with database.transaction(caller.user_id) as connection:
        state = store.consume_link_state(connection, state_hash=state_hash, provider=provider)
    if state is None:
        raise Problem(
            404,
            "unknown-link-state",
            "This consent is not under way",
            f"It was completed before, or begun by somebody else. {_LINK_AGAIN}",
            provider=provider,
            action="link",
        )
    if state.expires_at <= clock.now():
        raise _failed(entry, "link-expired", "The consent took too long", "It has to be completed in time.")
    if body.code is None:
        raise _not_agreed(entry, body.error or "")
    grant = _exchange(entry, state, state_hash, body.code)
    access = _access(entry, grant, state.access)
    profile = _profile(database, entry, grant)
    row = _store(database, caller, entry.name, grant=grant, access=access, profile=profile)
    sync_queue.enqueue(caller.user_id, row.id)
    return status_of(entry, row, Reader.of(caller.time_zone, clock.now()))


def list_providers(database: Database, caller: Caller) -> ProviderList:
    """List the providers, with the person's account where there is one."""
    reader = Reader.of(caller.time_zone, clock.now())
    with database.transaction(caller.user_id) as connection:
        return ProviderList(items=read_statuses(connection, reader))


def read_statuses(connection: Connection[Any], reader: Reader) -> list[ProviderStatus]:
    """Describe every provider and the person's account with it, in the caller's transaction."""
    linked = {row.provider: row for row in store.accounts(connection)}
    return [
        status_of(entry, linked.get(name), reader)
        for name, entry in registry.PROVIDERS.items()
        if entry.is_offered or name in linked
    ]


def get_provider(database: Database, caller: Caller, provider: ProviderName) -> ProviderStatus:
    """Get one provider, with the person's account where there is one."""
    entry = registry.get(provider)
    with database.transaction(caller.user_id) as connection:
        row = store.account(connection, provider)
    return status_of(entry, row, Reader.of(caller.time_zone, clock.now()))


def _exchange(entry: Provider, state: LinkState, state_hash: str, code: str) -> TokenGrant:
    verifier = KeyRing.from_environment().decrypt(state.code_verifier, owner=_owner(state_hash))
    try:
        return entry.oauth().exchange(code=code, redirect_uri=state.redirect_uri, code_verifier=verifier)
    except RejectedError as error:
        logger.info("authorization code refused", provider=entry.name, reason=error.reason)
        raise _code_refused(entry) from None
    except RetryableError:
        raise _unanswered(entry) from None


def _access(entry: Provider, grant: TokenGrant, asked: Access) -> Access:
    # An answer without a scope means the one that was asked for (RFC 6749, section 5.1).
    access = entry.oauth().granted_access(grant.scope) if grant.scope else asked
    if access is None:
        raise _failed(
            entry,
            "too-little-access",
            "The consent covers too little",
            f"{entry.title} lets single permissions be unticked, and without them nothing can be read.",
        )
    return access


@dataclass(frozen=True, slots=True)
class _FreshGrant:
    """The credentials of a grant that belongs to no stored account yet."""

    provider: ProviderName
    token: str = field(repr=False)

    def access_token(self) -> str:
        return self.token

    def renewed_token(self, refused: str) -> str:  # noqa: ARG002 - the protocol's
        raise TransientError("The new token was refused.", provider=self.provider, reason=_FRESH_REFUSED)

    def no_channel(self) -> None:
        """Nothing is stored yet that it could be written down with."""


def _profile(database: Database, entry: Provider, grant: TokenGrant) -> Profile:
    client = entry.load().make_client(
        _FreshGrant(entry.name, grant.access_token),
        lambda bucket, cost: ledger.reserve(database, entry.name, bucket, cost),
        lambda bucket, until: ledger.mark_exhausted(database, entry.name, bucket, until),
    )
    try:
        return client.profile()
    except RetryableError as error:
        if entry.linked_by == "token" and error.reason == _FRESH_REFUSED:
            raise _code_refused(entry) from None
        raise _unanswered(entry) from None


def _store(
    database: Database,
    caller: Caller,
    provider: ProviderName,
    *,
    grant: TokenGrant,
    access: Access,
    profile: Profile,
) -> AccountRow:
    """Store the account and its encrypted tokens and request the first sync, in one transaction."""
    ring, now = KeyRing.from_environment(), clock.now()
    with database.transaction(caller.user_id) as connection:
        before = store.lock_account(connection, provider)
        row = store.upsert_account(
            connection,
            user_id=caller.user_id,
            provider=provider,
            provider_user_id=profile.provider_user_id,
            display_name=profile.display_name,
            access=access,
            now=now,
        )
        same = before is not None and before.id == row.id
        keep = store.tokens(connection, row.id) if same else None
        store.upsert_tokens(
            connection, row, tokens.encrypt_grant(ring, row.id, grant, now=now, keep=keep), now
        )
        sync_queue.request(connection, row, now)
    return row


def _not_agreed(entry: Provider, error: str) -> Problem:
    if error == "access_denied":
        return _failed(entry, "consent-denied", "You did not agree", "Nothing has been linked.")
    logger.info("consent failed", provider=entry.name, reason=error[:100])
    return _failed(
        entry, "consent-failed", f"{entry.title} broke the consent off", "Nothing has been linked."
    )


def _failed(entry: Provider, slug: str, title: str, why: str) -> Problem:
    return problems.conflict(slug, title, f"{why} {_LINK_AGAIN}", provider=entry.name, action="link")


def _code_refused(entry: Provider) -> Problem:
    what = "token" if entry.linked_by == "token" else "code"
    return _failed(
        entry, "code-refused", f"{entry.title} does not accept the {what}", "It is wrong, old or used."
    )


def _unanswered(entry: Provider) -> Problem:
    return Problem(
        503,
        "provider-unavailable",
        f"{entry.title} does not answer properly",
        f"The consent could not be completed. {_LINK_AGAIN}",
        retry_after=10,
        provider=entry.name,
        action="link",
    )


def _owner(state_hash: str) -> str:
    return f"link:{state_hash}"
