"""Send on the browser with which a consent came back. Nothing is looked up here, and nothing is completed.

The browser arrives from another site and so without the session's cookie. It is sent to the console, whose
page completes the link as whoever is signed in there; or, if the link was begun with one, to a registered
address of another client, which the state names. Programs that ask for JSON get what completes the link.
"""

import hashlib
import os
from typing import Final
from urllib.parse import urlencode

from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.music.model import ProviderName
from musicconnect.platform import problems
from musicconnect.platform.problems import Problem
from musicconnect.providers import registry
from musicconnect.providers.accounts.schemas import Callback, CallbackAnswer

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TOKEN_LENGTH: Final = 43
_MARK_LENGTH: Final = 16


def registered_return_urls() -> tuple[str, ...]:
    """List the addresses that other clients may be sent back to, as the deployer registered them."""
    return tuple(url.strip() for url in (os.environ.get("LINK_RETURN_URLS") or "").split(",") if url.strip())


def marked_state(state: str, return_url: str | None) -> str:
    """Add to a state which registered address the browser goes to when it comes back.

    Raises:
        Problem: 422 if the address is not registered.
    """
    if return_url is None:
        return state
    if return_url not in registered_return_urls():
        raise problems.invalid(
            "body.return_url", "This address is not registered here; the deployer names it in LinkReturnUrls"
        )
    return state + _mark(return_url)


def answer(provider: ProviderName, query: Callback, request: Request) -> Reply:
    """Send the browser on, or give JSON to whoever asks for that.

    What completes the link stands behind the ``#`` of the console's address: it is sent to no server.

    Raises:
        Problem: 404, no such provider; 400, neither a code nor an error came back.
    """
    entry = registry.get(provider)
    if (query.code is None) == (query.error is None):
        raise Problem(
            400,
            "broken-callback",
            "This is not the answer to a consent",
            f"{entry.title} should have sent a code or an error. Link the account again.",
            provider=provider,
            action="link",
        )
    carried = CallbackAnswer(
        provider=provider,
        state=query.state,
        code=query.code,
        error=query.error,
        complete_url=f"{request.base_url}/v1/providers/{provider}/link/complete",
    )
    if _wants_json(request.headers.get("accept", "")):
        return Reply(carried, headers=_HEADERS)
    return Reply(status=302, headers=_HEADERS | {"Location": _destination(provider, query)})


def _destination(provider: ProviderName, query: Callback) -> str:
    completion = {"state": query.state, "code": query.code, "error": query.error}
    carried = urlencode({name: value for name, value in completion.items() if value is not None})
    mark = query.state[_TOKEN_LENGTH:]
    for url in registered_return_urls():
        if mark and mark == _mark(url):
            return f"{url}{'&' if '?' in url else '?'}provider={provider}&{carried}"
    return f"/app/linked/{provider}#{carried}"


def _mark(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:_MARK_LENGTH]


def _wants_json(accept: str) -> bool:
    return "application/json" in accept and "text/html" not in accept
