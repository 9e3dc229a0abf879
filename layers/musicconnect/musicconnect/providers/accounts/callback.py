"""Show the page on which a consent comes back. It looks nothing up and completes nothing.

The person's browser arrives here without a session, so all the page can do is show what has to be sent,
signed in, to complete the link. It loads nothing and runs nothing.
"""

import html
import json

from musicconnect.api.binding import Request
from musicconnect.api.responses import Reply
from musicconnect.music.model import ProviderName
from musicconnect.platform.problems import Problem
from musicconnect.providers import registry
from musicconnect.providers.accounts.schemas import Callback, CallbackAnswer
from musicconnect.providers.registry import Provider

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} · MusicConnect</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; background: #f4f4f5; color: #18181b; }}
main {{ max-width: 44rem; margin: 8vh auto; padding: 2rem; background: #fff; border-radius: 12px; }}
pre {{ overflow-x: auto; padding: 1rem; background: #f4f4f5; border-radius: 8px; user-select: all; }}
</style></head><body><main>
<h1>{title}</h1>
<p>{text}</p>
<pre id="completion">{completion}</pre>
<p>The application in which you chose {provider} sends this, signed in as you, to:</p>
<p><code>POST {url}</code></p>
<p>It works once, for ten minutes, and for you only. Then you can close this page.</p>
</main></body></html>
"""


def answer(provider: ProviderName, query: Callback, request: Request) -> Reply:
    """Show what came back: a page, or JSON to whoever asks for that.

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
    return Reply(_page(entry, carried), headers=_HEADERS, content_type="text/html; charset=utf-8")


def _wants_json(accept: str) -> bool:
    return "application/json" in accept and "text/html" not in accept


def _page(entry: Provider, carried: CallbackAnswer) -> str:
    if carried.code is not None:
        title = "Almost done"
        text = f"{entry.title} has agreed. The last step completes the link:"
    elif carried.error == "access_denied":
        title = "You did not agree"
        text = f"Nothing has been linked, and {entry.title} has told us nothing about you. To end it here:"
    else:
        title = f"{entry.title} broke off"
        text = f"Nothing has been linked. {entry.title} gave the reason below. To end it here:"
    completion = carried.model_dump(include={"state", "code", "error"}, exclude_none=True)
    return _PAGE.format(
        title=html.escape(title),
        text=html.escape(text),
        provider=html.escape(entry.title),
        completion=html.escape(json.dumps(completion, indent=2, ensure_ascii=False)),
        url=html.escape(carried.complete_url),
    )
