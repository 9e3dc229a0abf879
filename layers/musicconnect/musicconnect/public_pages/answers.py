"""Answer strangers with pages, and with pages where something is refused."""

import math
from typing import Any, Final

from aws_lambda_powertools.event_handler import Response

from musicconnect.api.errors import problem_for
from musicconnect.api.responses import Reply
from musicconnect.platform.problems import Problem
from musicconnect.public_pages import html

HTML: Final = "text/html; charset=utf-8"
CARD: Final = f"{html.ASSETS}card.png"
"""The picture for previews: our own, and the same for every page."""
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # An address is all that it takes to see a shared list: no other site is told it.
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


def page(text: str, seconds: int) -> Reply:
    """Answer with a page that may be kept for some seconds."""
    return Reply(text, 200, HEADERS | {"Cache-Control": f"public, max-age={seconds}"}, HTML)


def missing(text: str) -> Reply:
    """Answer with a page that says that nothing is known yet."""
    return Reply(text, 404, HEADERS | {"Cache-Control": "no-store"}, HTML)


def redirect(location: str) -> Reply:
    """Send the browser on."""
    return Reply(None, 303, HEADERS | {"Location": location})


def nothing_here() -> Problem:
    """Make the 404 that is the same for what never was, what has ended and what is switched off."""
    return Problem(
        404, "not-found", "There is nothing here", "Check the address, or ask whoever sent it for a new one."
    )


def refusal(error: Exception) -> Response[Any]:
    """Answer what a handler raised with a page that says it."""
    problem = problem_for(error)
    if problem.slug == "not-found":
        problem = nothing_here()
    if problem.slug == "invalid-request":
        problem = Problem(
            422, "invalid-request", "The address is not right", "Take it as it was sent to you."
        )
    headers = HEADERS | {"Cache-Control": "no-store"}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(problem.retry_after))
    text = html.message(problem.title, problem.detail or "", has_form=problem.slug in {"no-link", "no-track"})
    return Response(status_code=problem.status, content_type=HTML, headers=headers, body=text)
