# ruff: noqa: PLC0415
"""Provider accounts: start, callback and end of linking, status, unlinking, what is left of allowances.

Use cases are imported by the requests that need them: a start loads what requests and answers are made of.
"""

from musicconnect.api.app import Api
from musicconnect.api.binding import Caller, Repeat, Request
from musicconnect.api.responses import Reply
from musicconnect.platform import database
from musicconnect.providers.accounts.schemas import (
    Callback,
    CallbackAnswer,
    LinkCompletion,
    LinkRequest,
    LinkStarted,
    ProviderList,
    ProviderStatus,
    Unlinked,
)
from musicconnect.providers.quota.schemas import QuotaList

api = Api("Providers", "spotify-core", "youtube-core")


@api.get("/v1/providers")
def list_providers(caller: Caller) -> ProviderList:
    """List the providers and how your accounts with them stand."""
    from musicconnect.providers import linking

    return linking.list_providers(database.shared(), caller)


@api.get("/v1/providers/{provider}", problems=(404,))
def get_provider(caller: Caller, provider: str) -> ProviderStatus:
    """See how your account with a provider stands and what you have to do next."""
    from musicconnect.providers import linking

    return linking.get_provider(database.shared(), caller, provider)


@api.post(
    "/v1/providers/{provider}/link", status=201, problems=(404, 409), location="/v1/providers/{provider}"
)
def start_link(
    caller: Caller, provider: str, body: LinkRequest, request: Request, repeat: Repeat | None
) -> LinkStarted:
    """Begin to link an account; ends one that is under way with the same provider.

    A state is shown once and kept as a hash only. So a repeated request begins anew, and one is under way.
    """
    from musicconnect.core import idempotency
    from musicconnect.providers import linking

    idempotency.refuse_reuse(database.shared(), caller.user_id, repeat)
    return linking.start_link(database.shared(), caller, provider, body, request)


@api.get(
    "/v1/providers/{provider}/callback",
    public=True,
    also=(302,),
    problems=(400, 404),
)
def link_callback(provider: str, query: Callback, request: Request) -> CallbackAnswer | Reply:
    """Where the provider sends the browser back to: on to the console, or to a client's registered address.

    Whoever asks for JSON gets what completes the link, with status 200.
    """
    from musicconnect.providers.accounts import callback

    return callback.answer(provider, query, request)


@api.post("/v1/providers/{provider}/link/complete", problems=(404, 409, 429, 503))
def complete_link(caller: Caller, provider: str, body: LinkCompletion) -> ProviderStatus:
    """Complete the link with what came back with the browser. It works once, for whoever began it."""
    from musicconnect.providers import linking

    return linking.complete_link(database.shared(), caller, provider, body)


@api.delete("/v1/providers/{provider}", problems=(404,))
def unlink(caller: Caller, provider: str) -> Unlinked:
    """Unlink an account: revoke our access where the provider can, delete tokens and playlists."""
    from musicconnect.providers.accounts import unlinking

    return unlinking.unlink(database.shared(), caller, provider)


@api.get("/v1/providers/{provider}/quota", problems=(404,))
def get_quota(caller: Caller, provider: str) -> QuotaList:
    """See what is left of a provider's allowances, your part of them, and when they are renewed."""
    from musicconnect.providers.quota import service

    return service.show(database.shared(), caller, provider)


handler = api.handle
